/** The audit trail: what was done last by whom, and whether nothing of it was edited, removed or added. */
import { useState } from 'preact/hooks';
import type { AuditCheck, AuditJson } from '../../api-types.ts';
import { commandLine } from '../command-line.ts';
import { countText } from '../format.ts';
import { hrefOf, place } from '../location.ts';
import { AuditRows } from '../parts/audit-rows.tsx';
import { Command } from '../parts/command.tsx';
import { Export } from '../parts/export.tsx';
import { Problem } from '../parts/problem.tsx';
import { Screen } from '../parts/screen.tsx';
import { Text } from '../parts/value.tsx';
import { homeOf, ServerError, tell } from '../server.ts';
import { useAnswer } from '../use-answer.ts';

/** More than fit on a screen, for whoever looks for something. */
const MORE = '200';

export const Audit = () => {
  const limit = place.value.params.get('limit') ?? '';
  const params = [['limit', limit]] as const;
  const { answer, problem, reload } = useAnswer<readonly AuditJson[]>(hrefOf('/api/audit', params));
  const actions = (
    <>
      {limit === '' && (
        <a class="button" href={hrefOf('/audit', [['limit', MORE]])}>
          Newest {MORE}
        </a>
      )}
      <Export list="audit" />
      <Command line={commandLine(homeOf(), ['audit', 'show'], params)} />
    </>
  );
  return (
    <Screen title="Audit" actions={actions}>
      <Verify />
      {problem !== null && <Problem of={problem} retry={reload} />}
      {answer !== null && answer.length === 0 && <p class="empty">The trail is empty.</p>}
      {answer !== null && answer.length > 0 && <AuditRows caption="Entries, newest first" entries={answer} />}
    </Screen>
  );
};

const Verify = () => {
  const [isBusy, setIsBusy] = useState(false);
  const [check, setCheck] = useState<AuditCheck | null>(null);
  const [problem, setProblem] = useState<ServerError | null>(null);
  const verify = async (): Promise<void> => {
    setIsBusy(true);
    setProblem(null);
    try {
      setCheck(await tell<AuditCheck>('/api/audit/verify', {}));
    } catch (error) {
      if (!(error instanceof ServerError)) throw error;
      setProblem(error);
    } finally {
      setIsBusy(false);
    }
  };
  return (
    <section class="act" aria-label="Is the trail whole?">
      <button type="button" disabled={isBusy} onClick={() => void verify()}>
        Verify now
      </button>
      <Command line={commandLine(homeOf(), ['audit', 'verify'])} />
      <div role="status">
        {isBusy && 'Reads every entry, and every stored webhook beside it…'}
        {check !== null && !isBusy && <Checked check={check} />}
      </div>
      {problem !== null && <Problem of={problem} />}
    </section>
  );
};

const Checked = ({ check }: { readonly check: AuditCheck }) => {
  const { entries, digests, webhooks, undigested, lastDigest } = check;
  if (check.outcome === 'broken') {
    return (
      <div class="problem">
        <strong>The trail is broken.</strong>
        <ul>
          {check.problems.map(({ message }) => (
            <li key={message}>
              <Text of={message} />
            </li>
          ))}
        </ul>
        Checked {countText(entries)} entries up to there: nothing after it can be trusted.
      </div>
    );
  }
  return (
    <>
      <p class="done">✔ The trail is whole.</p>
      <p>
        {countText(entries)} entries, {countText(digests)} signed digests; {countText(webhooks)} stored webhooks are as
        it says.{undigested > 0 && ` ${countText(undigested)} entries are linked and not signed yet.`}
      </p>
      {lastDigest !== null && (
        <p class="quiet">
          Last digest, to be kept elsewhere:{' '}
          <code>
            {lastDigest.number}:{lastDigest.hash}
          </code>
        </p>
      )}
    </>
  );
};
