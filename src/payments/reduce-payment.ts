/**
 * From events to payments: which events are about one payment, and what they add up to. The payment is the set of its
 * events, so the order of webhooks and the number of times each arrives make no difference, whatever the rules of the view
 * are.
 */
import { withRefundsDecided } from './cancel-or-refund.ts';
import type { PaymentName } from './event-source.ts';
import { compareByTime } from './order-events.ts';
import type { Payment, PaymentSummary } from './payment.ts';
import type { PaymentChangeEvent, PaymentEvent } from './payment-event.ts';
import { namesOf, type SortedEvents, summarize } from './summarize.ts';
import { viewPayment } from './view-payment.ts';

/** Events of one webhook that are about one payment. */
export interface EventsOfPayment {
  readonly provider: string;
  /** Part of the payment's key; null where some events of a payment do not name the merchant. */
  readonly account: string | null;
  readonly names: readonly PaymentName[];
  readonly events: readonly PaymentChangeEvent[];
}

const isPaymentChange = (event: PaymentEvent): event is PaymentChangeEvent => 'paymentNames' in event;

/**
 * The events that change payments, put together by payment. Leaves out what names no payment, and simulated events:
 * nothing happened in the world.
 */
export const paymentChangesOf = (
  events: readonly PaymentEvent[],
  isAccountInKey: boolean,
): readonly EventsOfPayment[] => {
  const groups = new Map<string, [PaymentChangeEvent, ...PaymentChangeEvent[]]>();
  for (const event of events) {
    if (!isPaymentChange(event) || event.isSimulated || event.paymentNames.length === 0) continue;
    const key = event.paymentNames[0]?.id ?? '';
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [event]);
    else group.push(event);
  }
  return [...groups.values()].map((group) => ({
    provider: group[0].provider,
    account: isAccountInKey ? group[0].account : null,
    names: namesOf(group),
    events: group,
  }));
};

const isAny = (events: readonly PaymentChangeEvent[]): events is SortedEvents => events.length > 0;

const sortedOf = (events: readonly PaymentChangeEvent[]): SortedEvents => {
  const sorted = events.toSorted(compareByTime);
  if (!isAny(sorted)) throw new TypeError('a payment has at least one event');
  return sorted;
};

/** The payment out of its events, for example out of the stored ones. Each event once; at least one. */
export const paymentOf = (events: readonly PaymentChangeEvent[]): Payment => {
  const sorted = sortedOf(events);
  return { events: sorted, view: viewPayment(sorted) };
};

/** As much of `paymentOf` as a store writes with each event. */
export const summaryOf = (events: readonly PaymentChangeEvent[]): PaymentSummary =>
  summarize(withRefundsDecided(sortedOf(events)));
