/** Something that is done for a reason: the field, the button, and what is said when it does not work. */
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { ActionJson } from '../../api-types.ts';
import { ServerError } from '../server.ts';
import { Problem, sentence } from './problem.tsx';
import { ReasonField } from './reason-field.tsx';

export interface ReasonFormProps {
  readonly label: string;
  readonly action: Pick<ActionJson, 'isAllowed' | 'why'>;
  readonly says?: ComponentChildren;
  /** Fields before the reason. */
  readonly children?: ComponentChildren;
  /** @default true */
  readonly isReasonRequired?: boolean;
  /** @default the one of reasons */
  readonly reasonLabel?: string;
  /** The key that presses the button. */
  readonly shortcut?: string;
  readonly onSend: (reason: string) => Promise<void>;
}

export const ReasonForm = ({
  label,
  action: { isAllowed, why },
  says,
  children,
  isReasonRequired = true,
  reasonLabel,
  shortcut,
  onSend,
}: ReasonFormProps) => {
  const [reason, setReason] = useState('');
  const [isBusy, setIsBusy] = useState(false);
  const [problem, setProblem] = useState<ServerError | null>(null);
  const send = async (event: Event): Promise<void> => {
    event.preventDefault();
    setIsBusy(true);
    setProblem(null);
    try {
      await onSend(reason);
    } catch (error) {
      if (!(error instanceof ServerError)) throw error;
      setProblem(error);
    } finally {
      setIsBusy(false);
    }
  };
  return (
    <form class="act" onSubmit={(event) => void send(event)}>
      {says !== undefined && <p>{says}</p>}
      {children}
      {isAllowed && (
        <ReasonField label={reasonLabel} value={reason} isRequired={isReasonRequired} onInput={setReason} />
      )}
      <button
        type="submit"
        class="primary"
        data-key={shortcut}
        disabled={!isAllowed || isBusy}
        title={why ?? undefined}
      >
        {label}
      </button>
      {why !== null && <p class="quiet">{sentence(why)}</p>}
      {problem !== null && <Problem of={problem} />}
    </form>
  );
};
