/** A job that waits for a second person: what was seen and what is now, why, until when, and deciding on it as it still is. */
import { useState } from 'preact/hooks';
import type { ApprovalJson, JobDetailJson } from '../../api-types.ts';
import { commandLine } from '../command-line.ts';
import { counted } from '../counted.ts';
import { homeOf, ServerError, tell } from '../server.ts';
import { useAnswer } from '../use-answer.ts';
import { Command } from './command.tsx';
import { Looked } from './looked.tsx';
import { Preview } from './preview.tsx';
import { Problem, sentence } from './problem.tsx';
import { ReasonField } from './reason-field.tsx';
import { TwoLooks } from './two-looks.tsx';
import { Ago, Text } from './value.tsx';

export interface ApprovalProps {
  readonly jobId: string;
  readonly approval: NonNullable<JobDetailJson['approval']>;
  /** When it was asked for. */
  readonly seen: JobDetailJson['preview'];
  readonly onDone: () => Promise<void>;
}

export const Approval = ({ jobId, approval, seen, onDone }: ApprovalProps) => {
  const path = `/api/approvals/${encodeURIComponent(jobId)}`;
  const asked = useAnswer<ApprovalJson>(path);
  const { answer, problem, reload } = asked;
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
  const now = answer?.now ?? null;
  const isOther = now !== null && now.changed > 0;
  // What has to be asked for again is offered to nobody.
  const actions = (answer?.actions ?? []).filter(({ name }) => !(isOther && name === 'approve'));
  const whys = [...new Set(actions.flatMap(({ why }) => why ?? []))];
  return (
    <section aria-label="Waits for a second person">
      <h2>What would happen</h2>
      {problem !== null && <Problem of={problem} retry={reload} />}
      {now === null ? (
        <Preview of={seen} />
      ) : (
        <>
          <TwoLooks before={seen} now={now.preview} />
          <Verdict changed={now.changed} more={now.more} />
          <Looked at={asked} />
        </>
      )}
      <form class="act" aria-label="Decide" onSubmit={(event) => event.preventDefault()}>
        <p>
          <strong>It waits for a second person</strong>, for <Text of={approval.why} />. It ends{' '}
          <Ago at={approval.expiresAt} />.
        </p>
        <p class="quiet">What is approved is what was seen before, and nothing else. It begins with one webhook.</p>
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
        <Command line={commandLine(homeOf(), ['approvals', isOther ? 'refuse' : 'approve', jobId])} />
        {whys.map((why) => (
          <p key={why} class="quiet">
            {sentence(why)}
          </p>
        ))}
        {refusal !== null && <Problem of={refusal} />}
      </form>
    </section>
  );
};

interface VerdictProps {
  readonly changed: number;
  readonly more: number;
}

const Verdict = ({ changed, more }: VerdictProps) => (
  <>
    {changed === 0 ? (
      <p class="verdict">Each of its webhooks is as it was when it was asked for.</p>
    ) : (
      <div class="problem" role="alert">
        <p>
          <strong>It has to be asked for again</strong>, and cannot be approved:{' '}
          {counted(changed, 'of its webhooks is', 'of its webhooks are')} not as it was seen. Refuse it, or have it
          cancelled, first.
        </p>
      </div>
    )}
    {more > 0 && (
      <p class="verdict">
        Its filter means {counted(more, 'webhook')} more by now. Nothing is done with{' '}
        {more === 1 ? 'that one' : 'those'}: only with what was seen.
      </p>
    )}
  </>
);
