/**
 * The queues of destinations as the sender function sees them: Lambda has received a batch of messages from the queue of
 * one destination, and removes those that are not reported back as failed.
 */
import assert from 'node:assert/strict';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { assertNever, PayhookError } from '../../../core/errors.ts';
import type { Clock } from '../../../core/ports/clock.ts';
import type { EpochMs } from '../../../core/webhook.ts';
import type { DestinationClaim, Settlement } from '../../../destinations/destination-queue.ts';
import { hideClaimed, receiptOf } from '../work-queue/claim.ts';
import { sendToQueue } from '../work-queue/enqueue.ts';
import { type OpenRecords, openRecords, type SqsRecord } from '../work-queue/open-records.ts';
import { readDestinationMessage, writeGivenUp } from './sqs-destination-message.ts';
import type { DestinationStates } from './states.ts';

export interface DestinationBatchDeps {
  readonly client: SQSClient;
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
  /** `failures` counts the times that the message was handed out before, so an entry that was put back counts as well. */
  readonly claims: readonly DestinationClaim[];
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
  const { unreadable, isOpen, close, setAside, failures } = openRecords(deps, records, (record) => {
    const message = readDestinationMessage(record.body, destinationOf(deps, record.eventSourceARN));
    if (message.outcome === 'unreadable') return message;
    const claim = {
      entry: message.entry,
      receipt: receiptOf(record.receiptHandle, claimedAt),
      enqueuedAt: message.enqueuedAt,
      failures: failuresOf(record.attributes.ApproximateReceiveCount),
    };
    claims.push(claim);
    return claim;
  });

  const settleOne = async (settlement: Settlement, at: EpochMs): Promise<void> => {
    const { receipt } = settlement.claim;
    if (isOpen(receipt) && (await settleClaim(deps, settlement, at)) === 'ended') close(receipt);
  };

  return {
    claims,
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

const failuresOf = (receiveCount: string | undefined): number =>
  receiveCount !== undefined && /^\d{1,9}$/.test(receiveCount)
    ? Math.min(FAILURES_MAX, Math.max(0, Number(receiveCount) - 1))
    : 0;

/** `ended`: Lambda may remove the message. */
const settleClaim = async (
  deps: DestinationBatchDeps,
  settlement: Settlement,
  at: EpochMs,
): Promise<'ended' | 'waits'> => {
  const { claim } = settlement;
  switch (settlement.outcome) {
    case 'delivered':
      await deps.states.mark(claim, settlement, at);
      return 'ended';
    case 'given_up':
      await deps.states.mark(claim, settlement, at);
      await sendGivenUp(deps, claim);
      return 'ended';
    case 'failed':
      await deps.states.mark(claim, settlement, at);
      await hide(deps, claim, settlement.dueAt, at);
      return 'waits';
    case 'put_back':
      await hide(deps, claim, settlement.dueAt, at);
      return 'waits';
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

/** When SQS says that the receipt is lost, somebody else has the message by now and hides it. */
const hide = async (
  { client, queueUrlOf }: DestinationBatchDeps,
  { entry, receipt }: DestinationClaim,
  dueAt: EpochMs,
  now: EpochMs,
): Promise<void> => {
  const url = queueUrlOf.get(entry.destination);
  assert(url !== undefined, 'a claim of this batch is of a destination with a queue');
  await hideClaimed(client, url, receipt, { delayMs: dueAt - now, now });
};
