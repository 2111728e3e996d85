/**
 * Adds events to a payment, and says what a store keeps of it: each event with how it was received. A webhook that is processed again gets the answer
 * of the first time, so that a handler that was not reached is still called for it, and one for old news never is.
 */
import type { News } from '../core/effects.ts';
import { LIMITS } from '../core/limits.ts';
import { subjectOf } from './order-events.ts';
import type { PaymentView } from './payment.ts';
import type { PaymentChangeEvent } from './payment-event.ts';
import { type EventsOfPayment, isNewest, paymentOf } from './reduce-payment.ts';

export interface RecordedEvent {
  readonly event: PaymentChangeEvent;
  readonly news: News;
}

/** A payment as stored: its events, each once, in no particular order. */
export type RecordedPayment = readonly RecordedEvent[];

/** How one event of the webhook was received, the first time it was. */
export interface NewsOfEvent {
  readonly eventId: string;
  readonly news: News;
}

export type RecordOutcome =
  | {
      readonly outcome: 'recorded';
      readonly payment: PaymentView;
      /** What is to be stored now. */
      readonly recorded: RecordedPayment;
      /** One for each event of the webhook, in its order. */
      readonly received: readonly NewsOfEvent[];
      /** False when nothing has to be written: all events were recorded before, under all their names. */
      readonly isChanged: boolean;
    }
  /** More events than a payment may have (`LIMITS.paymentEventsMax`): nothing was recorded. */
  | { readonly outcome: 'too_many_events' };

const amountOf = (event: PaymentChangeEvent): string =>
  event.amount === null ? '' : `${event.amount.minor} ${event.amount.currency}`;

const outcomeOf = (event: PaymentChangeEvent): string => ('outcome' in event ? (event.outcome ?? '') : '');

/** Whether two events say the same of the same thing. */
const isSameStatement = (a: PaymentChangeEvent, b: PaymentChangeEvent): boolean =>
  a.type === b.type &&
  subjectOf(a) === subjectOf(b) &&
  amountOf(a) === amountOf(b) &&
  a.reason === b.reason &&
  outcomeOf(a) === outcomeOf(b);

const newsOf = (event: PaymentChangeEvent, known: readonly PaymentChangeEvent[]): News => {
  if (!isNewest(event, known)) return 'stale';
  return known.some((other) => isSameStatement(other, event)) ? 'repeated' : 'news';
};

const mergedRecords = (found: readonly RecordedPayment[]): Map<string, RecordedEvent> =>
  new Map(found.flatMap((payment) => payment.map((record) => [record.event.id, record] as const)));

/**
 * Adds the events of a webhook to what is stored. `found` is every payment that is stored under any of the names of the
 * events: none for the first one, one mostly, several when these events show that they are one. Pure.
 */
export const recordEvents = (found: readonly RecordedPayment[], change: EventsOfPayment): RecordOutcome => {
  const records = mergedRecords(found);
  const isMerge = found.length > 1;
  let isChanged = isMerge;
  for (const event of change.events) {
    if (records.has(event.id)) continue;
    if (records.size >= LIMITS.paymentEventsMax) return { outcome: 'too_many_events' };
    const known = [...records.values()].map((record) => record.event);
    records.set(event.id, { event, news: newsOf(event, known) });
    isChanged = true;
  }
  const recorded = [...records.values()];
  return {
    outcome: 'recorded',
    payment: paymentOf(recorded.map(({ event }) => event)).view,
    recorded,
    received: change.events.map(({ id }) => {
      const record = records.get(id);
      if (record === undefined) throw new TypeError('every event of the webhook is recorded by now');
      return { eventId: id, news: record.news };
    }),
    isChanged,
  };
};
