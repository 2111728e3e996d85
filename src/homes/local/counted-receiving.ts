/** Deliveries of the last minute by what became of them. */
import type { Clock } from '../../core/ports/clock.ts';
import type { ReceiveOutcome } from '../../receive/receive.ts';

export interface ReceivingCounts {
  readonly accepted: number;
  readonly duplicates: number;
  readonly turnedAway: number;
}

export interface CountedReceiving {
  count(outcome: ReceiveOutcome): void;
  lastMinute(): ReceivingCounts;
}

const SECONDS = 60;

/** One slot a second, used again a minute later: bounded whatever arrives. */
export const createCountedReceiving = (clock: Clock): CountedReceiving => {
  const seconds = clock.stopwatch();
  const slots = Array.from({ length: SECONDS }, () => ({
    second: -SECONDS,
    accepted: 0,
    duplicates: 0,
    turnedAway: 0,
  }));
  const sum = (second: number, name: keyof ReceivingCounts): number =>
    slots.reduce((total, slot) => (slot.second > second - SECONDS ? total + slot[name] : total), 0);
  return {
    count({ outcome }) {
      const second = Math.floor(seconds());
      const slot = slots[second % SECONDS];
      if (slot === undefined) return;
      if (slot.second !== second) Object.assign(slot, { second, accepted: 0, duplicates: 0, turnedAway: 0 });
      slot[outcome === 'accepted' ? 'accepted' : outcome === 'duplicate' ? 'duplicates' : 'turnedAway'] += 1;
    },
    lastMinute() {
      const second = Math.floor(seconds());
      return {
        accepted: sum(second, 'accepted'),
        duplicates: sum(second, 'duplicates'),
        turnedAway: sum(second, 'turnedAway'),
      };
    },
  };
};
