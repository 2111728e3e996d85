/** The work queue on SQS: a standard queue, and a dead-letter queue for what was given up on. */
import { GetQueueAttributesCommand, type Message, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import type { Clock } from '../../../core/ports/clock.ts';
import type { Claim, Queue, QueueEntry } from '../../../core/ports/queue.ts';
import { awsError } from '../errors.ts';
import { claimOf, deleteClaimed, hideClaimed, receiptOf } from './claim.ts';
import { createSqsEnqueue, nameOfQueue, type SqsEnqueueDeps, sendToQueue } from './enqueue.ts';
import { readMessage, writeDeadLetter } from './message.ts';

export interface SqsQueueDeps extends SqsEnqueueDeps {
  readonly deadLetterQueueUrl: string;
  readonly clock: Clock;
}

/** Messages that one ReceiveMessage hands out at the most. */
const RECEIVED_MAX = 10;

/**
 * Delivers twice where others merge, keeps no order, and counts approximately. On AWS nobody but Lambda claims from the
 * work queue (see `sqs-batch-queue.ts`); `claim` is for tests and for a day on which somebody has to look.
 */
export const createSqsQueue = (deps: SqsQueueDeps): Queue => {
  const { client, workQueueUrl, clock } = deps;

  const receive = async (limit: number, leaseMs: number): Promise<readonly Message[]> => {
    try {
      const { Messages: messages = [] } = await client.send(
        new ReceiveMessageCommand({
          QueueUrl: workQueueUrl,
          MaxNumberOfMessages: Math.min(limit, RECEIVED_MAX),
          VisibilityTimeout: Math.ceil(leaseMs / 1000),
          WaitTimeSeconds: 0,
          MessageSystemAttributeNames: ['SentTimestamp', 'ApproximateReceiveCount'],
        }),
      );
      return messages;
    } catch (error) {
      throw awsError(error, 'queue_unavailable', nameOfQueue(workQueueUrl));
    }
  };

  /** A message that is no pointer to a webhook is put where operators look; nothing claims it ever again. */
  const claimed = async ({ Body: body = '', ReceiptHandle: handle = '', Attributes: attributes = {} }: Message) => {
    const message = readMessage(body);
    const now = clock.now();
    if (message.outcome === 'understood') return claimOf(message.entry, handle, attributes, now);
    await sendUnreadable(deps, body);
    await deleteClaimed(client, workQueueUrl, receiptOf(handle, now));
    return undefined;
  };

  return {
    enqueue: createSqsEnqueue(deps),
    async claim(limit, leaseMs) {
      const claims: Claim[] = [];
      while (claims.length < limit) {
        const messages = await receive(limit - claims.length, leaseMs);
        if (messages.length === 0) break;
        for (const message of messages) {
          const claim = await claimed(message);
          if (claim !== undefined) claims.push(claim);
        }
      }
      return claims;
    },
    complete: ({ receipt }) => deleteClaimed(client, workQueueUrl, receipt),
    async deadLetter({ entry, receipt }, revision) {
      await sendDeadLetter(deps, entry, revision);
      return deleteClaimed(client, workQueueUrl, receipt);
    },
    retryIn: ({ receipt }, delayMs) => hideClaimed(client, workQueueUrl, receipt, { delayMs, now: clock.now() }),
    async depth() {
      const { ready, waiting } = await countMessages(deps, workQueueUrl);
      return { ready, waiting, oldestEnqueuedAt: null };
    },
  };
};

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
    const { Attributes: attributes = {} } = await client.send(
      new GetQueueAttributesCommand({
        QueueUrl: queueUrl,
        AttributeNames: [
          'ApproximateNumberOfMessages',
          'ApproximateNumberOfMessagesNotVisible',
          'ApproximateNumberOfMessagesDelayed',
        ],
      }),
    );
    const count = (name: keyof typeof attributes): number => Number(attributes[name] ?? 0);
    return {
      ready: count('ApproximateNumberOfMessages'),
      waiting: count('ApproximateNumberOfMessagesNotVisible') + count('ApproximateNumberOfMessagesDelayed'),
    };
  } catch (error) {
    throw awsError(error, 'queue_unavailable', nameOfQueue(queueUrl));
  }
};
