/** The work queue on SQS: a standard queue, and a dead-letter queue for what was given up on. */
import type { Clock } from '../../../core/ports/clock.ts';
import type { Claim, Enqueue, QueueDepth, QueueEntry } from '../../../core/ports/queue.ts';
import { awsError } from '../errors.ts';
import { createSqsEnqueue, nameOfQueue, type SqsEnqueueDeps, sendToQueue } from './enqueue.ts';
import { writeDeadLetter, writeResting } from './message.ts';
import { type RestingMessage, sendResting } from './rest.ts';

export interface SqsQueueDeps extends SqsEnqueueDeps {
  readonly deadLetterQueueUrl: string;
  readonly clock: Clock;
}

/**
 * Delivers twice where others merge, keeps no order, and counts approximately. Lambda claims from it: `batch-queue.ts` has
 * what becomes of the claims.
 */
export const createSqsQueue = (deps: SqsEnqueueDeps): Enqueue & QueueDepth => ({
  enqueue: createSqsEnqueue(deps),
  async depth() {
    const { ready, waiting } = await countMessages(deps, deps.workQueueUrl);
    return { ready, waiting, oldestEnqueuedAt: null };
  },
});

/** To the dead-letter queue, with what tells later whether the webhook still is this dead letter. */
export const sendDeadLetter = (
  { client, deadLetterQueueUrl }: Pick<SqsQueueDeps, 'client' | 'deadLetterQueueUrl'>,
  entry: QueueEntry,
  revision: number,
): Promise<void> =>
  sendToQueue(client, 'queue_unavailable', {
    QueueUrl: deadLetterQueueUrl,
    MessageBody: writeDeadLetter(entry, revision),
    MessageGroupId: entry.provider,
  });

/** Back to the work queue: a claim's webhook waits for its next attempt. The message at hand is to be completed then. */
export const sendRestingClaim = (
  { client, workQueueUrl, clock }: SqsQueueDeps,
  { entry, enqueuedAt }: Claim,
  record: RestingMessage['record'],
  delayMs: number,
): Promise<void> =>
  sendResting(
    client,
    {
      queueUrl: workQueueUrl,
      provider: entry.provider,
      record,
      write: (dueAt) => writeResting(entry, enqueuedAt, dueAt),
    },
    { delayMs, now: clock.now() },
  );

/** To the dead-letter queue as it came. */
export const sendUnreadable = (
  { client, deadLetterQueueUrl }: Pick<SqsQueueDeps, 'client' | 'deadLetterQueueUrl'>,
  body: string,
): Promise<void> => sendToQueue(client, 'queue_unavailable', { QueueUrl: deadLetterQueueUrl, MessageBody: body });

/** Approximately, as SQS counts. */
export const countMessages = async (
  { client }: Pick<SqsQueueDeps, 'client'>,
  queueUrl: string,
): Promise<{ readonly ready: number; readonly waiting: number }> => {
  try {
    const { Attributes: attributes = {} } = await client.getQueueAttributes({
      QueueUrl: queueUrl,
      AttributeNames: [
        'ApproximateNumberOfMessages',
        'ApproximateNumberOfMessagesNotVisible',
        'ApproximateNumberOfMessagesDelayed',
      ],
    });
    const count = (name: keyof typeof attributes): number => Number(attributes[name] ?? 0);
    return {
      ready: count('ApproximateNumberOfMessages'),
      waiting: count('ApproximateNumberOfMessagesNotVisible') + count('ApproximateNumberOfMessagesDelayed'),
    };
  } catch (error) {
    throw awsError(error, 'queue_unavailable', nameOfQueue(queueUrl));
  }
};
