/** One dead letter back onto the queue: a button and a message, because nothing that succeeded is done again. */

import { useState } from 'preact/hooks';
import type { ActionJson, PutBackJson } from '../../api-types.ts';
import { ServerError, tell } from '../server.ts';
import { Problem } from './problem.tsx';
import { ReasonField } from './reason-field.tsx';

export interface RedriveProps {
  readonly webhookId: string;
  readonly action: ActionJson;
  /** With what became of it; the button may be gone by then. */
  readonly onDone: (said: PutBackJson) => void;
}

export const Redrive = ({ webhookId, action, onDone }: RedriveProps) => {
  const [reason, setReason] = useState('');
  const [isBusy, setIsBusy] = useState(false);
  const [problem, setProblem] = useState<ServerError | null>(null);
  const redrive = async (event: Event): Promise<void> => {
    event.preventDefault();
    setIsBusy(true);
    setProblem(null);
    try {
      const path = `/api/webhooks/${encodeURIComponent(webhookId)}/redrive`;
      onDone(await tell<PutBackJson>(path, reason.trim() === '' ? {} : { reason: reason.trim() }));
    } catch (error) {
      if (!(error instanceof ServerError)) throw error;
      setProblem(error);
    } finally {
      setIsBusy(false);
    }
  };
  return (
    <form class="act" onSubmit={(event) => void redrive(event)}>
      <ReasonField value={reason} isRequired={false} onInput={setReason} />
      <button
        type="submit"
        class="primary"
        data-key="r"
        disabled={!action.isAllowed || isBusy}
        title={action.why ?? undefined}
      >
        Redrive
      </button>
      {action.why !== null && <p class="quiet">{action.why}</p>}
      {problem !== null && <Problem of={problem} />}
    </form>
  );
};
