/** A received SQS message as a claim, and what a claim's receipt is good for. */
import { ChangeMessageVisibilityCommand, DeleteMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { Claim, QueueEntry, SettleOutcome } from '../../../core/ports/queue.ts';
import type { EpochMs } from '../../../core/webhook.ts';
import { awsError, isAwsError } from '../errors.ts';
import { nameOfQueue } from './enqueue.ts';

/** What SQS says about a message besides its body, as texts. */
export interface SqsAttributes {
  readonly SentTimestamp?: string | undefined;
  readonly ApproximateReceiveCount?: string | undefined;
}

/** SQS refuses to hide a message for longer than this in all, from when it was received. */
const HIDDEN_SECONDS_MAX = 43_200;
/** A message was received some time before it got here: Lambda gathers a batch and starts a function first. */
const ON_THE_WAY_SECONDS_MAX = 60;

/** The moment of the claim and SQS's handle. */
export const receiptOf = (receiptHandle: string, claimedAt: EpochMs): string => `${claimedAt}:${receiptHandle}`;

export const claimOf = (
  entry: QueueEntry,
  receiptHandle: string,
  attributes: SqsAttributes,
  claimedAt: EpochMs,
): Claim => ({
  entry,
  receipt: receiptOf(receiptHandle, claimedAt),
  enqueuedAt: wholeNumber(attributes.SentTimestamp) ?? claimedAt,
  claimedTimes: wholeNumber(attributes.ApproximateReceiveCount) ?? 1,
});

const wholeNumber = (text: string | undefined): number | null =>
  text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : null;

const readReceipt = (receipt: string): { readonly claimedAt: EpochMs; readonly handle: string } => {
  const colon = receipt.indexOf(':');
  return { claimedAt: Number(receipt.slice(0, colon)), handle: receipt.slice(colon + 1) };
};

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
export const deleteClaimed = (client: SQSClient, queueUrl: string, receipt: string): Promise<SettleOutcome> =>
  settle(queueUrl, () =>
    client.send(new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle: readReceipt(receipt).handle })),
  );

/** Hides the message for this long and not longer than SQS can; whole seconds, rounded up. */
export const hideClaimed = (
  client: SQSClient,
  queueUrl: string,
  receipt: string,
  { delayMs, now }: { readonly delayMs: number; readonly now: EpochMs },
): Promise<SettleOutcome> => {
  const { claimedAt, handle } = readReceipt(receipt);
  const heldSeconds = Math.ceil(Math.max(0, now - claimedAt) / 1000) + ON_THE_WAY_SECONDS_MAX;
  const hiddenSeconds = Math.min(Math.ceil(Math.max(0, delayMs) / 1000), HIDDEN_SECONDS_MAX - heldSeconds);
  return settle(queueUrl, () =>
    client.send(
      new ChangeMessageVisibilityCommand({
        QueueUrl: queueUrl,
        ReceiptHandle: handle,
        VisibilityTimeout: Math.max(0, hiddenSeconds),
      }),
    ),
  );
};
