/** One dead letter back onto the queue: a button and a message, because nothing that succeeded is done again. */
import type { ActionJson, PutBackJson } from '../../api-types.ts';
import { tell } from '../server.ts';
import { ReasonForm } from './reason-form.tsx';

export interface RedriveProps {
  readonly webhookId: string;
  readonly action: ActionJson;
  /** With what became of it; the button may be gone by then. */
  readonly onDone: (said: PutBackJson) => void;
}

export const Redrive = ({ webhookId, action, onDone }: RedriveProps) => {
  const redrive = async (reason: string): Promise<void> => {
    const path = `/api/webhooks/${encodeURIComponent(webhookId)}/redrive`;
    onDone(await tell<PutBackJson>(path, reason.trim() === '' ? {} : { reason: reason.trim() }));
  };
  return <ReasonForm label="Redrive" action={action} isReasonRequired={false} shortcut="r" onSend={redrive} />;
};
