/**
 * Sends what waits for one destination of the local home: as many requests at a time as its circuit permits, the oldest
 * entry first. What ends together is written together.
 */

import { setTimeout as pause } from 'node:timers/promises';
import type { Circuit } from '../../core/circuit.ts';
import { asPayhookError } from '../../core/errors.ts';
import { LIMITS } from '../../core/limits.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Logger } from '../../core/ports/logger.ts';
import type { EpochMs } from '../../core/webhook.ts';
import type { Destination } from '../../destinations/destination.ts';
import type { DestinationClaim, DestinationQueue, Settlement } from '../../destinations/destination-queue.ts';
import type { SendClaims } from '../../destinations/send-claims.ts';
import { type Bell, createBell } from './bell.ts';
import { createSettler } from './destination-settler.ts';

export interface DestinationLoopDeps {
  readonly queue: DestinationQueue;
  readonly destination: Pick<Destination, 'name' | 'messagesMax'>;
  readonly circuit: Circuit;
  readonly sendClaims: SendClaims;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Longer than one call of the destination and `HELD_MS_MAX` together. */
  readonly leaseMs: number;
  /** How long the loop sleeps when nothing is due and nobody wakes it. @default 250 */
  readonly idleMs?: number;
  /** Whether many deliveries wait for their answer: they come first, and sending goes on slowly until they have it. */
  readonly isReceivingBusy?: () => boolean;
}

export interface DestinationLoop {
  /** There may be work. Cheap. */
  wake(): void;
  /**
   * Claims no more, puts back what was claimed and not sent, and resolves when what is under way has ended; after
   * `waitMsMax` it is cut off. What could not be put back comes back by its lease.
   */
  stop(waitMsMax: number): Promise<void>;
}

/** Half of them gone within this: claim twice as many. Not gone after that: half as many. */
const QUICK_MS = 250;
const SLOW_MS = 1000;
/** What could not be sent for so long goes back to the queue, before its lease ends and it is claimed twice. */
const HELD_MS_MAX = 10_000;
/** After each claim: what is put meanwhile is claimed together. */
const CLAIM_PAUSE_MS = 5;
/** While receiving is busy: claims at a time, and the pause after them. Never nothing: a peak may last for hours. */
const BUSY_AHEAD_MAX = 16;
const BUSY_PAUSE_MS = 50;
/** After the queue failed: long enough not to spin, short enough to go on soon. */
const FAILURE_PAUSE_MS = 1000;
/** The longest sleep: a clock that jumps must not silence the loop. */
const SLEEP_MS_MAX = 60_000;
/** For what was cut off to be put back. */
const CUT_OFF_MS = 1000;

const nextAhead = (ahead: number, aheadMin: number, tookMs: number): number => {
  if (tookMs < QUICK_MS) return Math.min(LIMITS.destinationAheadMax, ahead * 2);
  return tookMs > SLOW_MS ? Math.max(aheadMin, Math.floor(ahead / 2)) : ahead;
};

const sleepMs = (circuit: Circuit, underway: number, isAnyReady: boolean, idleMs: number): number => {
  const { waitMs } = circuit.permit(underway);
  // Nothing goes out before that: there is no need to look whether something is due.
  if (circuit.state() === 'open') return Math.min(SLEEP_MS_MAX, waitMs ?? idleMs);
  return isAnyReady ? Math.min(idleMs, waitMs ?? idleMs) : idleMs;
};

type Report = (event: string, thrown: unknown) => void;

/** Sends until it is stopped. One turn: claim when there is room, send what is permitted, sleep until there is a reason. */
const createSender = (deps: DestinationLoopDeps, bell: Bell, report: Report, cutOff: AbortSignal) => {
  const { queue, destination, circuit, clock, leaseMs, idleMs = 250, isReceivingBusy = () => false } = deps;
  const { name, messagesMax } = destination;
  /** Claimed and not sent yet, the oldest first. */
  const ready: { readonly claim: DestinationClaim; readonly claimedAt: EpochMs }[] = [];
  let underway = 0;
  /** False once a claim has found less than it asked for, until something tells otherwise or some time has passed. */
  let mayHaveMore = true;
  let ahead = messagesMax;
  let claimedAt: EpochMs = clock.now();

  const settler = createSettler({
    write: (settlements) => queue.settle(settlements, clock.now()),
    onFailed: (thrown) => report('destination.not_settled', thrown),
    onWritten: bell.ring,
  });

  const putBack = (claims: readonly DestinationClaim[], waitMs = 0): void =>
    settler.add(claims.map((claim): Settlement => ({ claim, outcome: 'put_back', dueAt: clock.now() + waitMs })));

  const putBackReady = (): void => {
    ahead = messagesMax;
    mayHaveMore = true;
    putBack(ready.splice(0).map(({ claim }) => claim));
  };

  const sendOne = async (claims: readonly DestinationClaim[]): Promise<void> => {
    try {
      const { settlements, isBack } = await deps.sendClaims(claims, cutOff);
      settler.add(settlements);
      // Those that failed while it was down are older than what follows: they come first now.
      if (isBack) {
        await settler.written();
        await queue.hasten(name);
        mayHaveMore = true;
      }
    } catch (thrown) {
      report('destination.broken', thrown);
      // Else it would wait for the answer of this probe forever.
      circuit.abandoned();
      putBack(claims, FAILURE_PAUSE_MS);
    } finally {
      underway -= 1;
      sendReady();
      bell.ring();
    }
  };

  const sendReady = (): void => {
    const isOutOfTime = clock.now() - (ready[0]?.claimedAt ?? clock.now()) >= HELD_MS_MAX;
    // Nothing is held while the destination is down: it is the oldest, and claimed first again.
    if (ready.length > 0 && (isOutOfTime || circuit.state() === 'open')) putBackReady();
    while (ready.length > 0 && circuit.permit(underway).count > 0) {
      underway += 1;
      circuit.started();
      void sendOne(ready.splice(0, messagesMax).map(({ claim }) => claim));
    }
  };

  const isClaimWanted = (): boolean => {
    // Bounded memory while the queue takes no results.
    if (!mayHaveMore || settler.waiting() >= LIMITS.destinationAheadMax) return false;
    if (circuit.state() === 'closed') return ready.length <= ahead / 2;
    return ready.length === 0 && circuit.permit(underway).count > 0;
  };

  const claim = async (): Promise<void> => {
    const aheadMax = Math.max(messagesMax, isReceivingBusy() ? Math.min(ahead, BUSY_AHEAD_MAX) : ahead);
    const limit = circuit.state() === 'closed' ? Math.max(1, aheadMax - ready.length) : messagesMax;
    const now = clock.now();
    mayHaveMore = false;
    const claims = await queue.claim(name, limit, leaseMs);
    ready.push(...claims.map((one) => ({ claim: one, claimedAt: now })));
    if (claims.length < limit) return;
    mayHaveMore = true;
    ahead = nextAhead(ahead, messagesMax, now - claimedAt);
    claimedAt = now;
  };

  return {
    async turn(): Promise<void> {
      sendReady();
      if (isClaimWanted()) {
        await claim();
        sendReady();
        await pause(isReceivingBusy() ? BUSY_PAUSE_MS : CLAIM_PAUSE_MS);
      } else if ((await bell.heard(sleepMs(circuit, underway, ready.length > 0, idleMs))) === 'silence') {
        // Nobody tells when an entry that waits for its time is due.
        mayHaveMore = true;
      }
    },
    wake(): void {
      mayHaveMore = true;
      bell.ring();
    },
    async finish(): Promise<void> {
      putBackReady();
      while (underway > 0) await bell.heard(idleMs);
      await settler.written();
    },
  };
};

export const startDestinationLoop = (deps: DestinationLoopDeps): DestinationLoop => {
  const bell = createBell();
  const cutOff = new AbortController();
  const report: Report = (event, thrown) => {
    const { code, message } = asPayhookError(thrown);
    deps.logger.error(event, { destination: deps.destination.name, code, message });
  };
  const sender = createSender(deps, bell, report, cutOff.signal);
  const stopping = new AbortController();

  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      try {
        await sender.turn();
      } catch (thrown) {
        report('destination.claim_failed', thrown);
        await Promise.race([pause(FAILURE_PAUSE_MS), aborted(stopping.signal)]);
      }
    }
    await sender.finish();
  };

  const finished = run();
  const isFinishedWithin = async (ms: number): Promise<boolean> => {
    const timer = new AbortController();
    const tooLong = pause(ms, false, { signal: timer.signal }).catch(() => false);
    const isFinished = await Promise.race([finished.then(() => true), tooLong]);
    timer.abort();
    return isFinished;
  };

  return {
    wake: sender.wake,
    async stop(waitMsMax) {
      stopping.abort();
      bell.ring();
      if (await isFinishedWithin(waitMsMax)) return;
      cutOff.abort();
      await isFinishedWithin(CUT_OFF_MS);
    },
  };
};

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
