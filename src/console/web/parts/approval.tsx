/** A job that waits for a second person: why, until when, and deciding on it as it still is. */
import { useState } from 'preact/hooks';
import type { ApprovalJson, JobDetailJson } from '../../api-types.ts';
import { commandLine } from '../command-line.ts';
import { homeOf, ServerError, tell } from '../server.ts';
import { useAnswer } from '../use-answer.ts';
import { Command } from './command.tsx';
import { Problem } from './problem.tsx';
import { ReasonField } from './reason-field.tsx';
import { Ago, Text } from './value.tsx';

export interface ApprovalProps {
  readonly jobId: string;
  readonly approval: NonNullable<JobDetailJson['approval']>;
  readonly onDone: () => Promise<void>;
}

export const Approval = ({ jobId, approval, onDone }: ApprovalProps) => {
  const path = `/api/approvals/${encodeURIComponent(jobId)}`;
  const { answer, problem, reload } = useAnswer<ApprovalJson>(path);
  const [reason, setReason] = useState('');
  const [refusal, setRefusal] = useState<ServerError | null>(null);
  const decide = async (name: string): Promise<void> => {
    setRefusal(null);
    try {
      await tell(`${path}/${name}`, { reason });
      await onDone();
    } catch (error) {
      if (!(error instanceof ServerError)) throw error;
      setRefusal(error);
      reload();
    }
  };
  const actions = answer?.actions ?? [];
  const whys = [...new Set(actions.flatMap(({ why }) => why ?? []))];
  return (
    <form class="act" aria-label="Waits for a second person" onSubmit={(event) => event.preventDefault()}>
      <p>
        <strong>It waits for a second person</strong>, for <Text of={approval.why} />. It ends{' '}
        <Ago at={approval.expiresAt} />.
      </p>
      <p class="quiet">What is approved is what was seen before, and nothing else. It begins with one webhook.</p>
      {problem !== null && <Problem of={problem} retry={reload} />}
      {actions.some(({ isAllowed }) => isAllowed) && (
        <ReasonField value={reason} isRequired={true} onInput={setReason} />
      )}
      {actions.map(({ name, isAllowed, why }) => (
        <button
          key={name}
          type="button"
          class={name === 'approve' ? 'primary' : undefined}
          disabled={!isAllowed}
          title={why ?? undefined}
          onClick={({ currentTarget }) => {
            // The browser says what is missing, at the field.
            if (currentTarget.form?.reportValidity() === true) void decide(name);
          }}
        >
          {name === 'approve' ? 'Approve' : 'Refuse'}
        </button>
      ))}
      <Command line={commandLine(homeOf(), ['approvals', 'approve', jobId])} />
      {whys.map((why) => (
        <p key={why} class="quiet">
          <Text of={why} />
        </p>
      ))}
      {refusal !== null && <Problem of={refusal} />}
    </form>
  );
};
