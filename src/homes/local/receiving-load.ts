/** Whether receiving has more to do than it can: by how long the oldest insert waits, however many deliveries there are. */
import type { Clock } from '../../core/ports/clock.ts';
import type { WebhookStore } from '../../core/ports/webhook-store.ts';
import { SECOND_MS } from '../../core/time.ts';

export interface ReceivingLoad {
  /** The store, watched. */
  readonly store: WebhookStore;
  /** Whether deliveries come at all: what can wait is done in small parts then. */
  isReceiving(): boolean;
  /** Whether deliveries wait for their answer for longer than they have to: processing stands back then. */
  isBusy(): boolean;
  /** Whether they wait for so long that what is received is only stored, and processed later. */
  isLate(): boolean;
}

/**
 * A commit takes some milliseconds, and an insert waits for the one that is under way at most. Longer than this means that
 * work stands in line before the database, or that this thread is behind with its answers.
 */
const WAITS_MS_MAX = 12;
/**
 * What is processed with the write that stores it costs both cores the least, and its answer some more. Sixty-four
 * connections without a pause come to 25 ms, and on slow cores to 60, where processing later took 9 % more of both; with more
 * of them an answer is worth more than that. Providers wait for seconds.
 */
const LATE_MS_MIN = 80;
/** Four a second and more: fewer hardly ever meet what is done beside them. */
const RECEIVING_MS_MAX = 250;

export const createReceivingLoad = (store: WebhookStore, clock: Clock): ReceivingLoad => {
  const seconds = clock.stopwatch();
  /** When each insert that is under way began, the oldest first. */
  const underway = new Set<{ readonly at: number }>();
  let lastAt = Number.NEGATIVE_INFINITY;
  const waitsLongerThan = (ms: number): boolean => {
    const [oldest] = underway;
    return oldest !== undefined && (seconds() - oldest.at) * SECOND_MS > ms;
  };
  return {
    store: {
      ...store,
      async insert(insertion) {
        const begun = { at: seconds() };
        lastAt = begun.at;
        underway.add(begun);
        try {
          return await store.insert(insertion);
        } finally {
          underway.delete(begun);
        }
      },
    },
    isReceiving: () => (seconds() - lastAt) * SECOND_MS <= RECEIVING_MS_MAX,
    isBusy: () => waitsLongerThan(WAITS_MS_MAX),
    isLate: () => waitsLongerThan(LATE_MS_MIN),
  };
};
