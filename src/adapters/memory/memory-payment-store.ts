/** The payment store in memory: looking up, recording and keeping are one step. */
import { LIMITS } from '../../core/limits.ts';
import { cursorOf, type Page, pageOfAll, readCursor } from '../../core/page.ts';
import type { EpochMs } from '../../core/webhook.ts';
import { amountsOf, matchesPayment } from '../../payments/match-payment.ts';
import type { PaymentFilter, PaymentStore, StoredPayment } from '../../payments/payment-store.ts';
import { knownOf, type RecordedPayment, recordEvents } from '../../payments/record-events.ts';
import { type EventsOfPayment, paymentOf } from '../../payments/reduce-payment.ts';
import { recordSubject, subjectFromText, subjectToText } from '../../payments/subject.ts';

interface KeptPayment {
  readonly provider: string;
  /** Counts payments: of two stored in one millisecond the later one is newer. */
  readonly place: number;
  readonly storedAt: EpochMs;
  changedAt: EpochMs;
  recorded: RecordedPayment;
}

const nameKey = ({ provider, account }: Pick<EventsOfPayment, 'provider' | 'account'>, id: string): string =>
  JSON.stringify([id, provider, account]);

const newestFirst = (a: KeptPayment, b: KeptPayment): number => b.storedAt - a.storedAt || b.place - a.place;

const storedOf = ({ recorded, storedAt, changedAt }: KeptPayment): StoredPayment => ({
  payment: structuredClone(paymentOf(recorded.map(({ event }) => event)).view),
  storedAt,
  changedAt,
});

export const createMemoryPaymentStore = (): PaymentStore => {
  const subjects = new Map<string, string>();
  const byName = new Map<string, KeptPayment>();
  let places = 0;

  const all = (): KeptPayment[] => [...new Set(byName.values())].sort(newestFirst);

  const keep = (
    change: EventsOfPayment,
    found: readonly KeptPayment[],
    recorded: RecordedPayment,
    at: EpochMs,
  ): void => {
    const [oldest, ...joined] = [...found].sort((a, b) => newestFirst(b, a));
    places += 1;
    const kept = oldest ?? { provider: change.provider, place: places, storedAt: at, changedAt: at, recorded };
    kept.recorded = structuredClone(recorded);
    kept.changedAt = at;
    for (const [key, payment] of byName) if (joined.includes(payment)) byName.set(key, kept);
    for (const { id } of paymentOf(recorded.map(({ event }) => event)).view.names)
      byName.set(nameKey(change, id), kept);
  };

  const find = (paymentId: string): StoredPayment[] =>
    all()
      .filter(({ recorded }) =>
        paymentOf(recorded.map(({ event }) => event)).view.names.some(({ id }) => id === paymentId),
      )
      .slice(0, LIMITS.findMax)
      .map(storedOf);

  return {
    async apply(change, at, { isPaymentWanted = true } = {}) {
      const found = [
        ...new Set(change.names.map(({ id }) => byName.get(nameKey(change, id))).filter((one) => one !== undefined)),
      ];
      const result = recordEvents(
        found.map(({ recorded }) => recorded),
        change,
      );
      if (result.outcome === 'too_many_events') return { outcome: 'too_many_events' };
      const { received, recorded, isChanged } = result;
      if (isChanged) keep(change, found, recorded, at);
      return structuredClone({ outcome: 'applied', ...knownOf(recorded, isPaymentWanted), received });
    },
    async applyToSubject(change, _at) {
      const key = JSON.stringify([change.kind, change.id, change.provider, change.account]);
      const known = subjects.get(key);
      const { received, record } = recordSubject(known === undefined ? null : subjectFromText(known), change);
      if (record !== null) subjects.set(key, subjectToText(record));
      return received;
    },
    find: async (paymentId) => find(paymentId),
    amountsOf: async (paymentIds) =>
      paymentIds.map((paymentId) => find(paymentId).map(({ payment }) => amountsOf(payment))),
    list: async (filter) => list(all(), filter),
  };
};

const LIST = 'payments';

const list = (newestFirst: readonly KeptPayment[], filter: PaymentFilter): Page<StoredPayment> => {
  const { since, until, after } = filter;
  const [afterAt, afterPlace] =
    after === undefined ? [Infinity, Infinity] : readCursor(LIST, after, ['number', 'number'] as const);
  const inTime = newestFirst
    .filter(
      ({ storedAt: at, place }) =>
        (since === undefined || at >= since) &&
        (until === undefined || at < until) &&
        (at < afterAt || (at === afterAt && place < afterPlace)),
    )
    .map((kept) => ({ item: storedOf(kept), at: kept.storedAt, cursor: cursorOf(LIST, kept.storedAt, kept.place) }));
  return pageOfAll(inTime, matchesPayment(filter), filter);
};
