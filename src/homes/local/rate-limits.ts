/** The two limits of the edge: deliveries a second in all, and from one address. The same numbers as on AWS. */

import { LRUCache } from 'lru-cache';
import { LIMITS } from '../../core/limits.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Sender } from '../../core/shares.ts';
import { SECOND_MS } from '../../core/time.ts';
import type { EpochMs } from '../../core/webhook.ts';

/** The window over which the rate of an address is averaged, as AWS WAF does it. */
const WINDOW_MS = 60 * SECOND_MS;

export type RateOutcome =
  | { readonly isAllowed: true }
  | { readonly isAllowed: false; readonly retryAfterSeconds: number };

const ALLOWED: RateOutcome = { isAllowed: true };

/**
 * A token bucket, as API Gateway throttles a stage: `burst` at once, then `perSecond`. Senders without a reserve stop
 * above the bottom of it: however many they are, those with one find tokens there, and all that flow in.
 */
export const createTotalRate = (perSecond: number, burst: number, clock: Clock) => {
  const reserved = Math.floor(burst * (1 - LIMITS.burstOfStrangersMax));
  let tokens = burst;
  let filledAt = clock.now();
  return ({ hasReserve }: Sender): RateOutcome => {
    const now = clock.now();
    // A clock that was set back must not take tokens away.
    tokens = Math.min(burst, tokens + (Math.max(0, now - filledAt) / SECOND_MS) * perSecond);
    filledAt = now;
    const wanted = hasReserve ? 1 : 1 + reserved;
    if (tokens < wanted) {
      return { isAllowed: false, retryAfterSeconds: Math.max(1, Math.ceil((wanted - tokens) / perSecond)) };
    }
    tokens -= 1;
    return ALLOWED;
  };
};

interface Window {
  startedAt: EpochMs;
  count: number;
  previousCount: number;
}

export interface AddressRate {
  take(address: string): RateOutcome;
  /** A delivery that proved to be genuine and new does not count: a busy sender never gets in its own way. */
  giveBack(address: string): void;
}

/**
 * A sliding window of 60 s, from the counts of this window and the one before. Refused deliveries do not count: a sender
 * who slows down is let in again.
 */
export const createAddressRate = (perSecond: number, clock: Clock): AddressRate => {
  const allowed = (perSecond * WINDOW_MS) / SECOND_MS;
  const windows = new LRUCache<string, Window>({ max: LIMITS.addressesRatedMax });
  return {
    take(address) {
      const now = clock.now();
      const startedAt = now - (now % WINDOW_MS);
      const window = windows.get(address) ?? { startedAt, count: 0, previousCount: 0 };
      if (window.startedAt !== startedAt) {
        window.previousCount = window.startedAt === startedAt - WINDOW_MS ? window.count : 0;
        window.count = 0;
        window.startedAt = startedAt;
      }
      windows.set(address, window);
      const passed = (now - startedAt) / WINDOW_MS;
      if (window.previousCount * (1 - passed) + window.count + 1 > allowed) {
        const untilNextMs = startedAt + WINDOW_MS - now;
        return { isAllowed: false, retryAfterSeconds: Math.max(1, Math.ceil(untilNextMs / SECOND_MS)) };
      }
      window.count += 1;
      return ALLOWED;
    },
    giveBack(address) {
      const window = windows.get(address);
      if (window !== undefined && window.count > 0) window.count -= 1;
    },
  };
};
