/** Square's objects as they stand in events, to bodies of payment events. `mapping.ts` says which for what. */

import {
  account,
  disputeState as disputeOf,
  invoice as invoiceBody,
  paymentState,
  payout as payoutBody,
  refundState,
  subscription as subscriptionOf,
} from '../../../payments/event-bodies.ts';
import { aboutPayment, type Mapped } from '../../../payments/mapping.ts';
import type { Money } from '../../../payments/money.ts';
import type { DisputeOutcome, DisputeType, PaymentStateType, RefundType } from '../../../payments/payment-event.ts';
import {
  explanationAt,
  minorAt,
  optionalPlaceAt,
  optionalTextAt,
  type Place,
  placeAt,
  placesAt,
  signedMinorAt,
  sumOf,
  textAt,
  timeAt,
  wordAt,
} from '../../../payments/place.ts';
import type { InvoiceType, PayoutType, SubscriptionType } from '../../../payments/subject-event.ts';
import { SQUARE_CURRENCIES } from './currencies.ts';

/** Square wraps the object once more under the name of its kind; its SDK's types say `object` there for disputes. */
const squareObject = (payload: Place, kind: string): Place => {
  const holder = placeAt(placeAt(payload, 'data'), 'object');
  return optionalPlaceAt(holder, kind) ?? optionalPlaceAt(holder, 'object') ?? placeAt(holder, kind);
};

const KEYS = { amount: 'amount', currency: 'currency' } as const;

const moneyAt = (place: Place, key: string): Money => minorAt(placeAt(place, key), KEYS, SQUARE_CURRENCIES);

const optionalMoneyAt = (place: Place, key: string): Money | null =>
  optionalPlaceAt(place, key) === null ? null : moneyAt(place, key);

/** The sum of a field that each item of a list has; items without it count as nothing. */
const sumOfList = (place: Place, list: string, field: string): Money | null => {
  const amounts = placesAt(place, list)
    .map((item) => optionalPlaceAt(item, field))
    .filter((amount) => amount !== null)
    .map((amount) => signedMinorAt(amount, KEYS, SQUARE_CURRENCIES));
  return sumOf(place, list, amounts);
};

const PAYMENT_STATUSES: ReadonlyMap<string, PaymentStateType> = new Map([
  ['APPROVED', 'payment.authorized'],
  ['PENDING', 'payment.pending'],
  ['COMPLETED', 'payment.succeeded'],
  ['CANCELED', 'payment.canceled'],
  ['FAILED', 'payment.failed'],
]);

const failureCodeOf = (payment: Place): string | null => {
  const details = optionalPlaceAt(payment, 'card_details');
  const [error] = details === null ? [] : placesAt(details, 'errors');
  return error === undefined ? null : explanationAt(error, 'code');
};

/** One order may take several payments, so the order does not name the payment. The total has the tip in it. */
export const paymentByStatus = (payload: Place): Mapped => {
  const payment = squareObject(payload, 'payment');
  const type = wordAt(payment, 'status', PAYMENT_STATUSES, 'payment.pending');
  const amount = optionalMoneyAt(payment, 'total_money') ?? moneyAt(payment, 'amount_money');
  const about = aboutPayment(
    { payment: textAt(payment, 'id') },
    {
      order: optionalTextAt(payment, 'order_id'),
      customer: optionalTextAt(payment, 'customer_id'),
      merchant_reference: explanationAt(payment, 'reference_id'),
    },
  );
  return [
    paymentState(type, about, amount, {
      captured: type === 'payment.succeeded' ? amount : null,
      refundedTotal: optionalMoneyAt(payment, 'refunded_money'),
      fee: sumOfList(payment, 'processing_fee', 'amount_money'),
      reason: failureCodeOf(payment),
    }),
  ];
};

const REFUND_STATUSES: ReadonlyMap<string, RefundType> = new Map([
  ['PENDING', 'refund.pending'],
  ['COMPLETED', 'refund.succeeded'],
  ['REJECTED', 'refund.failed'],
  ['FAILED', 'refund.failed'],
]);

/** A refund that is not linked to a payment of Square names none. Its `reason` is a sentence of the merchant's. */
export const refundByStatus = (payload: Place): Mapped => {
  const refund = squareObject(payload, 'refund');
  const refundId = textAt(refund, 'id');
  const about = aboutPayment(
    { payment: optionalTextAt(refund, 'payment_id') },
    { refund: refundId, order: optionalTextAt(refund, 'order_id') },
  );
  return [
    refundState(
      wordAt(refund, 'status', REFUND_STATUSES, 'refund.pending'),
      about,
      refundId,
      moneyAt(refund, 'amount_money'),
      { beganAt: timeAt(refund, 'created_at') },
    ),
  ];
};

/** `disputed_payments` is the form before 2020. */
const paymentOfDispute = (dispute: Place): string => {
  const [former] = placesAt(dispute, 'disputed_payments');
  return textAt(former ?? placeAt(dispute, 'disputed_payment'), 'payment_id');
};

const disputeBody = (dispute: Place, type: DisputeType, outcome: DisputeOutcome | null): Mapped => {
  const disputeId = optionalTextAt(dispute, 'dispute_id') ?? textAt(dispute, 'id');
  const about = aboutPayment({ payment: paymentOfDispute(dispute) }, { dispute: disputeId });
  return [
    disputeOf(type, about, disputeId, {
      amount: moneyAt(dispute, 'amount_money'),
      isInquiry: textAt(dispute, 'state').startsWith('INQUIRY_'),
      outcome,
      reason: explanationAt(dispute, 'reason'),
    }),
  ];
};

export const disputeState =
  (type: DisputeType) =>
  (payload: Place): Mapped =>
    disputeBody(squareObject(payload, 'dispute'), type, null);

const DISPUTE_ENDS: ReadonlyMap<string, DisputeOutcome> = new Map([
  ['WON', 'won'],
  ['LOST', 'lost'],
  ['ACCEPTED', 'lost'],
  ['INQUIRY_CLOSED', 'closed'],
]);

/** Every state that is not an end is a step on the way. */
export const disputeByState = (payload: Place): Mapped => {
  const dispute = squareObject(payload, 'dispute');
  const outcome = DISPUTE_ENDS.get(textAt(dispute, 'state')) ?? null;
  return disputeBody(dispute, outcome === null ? 'dispute.updated' : 'dispute.closed', outcome);
};

/** Square's own example writes `currency_code` where its reference has `currency`. */
const payoutAmount = (payout: Place): Money => {
  const place = placeAt(payout, 'amount_money');
  const currency = place.object.currency === undefined ? 'currency_code' : 'currency';
  return signedMinorAt(place, { amount: 'amount', currency }, SQUARE_CURRENCIES);
};

export const payoutState =
  (type: PayoutType) =>
  (payload: Place): Mapped => {
    const payout = squareObject(payload, 'payout');
    const fee = sumOfList(payout, 'payout_fee', 'amount_money');
    const payoutId = textAt(payout, 'id');
    return [payoutBody(type, payoutId, payoutAmount(payout), { fee })];
  };

export const invoiceState =
  (type: InvoiceType, requestField: string | null) =>
  (payload: Place): Mapped => {
    const invoice = squareObject(payload, 'invoice');
    const recipient = optionalPlaceAt(invoice, 'primary_recipient');
    return [
      invoiceBody(type, textAt(invoice, 'id'), {
        amount: requestField === null ? null : sumOfList(invoice, 'payment_requests', requestField),
        subscriptionId: optionalTextAt(invoice, 'subscription_id'),
        customerId: recipient === null ? null : optionalTextAt(recipient, 'customer_id'),
      }),
    ];
  };

/** The ends and pauses among Square's statuses; the others change nothing that has a name of its own. */
const SUBSCRIPTION_STATUSES: ReadonlyMap<string, SubscriptionType> = new Map([
  ['PAUSED', 'subscription.paused'],
  ['CANCELED', 'subscription.canceled'],
  ['DEACTIVATED', 'subscription.canceled'],
  ['COMPLETED', 'subscription.expired'],
]);

const subscriptionBody = (subscription: Place, type: SubscriptionType): Mapped => [
  subscriptionOf(type, textAt(subscription, 'id'), {
    status: textAt(subscription, 'status'),
    customerId: optionalTextAt(subscription, 'customer_id'),
  }),
];

export const subscriptionCreated = (payload: Place): Mapped =>
  subscriptionBody(squareObject(payload, 'subscription'), 'subscription.created');

export const subscriptionByStatus = (payload: Place): Mapped => {
  const subscription = squareObject(payload, 'subscription');
  const type = SUBSCRIPTION_STATUSES.get(textAt(subscription, 'status')) ?? 'subscription.updated';
  return subscriptionBody(subscription, type);
};

export const authorizationRevoked = (payload: Place): Mapped => [
  account('account.disconnected', null, { reason: explanationAt(squareObject(payload, 'revocation'), 'revoker_type') }),
];
