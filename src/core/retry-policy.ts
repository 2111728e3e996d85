/** When a failed attempt is tried again: exponential backoff with full jitter, or what the handler asked for. */
import assert from 'node:assert/strict';
import { LIMITS } from './limits.ts';
import type { Randomness } from './ports/randomness.ts';

export interface RetryPolicy {
  /** A webhook that has not ended so long after its round began is given up. */
  readonly giveUpAfterMs: number;
  /** Attempts before it is given up all the same. */
  readonly attemptsMax: number;
  readonly backoffBaseMs: number;
  readonly backoffCapMs: number;
}

/**
 * Wait before the next attempt, after `attempts` failed ones: a random time up to `base · 2^(attempts-1)`, capped. Full
 * jitter spreads a crowd of retries best (Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015).
 */
export const backoffMs = (
  policy: Pick<RetryPolicy, 'backoffBaseMs' | 'backoffCapMs'>,
  attempts: number,
  randomness: Pick<Randomness, 'fraction'>,
): number => {
  assert(attempts >= 1, 'backoff follows an attempt');
  const ceilingMs = Math.min(policy.backoffCapMs, policy.backoffBaseMs * 2 ** Math.min(attempts - 1, 40));
  return Math.floor(randomness.fraction() * ceilingMs);
};

/**
 * How long a claim rests after a machine of ours broke: a random time up to as long as it has waited already, between the
 * shortest and the longest. So it doubles, without counting anything where the count itself may be what broke.
 */
export const brokenWaitMs = (waitedMs: number, randomness: Pick<Randomness, 'fraction'>): number => {
  const ceilingMs = Math.min(LIMITS.brokenBackoffCapMs, Math.max(LIMITS.brokenBackoffBaseMs, waitedMs));
  return Math.floor(randomness.fraction() * ceilingMs);
};

/** What a handler asked for, bounded: never negative, never longer than the longest rest. */
export const requestedWaitMs = (afterMs: number): number =>
  Number.isFinite(afterMs) ? Math.min(LIMITS.retryInMsMax, Math.max(0, Math.floor(afterMs))) : LIMITS.retryInMsMax;
