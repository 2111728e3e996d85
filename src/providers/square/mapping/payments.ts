/** Square's payments, refunds, disputes and terminals, to bodies of payment events. `mapping.ts` says which for what. */
import { checkout, disputeState, paymentState, refundState } from '../../../payments/event-bodies.ts';
import { aboutPayment, type Mapped } from '../../../payments/mapping.ts';
import type { DisputeOutcome, DisputeType, PaymentStateType, RefundType } from '../../../payments/payment-event.ts';
import {
  explanationAt,
  ifReadable,
  insideOf,
  isAbsentAt,
  type Place,
  placesAt,
  textAt,
  timeAt,
  wordAt,
  wordIn,
} from '../../../payments/place.ts';
import type { CheckoutType } from '../../../payments/subject-event.ts';
import { moneyAt, moneyIn, squareObject, sumOfList } from './object.ts';

const PAYMENT_STATUSES: ReadonlyMap<string, PaymentStateType> = new Map([
  ['APPROVED', 'payment.authorized'],
  ['PENDING', 'payment.pending'],
  ['COMPLETED', 'payment.succeeded'],
  ['CANCELED', 'payment.canceled'],
  ['FAILED', 'payment.failed'],
]);

const failureCodeOf = (payment: Place): string | null => {
  const details = insideOf(payment, 'card_details');
  const errors = details === null ? null : ifReadable(details, (place) => placesAt(place, 'errors'));
  const error = errors?.[0];
  return error === undefined ? null : explanationAt(error, 'code');
};

/** One order may take several payments, so the order does not name the payment. The total has the tip in it. */
export const paymentByStatus = (payload: Place): Mapped => {
  const payment = squareObject(payload, 'payment');
  const type = wordAt(payment, 'status', PAYMENT_STATUSES, 'payment.pending');
  const amount = moneyAt(payment, isAbsentAt(payment, 'total_money') ? 'amount_money' : 'total_money');
  const about = aboutPayment(
    { payment: textAt(payment, 'id') },
    {
      order: wordIn(payment, 'order_id'),
      customer: wordIn(payment, 'customer_id'),
      merchant_reference: explanationAt(payment, 'reference_id'),
    },
  );
  return [
    paymentState(type, about, amount, {
      captured: type === 'payment.succeeded' ? amount : null,
      refundedTotal: moneyIn(payment, 'refunded_money'),
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

/**
 * A refund that is not linked to a payment of Square names none. Its `reason` is a sentence of the merchant's. Its status is
 * not promised; without one that is known it is neither a success nor a failure yet.
 */
export const refundByStatus = (payload: Place): Mapped => {
  const refund = squareObject(payload, 'refund');
  const refundId = textAt(refund, 'id');
  const about = aboutPayment(
    { payment: wordIn(refund, 'payment_id') },
    { refund: refundId, order: wordIn(refund, 'order_id') },
  );
  return [
    refundState(
      REFUND_STATUSES.get(wordIn(refund, 'status') ?? '') ?? 'refund.pending',
      about,
      refundId,
      moneyAt(refund, 'amount_money'),
      { beganAt: timeAt(refund, 'created_at') },
    ),
  ];
};

/** `disputed_payments` is the form before 2020. A dispute need not name a payment. */
const paymentOfDispute = (dispute: Place): string | null => {
  const [former] = ifReadable(dispute, (place) => placesAt(place, 'disputed_payments')) ?? [];
  const disputed = former ?? insideOf(dispute, 'disputed_payment');
  return disputed === null ? null : wordIn(disputed, 'payment_id');
};

const DISPUTE_ENDS: ReadonlyMap<string, DisputeOutcome> = new Map([
  ['WON', 'won'],
  ['LOST', 'lost'],
  ['ACCEPTED', 'lost'],
  ['INQUIRY_CLOSED', 'closed'],
]);

/** By the dispute's own state, whatever the event is called: one that is born lost was never open. */
export const disputeByState =
  (type: DisputeType) =>
  (payload: Place): Mapped => {
    const dispute = squareObject(payload, 'dispute');
    const disputeId = wordIn(dispute, 'dispute_id') ?? textAt(dispute, 'id');
    const status = wordIn(dispute, 'state');
    const outcome = DISPUTE_ENDS.get(status ?? '') ?? null;
    const about = aboutPayment({ payment: paymentOfDispute(dispute) }, { dispute: disputeId });
    return [
      disputeState(outcome === null ? type : 'dispute.closed', about, disputeId, {
        amount: moneyIn(dispute, 'amount_money'),
        isInquiry: status?.startsWith('INQUIRY_') === true,
        outcome,
        status,
        deadlineAt: timeAt(dispute, 'due_at'),
        reason: explanationAt(dispute, 'reason'),
      }),
    ];
  };

/** https://developer.squareup.com/reference/square/objects/TerminalCheckout: its payments have events of their own. */
const CHECKOUT_STATUSES: ReadonlyMap<string, CheckoutType> = new Map([
  ['CANCELED', 'checkout.canceled'],
  ['COMPLETED', 'checkout.completed'],
]);

export const terminalCheckout = (payload: Place): Mapped => {
  const terminal = squareObject(payload, 'checkout');
  const status = wordIn(terminal, 'status');
  const reason = explanationAt(terminal, 'cancel_reason');
  const byStatus = CHECKOUT_STATUSES.get(status ?? '') ?? 'checkout.updated';
  const order = wordIn(terminal, 'order_id');
  const reference = explanationAt(terminal, 'reference_id');
  return [
    checkout(reason === 'TIMED_OUT' ? 'checkout.expired' : byStatus, textAt(terminal, 'id'), {
      amount: moneyIn(terminal, 'amount_money'),
      customerId: wordIn(terminal, 'customer_id'),
      status,
      reason,
      related: {
        ...(order === null ? {} : { order }),
        ...(reference === null ? {} : { merchant_reference: reference }),
      },
    }),
  ];
};

/** A refund that was given up at the terminal has no `refund.*` of its own; the others have. */
export const terminalRefund = (payload: Place): Mapped => {
  const terminal = squareObject(payload, 'refund');
  if (wordIn(terminal, 'status') !== 'CANCELED') return { ignored: 'informational' };
  const id = textAt(terminal, 'id');
  const refundId = wordIn(terminal, 'refund_id') ?? id;
  const about = aboutPayment(
    { payment: wordIn(terminal, 'payment_id') },
    { refund: refundId, order: wordIn(terminal, 'order_id') },
  );
  return [
    refundState('refund.canceled', about, refundId, moneyAt(terminal, 'amount_money'), {
      beganAt: timeAt(terminal, 'created_at'),
      reason: explanationAt(terminal, 'cancel_reason'),
    }),
  ];
};
