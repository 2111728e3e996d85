/** So many in an hour, and no more. */
import type { Clock } from '../../core/ports/clock.ts';
import { HOUR_MS } from '../../core/time.ts';

interface HourlyLimit {
  /** Whether there was one left; takes it. */
  take(): boolean;
}

/** One for each operator: as many as there are. */
export const createHourlyLimits = (max: number, clock: Pick<Clock, 'now'>): ((operator: string) => HourlyLimit) => {
  const limits = new Map<string, HourlyLimit>();
  return (operator) => {
    const limit = limits.get(operator) ?? createHourlyLimit(max, clock);
    limits.set(operator, limit);
    return limit;
  };
};

const createHourlyLimit = (max: number, clock: Pick<Clock, 'now'>): HourlyLimit => {
  const takenAt: number[] = [];
  return {
    take() {
      const now = clock.now();
      while (takenAt[0] !== undefined && Math.abs(now - takenAt[0]) >= HOUR_MS) takenAt.shift();
      if (takenAt.length >= max) return false;
      takenAt.push(now);
      return true;
    },
  };
};
