/**
 * How a message waits: it is sent again with a delay, and the one at hand is completed. A delayed message is not in flight,
 * of which SQS has room for 120,000 in a queue, and its receives are counted anew.
 */

import { LIMITS } from '../../../core/limits.ts';
import { SECOND_MS } from '../../../core/time.ts';
import type { EpochMs } from '../../../core/webhook.ts';
import type { SqsCalls } from '../service-calls.ts';
import type { SqsAttributes } from './claim.ts';
import { DELAY_SECONDS_MAX, sendToQueue, traceAttribute } from './enqueue.ts';

export interface RestingMessage {
  readonly queueUrl: string;
  readonly provider: string;
  /** The message at hand: what is sent again belongs to the same trace. */
  readonly record: { readonly attributes: SqsAttributes };
  /** The body to send. `dueAt` is null when the delay that SQS can keep is all of the rest. */
  readonly write: (dueAt: EpochMs | null) => string;
}

/**
 * Sends it again, to be handed out after `delayMs`, whole seconds rounded up; after a quarter of an hour when that is
 * longer, with word of when it is due. Whoever is handed it before then lets it rest on. The message at hand is to be
 * completed afterwards: a crash in between leaves two of them, which processing bears, and never none.
 */
export const sendResting = (
  client: SqsCalls,
  { queueUrl, provider, record, write }: RestingMessage,
  { delayMs, now }: { readonly delayMs: number; readonly now: EpochMs },
): Promise<void> => {
  const delaySeconds = Math.ceil(Math.max(0, delayMs) / SECOND_MS);
  return sendToQueue(client, 'queue_unavailable', {
    QueueUrl: queueUrl,
    MessageBody: write(delaySeconds > DELAY_SECONDS_MAX ? now + Math.ceil(delayMs) : null),
    MessageGroupId: provider,
    ...traceAttribute(record.attributes.AWSTraceHeader),
    DelaySeconds: Math.min(delaySeconds, DELAY_SECONDS_MAX),
  });
};

/** How long a message that was handed out has still to rest; 0 when it is due. Nobody asks for a longer rest than the longest. */
export const restMsLeft = (dueAt: EpochMs | null, now: EpochMs): number => {
  const leftMs = dueAt === null ? 0 : dueAt - now;
  return leftMs > 0 && leftMs <= LIMITS.retryInMsMax ? leftMs : 0;
};
