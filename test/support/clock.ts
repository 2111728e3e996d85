/** A clock that stands still until a test moves it; its stopwatches go with it. */
import type { Clock } from '../../src/core/ports/clock.ts';
import type { EpochMs } from '../../src/core/webhook.ts';

export interface TestClock extends Clock {
  advance(ms: number): void;
  set(at: EpochMs): void;
}

export const NOW: EpochMs = Date.UTC(2026, 10, 23, 12, 0, 0);

export const createTestClock = (startAt: EpochMs = NOW): TestClock => {
  let now = startAt;
  return {
    now: () => now,
    stopwatch: () => {
      const startedAt = now;
      return () => (now - startedAt) / 1000;
    },
    advance: (ms) => {
      now += ms;
    },
    set: (at) => {
      now = at;
    },
  };
};
