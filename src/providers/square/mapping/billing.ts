/** Square's invoices, subscriptions, payouts and orders, to bodies of payment events. `mapping.ts` says which for what. */
import { invoice, order, payout, subscription } from '../../../payments/event-bodies.ts';
import type { Mapped } from '../../../payments/mapping.ts';
import type { Money } from '../../../payments/money.ts';
import {
  explanationAt,
  ifReadable,
  optionalPlaceAt,
  optionalTextAt,
  type Place,
  placesAt,
  textAt,
} from '../../../payments/place.ts';
import type { InvoiceType, PayoutType, SubscriptionType } from '../../../payments/subject-event.ts';
import { signedMoneyAt, squareObject, sumOfList } from './object.ts';

export const payoutState =
  (type: PayoutType) =>
  (payload: Place): Mapped => {
    const object = squareObject(payload, 'payout');
    const fee = ifReadable(object, (place) => sumOfList(place, 'payout_fee', 'amount_money'));
    const status = optionalTextAt(object, 'status');
    return [payout(type, textAt(object, 'id'), signedMoneyAt(object, 'amount_money'), { fee, status })];
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
  const days = placesAt(object, 'payment_requests').map((request) =>
    Date.parse(explanationAt(request, 'due_date') ?? ''),
  );
  const known = days.filter((day) => !Number.isNaN(day));
  return known.length === 0 ? null : Math.min(...known);
};

const invoiceBody = (object: Place, type: InvoiceType): Mapped => {
  const recipient = optionalPlaceAt(object, 'primary_recipient');
  const orderId = optionalTextAt(object, 'order_id');
  return [
    invoice(type, textAt(object, 'id'), {
      amount: type === 'invoice.refunded' ? null : invoiceAmount(object, type),
      subscriptionId: optionalTextAt(object, 'subscription_id'),
      customerId: recipient === null ? null : optionalTextAt(recipient, 'customer_id'),
      status: optionalTextAt(object, 'status'),
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
    return invoiceBody(object, INVOICE_STATUSES.get(optionalTextAt(object, 'status') ?? '') ?? type);
  };

/** What happened is in the name of the event: the invoice goes on as it was. */
export const invoiceState =
  (type: InvoiceType) =>
  (payload: Place): Mapped =>
    invoiceBody(squareObject(payload, 'invoice'), type);

/** Only its id is left of it. */
export const invoiceDeleted = (payload: Place): Mapped => {
  const data = optionalPlaceAt(payload, 'data');
  const id = data === null ? null : optionalTextAt(data, 'id');
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
    status: optionalTextAt(object, 'status'),
    customerId: optionalTextAt(object, 'customer_id'),
    plan: optionalTextAt(object, 'plan_variation_id') ?? optionalTextAt(object, 'plan_id'),
    periodEndsAt: dayAt(object, 'charged_through_date'),
    cancelsAt: dayAt(object, 'canceled_date'),
  }),
];

export const subscriptionCreated = (payload: Place): Mapped =>
  subscriptionBody(squareObject(payload, 'subscription'), 'subscription.created');

export const subscriptionByStatus = (payload: Place): Mapped => {
  const object = squareObject(payload, 'subscription');
  const type = SUBSCRIPTION_STATUSES.get(optionalTextAt(object, 'status') ?? '') ?? 'subscription.updated';
  return subscriptionBody(object, type);
};

/** The event has the order's state and nothing of its money: payments tell that. */
export const orderState =
  (kind: 'order_created' | 'order_updated') =>
  (payload: Place): Mapped => {
    const object = squareObject(payload, kind);
    return [order(textAt(object, 'order_id'), { status: optionalTextAt(object, 'state') })];
  };
