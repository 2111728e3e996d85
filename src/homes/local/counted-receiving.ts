/** Deliveries of the last minute by what became of them. */
import { createLastMinute } from '../../core/counted-lately.ts';
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

export const createCountedReceiving = (clock: Clock): CountedReceiving => {
  const [accepted, duplicates, turnedAway] = [
    createLastMinute(clock),
    createLastMinute(clock),
    createLastMinute(clock),
  ];
  return {
    count({ outcome }) {
      if (outcome === 'accepted') accepted.add(1);
      else if (outcome === 'duplicate') duplicates.add(1);
      else turnedAway.add(1);
    },
    lastMinute: () => ({
      accepted: accepted.count(),
      duplicates: duplicates.count(),
      turnedAway: turnedAway.count(),
    }),
  };
};
