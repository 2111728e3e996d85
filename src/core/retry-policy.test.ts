import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LIMITS } from './limits.ts';
import { backoffMs, requestedWaitMs } from './retry-policy.ts';

const POLICY = { backoffBaseMs: 1000, backoffCapMs: 60_000 };
const drawing = (fraction: number) => ({ fraction: () => fraction });
/** Fractions are below 1, so that the ceiling itself is never reached. */
const ALMOST_ONE = 1 - 2 ** -32;

describe('the wait after an attempt that failed', () => {
  test('has a ceiling that doubles with each attempt, up to the cap', () => {
    const ceilings = [1, 2, 3, 6, 7, 8, 100].map((attempts) => backoffMs(POLICY, attempts, drawing(ALMOST_ONE)) + 1);

    expect(ceilings).toEqual([1000, 2000, 4000, 32_000, 60_000, 60_000, 60_000]);
  });

  test('is anything below the ceiling, nothing at all included: a crowd of retries is spread over all of it', () => {
    const waits = [0, 0.25, 0.5, 0.75].map((fraction) => backoffMs(POLICY, 3, drawing(fraction)));

    expect(waits).toEqual([0, 1000, 2000, 3000]);
  });

  test('is a whole number of milliseconds, and finite, however often it was tried', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1_000_000 }),
        fc.double({ min: 0, max: ALMOST_ONE, noNaN: true }),
        (attempts, fraction) => {
          const waitMs = backoffMs(POLICY, attempts, drawing(fraction));

          expect(Number.isSafeInteger(waitMs)).toBe(true);
          expect(waitMs).toBeGreaterThanOrEqual(0);
          expect(waitMs).toBeLessThan(POLICY.backoffCapMs);
        },
      ),
    );
  });

  test('is not asked for before there was an attempt', () => {
    expect(() => backoffMs(POLICY, 0, drawing(0.5))).toThrow('backoff follows an attempt');
  });
});

describe('a wait that a handler asks for', () => {
  test.each([
    [1500, 1500],
    [1500.9, 1500],
    [0, 0],
    [-1, 0],
    [Number.NEGATIVE_INFINITY, LIMITS.retryInMsMax],
    [LIMITS.retryInMsMax, LIMITS.retryInMsMax],
    [LIMITS.retryInMsMax + 1, LIMITS.retryInMsMax],
    [Number.POSITIVE_INFINITY, LIMITS.retryInMsMax],
    [Number.NaN, LIMITS.retryInMsMax],
  ])('of %d ms is %d ms: never negative, never longer than a queue can hide an entry', (asked, waitMs) => {
    expect(requestedWaitMs(asked)).toBe(waitMs);
  });
});
