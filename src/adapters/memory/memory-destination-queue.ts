/** What waits for destinations, in memory. */
import type { Clock } from '../../core/ports/clock.ts';
import type { EpochMs } from '../../core/webhook.ts';
import type {
  DestinationEntry,
  DestinationQueues,
  DestinationState,
  DestinationStatus,
  Settlement,
} from '../../destinations/destination-queue.ts';
import { isDue } from './is-due.ts';

interface KeptEntry {
  readonly entry: DestinationEntry;
  /** Counts puts: of two put in one millisecond the later one is younger. */
  readonly place: number;
  readonly enqueuedAt: EpochMs;
  state: DestinationState;
  failures: number;
  lastError: string | null;
  changedAt: EpochMs;
  dueAt: EpochMs;
  /** Of the current claim; null while nobody has it. */
  receipt: string | null;
}

const keyOf = ({ webhookId, timestamp, eventId, destination }: DestinationEntry): string =>
  JSON.stringify([webhookId, timestamp, eventId, destination]);

const statusOf = ({ entry, state, failures, lastError, enqueuedAt, changedAt }: KeptEntry): DestinationStatus => ({
  destination: entry.destination,
  eventId: entry.eventId,
  state,
  failures,
  lastError,
  enqueuedAt,
  changedAt,
});

/** `#10` of a webhook after its `#2`. */
const byEvent = (a: DestinationStatus, b: DestinationStatus): number =>
  a.eventId.length - b.eventId.length ||
  (a.eventId === b.eventId ? compare(a.destination, b.destination) : compare(a.eventId, b.eventId));
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const byAge = (a: KeptEntry, b: KeptEntry): number => a.enqueuedAt - b.enqueuedAt || a.place - b.place;

const settleEntry = (found: KeptEntry, settlement: Settlement, at: EpochMs): void => {
  found.receipt = null;
  if (settlement.outcome === 'failed' || settlement.outcome === 'put_back') found.dueAt = settlement.dueAt;
  if (settlement.outcome === 'put_back') return;
  if (settlement.outcome !== 'failed') found.state = settlement.outcome;
  found.changedAt = at;
  if (settlement.outcome === 'delivered') return;
  found.failures += 1;
  found.lastError = settlement.error;
};

export const createMemoryDestinationQueue = (clock: Clock): DestinationQueues => {
  const kept = new Map<string, KeptEntry>();
  let places = 0;
  let claims = 0;

  const put = (entry: DestinationEntry, at: EpochMs): void => {
    if (kept.get(keyOf(entry))?.state === 'waiting') return;
    places += 1;
    const { webhookId, timestamp, destination, eventId, provider, traceId, news } = entry;
    kept.set(keyOf(entry), {
      entry: { webhookId, timestamp, destination, eventId, provider, traceId, news },
      place: places,
      enqueuedAt: at,
      state: 'waiting',
      failures: 0,
      lastError: null,
      changedAt: at,
      dueAt: at,
      receipt: null,
    });
  };

  const waitingFor = (destination: string): KeptEntry[] =>
    [...kept.values()]
      .filter(({ entry, state }) => entry.destination === destination && state === 'waiting')
      .sort(byAge);

  const settle = (settlement: Settlement, at: EpochMs): void => {
    const found = kept.get(keyOf(settlement.claim.entry));
    if (found?.receipt === settlement.claim.receipt) settleEntry(found, settlement, at);
  };

  return {
    put: async (entries, at) => {
      for (const entry of entries) put(entry, at);
    },
    ofWebhook: async ({ webhookId, timestamp }) =>
      [...kept.values()]
        .filter(({ entry }) => entry.webhookId === webhookId && entry.timestamp === timestamp)
        .map(statusOf)
        .sort(byEvent),
    depth: async (destinations) =>
      destinations.map((destination) => {
        const waiting = waitingFor(destination);
        const givenUp = [...kept.values()].filter(
          ({ entry, state }) => entry.destination === destination && state === 'given_up',
        ).length;
        return { destination, waiting: waiting.length, givenUp, oldestEnqueuedAt: waiting[0]?.enqueuedAt ?? null };
      }),
    claim: async (destination, limit, leaseMs) => {
      const now = clock.now();
      const due = waitingFor(destination).filter(({ dueAt }) => isDue(dueAt, now));
      return due.slice(0, limit).map((found) => {
        claims += 1;
        found.receipt = String(claims);
        found.dueAt = now + leaseMs;
        const { entry, enqueuedAt, failures } = found;
        return { entry: { ...entry }, receipt: found.receipt, enqueuedAt, failures };
      });
    },
    settle: async (settlements, at) => {
      for (const settlement of settlements) settle(settlement, at);
    },
    hasten: async (destination) => {
      const now = clock.now();
      for (const found of waitingFor(destination)) {
        if (found.receipt === null) found.dueAt = Math.min(found.dueAt, now);
      }
    },
  };
};
