/** Square's invoices, subscriptions, payouts and orders, to bodies of payment events. `mapping.ts` says which for what. */
import { invoice, order, payout, subscription } from '../../../payments/event-bodies.ts';
import type { Mapped } from '../../../payments/mapping.ts';
import type { Money } from '../../../payments/money.ts';
import {
  explanationAt,
  ifReadable,
  insideOf,
  type Place,
  placeAt,
  placesAt,
  textAt,
  wordIn,
} from '../../../payments/place.ts';
import type { InvoiceType, PayoutType, SubscriptionType } from '../../../payments/subject-event.ts';
import { signedMoneyIn, squareObject, sumOfList } from './object.ts';

/** What failed by its own word did, whatever the event is called. */
export const payoutState =
  (told: PayoutType) =>
  (payload: Place): Mapped => {
    const object = squareObject(payload, 'payout');
    const fee = sumOfList(object, 'payout_fee', 'amount_money');
    const status = wordIn(object, 'status');
    const type = status === 'FAILED' ? 'payout.failed' : told;
    return [payout(type, textAt(object, 'id'), signedMoneyIn(object, 'amount_money'), { fee, status })];
  };

/**
 * What an invoice is by its own status, whatever the event is called: a payment that leaves something open has not paid it.
 * https://developer.squareup.com/reference/square/enums/InvoiceStatus
 */
const INVOICE_STATUSES: ReadonlyMap<string, InvoiceType> = new Map([
  ['PAID', 'invoice.paid'],
  ['PARTIALLY_PAID', 'invoice.payment_made'],
  ['REFUNDED', 'invoice.refunded'],
  ['PARTIALLY_REFUNDED', 'invoice.refunded'],
  ['CANCELED', 'invoice.canceled'],
  ['FAILED', 'invoice.payment_failed'],
]);

/** What was paid so far of an invoice that money has reached; else what is to be paid. Summed over its payment requests. */
const invoiceAmount = (object: Place, type: InvoiceType): Money | null =>
  type === 'invoice.paid' || type === 'invoice.payment_made'
    ? sumOfList(object, 'payment_requests', 'total_completed_amount_money')
    : sumOfList(object, 'payment_requests', 'computed_amount_money');

/** A day without a time: its beginning. */
const dayAt = (object: Place, key: string): number | null => {
  const day = Date.parse(explanationAt(object, key) ?? '');
  return Number.isNaN(day) ? null : day;
};

const dueAtOf = (object: Place): number | null => {
  const requests = ifReadable(object, (place) => placesAt(place, 'payment_requests')) ?? [];
  const days = requests.map((request) => Date.parse(explanationAt(request, 'due_date') ?? ''));
  const known = days.filter((day) => !Number.isNaN(day));
  return known.length === 0 ? null : Math.min(...known);
};

const invoiceBody = (object: Place, type: InvoiceType): Mapped => {
  const recipient = insideOf(object, 'primary_recipient');
  const orderId = wordIn(object, 'order_id');
  return [
    invoice(type, textAt(object, 'id'), {
      amount: type === 'invoice.refunded' ? null : invoiceAmount(object, type),
      subscriptionId: wordIn(object, 'subscription_id'),
      customerId: recipient === null ? null : wordIn(recipient, 'customer_id'),
      status: wordIn(object, 'status'),
      dueAt: dueAtOf(object),
      related: orderId === null ? {} : { order: orderId },
    }),
  ];
};

/** `type` is what the event says where the invoice has no status that says it. */
export const invoiceByStatus =
  (type: InvoiceType) =>
  (payload: Place): Mapped => {
    const object = squareObject(payload, 'invoice');
    return invoiceBody(object, INVOICE_STATUSES.get(wordIn(object, 'status') ?? '') ?? type);
  };

/** What happened is in the name of the event: the invoice goes on as it was. */
export const invoiceState =
  (type: InvoiceType) =>
  (payload: Place): Mapped =>
    invoiceBody(squareObject(payload, 'invoice'), type);

/** Only its id is left of it. */
export const invoiceDeleted = (payload: Place): Mapped => {
  const data = insideOf(payload, 'data');
  const id = data === null ? null : wordIn(data, 'id');
  return [invoice('invoice.canceled', id, { reason: 'deleted' })];
};

/** The ends and pauses among Square's statuses; the others change nothing that has a name of its own. */
const SUBSCRIPTION_STATUSES: ReadonlyMap<string, SubscriptionType> = new Map([
  ['PAUSED', 'subscription.paused'],
  ['CANCELED', 'subscription.canceled'],
  ['DEACTIVATED', 'subscription.canceled'],
  ['COMPLETED', 'subscription.expired'],
]);

const subscriptionBody = (object: Place, type: SubscriptionType): Mapped => [
  subscription(type, textAt(object, 'id'), {
    status: wordIn(object, 'status'),
    customerId: wordIn(object, 'customer_id'),
    plan: wordIn(object, 'plan_variation_id') ?? wordIn(object, 'plan_id'),
    periodEndsAt: dayAt(object, 'charged_through_date'),
    cancelsAt: dayAt(object, 'canceled_date'),
  }),
];

export const subscriptionCreated = (payload: Place): Mapped =>
  subscriptionBody(squareObject(payload, 'subscription'), 'subscription.created');

export const subscriptionByStatus = (payload: Place): Mapped => {
  const object = squareObject(payload, 'subscription');
  const type = SUBSCRIPTION_STATUSES.get(wordIn(object, 'status') ?? '') ?? 'subscription.updated';
  return subscriptionBody(object, type);
};

/** The event has the order's state and nothing of its money: payments tell that. */
export const orderState =
  (kind: 'order_created' | 'order_updated') =>
  (payload: Place): Mapped => {
    const object = squareObject(payload, kind);
    return [
      order(wordIn(object, 'order_id') ?? textAt(placeAt(payload, 'data'), 'id'), { status: wordIn(object, 'state') }),
    ];
  };
