/**
 * Adds events to a payment, and says what a store keeps of it: each event with how it was received. A webhook that is processed again gets the answer
 * of the first time, so that a handler that was not reached is still called for it, and one for old news never is.
 */
import type { News } from '../core/effects.ts';
import { LIMITS } from '../core/limits.ts';
import { type EachDispute, isDispute, isState, type StateEvent } from './fold-events.ts';
import type { Money } from './money.ts';
import { compareByVersion, subjectOf } from './order-events.ts';
import type { PaymentSummary, PaymentView } from './payment.ts';
import type { PaymentChangeEvent } from './payment-event.ts';
import { type EventsOfPayment, paymentOf, summaryOf } from './reduce-payment.ts';

export interface RecordedEvent {
  readonly event: PaymentChangeEvent;
  readonly news: News;
}

/** A payment as stored: its events, each once, in no particular order. */
export type RecordedPayment = readonly RecordedEvent[];

/** What the events add up to: of the whole payment only what is always needed, where nobody asks for more. */
export const knownOf = (
  recorded: RecordedPayment,
  isPaymentWanted: boolean,
): { readonly summary: PaymentSummary; readonly payment: PaymentView | null } => {
  const events = recorded.map(({ event }) => event);
  if (!isPaymentWanted) return { summary: summaryOf(events), payment: null };
  const { view } = paymentOf(events);
  return { summary: view, payment: view };
};

/** How one event of the webhook was received, the first time it was. */
export interface NewsOfEvent {
  readonly eventId: string;
  readonly news: News;
}

export type RecordOutcome =
  | {
      readonly outcome: 'recorded';
      /** What is to be stored now. */
      readonly recorded: RecordedPayment;
      /** One for each event of the webhook, in its order. */
      readonly received: readonly NewsOfEvent[];
      /** False when nothing has to be written: all events were recorded before, under all their names. */
      readonly isChanged: boolean;
    }
  /** More events than a payment may have (`LIMITS.paymentEventsMax`): nothing was recorded. */
  | { readonly outcome: 'too_many_events' };

const isSameMoney = (a: Money | null, b: Money | null): boolean => a?.minor === b?.minor && a?.currency === b?.currency;

/** Null is what is not said: it contradicts nothing. */
const isCompatible = (a: string | null, b: string | null): boolean => a === null || b === null || a === b;

/** Two events of one attempt, as Stripe's intent and its charge are, give other reasons for the same failure. */
const isSameState = (a: StateEvent, b: StateEvent): boolean =>
  isSameMoney(a.amount, b.amount) &&
  isCompatible(a.attempt, b.attempt) &&
  ((a.attempt !== null && a.attempt === b.attempt) || isCompatible(a.reason, b.reason));

const isSameDispute = (a: EachDispute, b: EachDispute): boolean =>
  isSameMoney(a.amount, b.amount) &&
  isSameMoney(a.moved, b.moved) &&
  a.movement === b.movement &&
  a.outcome === b.outcome &&
  a.isInquiry === b.isInquiry &&
  a.status === b.status &&
  a.stage === b.stage &&
  a.deadlineAt === b.deadlineAt &&
  isCompatible(a.reason, b.reason);

/** A dispute that is opened, and an update with nothing new, say the same of it. */
const isSameType = (a: PaymentChangeEvent, b: PaymentChangeEvent): boolean =>
  a.type === b.type || a.type === 'dispute.updated';

/** Whether an event says of its subject what is known of it. */
const isSameStatement = (event: PaymentChangeEvent, known: PaymentChangeEvent): boolean => {
  if (!isSameType(event, known)) return false;
  if (isState(event) && isState(known)) return isSameState(event, known);
  if (isDispute(event) && isDispute(known)) return isSameDispute(event, known);
  return isSameMoney(event.amount, known.amount) && isCompatible(event.reason, known.reason);
};

/** Judged against the state that is known, not against everything that was ever said: what happens again is news. */
const newsOf = (event: PaymentChangeEvent, recorded: RecordedPayment): News => {
  const known = newestKnown(event, recorded);
  if (known === undefined) return 'news';
  if (compareByVersion(known, event) > 0) return 'stale';
  return isSameStatement(event, known) ? 'repeated' : 'news';
};

/** The newest event that is about the same thing as this one. */
const newestKnown = (event: PaymentChangeEvent, recorded: RecordedPayment): PaymentChangeEvent | undefined => {
  const subject = subjectOf(event);
  let newest: PaymentChangeEvent | undefined;
  for (const { event: other } of recorded) {
    if (subjectOf(other) !== subject) continue;
    if (newest === undefined || compareByVersion(other, newest) > 0) newest = other;
  }
  return newest;
};

/** Several payments that turn out to be one: each event once. */
const merged = (found: readonly RecordedPayment[]): RecordedEvent[] => {
  const [only = [], ...others] = found;
  if (others.length === 0) return [...only];
  return [...new Map(found.flat().map((record) => [record.event.id, record])).values()];
};

/**
 * Adds the events of a webhook to what is stored; what they add up to is computed by whoever needs it. `found` is every payment that is stored under any of the names of the
 * events: none for the first one, one mostly, several when these events show that they are one. Pure.
 */
export const recordEvents = (found: readonly RecordedPayment[], change: EventsOfPayment): RecordOutcome => {
  const recorded = merged(found);
  const recordOf = (id: string): RecordedEvent | undefined => recorded.find(({ event }) => event.id === id);
  let isChanged = found.length > 1;
  for (const event of change.events) {
    if (recordOf(event.id) !== undefined) continue;
    if (recorded.length >= LIMITS.paymentEventsMax) return { outcome: 'too_many_events' };
    recorded.push({ event, news: newsOf(event, recorded) });
    isChanged = true;
  }
  return {
    outcome: 'recorded',
    recorded,
    received: change.events.map(({ id }) => {
      const record = recordOf(id);
      if (record === undefined) throw new TypeError('every event of the webhook is recorded by now');
      return { eventId: id, news: record.news };
    }),
    isChanged,
  };
};
