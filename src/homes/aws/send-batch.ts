/**
 * One batch of what waits for a destination on AWS: as much of it is sent as the destination's circuit permits, the rest
 * goes back into the queue to rest.
 */

import { setTimeout as pause } from 'node:timers/promises';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import type { DestinationBatch } from '../../adapters/aws/destinations/sqs-destination-batch.ts';
import type { Circuit } from '../../core/circuit.ts';
import { asPayhookError } from '../../core/errors.ts';
import { LIMITS } from '../../core/limits.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Logger } from '../../core/ports/logger.ts';
import type { DestinationClaim, Settlement } from '../../destinations/destination-queue.ts';
import type { SendClaims } from '../../destinations/send-claims.ts';
import { setAsideUnreadable } from './set-aside.ts';

/** Lives as long as the execution environment: a circuit that forgot would send to a destination that is down. */
export interface Sender {
  readonly messagesMax: number;
  readonly circuit: Circuit;
  readonly sendClaims: SendClaims;
  readonly giveUpAfterMs: number;
}

export interface SendBatchDeps {
  readonly openBatch: (event: SQSEvent) => DestinationBatch;
  readonly senderOf: (destination: string) => Sender;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly drainAlerts: () => Promise<void>;
  /** @default the timer of the system */
  readonly pause?: (ms: number) => Promise<unknown>;
}

/** A function may run five minutes; what is under way then is cut off, and comes back. */
const SEND_MS_MAX = 240_000;
/** A destination that takes so many a second is waited for; one that is down is not, for a function that waits is paid. */
const PAUSE_MS_MAX = 1000;
/** What cannot be sent now rests at least this long, and the longer the longer it has waited: each receive is paid for. */
const REST_MS_MIN = 5_000;
const REST_MS_MAX = 15 * 60_000;
const REST_PART_OF_AGE = 1 / 4;

interface Share {
  readonly deps: SendBatchDeps;
  readonly batch: DestinationBatch;
  readonly sender: Sender;
  readonly cutOff: AbortSignal;
}

export const createSendBatch =
  (deps: SendBatchDeps) =>
  async (event: SQSEvent): Promise<SQSBatchResponse> => {
    const batch = deps.openBatch(event);
    const cutOff = AbortSignal.timeout(SEND_MS_MAX);
    const byDestination = Map.groupBy(batch.claims, ({ entry }) => entry.destination);
    await Promise.all([
      ...[...byDestination].map(([destination, claims]) =>
        sendOf({ deps, batch, sender: deps.senderOf(destination), cutOff }, claims),
      ),
      settle({ deps, batch }, batch.resting),
      ...batch.unreadable.map((message) => setAsideUnreadable(deps.logger, batch, message)),
    ]);
    await deps.drainAlerts();
    return { batchItemFailures: [...batch.failures()] };
  };

/** The oldest first, several calls at a time when the circuit lets it. */
const sendOf = async (share: Share, claims: readonly DestinationClaim[]): Promise<void> => {
  const { sender, cutOff, deps } = share;
  const { circuit, messagesMax } = sender;
  const waiting = claims.toSorted((a, b) => a.enqueuedAt - b.enqueuedAt);
  const underway = new Set<Promise<void>>();
  const start = (): void => {
    circuit.started();
    const sending = send(share, waiting.splice(0, messagesMax)).finally(() => underway.delete(sending));
    underway.add(sending);
  };
  while (waiting.length > 0 && !cutOff.aborted) {
    const { count, waitMs } = circuit.permit(underway.size);
    if (count > 0) start();
    else if (underway.size > 0) await Promise.race(underway);
    else if (circuit.state() !== 'open' && waitMs !== null && waitMs <= PAUSE_MS_MAX)
      await (deps.pause ?? pause)(waitMs);
    else await leave(share, waiting.splice(0), waitMs ?? 0);
  }
  await leave(share, waiting, 0);
  await Promise.all(underway);
};

const send = async (share: Share, claims: readonly DestinationClaim[]): Promise<void> => {
  try {
    const { settlements } = await share.sender.sendClaims(claims, share.cutOff);
    await settle(share, settlements);
  } catch (thrown) {
    const { code, message } = asPayhookError(thrown);
    share.deps.logger.error('destination.broken', { destination: claims[0]?.entry.destination ?? '', code, message });
    // Only a fault in our code comes here: it says nothing about the destination.
    share.sender.circuit.abandoned();
    await settle(share, putBack(share, claims, LIMITS.sendBrokenWaitMs));
  }
};

/**
 * For a destination that is down: what has time left rests; what has none is tried once more all the same, which ends it
 * one way or the other.
 */
const leave = async (share: Share, claims: readonly DestinationClaim[], waitMs: number): Promise<void> => {
  const { clock } = share.deps;
  const isOver = ({ enqueuedAt }: DestinationClaim): boolean =>
    clock.now() - enqueuedAt >= share.sender.giveUpAfterMs && !share.cutOff.aborted;
  const over = claims.filter(isOver);
  await settle(
    share,
    putBack(
      share,
      claims.filter((claim) => !over.includes(claim)),
      waitMs,
    ),
  );
  while (over.length > 0) await send(share, over.splice(0, share.sender.messagesMax));
};

const putBack = (share: Share, claims: readonly DestinationClaim[], waitMs: number): readonly Settlement[] => {
  const now = share.deps.clock.now();
  return claims.map((claim) => {
    const restMs = Math.min(REST_MS_MAX, (now - claim.enqueuedAt) * REST_PART_OF_AGE);
    return { claim, outcome: 'put_back', dueAt: now + Math.max(REST_MS_MIN, restMs, waitMs) };
  });
};

/** What cannot be written down stays open: Lambda leaves the message in the queue, and it comes back. */
const settle = async (share: Pick<Share, 'deps' | 'batch'>, settlements: readonly Settlement[]): Promise<void> => {
  if (settlements.length === 0) return;
  const { clock, logger } = share.deps;
  try {
    await share.batch.settle(settlements, clock.now());
  } catch (thrown) {
    const { code, message } = asPayhookError(thrown);
    const destination = settlements[0]?.claim.entry.destination ?? '';
    logger.error('destination.not_settled', { destination, code, message });
  }
};
