/**
 * The circuit breaker of one destination or handler: how much may go to it now. One that is down is left alone but for a
 * probe now and then; one that is just back is not drowned by what has piled up.
 */
import type { Clock } from './ports/clock.ts';
import type { Randomness } from './ports/randomness.ts';
import { SECOND_MS } from './time.ts';
import type { EpochMs } from './webhook.ts';

export interface CircuitDeps {
  readonly concurrencyMax: number;
  /** Null: no limit but `concurrencyMax`. */
  readonly requestsPerSecondMax: number | null;
  readonly clock: Clock;
  readonly randomness: Pick<Randomness, 'fraction'>;
}

export interface Permit {
  /** Requests that may be started now, beside those under way. */
  readonly count: number;
  /** When to ask again; null: when a request has ended. */
  readonly waitMs: number | null;
}

export interface Circuit {
  /** Closed: sending. Open: waiting. Half open: one probe may be sent, or is under way. */
  state(): 'closed' | 'open' | 'half_open';
  /** When the next probe may go; null while it is not open. */
  opensAt(): EpochMs | null;
  /** `underway`: requests that were started and have not ended. A probe goes alone, so that its answer cannot be mistaken. */
  permit(underway: number): Permit;
  /** A request was started: to be told before it ends, which is then told by one of the following. */
  started(): void;
  /** The destination took or refused what was sent: it is up. Returns true when this closed the circuit. */
  answered(): boolean;
  /** A request failed in a way that any other would have failed too. `retryAfterMs`: how long the destination asks us to wait. */
  failed(retryAfterMs: number | null): void;
  /** Nothing came out that says anything about the destination: nothing was sent, or it was cut off. */
  abandoned(): void;
}

/** Failures in a row that open it. Below that a single hiccup would stop everything. */
const FAILURES_MAX = 5;
/** Before the first probe; doubles with each probe that fails. */
const OPEN_MS = 1000;
const OPEN_MS_MAX = 60_000;
/** A destination may ask us to wait for longer; up to this we do as it asks. */
const RETRY_AFTER_MS_MAX = 60 * 60 * 1000;
/** Starts closed, with one request at a time: what finds its destination down has not sent a crowd there. */
export const createCircuit = ({ concurrencyMax, requestsPerSecondMax, clock, randomness }: CircuitDeps): Circuit => {
  /** Null while closed. */
  let openUntil: EpochMs | null = null;
  let openMs = 0;
  let isProbing = false;
  let timesOpened = 0;
  let failuresInRow = 0;
  let allowed = 1;
  let successesInRound = 0;
  const rate = createRate(requestsPerSecondMax, clock);

  const restFor = (ms: number): void => {
    openMs = ms;
    openUntil = clock.now() + ms;
  };

  /** Until the next probe; null while closed. */
  const msLeft = (): number | null => {
    if (openUntil === null) return null;
    // A clock that was set back must not make the rest longer than it was meant.
    openUntil = Math.min(openUntil, clock.now() + openMs);
    return openUntil - clock.now();
  };

  const open = (retryAfterMs: number | null): void => {
    const waitMs = Math.min(OPEN_MS_MAX, OPEN_MS * 2 ** Math.min(timesOpened, 16));
    // At least half of it, and not the same for all: several processes must not probe together.
    const jittered = waitMs / 2 + (waitMs / 2) * randomness.fraction();
    timesOpened += 1;
    isProbing = false;
    failuresInRow = 0;
    restFor(Math.max(jittered, boundedRetryAfter(retryAfterMs)));
  };

  /** A full round of answers doubles what may be under way. */
  const countSuccess = (): void => {
    successesInRound += 1;
    if (successesInRound < allowed) return;
    allowed = Math.min(concurrencyMax, allowed * 2);
    successesInRound = 0;
  };

  const close = (): void => {
    openUntil = null;
    isProbing = false;
    timesOpened = 0;
    allowed = 1;
    successesInRound = 0;
  };

  return {
    state() {
      const waitMs = msLeft();
      if (waitMs === null) return 'closed';
      return waitMs > 0 ? 'open' : 'half_open';
    },
    opensAt() {
      const waitMs = msLeft();
      return waitMs !== null && waitMs > 0 ? openUntil : null;
    },
    permit(underway) {
      const waitMs = msLeft();
      if (waitMs !== null) {
        if (waitMs > 0) return { count: 0, waitMs };
        if (isProbing || underway > 0) return { count: 0, waitMs: null };
      }
      const room = waitMs === null ? allowed - underway : 1;
      if (room <= 0) return { count: 0, waitMs: null };
      const tokens = rate.available();
      return tokens > 0 ? { count: Math.min(room, tokens), waitMs: null } : { count: 0, waitMs: rate.waitMs() };
    },
    started() {
      rate.take();
      if (openUntil !== null) isProbing = true;
    },
    answered() {
      failuresInRow = 0;
      if (openUntil === null) {
        countSuccess();
        return false;
      }
      // An answer to a request that was sent before it opened says nothing about now.
      if (!isProbing) return false;
      close();
      return true;
    },
    failed(retryAfterMs) {
      if (openUntil === null) {
        failuresInRow += 1;
        allowed = Math.max(1, Math.floor(allowed / 2));
        successesInRound = 0;
        if (failuresInRow >= FAILURES_MAX || retryAfterMs !== null) open(retryAfterMs);
      } else if (isProbing) open(retryAfterMs);
      // Sent before it opened: not one failure more, but the destination may ask for a longer rest.
      else restFor(Math.max(msLeft() ?? 0, boundedRetryAfter(retryAfterMs)));
    },
    abandoned() {
      isProbing = false;
    },
  };
};

const boundedRetryAfter = (retryAfterMs: number | null): number => Math.min(RETRY_AFTER_MS_MAX, retryAfterMs ?? 0);

interface Rate {
  available(): number;
  take(): void;
  /** Until the next request is allowed. */
  waitMs(): number;
}

/** A bucket that holds one second's requests, or one when that is less. */
const createRate = (perSecond: number | null, clock: Clock): Rate => {
  if (perSecond === null) {
    return { available: () => Number.POSITIVE_INFINITY, take: () => undefined, waitMs: () => 0 };
  }
  const tokensMax = Math.max(1, perSecond);
  let tokens = tokensMax;
  let filledAt = clock.now();
  const fill = (): void => {
    const now = clock.now();
    // A clock that was set back adds nothing, and must not stop the filling until it has caught up.
    const elapsedMs = Math.max(0, now - filledAt);
    tokens = Math.min(tokensMax, tokens + (elapsedMs * perSecond) / SECOND_MS);
    filledAt = now;
  };
  return {
    available() {
      fill();
      return Math.floor(tokens);
    },
    take() {
      fill();
      tokens -= 1;
    },
    waitMs: () => Math.max(1, Math.ceil(((1 - tokens) * SECOND_MS) / perSecond)),
  };
};
