/**
 * PayPal's orders, authorizations, captures and sales and what goes back of them, to bodies of payment events;
 * `mapping.ts` says which for what. An order, its authorizations and its captures are one payment; refunds name
 * only the capture.
 */
import { paymentState, refundState } from '../../../payments/event-bodies.ts';
import { aboutPayment, type Mapped } from '../../../payments/mapping.ts';
import type { Money } from '../../../payments/money.ts';
import type { AboutPayment, PaymentStateType } from '../../../payments/payment-event.ts';
import {
  explanationAt,
  noteProblem,
  optionalPlaceAt,
  optionalTextAt,
  type Place,
  placesAt,
  sumOf,
  textAt,
  timeAt,
} from '../../../payments/place.ts';
import { amountAt, optionalV1Value, resourceOf, unsignedAmountAt } from './resource.ts';

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
    refundState(
      'refund.succeeded',
      aboutPayment({ capture }, { refund: refundId }),
      refundId,
      amountAt(resource, 'amount'),
      {
        refundedTotal: refundedTotalOf(resource),
        part: capture,
        beganAt: timeAt(resource, 'create_time'),
        reason: statusReasonOf(resource),
      },
    ),
  ];
};

export const captureReversed = (payload: Place): Mapped => {
  const resource = resourceOf(payload);
  const capture = captureOfRefund(resource);
  const about = aboutPayment({ capture }, { refund: textAt(resource, 'id') });
  const reason = statusReasonOf(resource);
  return [paymentState('payment.reversed', about, unsignedAmountAt(resource, 'amount'), { part: capture, reason })];
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
    refundState(
      'refund.succeeded',
      aboutSale(resource, sale, refundId),
      refundId,
      unsignedAmountAt(resource, 'amount'),
      {
        refundedTotal: optionalV1Value(resource, 'total_refunded_amount'),
        part: sale,
        beganAt: timeAt(resource, 'create_time'),
        reason: explanationAt(resource, 'reason_code'),
      },
    ),
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
