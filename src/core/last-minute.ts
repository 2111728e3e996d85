/** How many there were in the last minute, by second: bounded whatever comes. */
import type { Clock } from './ports/clock.ts';

export interface LastMinute {
  add(count: number): void;
  count(): number;
}

const SECONDS = 60;

/** One slot a second, used again a minute later. */
export const createLastMinute = (clock: Pick<Clock, 'stopwatch'>): LastMinute => {
  const seconds = clock.stopwatch();
  const slots = Array.from({ length: SECONDS }, () => ({ second: -SECONDS, count: 0 }));
  return {
    add(count) {
      const second = Math.floor(seconds());
      const slot = slots[second % SECONDS];
      if (slot === undefined) return;
      if (slot.second !== second) Object.assign(slot, { second, count: 0 });
      slot.count += count;
    },
    count() {
      const since = Math.floor(seconds()) - SECONDS;
      return slots.reduce((total, { second, count }) => (second > since ? total + count : total), 0);
    },
  };
};
