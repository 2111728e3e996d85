/** A browser without a link shows a number: whoever types it where the console runs lets it in. */
import { useEffect, useState } from 'preact/hooks';
import type { AdmittedJson, WaitJson } from '../../api-types.ts';
import { everyInSight } from '../in-sight.ts';
import { ServerError, tell } from '../server.ts';

const ASK_EVERY_MS = 1_000;

export interface WaitForNumberProps {
  readonly onToken: (token: string) => void;
}

export const WaitForNumber = ({ onToken }: WaitForNumberProps) => {
  const [wait, setWait] = useState<WaitJson | 'over' | null>(null);
  const begin = async (): Promise<void> => setWait(await tell<WaitJson>('/api/login/wait', {}));
  useEffect(() => void begin().catch(ended), []);
  useEffect(() => {
    if (wait === null || wait === 'over') return undefined;
    const ask = async (): Promise<void> => {
      const answer = await tell<AdmittedJson>('/api/login/ask', { ticket: wait.ticket });
      if (answer.outcome === 'admitted') onToken(answer.token);
      else if (answer.outcome === 'over') setWait('over');
    };
    return everyInSight(ASK_EVERY_MS, () => void ask().catch(ended));
  }, [wait]);
  return (
    <>
      <p>
        Open the link that <code>payhook console</code> prints. It works once, within two minutes; Enter there makes
        another one.
      </p>
      <p role="status">
        {wait === 'over' && 'Nobody typed the number in time.'}
        {wait !== null && wait !== 'over' && (
          <>
            Or type this number there: <strong class="number">{wait.number}</strong>
          </>
        )}
      </p>
      {wait === 'over' && (
        <button type="button" onClick={() => void begin().catch(ended)}>
          Another number
        </button>
      )}
    </>
  );
};

/** The link is there too: a console that does not answer says nothing here. */
const ended = (error: unknown): void => {
  if (!(error instanceof ServerError)) throw error;
};
