/** How many there were in the last minute, hour or day: bounded whatever comes. */
import type { Clock } from './ports/clock.ts';

export interface CountedLately {
  add(count: number): void;
  count(): number;
}

export interface CountedHours {
  add(count: number): void;
  lastHour(): number;
  hourBefore(): number;
}

/** One slot for so many seconds, used again after all others. */
const createSlots = (clock: Pick<Clock, 'stopwatch'>, slotCount: number, slotSeconds: number) => {
  const seconds = clock.stopwatch();
  const now = (): number => Math.floor(seconds() / slotSeconds);
  const slots = Array.from({ length: slotCount }, () => ({ at: -slotCount, count: 0 }));
  return {
    add(count: number): void {
      const at = now();
      const slot = slots[at % slotCount];
      if (slot === undefined) return;
      if (slot.at !== at) Object.assign(slot, { at, count: 0 });
      slot.count += count;
    },
    /** In the newest slots, but for the very newest `butFor`. */
    count(newest = slotCount, butFor = 0): number {
      const [since, until] = [now() - newest, now() - butFor];
      return slots.reduce((total, { at, count }) => (at > since && at <= until ? total + count : total), 0);
    },
  };
};

export const createLastMinute = (clock: Pick<Clock, 'stopwatch'>): CountedLately => createSlots(clock, 60, 1);

/** To ten minutes. */
export const createLastDay = (clock: Pick<Clock, 'stopwatch'>): CountedLately => createSlots(clock, 144, 600);

/** To a minute. */
export const createLastHours = (clock: Pick<Clock, 'stopwatch'>): CountedHours => {
  const { add, count } = createSlots(clock, 120, 60);
  return { add, lastHour: () => count(60), hourBefore: () => count(120, 60) };
};
