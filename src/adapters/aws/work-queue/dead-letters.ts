/** The dead-letter queue as the command line sees it: how much is in it, and taking out what was put back. */

import type { Message, SQS } from '@aws-sdk/client-sqs';
import { PayhookError } from '../../../core/errors.ts';
import { LIMITS } from '../../../core/limits.ts';
import { awsError } from '../errors.ts';
import { nameOfQueue } from './enqueue.ts';
import { readMessage } from './message.ts';
import { countMessages } from './queue.ts';

export interface SqsDeadLetters {
  /**
   * Removes the dead letters of these webhooks, the first `LIMITS.deadLettersLookedAtMax` of all messages being looked at; all others
   * are left as they were. One that SQS did not hand out meanwhile stays, and so may the copy of a webhook that dies
   * again at the same moment go: neither matters, because the store says what is a dead letter.
   */
  forget(webhookIds: ReadonlySet<string>): Promise<void>;
  /** Approximately, as SQS counts. */
  count(): Promise<number>;
}

const RECEIVED_MAX = 10;
/** Hides what was looked at until everything was; longer than that takes. */
const HIDDEN_SECONDS = 120;
/** Asks all of SQS's servers instead of some, so that nothing found means that nothing is there. */
const WAIT_SECONDS = 1;

export const createSqsDeadLetters = (deps: {
  readonly client: SQS;
  readonly deadLetterQueueUrl: string;
}): SqsDeadLetters => {
  const { client, deadLetterQueueUrl: queueUrl } = deps;

  const receive = async (): Promise<readonly Message[]> => {
    const { Messages: messages = [] } = await client.receiveMessage({
      QueueUrl: queueUrl,
      MaxNumberOfMessages: RECEIVED_MAX,
      VisibilityTimeout: HIDDEN_SECONDS,
      WaitTimeSeconds: WAIT_SECONDS,
    });
    return messages;
  };

  const remove = async (messages: readonly Message[]): Promise<void> => {
    const { Failed: failed = [] } = await client.deleteMessageBatch({
      QueueUrl: queueUrl,
      Entries: messages.map(entryOf),
    });
    if (failed.length === 0) return;
    throw new PayhookError(
      'queue_unavailable',
      `${nameOfQueue(queueUrl)} kept ${failed.length} messages of webhooks that were put back (${failed[0]?.Code}): they do no harm, and are removed by the next redrive of these webhooks`,
    );
  };

  /** Best effort: what this cannot do, the end of the visibility time-out does. */
  const showAgain = async (messages: readonly Message[]): Promise<void> => {
    for (let first = 0; first < messages.length; first += RECEIVED_MAX) {
      const entries = messages.slice(first, first + RECEIVED_MAX).map(entryOf);
      await client.changeMessageVisibilityBatch({
        QueueUrl: queueUrl,
        Entries: entries.map((entry) => ({ ...entry, VisibilityTimeout: 0 })),
      });
    }
  };

  const removeMatching = async (webhookIds: ReadonlySet<string>, others: Message[]): Promise<void> => {
    for (let lookedAt = 0; lookedAt < LIMITS.deadLettersLookedAtMax; ) {
      const messages = await receive();
      if (messages.length === 0) return;
      lookedAt += messages.length;
      const { matching = [], rest = [] } = Object.groupBy(messages, (message) =>
        isOf(webhookIds, message) ? 'matching' : 'rest',
      );
      others.push(...rest);
      if (matching.length > 0) await remove(matching);
    }
  };

  return {
    async forget(webhookIds) {
      if (webhookIds.size === 0) return;
      const others: Message[] = [];
      try {
        try {
          await removeMatching(webhookIds, others);
        } finally {
          await showAgain(others);
        }
      } catch (error) {
        throw awsError(error, 'queue_unavailable', nameOfQueue(queueUrl));
      }
    },
    async count() {
      const { ready, waiting } = await countMessages(deps, queueUrl);
      return ready + waiting;
    },
  };
};

const isOf = (webhookIds: ReadonlySet<string>, { Body: body = '' }: Message): boolean => {
  const message = readMessage(body);
  return message.outcome === 'understood' && webhookIds.has(message.entry.webhookId);
};

const entryOf = ({ ReceiptHandle: handle }: Message, index: number) => ({ Id: String(index), ReceiptHandle: handle });
