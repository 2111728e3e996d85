/**
 * The queues of destinations as the sender function sees them: Lambda has received a batch of messages from the queue of
 * one destination, and removes those that are not reported back as failed.
 */

import assert from 'node:assert/strict';
import { assertNever, PayhookError } from '../../../core/errors.ts';
import type { Clock } from '../../../core/ports/clock.ts';
import type { EpochMs } from '../../../core/webhook.ts';
import type { DestinationClaim, Settlement } from '../../../destinations/destination-queue.ts';
import type { SqsCalls } from '../service-calls.ts';
import { sendToQueue } from '../work-queue/enqueue.ts';
import { type OpenRecords, openRecords, type SqsRecord } from '../work-queue/open-records.ts';
import { restMsLeft, sendResting } from '../work-queue/rest.ts';
import { readDestinationMessage, writeGivenUp, writeResting } from './sqs-destination-message.ts';
import type { DestinationStates } from './states.ts';

export interface DestinationBatchDeps {
  readonly client: SqsCalls;
  /** The queue of each destination that is configured. */
  readonly queueUrlOf: ReadonlyMap<string, string>;
  /** One queue for what was given up of all destinations, and for what cannot be read. */
  readonly deadLetterQueueUrl: string;
  readonly states: Pick<DestinationStates, 'mark'>;
  readonly clock: Clock;
}

/** As much of a record of Lambda's SQS event as is used. */
export interface DestinationRecord extends SqsRecord {
  readonly eventSourceARN: string;
}

export interface DestinationBatch extends Pick<OpenRecords, 'unreadable' | 'setAside' | 'failures'> {
  /** `failures` also counts the times that the message was handed out to somebody who died of it. */
  readonly claims: readonly DestinationClaim[];
  /** Claims that rest for longer than SQS can delay a message, and are to be put back until then. */
  readonly resting: readonly (Settlement & { readonly outcome: 'put_back' })[];
  /**
   * Writes what became of claims, each by itself: when one cannot be written, the others are, and the first error is
   * thrown at the end. A claim that is not of this batch, or was settled before, is left alone.
   */
  settle(settlements: readonly Settlement[], at: EpochMs): Promise<void>;
}

/** More failures make no wait longer. */
const FAILURES_MAX = 1000;

/** Throws when a record has no id. */
export const openDestinationBatch = (
  deps: DestinationBatchDeps,
  { Records: records }: { readonly Records: readonly DestinationRecord[] },
): DestinationBatch => {
  const claimedAt = deps.clock.now();
  const claims: DestinationClaim[] = [];
  const resting: DestinationBatch['resting'][number][] = [];
  const { unreadable, find, close, setAside, failures } = openRecords(deps, records, (record) => {
    const message = readDestinationMessage(record.body, destinationOf(deps, record.eventSourceARN));
    if (message.outcome === 'unreadable') return message;
    if (!deps.queueUrlOf.has(message.entry.destination)) return { reason: 'destination is none that is configured' };
    const claim = {
      entry: message.entry,
      receipt: record.receiptHandle,
      enqueuedAt: message.enqueuedAt,
      failures: Math.min(FAILURES_MAX, message.failures + timesLost(record.attributes.ApproximateReceiveCount)),
    };
    const restMs = restMsLeft(message.dueAt, claimedAt);
    if (restMs === 0) claims.push(claim);
    else resting.push({ claim, outcome: 'put_back', dueAt: claimedAt + restMs });
    return claim;
  });

  const settleOne = async (settlement: Settlement, at: EpochMs): Promise<void> => {
    const { receipt } = settlement.claim;
    const record = find(receipt);
    if (record === undefined) return;
    await settleClaim(deps, settlement, record, at);
    close(receipt);
  };

  return {
    claims,
    resting,
    unreadable,
    setAside,
    failures,
    async settle(settlements, at) {
      const settled = await Promise.allSettled(settlements.map((settlement) => settleOne(settlement, at)));
      const failed = settled.find(({ status }) => status === 'rejected');
      if (failed?.status === 'rejected') throw failed.reason;
    },
  };
};

/** A queue has the same name at the end of its ARN and of its URL. */
const destinationOf = ({ queueUrlOf }: DestinationBatchDeps, arn: string): string => {
  const queue = arn.slice(arn.lastIndexOf(':') + 1);
  for (const [destination, url] of queueUrlOf) if (url.slice(url.lastIndexOf('/') + 1) === queue) return destination;
  throw new PayhookError(
    'configuration_invalid',
    `queue ${queue} belongs to no destination: it is not in the configuration that this function was built with; deploy again`,
  );
};

const timesLost = (receiveCount: string | undefined): number =>
  receiveCount !== undefined && /^\d{1,9}$/.test(receiveCount) ? Math.max(0, Number(receiveCount) - 1) : 0;

/** Afterwards, Lambda may remove the message. */
const settleClaim = async (
  deps: DestinationBatchDeps,
  settlement: Settlement,
  record: DestinationRecord,
  at: EpochMs,
): Promise<void> => {
  const { claim } = settlement;
  switch (settlement.outcome) {
    case 'delivered':
      return deps.states.mark(claim, settlement, at);
    case 'given_up':
      await deps.states.mark(claim, settlement, at);
      return sendGivenUp(deps, claim);
    case 'failed':
      await deps.states.mark(claim, settlement, at);
      return rest(deps, { ...claim, failures: claim.failures + 1 }, record, settlement.dueAt - at);
    case 'put_back':
      return rest(deps, claim, record, settlement.dueAt - at);
    default:
      return assertNever(settlement);
  }
};

const sendGivenUp = (
  { client, deadLetterQueueUrl }: DestinationBatchDeps,
  { entry, enqueuedAt }: DestinationClaim,
): Promise<void> =>
  sendToQueue(client, 'queue_unavailable', {
    QueueUrl: deadLetterQueueUrl,
    MessageBody: writeGivenUp(entry, enqueuedAt),
    MessageGroupId: entry.provider,
  });

const rest = (
  { client, queueUrlOf, clock }: DestinationBatchDeps,
  { entry, enqueuedAt, failures }: DestinationClaim,
  record: DestinationRecord,
  delayMs: number,
): Promise<void> => {
  const queueUrl = queueUrlOf.get(entry.destination);
  assert(queueUrl !== undefined, 'a claim of this batch is of a destination with a queue');
  const write = (dueAt: EpochMs | null): string => writeResting(entry, { enqueuedAt, failures, dueAt });
  return sendResting(client, { queueUrl, provider: entry.provider, record, write }, { delayMs, now: clock.now() });
};
