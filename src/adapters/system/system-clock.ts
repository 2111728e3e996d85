/** The machine's clocks. */
import { performance } from 'node:perf_hooks';
import type { Clock } from '../../core/ports/clock.ts';

export const systemClock: Clock = {
  now: () => Date.now(),
  stopwatch: () => {
    const startedAt = performance.now();
    return () => (performance.now() - startedAt) / 1000;
  },
};
