/** Why somebody does something: what the audit trail keeps of it. */

/** As the API takes it. */
const CHARS_MAX = 500;

export const ReasonField = ({
  label = 'Reason, for the audit trail',
  value,
  isRequired,
  onInput,
}: {
  readonly label?: string | undefined;
  readonly value: string;
  readonly isRequired: boolean;
  readonly onInput: (value: string) => void;
}) => (
  <label>
    <span>{label}</span>
    <input
      type="text"
      required={isRequired}
      maxLength={CHARS_MAX}
      value={value}
      onInput={(event) => onInput(event.currentTarget.value)}
    />
  </label>
);
