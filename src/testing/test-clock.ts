/** A clock that stands still until what waits is due: waits between attempts take no time. */
import type { Clock } from '../core/ports/clock.ts';
import type { EpochMs } from '../core/webhook.ts';

export interface TestClock extends Clock {
  /** Never backwards. */
  moveTo(at: EpochMs): void;
}

export const createTestClock = (startAt: EpochMs): TestClock => {
  let now = startAt;
  return {
    now: () => now,
    stopwatch: () => {
      const startedAt = now;
      return () => (now - startedAt) / 1000;
    },
    moveTo: (at) => {
      now = Math.max(now, at);
    },
  };
};
