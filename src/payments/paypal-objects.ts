/**
 * PayPal's resources as they stand in events, to bodies of payment events. `paypal-mapping.ts` says which for what. An
 * order, its authorizations and its captures are one payment; refunds and disputes name only the capture.
 */
import { PAYPAL_CURRENCIES } from './currencies.ts';
import { aboutPayment, type EventBody, type Mapped, paymentState, refundState } from './mapping.ts';
import { type Money, magnitude } from './money.ts';
import type {
  AboutPayment,
  DisputeOutcome,
  DisputeType,
  PaymentStateType,
  PayoutType,
  SubscriptionType,
} from './payment-event.ts';
import {
  decimalAt,
  explanationAt,
  noteProblem,
  optionalPlaceAt,
  optionalTextAt,
  type Place,
  placeAt,
  placesAt,
  signedDecimalAt,
  sumOf,
  textAt,
  timeAt,
  wordAt,
} from './place.ts';

const resourceOf = (payload: Place): Place => placeAt(payload, 'resource');

/** Version 2 of the API, where money is the same everywhere. */
const V2 = { amount: 'value', currency: 'currency_code' } as const;
/** Version 1: amounts of payments have a `total`, all others a `value`. */
const V1_TOTAL = { amount: 'total', currency: 'currency' } as const;
const V1_VALUE = { amount: 'value', currency: 'currency' } as const;

/** Authorizations and captures exist in both versions of the API, under the same event types. */
const keysOf = (money: Place): typeof V2 | typeof V1_TOTAL | typeof V1_VALUE => {
  if (money.object.total !== undefined) return V1_TOTAL;
  return money.object.currency === undefined ? V2 : V1_VALUE;
};

const amountAt = (place: Place, key: string): Money => {
  const money = placeAt(place, key);
  return decimalAt(money, keysOf(money), PAYPAL_CURRENCIES);
};

const zeroOf = (amount: Money): Money => ({ ...amount, minor: 0n });

const orderAmount = (resource: Place): Money => {
  const units = placesAt(resource, 'purchase_units').map((unit) => amountAt(unit, 'amount'));
  const sum = sumOf(resource, 'purchase_units', units);
  if (sum === null) noteProblem(resource, 'purchase_units', 'missing');
  return sum ?? { minor: 0n, currency: '', exponent: 0 };
};

export const orderState =
  (type: PaymentStateType) =>
  (payload: Place): Mapped => {
    const resource = resourceOf(payload);
    const order = optionalTextAt(resource, 'order_id') ?? textAt(resource, 'id');
    return [paymentState(type, aboutPayment({ order }), orderAmount(resource), {})];
  };

/** Version 2 names the order; version 1 has a parent payment in its place. */
const orderOf = (resource: Place): string | null =>
  relatedIdAt(resource, 'order_id') ?? optionalTextAt(resource, 'parent_payment');

const relatedIdAt = (resource: Place, key: string): string | null => {
  const data = optionalPlaceAt(resource, 'supplementary_data');
  const ids = data === null ? null : optionalPlaceAt(data, 'related_ids');
  return ids === null ? null : optionalTextAt(ids, key);
};

export const authorizationState =
  (type: PaymentStateType) =>
  (payload: Place): Mapped => {
    const resource = resourceOf(payload);
    const id = textAt(resource, 'id');
    const about = aboutPayment({ order: orderOf(resource), authorization: id });
    return [paymentState(type, about, amountAt(resource, 'amount'), { part: id })];
  };

const feeOf = (resource: Place): Money | null => {
  const breakdown = optionalPlaceAt(resource, 'seller_receivable_breakdown');
  return breakdown === null || optionalPlaceAt(breakdown, 'paypal_fee') === null
    ? null
    : amountAt(breakdown, 'paypal_fee');
};

const statusReasonOf = (resource: Place): string | null => {
  const details = optionalPlaceAt(resource, 'status_details');
  return details === null ? null : explanationAt(details, 'reason');
};

/** A capture is all or nothing: what is not completed has captured nothing. */
export const captureState =
  (type: 'payment.pending' | 'payment.succeeded' | 'payment.failed') =>
  (payload: Place): Mapped => {
    const resource = resourceOf(payload);
    const id = textAt(resource, 'id');
    const amount = amountAt(resource, 'amount');
    const about = aboutPayment({
      order: orderOf(resource),
      authorization: relatedIdAt(resource, 'authorization_id'),
      capture: id,
    });
    const captured = type === 'payment.succeeded' ? amount : zeroOf(amount);
    const reason = statusReasonOf(resource);
    return [paymentState(type, about, amount, { captured, fee: feeOf(resource), part: id, reason })];
  };

const CAPTURE_LINK = /\/captures\/([A-Za-z0-9-]{1,64})$/;

/** A refund of version 2 names its capture by the link `up` alone. */
const captureOfRefund = (resource: Place): string => {
  const named = optionalTextAt(resource, 'capture_id');
  if (named !== null) return named;
  const up = placesAt(resource, 'links').find((link) => link.object.rel === 'up');
  const capture = up === undefined ? undefined : CAPTURE_LINK.exec(textAt(up, 'href'))?.[1];
  if (capture === undefined) noteProblem(resource, 'links', 'missing');
  return capture ?? '';
};

const refundedTotalOf = (resource: Place): Money | null => {
  const breakdown = optionalPlaceAt(resource, 'seller_payable_breakdown');
  return breakdown === null || optionalPlaceAt(breakdown, 'total_refunded_amount') === null
    ? null
    : amountAt(breakdown, 'total_refunded_amount');
};

export const captureRefunded = (payload: Place): Mapped => {
  const resource = resourceOf(payload);
  const refundId = textAt(resource, 'id');
  const capture = captureOfRefund(resource);
  return [
    refundState('refund.succeeded', aboutPayment({ capture }, { refund: refundId }), {
      refundId,
      amount: amountAt(resource, 'amount'),
      refundedTotal: refundedTotalOf(resource),
      part: capture,
      beganAt: timeAt(resource, 'create_time'),
      reason: statusReasonOf(resource),
    }),
  ];
};

/** The sign only says the direction, which the type says too. */
const unsignedAmountAt = (place: Place, key: string): Money => {
  const money = placeAt(place, key);
  return magnitude(signedDecimalAt(money, keysOf(money), PAYPAL_CURRENCIES));
};

export const captureReversed = (payload: Place): Mapped => {
  const resource = resourceOf(payload);
  const capture = captureOfRefund(resource);
  const about = aboutPayment({ capture }, { refund: textAt(resource, 'id') });
  const reason = statusReasonOf(resource);
  return [paymentState('payment.reversed', about, unsignedAmountAt(resource, 'amount'), { part: capture, reason })];
};

const optionalV1Value = (resource: Place, key: string): Money | null => {
  const place = optionalPlaceAt(resource, key);
  return place === null ? null : decimalAt(place, V1_VALUE, PAYPAL_CURRENCIES);
};

/** The charge of a subscription, and every payment of version 1. `parent_payment` (PAY-…) is its order. */
const aboutSale = (resource: Place, sale: string, refund: string | null = null): AboutPayment =>
  aboutPayment(
    { order: optionalTextAt(resource, 'parent_payment'), capture: sale },
    { refund, subscription: optionalTextAt(resource, 'billing_agreement_id') },
  );

/** By the type of the event: a held sale comes as PENDING with `state: "completed"`. */
export const saleState =
  (type: 'payment.pending' | 'payment.succeeded' | 'payment.failed') =>
  (payload: Place): Mapped => {
    const resource = resourceOf(payload);
    const id = textAt(resource, 'id');
    const amount = amountAt(resource, 'amount');
    const captured = type === 'payment.succeeded' ? amount : zeroOf(amount);
    const fee = optionalV1Value(resource, 'transaction_fee');
    const reason = explanationAt(resource, 'reason_code');
    return [paymentState(type, aboutSale(resource, id), amount, { captured, fee, part: id, reason })];
  };

export const saleRefunded = (payload: Place): Mapped => {
  const resource = resourceOf(payload);
  const refundId = textAt(resource, 'id');
  const sale = textAt(resource, 'sale_id');
  return [
    refundState('refund.succeeded', aboutSale(resource, sale, refundId), {
      refundId,
      amount: unsignedAmountAt(resource, 'amount'),
      refundedTotal: optionalV1Value(resource, 'total_refunded_amount'),
      part: sale,
      beganAt: timeAt(resource, 'create_time'),
      reason: explanationAt(resource, 'reason_code'),
    }),
  ];
};

/** Comes with the sale itself as its resource, or with a resource of its own that names the sale. */
export const saleReversed = (payload: Place): Mapped => {
  const resource = resourceOf(payload);
  const id = textAt(resource, 'id');
  const sale = optionalTextAt(resource, 'sale_id') ?? id;
  const reason = explanationAt(resource, 'reason_code');
  const about = aboutSale(resource, sale, sale === id ? null : id);
  return [paymentState('payment.reversed', about, unsignedAmountAt(resource, 'amount'), { part: sale, reason })];
};

const billedAmount = (resource: Place, key: string): Money | null => {
  const billing = optionalPlaceAt(resource, 'billing_info');
  const payment = billing === null ? null : optionalPlaceAt(billing, key);
  return payment === null ? null : amountAt(payment, 'amount');
};

const payerOf = (resource: Place): string | null => {
  const subscriber = optionalPlaceAt(resource, 'subscriber');
  return subscriber === null ? null : optionalTextAt(subscriber, 'payer_id');
};

export const subscriptionState =
  (type: SubscriptionType) =>
  (payload: Place): Mapped => {
    const resource = resourceOf(payload);
    return [
      {
        type,
        subscriptionId: textAt(resource, 'id'),
        status: optionalTextAt(resource, 'status'),
        customerId: payerOf(resource),
        amount: billedAmount(resource, 'last_payment'),
      },
    ];
  };

/** PayPal bills a subscription without invoices. */
export const subscriptionPaymentFailed = (payload: Place): Mapped => {
  const resource = resourceOf(payload);
  return [
    {
      type: 'invoice.payment_failed',
      invoiceId: null,
      amount: billedAmount(resource, 'last_failed_payment'),
      subscriptionId: textAt(resource, 'id'),
      customerId: payerOf(resource),
      paymentIds: [],
    },
  ];
};

const OUTCOMES: ReadonlyMap<string, DisputeOutcome> = new Map([
  ['RESOLVED_SELLER_FAVOUR', 'won'],
  ['RESOLVED_SELLER_FAVOR', 'won'],
  ['DENIED', 'won'],
  ['RESOLVED_BUYER_FAVOUR', 'lost'],
  ['RESOLVED_BUYER_FAVOR', 'lost'],
  ['ACCEPTED', 'lost'],
  // PayPal paid, or the buyer gave up: nobody won against the other.
  ['RESOLVED_WITH_PAYOUT', 'closed'],
  ['CANCELED_BY_BUYER', 'closed'],
  ['NONE', 'closed'],
]);

/** `dispute_amount` is of all transactions together: with several it is nobody's own. */
const disputeBodies = (
  payload: Place,
  type: DisputeType,
  outcomeOf: (resource: Place) => DisputeOutcome | null,
): Mapped => {
  const resource = resourceOf(payload);
  const disputeId = textAt(resource, 'dispute_id');
  const total = amountAt(resource, 'dispute_amount');
  const outcome = outcomeOf(resource);
  const isInquiry = resource.object.dispute_life_cycle_stage === 'INQUIRY';
  const reason = explanationAt(resource, 'reason');
  const transactions = placesAt(resource, 'disputed_transactions');
  const bodies = transactions.map((transaction): EventBody => {
    const about = aboutPayment({ capture: textAt(transaction, 'seller_transaction_id') }, { dispute: disputeId });
    const amount = transactions.length === 1 ? total : null;
    return { type, ...about, disputeId, amount, moved: null, fee: null, isInquiry, outcome, reason };
  });
  const [first, ...others] = bodies;
  if (first !== undefined) return [first, ...others];
  noteProblem(resource, 'disputed_transactions', 'missing');
  return { ignored: 'informational' };
};

export const disputeState =
  (type: DisputeType) =>
  (payload: Place): Mapped =>
    disputeBodies(payload, type, () => null);

export const disputeResolved = (payload: Place): Mapped =>
  disputeBodies(payload, 'dispute.closed', (resource) =>
    wordAt(placeAt(resource, 'dispute_outcome'), 'outcome_code', OUTCOMES, 'closed'),
  );

export const payoutBatch =
  (type: PayoutType) =>
  (payload: Place): Mapped => {
    const header = placeAt(resourceOf(payload), 'batch_header');
    const amount = decimalAt(placeAt(header, 'amount'), V1_VALUE, PAYPAL_CURRENCIES);
    const payoutId = textAt(header, 'payout_batch_id');
    return [{ type, payoutId, batchId: null, amount, fee: optionalV1Value(header, 'fees'), reason: null }];
  };

const errorNameOf = (resource: Place): string | null => {
  const errors = optionalPlaceAt(resource, 'errors');
  return errors === null ? null : explanationAt(errors, 'name');
};

export const payoutItem =
  (type: PayoutType) =>
  (payload: Place): Mapped => {
    const resource = resourceOf(payload);
    return [
      {
        type,
        payoutId: textAt(resource, 'payout_item_id'),
        batchId: optionalTextAt(resource, 'payout_batch_id'),
        amount: decimalAt(placeAt(placeAt(resource, 'payout_item'), 'amount'), V1_VALUE, PAYPAL_CURRENCIES),
        fee: optionalV1Value(resource, 'payout_item_fee'),
        reason: errorNameOf(resource),
      },
    ];
  };
