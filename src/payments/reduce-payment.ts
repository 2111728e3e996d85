/**
 * Adds events to a payment. The payment is the set of its events, so adding is a union: the order of webhooks and the
 * number of times each arrives make no difference to the result, whatever the rules of the view are.
 *
 * What a store does with this, for each `EventsOfPayment` of a webhook: find the payments under any of `names` (several
 * when PayPal's refund was here before the capture that names the order); apply to all of them; write the result under
 * `view.paymentId`, and leave a pointer to it under each other name.
 */
import { LIMITS } from '../core/limits.ts';
import { compareByTime, compareByVersion, subjectOf } from './order-events.ts';
import type { Payment } from './payment.ts';
import type { PaymentChangeEvent, PaymentEvent, PaymentName } from './payment-event.ts';
import { namesOf, viewPayment } from './view-payment.ts';

/** Events of one webhook that are about one payment. */
export interface EventsOfPayment {
  readonly provider: string;
  /** Part of the payment's key. Null for PayPal, whose refunds and sales do not name the merchant. */
  readonly account: string | null;
  readonly names: readonly PaymentName[];
  readonly events: readonly PaymentChangeEvent[];
}

export type ApplyResult =
  | {
      /**
       * `applied`: some event is the newest of what it speaks about. `stale`: all are new to us and older than what we
       * know; they are kept, and change nothing that was newer. `duplicate`: all were applied before.
       */
      readonly outcome: 'applied' | 'stale' | 'duplicate';
      readonly payment: Payment;
      /** The status or a sum is another than before. False when a provider tells the same again (Square does, often). */
      readonly isChanged: boolean;
    }
  /** More events than a payment may have: nothing was applied. */
  | { readonly outcome: 'too_many_events' };

const isPaymentChange = (event: PaymentEvent): event is PaymentChangeEvent => 'paymentNames' in event;

const accountInKey = (event: PaymentChangeEvent): string | null => (event.provider === 'paypal' ? null : event.account);

/**
 * The events that change payments, put together by payment. Leaves out what names no payment, and simulated events:
 * nothing happened in the world.
 */
export const paymentChangesOf = (events: readonly PaymentEvent[]): readonly EventsOfPayment[] => {
  const changes = events
    .filter(isPaymentChange)
    .filter(({ isSimulated, paymentId }) => !isSimulated && paymentId !== null);
  const groups = new Map<string, [PaymentChangeEvent, ...PaymentChangeEvent[]]>();
  for (const event of changes) {
    const group = groups.get(event.paymentId ?? '');
    if (group === undefined) groups.set(event.paymentId ?? '', [event]);
    else group.push(event);
  }
  return [...groups.values()].map((group) => ({
    provider: group[0].provider,
    account: accountInKey(group[0]),
    names: namesOf(group),
    events: group,
  }));
};

/** Whether none of the events is newer than this one and about the same thing. */
export const isNewest = (event: PaymentChangeEvent, events: readonly PaymentChangeEvent[]): boolean => {
  const subject = subjectOf(event);
  return events.every((other) => compareByVersion(other, event) <= 0 || subjectOf(other) !== subject);
};

const SUMS = ['amount', 'captured', 'refunded', 'refundPending', 'reversed', 'disputed'] as const;

const isSameMeaning = (a: Payment, b: Payment): boolean =>
  a.view.status === b.view.status &&
  a.view.currency === b.view.currency &&
  SUMS.every((sum) => a.view[sum]?.minor === b.view[sum]?.minor);

/** The payment out of its events, for example out of the stored ones. Each event once; at least one. */
export const paymentOf = (events: readonly PaymentChangeEvent[]): Payment => {
  const [first, ...others] = events.toSorted(compareByTime);
  if (first === undefined) throw new TypeError('a payment has at least one event');
  const sorted: readonly [PaymentChangeEvent, ...PaymentChangeEvent[]] = [first, ...others];
  return { events: sorted, view: viewPayment(sorted) };
};

const mergedEvents = (payments: readonly Payment[]): readonly PaymentChangeEvent[] => {
  const [only, second] = payments;
  if (only !== undefined && second === undefined) return only.events;
  return [...new Map(payments.flatMap(({ events }) => events).map((event) => [event.id, event])).values()];
};

/**
 * Adds events of one payment to what is stored of it. `found` is every payment that is stored under any of the names of
 * the events: none for the first event, one mostly, several when these events show that they are one. Each event counts
 * once for ever, by its id. At least one event.
 */
export const applyEvents = (found: readonly Payment[], events: readonly PaymentChangeEvent[]): ApplyResult => {
  const known = mergedEvents(found);
  const knownIds = new Set(known.map(({ id }) => id));
  const added = [...new Map(events.filter(({ id }) => !knownIds.has(id)).map((event) => [event.id, event])).values()];
  const before = found.length === 1 ? found[0] : undefined;
  if (before !== undefined && added.length === 0) return { outcome: 'duplicate', payment: before, isChanged: false };
  const all = [...known, ...added];
  if (all.length > LIMITS.paymentEventsMax) return { outcome: 'too_many_events' };
  const payment = paymentOf(all);
  const isNews = added.some((event) => isNewest(event, all));
  return {
    outcome: isNews ? 'applied' : added.length > 0 ? 'stale' : 'duplicate',
    payment,
    isChanged: before === undefined || !isSameMeaning(before, payment),
  };
};
