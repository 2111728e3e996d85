/** Deliveries of the last minute, and of the last hours, by what became of them. */
import { createLastHours, createLastMinute } from '../../core/counted-lately.ts';
import type { Clock } from '../../core/ports/clock.ts';
import { HOUR_MS, SECOND_MS } from '../../core/time.ts';
import type { ReceiveOutcome } from '../../receive/receive.ts';

export interface ReceivingCounts {
  readonly accepted: number;
  readonly duplicates: number;
  readonly turnedAway: number;
}

/** `rejected` is in `turnedAway` too. What was refused at the edge is in none: nobody looked into it. */
export interface HourCounts extends ReceivingCounts {
  readonly rejected: number;
}

export interface CountedReceiving {
  count(outcome: ReceiveOutcome): void;
  lastMinute(): ReceivingCounts;
  /** Of the last 60 minutes, or since the start. */
  lastHour(): HourCounts;
  /** Of the 60 minutes before those; null until there were as many. */
  hourBefore(): HourCounts | null;
}

export const createCountedReceiving = (clock: Clock): CountedReceiving => {
  const seconds = clock.stopwatch();
  const counters = () => ({ minute: createLastMinute(clock), hours: createLastHours(clock) });
  const [accepted, duplicates, turnedAway] = [counters(), counters(), counters()];
  const rejected = createLastHours(clock);
  const hour = (of: 'lastHour' | 'hourBefore'): HourCounts => ({
    accepted: accepted.hours[of](),
    duplicates: duplicates.hours[of](),
    turnedAway: turnedAway.hours[of](),
    rejected: rejected[of](),
  });
  return {
    count({ outcome }) {
      const counted = outcome === 'accepted' ? accepted : outcome === 'duplicate' ? duplicates : turnedAway;
      counted.minute.add(1);
      counted.hours.add(1);
      if (outcome === 'rejected') rejected.add(1);
    },
    lastMinute: () => ({
      accepted: accepted.minute.count(),
      duplicates: duplicates.minute.count(),
      turnedAway: turnedAway.minute.count(),
    }),
    lastHour: () => hour('lastHour'),
    hourBefore: () => (seconds() * SECOND_MS < 2 * HOUR_MS ? null : hour('hourBefore')),
  };
};
