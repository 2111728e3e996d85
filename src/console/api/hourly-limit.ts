/** So many in an hour, and no more. */
import type { Clock } from '../../core/ports/clock.ts';
import { HOUR_MS } from '../../core/time.ts';

/** `take` says whether there was one left, and takes it. */
export const createHourlyLimit = (max: number, clock: Pick<Clock, 'now'>): { take(): boolean } => {
  const takenAt: number[] = [];
  return {
    take() {
      const now = clock.now();
      while (takenAt[0] !== undefined && now - takenAt[0] >= HOUR_MS) takenAt.shift();
      if (takenAt.length >= max) return false;
      takenAt.push(now);
      return true;
    },
  };
};
