/** The payload of a webhook, opened for a reason that goes into the trail before a byte is there. */

import { useEffect, useState } from 'preact/hooks';
import type { ActionJson } from '../../api-types.ts';
import { ServerError, tell } from '../server.ts';
import { PayloadText } from './payload-text.tsx';
import { Problem } from './problem.tsx';
import { ReasonField } from './reason-field.tsx';

/** An opened payload is closed again when nobody may be looking any more. */
const SHOWN_MS_MAX = 5 * 60_000;

export const Payload = ({ webhookId, action }: { readonly webhookId: string; readonly action: ActionJson }) => {
  const [reason, setReason] = useState('');
  const [payload, setPayload] = useState<string | null>(null);
  const [problem, setProblem] = useState<ServerError | null>(null);
  useEffect(() => {
    if (payload === null) return undefined;
    const timer = setTimeout(() => setPayload(null), SHOWN_MS_MAX);
    return () => clearTimeout(timer);
  }, [payload]);

  const open = async (event: Event): Promise<void> => {
    event.preventDefault();
    setProblem(null);
    try {
      const path = `/api/webhooks/${encodeURIComponent(webhookId)}/payload`;
      setPayload((await tell<{ readonly payload: string }>(path, { reason })).payload);
    } catch (error) {
      if (!(error instanceof ServerError)) throw error;
      setProblem(error);
    }
  };

  if (payload !== null) {
    return (
      <>
        <p class="quiet">
          Recorded. Hides itself after five minutes.{' '}
          <button type="button" onClick={() => setPayload(null)}>
            Hide now
          </button>
        </p>
        <PayloadText text={payload} />
      </>
    );
  }
  return (
    <form class="act" onSubmit={(event) => void open(event)}>
      <p>It is sealed. Opening it is recorded under your name.</p>
      {action.isAllowed && <ReasonField label="Reason" value={reason} isRequired={true} onInput={setReason} />}
      <button type="submit" disabled={!action.isAllowed} title={action.why ?? undefined}>
        Open payload
      </button>
      {action.why !== null && <p class="quiet">{action.why}</p>}
      {problem !== null && <Problem of={problem} />}
    </form>
  );
};
