/** The queues of destinations on SQS, a standard queue each, as processing and operators see them. */

import type { SendMessageBatchRequestEntry } from '@aws-sdk/client-sqs';
import { PayhookError } from '../../../core/errors.ts';
import type { DestinationOutbox, DestinationReader } from '../../../destinations/destination-queue.ts';
import { awsError } from '../errors.ts';
import type { SqsCalls } from '../service-calls.ts';
import { nameOfQueue, traceAttribute } from '../work-queue/enqueue.ts';
import { countMessages } from '../work-queue/queue.ts';
import { writeDestinationMessage } from './sqs-destination-message.ts';
import type { DestinationStates } from './states.ts';
import type { PutEntry } from './write-states.ts';

export interface SqsDestinationOutboxDeps {
  readonly client: SqsCalls;
  /** The queue of each destination that is configured. */
  readonly queueUrlOf: ReadonlyMap<string, string>;
  readonly states: Pick<DestinationStates, 'putWaiting' | 'ofWebhook' | 'countGivenUp'>;
  /** The trace header of the current invocation, so that X-Ray links what is done later to it. */
  readonly traceHeader?: () => string | undefined;
}

/** Messages that one call sends at most. */
const SENT_MAX = 10;

/**
 * States first, then messages: an entry of which only the state was written is sent when it is put again, and so is one
 * that waits already. It may be delivered twice then, under the same event id. `depth` counts as SQS does, approximately,
 * and cannot tell the oldest. Throws `queue_unavailable` and store codes.
 */
export const createSqsDestinationOutbox = (deps: SqsDestinationOutboxDeps): DestinationOutbox & DestinationReader => {
  const { client, states } = deps;
  return {
    async put(entries, at) {
      const urls = new Map(entries.map(({ destination }) => [destination, queueUrl(deps, destination)]));
      const put = await states.putWaiting(entries, at);
      const trace = traceAttribute(deps.traceHeader?.());
      const byQueue = Map.groupBy(put, ({ entry }) => urls.get(entry.destination) ?? '');
      await Promise.all([...byQueue].map(([url, ofOne]) => sendAll(client, url, ofOne, trace)));
    },
    ofWebhook: (key) => states.ofWebhook(key),
    async depth(destinations) {
      const [givenUp, counts] = await Promise.all([
        states.countGivenUp(destinations),
        Promise.all(destinations.map((destination) => countMessages(deps, queueUrl(deps, destination)))),
      ]);
      return destinations.map((destination, index) => {
        const { ready = 0, waiting = 0 } = counts[index] ?? {};
        return { destination, waiting: ready + waiting, givenUp: givenUp[index] ?? 0, oldestEnqueuedAt: null };
      });
    },
  };
};

const queueUrl = ({ queueUrlOf }: SqsDestinationOutboxDeps, destination: string): string => {
  const url = queueUrlOf.get(destination);
  if (url !== undefined) return url;
  throw new PayhookError(
    'configuration_invalid',
    `destination ${destination} has no queue: it is not in the configuration that the stack was deployed with; deploy again`,
  );
};

const sendAll = async (
  client: SqsCalls,
  url: string,
  put: readonly PutEntry[],
  trace: ReturnType<typeof traceAttribute>,
): Promise<void> => {
  const messages = put.map(
    ({ entry, enqueuedAt }, index): SendMessageBatchRequestEntry => ({
      Id: String(index),
      MessageBody: writeDestinationMessage(entry, enqueuedAt),
      // The backlog of one provider does not hold up the others (SQS fair queues).
      MessageGroupId: entry.provider,
      ...trace,
    }),
  );
  for (let first = 0; first < messages.length; first += SENT_MAX) {
    await sendBatch(client, url, messages.slice(first, first + SENT_MAX));
  }
};

const sendBatch = async (client: SqsCalls, url: string, messages: SendMessageBatchRequestEntry[]): Promise<void> => {
  try {
    const { Failed: failed = [] } = await client.sendMessageBatch({ QueueUrl: url, Entries: messages });
    if (failed.length === 0) return;
    throw new PayhookError(
      'queue_unavailable',
      `${nameOfQueue(url)} did not take ${failed.length} of ${messages.length} messages (${failed[0]?.Code}): try again later`,
    );
  } catch (error) {
    throw awsError(error, 'queue_unavailable', nameOfQueue(url));
  }
};
