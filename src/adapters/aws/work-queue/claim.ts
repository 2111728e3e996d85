/** A received SQS message as a claim, and what a claim's receipt is good for. */

import type { Claim, SettleOutcome } from '../../../core/ports/queue.ts';
import { SECOND_MS } from '../../../core/time.ts';
import type { EpochMs } from '../../../core/webhook.ts';
import { awsError, isAwsError } from '../errors.ts';
import type { SqsCalls } from '../service-calls.ts';
import { nameOfQueue } from './enqueue.ts';
import type { WorkMessage } from './message.ts';

/** What SQS says about a message besides its body, as texts. */
export interface SqsAttributes {
  readonly SentTimestamp?: string | undefined;
  readonly ApproximateReceiveCount?: string | undefined;
  readonly AWSTraceHeader?: string | undefined;
}

export const claimOf = (
  { entry, enqueuedAt }: Pick<WorkMessage, 'entry' | 'enqueuedAt'>,
  receiptHandle: string,
  attributes: SqsAttributes,
  claimedAt: EpochMs,
): Claim => ({
  entry,
  receipt: receiptHandle,
  enqueuedAt: enqueuedAt ?? wholeNumber(attributes.SentTimestamp) ?? claimedAt,
  claimedTimes: wholeNumber(attributes.ApproximateReceiveCount) ?? 1,
});

const wholeNumber = (text: string | undefined): number | null =>
  text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : null;

/** What SQS says about a receipt that is no longer good for anything: another one has the message, or it is gone. */
const isLost = (error: unknown): boolean =>
  isAwsError(
    error,
    'ReceiptHandleIsInvalid',
    'MessageNotInflight',
    'InvalidParameterValue',
    'InvalidParameterValueException',
  );

const settle = async (queueUrl: string, change: () => Promise<unknown>): Promise<SettleOutcome> => {
  try {
    await change();
    return 'settled';
  } catch (error) {
    if (isLost(error)) return 'lost';
    throw awsError(error, 'queue_unavailable', nameOfQueue(queueUrl));
  }
};

/** Removes the message. SQS does so, too, for the receipt of an earlier claim, and says yes for one that is gone. */
export const deleteClaimed = (client: SqsCalls, queueUrl: string, receipt: string): Promise<SettleOutcome> =>
  settle(queueUrl, () => client.deleteMessage({ QueueUrl: queueUrl, ReceiptHandle: receipt }));

/** Hides the message for this long from now on, whole seconds rounded up, instead of until its claim ends. */
export const hideClaimed = (
  client: SqsCalls,
  queueUrl: string,
  receipt: string,
  delayMs: number,
): Promise<SettleOutcome> =>
  settle(queueUrl, () =>
    client.changeMessageVisibility({
      QueueUrl: queueUrl,
      ReceiptHandle: receipt,
      VisibilityTimeout: secondsOf(delayMs),
    }),
  );

/** Messages of which one call can say how long they are hidden. */
const HIDDEN_AT_ONCE_MAX = 10;

/** The same for several. One that cannot be hidden is left as it is: it comes back when the claim ends that it has. */
export const hideAllClaimed = async (
  client: SqsCalls,
  queueUrl: string,
  receipts: readonly string[],
  delayMs: number,
): Promise<void> => {
  const entries = receipts.map((receipt, index) => ({
    Id: String(index),
    ReceiptHandle: receipt,
    VisibilityTimeout: secondsOf(delayMs),
  }));
  try {
    for (let first = 0; first < entries.length; first += HIDDEN_AT_ONCE_MAX) {
      const Entries = entries.slice(first, first + HIDDEN_AT_ONCE_MAX);
      await client.changeMessageVisibilityBatch({ QueueUrl: queueUrl, Entries });
    }
  } catch (error) {
    throw awsError(error, 'queue_unavailable', nameOfQueue(queueUrl));
  }
};

const secondsOf = (delayMs: number): number => Math.ceil(Math.max(0, delayMs) / SECOND_MS);
