/** Stripe's objects as they stand in events, to bodies of payment events. `stripe-mapping.ts` says which for what. */
import { STRIPE_CURRENCIES } from './currencies.ts';
import { aboutPayment, type EventBody, type Mapped, paymentState, refundState } from './mapping.ts';
import { type Money, magnitude } from './money.ts';
import type {
  DisputeOutcome,
  DisputeType,
  InvoiceType,
  PaymentStateType,
  PayoutType,
  RefundType,
  SubscriptionType,
} from './payment-event.ts';
import {
  explanationAt,
  isTrueAt,
  minorAt,
  noteProblem,
  optionalIdAt,
  optionalPlaceAt,
  type Place,
  placeAt,
  placesAt,
  secondsAt,
  signedMinorAt,
  sumOf,
  textAt,
  wordAt,
} from './place.ts';

/** The object that the event is about. */
export const stripeObject = (payload: Place): Place => placeAt(placeAt(payload, 'data'), 'object');

const amountAt = (object: Place, amount: string): Money =>
  minorAt(object, { amount, currency: 'currency' }, STRIPE_CURRENCIES);

const optionalAmountAt = (object: Place, amount: string): Money | null =>
  object.object[amount] === undefined || object.object[amount] === null ? null : amountAt(object, amount);

const intentReason = (object: Place): string | null => {
  const error = optionalPlaceAt(object, 'last_payment_error');
  const declined = error === null ? null : (explanationAt(error, 'decline_code') ?? explanationAt(error, 'code'));
  return explanationAt(object, 'cancellation_reason') ?? declined;
};

/** `amount_received` is everything captured so far, at every state of an intent. */
export const intentState =
  (type: PaymentStateType, amountField: string) =>
  (payload: Place): Mapped => {
    const object = stripeObject(payload);
    const about = aboutPayment(
      { payment: textAt(object, 'id'), charge: optionalIdAt(object, 'latest_charge') },
      { invoice: optionalIdAt(object, 'invoice'), customer: optionalIdAt(object, 'customer') },
    );
    const captured = optionalAmountAt(object, 'amount_received');
    const asked = amountAt(object, 'amount');
    const reason = intentReason(object);
    return [paymentState(type, about, amountAt(object, amountField), { asked, captured, reason })];
  };

/** The intent, where the object has one, else its charge: older integrations have charges only. */
const aboutCharge = (object: Place, chargeField: string, others: Parameters<typeof aboutPayment>[1] = {}) =>
  aboutPayment(
    { payment: optionalIdAt(object, 'payment_intent'), charge: optionalIdAt(object, chargeField) },
    { customer: optionalIdAt(object, 'customer'), ...others },
  );

/** API versions before 2020 say only whether the charge is captured. */
const capturedOfCharge = (object: Place): Money => {
  const captured = optionalAmountAt(object, 'amount_captured');
  if (captured !== null) return captured;
  const amount = amountAt(object, 'amount');
  return isTrueAt(object, 'captured') && isTrueAt(object, 'paid') ? amount : { ...amount, minor: 0n };
};

/** Only where the endpoint's version expands the balance transaction; its currency is the one that is paid out. */
const feeOfCharge = (object: Place): Money | null => {
  const transaction = object.object.balance_transaction;
  const isExpanded = typeof transaction === 'object' && transaction !== null;
  return isExpanded ? amountAt(placeAt(object, 'balance_transaction'), 'fee') : null;
};

export const chargeState =
  (type: PaymentStateType, amountField: 'amount' | 'amount_captured') =>
  (payload: Place): Mapped => {
    const object = stripeObject(payload);
    textAt(object, 'id');
    const captured = capturedOfCharge(object);
    const asked = amountAt(object, 'amount');
    const amount = amountField === 'amount' ? asked : captured;
    const about = aboutCharge(object, 'id', { invoice: optionalIdAt(object, 'invoice') });
    const reason = explanationAt(object, 'failure_code');
    return [paymentState(type, about, amount, { asked, captured, fee: feeOfCharge(object), reason })];
  };

/** An uncaptured charge only reserves the money. */
export const chargeSucceeded = (payload: Place): Mapped =>
  isTrueAt(stripeObject(payload), 'captured')
    ? chargeState('payment.succeeded', 'amount_captured')(payload)
    : chargeState('payment.authorized', 'amount')(payload);

export const chargeRefunded = (payload: Place): Mapped => {
  const object = stripeObject(payload);
  textAt(object, 'id');
  const amount = amountAt(object, 'amount_refunded');
  const captured = capturedOfCharge(object);
  return [{ type: 'payment.refund_total', ...aboutCharge(object, 'id'), amount, captured, part: null, reason: null }];
};

const REFUND_STATUSES: ReadonlyMap<string, RefundType> = new Map([
  ['pending', 'refund.pending'],
  // The buyer has to say where the money should go.
  ['requires_action', 'refund.pending'],
  ['succeeded', 'refund.succeeded'],
  ['failed', 'refund.failed'],
  ['canceled', 'refund.canceled'],
]);

const refund = (object: Place, type: RefundType): Mapped => {
  const refundId = textAt(object, 'id');
  const about = aboutCharge(object, 'charge', { refund: refundId });
  if (about.paymentId === null) noteProblem(object, 'charge', 'missing');
  return [
    refundState(type, about, {
      refundId,
      amount: amountAt(object, 'amount'),
      refundedTotal: null,
      part: null,
      beganAt: secondsAt(object, 'created'),
      reason: explanationAt(object, 'failure_reason') ?? explanationAt(object, 'reason'),
    }),
  ];
};

export const refundByStatus = (payload: Place): Mapped => {
  const object = stripeObject(payload);
  return refund(object, wordAt(object, 'status', REFUND_STATUSES, 'refund.pending'));
};

export const refundFailed = (payload: Place): Mapped => refund(stripeObject(payload), 'refund.failed');

interface DisputeReading {
  readonly moved?: Money | null;
  readonly fee?: Money | null;
  readonly outcome?: DisputeOutcome | null;
}

const dispute = (object: Place, type: DisputeType, reading: DisputeReading = {}): Mapped => {
  const disputeId = textAt(object, 'id');
  const about = aboutCharge(object, 'charge', { dispute: disputeId });
  if (about.paymentId === null) noteProblem(object, 'charge', 'missing');
  return [
    {
      type,
      ...about,
      disputeId,
      amount: amountAt(object, 'amount'),
      moved: reading.moved ?? null,
      fee: reading.fee ?? null,
      isInquiry: textAt(object, 'status').startsWith('warning_'),
      outcome: reading.outcome ?? null,
      reason: explanationAt(object, 'reason'),
    },
  ];
};

export const disputeState =
  (type: DisputeType) =>
  (payload: Place): Mapped =>
    dispute(stripeObject(payload), type);

/** The balance transactions of one direction: a withdrawal is below zero, a reinstatement above. */
export const disputeFunds =
  (type: 'dispute.funds_withdrawn' | 'dispute.funds_reinstated') =>
  (payload: Place): Mapped => {
    const object = stripeObject(payload);
    const sign = type === 'dispute.funds_withdrawn' ? -1n : 1n;
    const transactions = placesAt(object, 'balance_transactions').map((transaction) => ({
      amount: signedMinorAt(transaction, { amount: 'amount', currency: 'currency' }, STRIPE_CURRENCIES),
      fee: signedMinorAt(transaction, { amount: 'fee', currency: 'currency' }, STRIPE_CURRENCIES),
    }));
    const ours = transactions.filter(({ amount }) => amount.minor * sign > 0n);
    const moved = sumOf(
      object,
      'balance_transactions',
      ours.map(({ amount }) => magnitude(amount)),
    );
    if (moved === null) noteProblem(object, 'balance_transactions', 'missing');
    return dispute(object, type, {
      moved,
      fee: sumOf(
        object,
        'balance_transactions',
        ours.map(({ fee }) => fee),
      ),
    });
  };

const DISPUTE_ENDS: ReadonlyMap<string, DisputeOutcome> = new Map([
  ['won', 'won'],
  ['lost', 'lost'],
  ['warning_closed', 'closed'],
  ['prevented', 'closed'],
]);

export const disputeClosed = (payload: Place): Mapped => {
  const object = stripeObject(payload);
  return dispute(object, 'dispute.closed', { outcome: wordAt(object, 'status', DISPUTE_ENDS, 'closed') });
};

export const earlyFraudWarning = (payload: Place): Mapped => {
  const object = stripeObject(payload);
  const disputeId = textAt(object, 'id');
  const about = aboutCharge(object, 'charge', { dispute: disputeId });
  if (about.paymentId === null) noteProblem(object, 'charge', 'missing');
  const reason = explanationAt(object, 'fraud_type');
  return [
    {
      type: 'dispute.warning',
      ...about,
      disputeId,
      amount: null,
      moved: null,
      fee: null,
      isInquiry: true,
      outcome: null,
      reason,
    },
  ];
};

export const payoutState =
  (type: PayoutType) =>
  (payload: Place): Mapped => {
    const object = stripeObject(payload);
    const amount = signedMinorAt(object, { amount: 'amount', currency: 'currency' }, STRIPE_CURRENCIES);
    const reason = explanationAt(object, 'failure_code');
    return [{ type, payoutId: textAt(object, 'id'), batchId: null, amount, fee: null, reason }];
  };

/** A session of a subscription has no payment of its own: its invoice has. */
const checkout = (object: Place, type: PaymentStateType, isPaid: boolean, isPreliminary: boolean): EventBody => {
  const amount = amountAt(object, 'amount_total');
  const about = aboutPayment(
    { payment: optionalIdAt(object, 'payment_intent') },
    {
      checkout: textAt(object, 'id'),
      invoice: optionalIdAt(object, 'invoice'),
      subscription: optionalIdAt(object, 'subscription'),
      customer: optionalIdAt(object, 'customer'),
      merchant_reference: explanationAt(object, 'client_reference_id'),
    },
  );
  return paymentState(type, about, amount, { captured: isPaid ? amount : null, isPreliminary });
};

export const checkoutEnded =
  (type: 'payment.succeeded' | 'payment.failed' | 'payment.canceled') =>
  (payload: Place): Mapped => {
    const object = stripeObject(payload);
    const isNothingToPay = object.object.amount_total === null && object.object.mode === 'setup';
    if (isNothingToPay) return { ignored: 'nothing_to_pay' };
    return [checkout(object, type, type === 'payment.succeeded', false)];
  };

/** A completed session is a paid one only if it says so: bank debits are paid days later, or not. */
export const checkoutCompleted = (payload: Place): Mapped => {
  const object = stripeObject(payload);
  switch (textAt(object, 'payment_status')) {
    case 'paid':
      return [checkout(object, 'payment.succeeded', true, false)];
    case 'no_payment_required':
      return { ignored: 'nothing_to_pay' };
    case 'unpaid':
      return [checkout(object, 'payment.pending', false, true)];
    default:
      noteProblem(object, 'payment_status', 'word_unknown');
      return { ignored: 'nothing_to_pay' };
  }
};

/** Since API version 2025-03-31.basil under `payments`, before it as fields of the invoice. */
const paymentsOfInvoice = (object: Place): readonly string[] => {
  const list = optionalPlaceAt(object, 'payments');
  const payments = list === null ? [] : placesAt(list, 'data').map((item) => optionalPlaceAt(item, 'payment'));
  const named = payments.map((payment) =>
    payment === null ? null : (optionalIdAt(payment, 'payment_intent') ?? optionalIdAt(payment, 'charge')),
  );
  const formerly = optionalIdAt(object, 'payment_intent') ?? optionalIdAt(object, 'charge');
  return [...new Set([...named, formerly].filter((id) => id !== null))];
};

/** Since API version 2025-03-31.basil under `parent`, before it as a field of the invoice. */
const subscriptionOfInvoice = (object: Place): string | null => {
  const parent = optionalPlaceAt(object, 'parent');
  const details = parent === null ? null : optionalPlaceAt(parent, 'subscription_details');
  return (details === null ? null : optionalIdAt(details, 'subscription')) ?? optionalIdAt(object, 'subscription');
};

export const invoiceState =
  (type: InvoiceType, amountField: 'amount_paid' | 'amount_due') =>
  (payload: Place): Mapped => {
    const object = stripeObject(payload);
    return [
      {
        type,
        invoiceId: textAt(object, 'id'),
        amount: amountAt(object, amountField),
        subscriptionId: subscriptionOfInvoice(object),
        customerId: optionalIdAt(object, 'customer'),
        paymentIds: paymentsOfInvoice(object),
      },
    ];
  };

/** One payment of an invoice, which may take several. */
export const invoicePaymentPaid = (payload: Place): Mapped => {
  const object = stripeObject(payload);
  const payment = placeAt(object, 'payment');
  const paymentId = optionalIdAt(payment, 'payment_intent') ?? optionalIdAt(payment, 'charge');
  const invoiceId = optionalIdAt(object, 'invoice');
  if (invoiceId === null) noteProblem(object, 'invoice', 'missing');
  return [
    {
      type: 'invoice.paid',
      invoiceId,
      amount: amountAt(object, 'amount_paid'),
      subscriptionId: null,
      customerId: null,
      paymentIds: paymentId === null ? [] : [paymentId],
    },
  ];
};

export const subscriptionState =
  (type: SubscriptionType) =>
  (payload: Place): Mapped => {
    const object = stripeObject(payload);
    return [
      {
        type,
        subscriptionId: textAt(object, 'id'),
        status: textAt(object, 'status'),
        customerId: optionalIdAt(object, 'customer'),
        amount: null,
      },
    ];
  };
