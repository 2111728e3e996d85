/** How many there were in the last minute, or the last day: bounded whatever comes. */
import type { Clock } from './ports/clock.ts';

export interface CountedLately {
  add(count: number): void;
  count(): number;
}

/** One slot for so many seconds, used again after all others. */
const countLately = (clock: Pick<Clock, 'stopwatch'>, slotCount: number, slotSeconds: number): CountedLately => {
  const seconds = clock.stopwatch();
  const now = (): number => Math.floor(seconds() / slotSeconds);
  const slots = Array.from({ length: slotCount }, () => ({ at: -slotCount, count: 0 }));
  return {
    add(count) {
      const at = now();
      const slot = slots[at % slotCount];
      if (slot === undefined) return;
      if (slot.at !== at) Object.assign(slot, { at, count: 0 });
      slot.count += count;
    },
    count() {
      const since = now() - slotCount;
      return slots.reduce((total, { at, count }) => (at > since ? total + count : total), 0);
    },
  };
};

export const createLastMinute = (clock: Pick<Clock, 'stopwatch'>): CountedLately => countLately(clock, 60, 1);

/** To ten minutes. */
export const createLastDay = (clock: Pick<Clock, 'stopwatch'>): CountedLately => countLately(clock, 144, 600);
