/**
 * From events to payments: which events are about one payment, and what they add up to. The payment is the set of its
 * events, so the order of webhooks and the number of times each arrives make no difference, whatever the rules of the view
 * are.
 */

import type { PaymentName } from './event-source.ts';
import { compareByTime } from './order-events.ts';
import type { Payment } from './payment.ts';
import type { PaymentChangeEvent, PaymentEvent } from './payment-event.ts';
import { namesOf, viewPayment } from './view-payment.ts';

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
  const changes = events
    .filter(isPaymentChange)
    .filter(({ isSimulated, paymentNames }) => !isSimulated && paymentNames.length > 0);
  const groups = new Map<string, [PaymentChangeEvent, ...PaymentChangeEvent[]]>();
  for (const event of changes) {
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

/** The payment out of its events, for example out of the stored ones. Each event once; at least one. */
export const paymentOf = (events: readonly PaymentChangeEvent[]): Payment => {
  const [first, ...others] = events.toSorted(compareByTime);
  if (first === undefined) throw new TypeError('a payment has at least one event');
  const sorted: readonly [PaymentChangeEvent, ...PaymentChangeEvent[]] = [first, ...others];
  return { events: sorted, view: viewPayment(sorted) };
};
