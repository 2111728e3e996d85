/** Stripe's intents and charges, to bodies of payment events. `mapping.ts` says which for what. */
import { paymentState, refundTotal } from '../../../payments/event-bodies.ts';
import type { RelatedKind } from '../../../payments/event-source.ts';
import { aboutPayment, type Mapped } from '../../../payments/mapping.ts';
import type { Money } from '../../../payments/money.ts';
import type { PaymentStateType } from '../../../payments/payment-event.ts';
import { explanationAt, idIn, insideOf, isTrueAt, type Place, textAt, wordIn } from '../../../payments/place.ts';
import { aboutCharge, amountAt, listIn, optionalAmountAt, optionalSignedAmountAt, stripeObject } from './object.ts';

/** Before API version 2022-11-15 the charges stood in the intent, the newest first. */
const latestChargeOf = (object: Place): string | null =>
  idIn(object, 'latest_charge') ?? idIn(listIn(object, 'charges')[0] ?? null, 'id');

const intentReason = (object: Place, error: Place | null): string | null => {
  const declined = error === null ? null : (explanationAt(error, 'decline_code') ?? explanationAt(error, 'code'));
  return explanationAt(object, 'cancellation_reason') ?? declined;
};

/** Only these are told of one try to pay, and the charge is the try. */
const ATTEMPTED: ReadonlySet<PaymentStateType> = new Set(['payment.failed', 'payment.pending', 'payment.succeeded']);

/** `amount_received` is everything captured so far, at every state of an intent. */
export const intentState =
  (type: PaymentStateType, amountField: string) =>
  (payload: Place): Mapped => {
    const object = stripeObject(payload);
    const error = insideOf(object, 'last_payment_error');
    const charge = latestChargeOf(object);
    const about = aboutPayment(
      { payment: textAt(object, 'id'), charge },
      {
        invoice: idIn(object, 'invoice'),
        customer: idIn(object, 'customer'),
        merchant_reference: wordIn(insideOf(object, 'payment_details'), 'order_reference'),
        review: idIn(object, 'review'),
      },
    );
    const received = optionalAmountAt(object, 'amount_received');
    const asked = optionalAmountAt(object, 'amount');
    const failed = type === 'payment.failed' ? idIn(error, 'charge') : null;
    const attempt = ATTEMPTED.has(type) ? (failed ?? charge) : null;
    const reason = intentReason(object, error);
    const amount = amountAt(object, object.object[amountField] === undefined ? 'amount' : amountField);
    // Without the sum one that succeeded is paid, if no charge tells that it is of less.
    const isCaptureAssumed = received === null && type === 'payment.succeeded';
    const captured = isCaptureAssumed ? amount : received;
    return [paymentState(type, about, amount, { asked, captured, isCaptureAssumed, attempt, reason })];
  };

const zeroOf = (amount: Money): Money => ({ ...amount, minor: 0n });

const lessOf = (amount: Money, less: Money | null): Money => ({
  ...amount,
  minor: less === null || less.minor > amount.minor ? 0n : amount.minor - less.minor,
});

/**
 * API versions before 2020 say only whether the charge is captured. When it just was, all that is in `amount_refunded` was
 * released: nothing can have been given back yet.
 */
const capturedOf = (object: Place, amount: Money, isJustCaptured = false): Money => {
  const captured = optionalAmountAt(object, 'amount_captured');
  if (captured !== null) return captured;
  const isCaptured = isTrueAt(object, 'captured') && object.object.paid !== false;
  if (!isCaptured) return zeroOf(amount);
  return isJustCaptured ? lessOf(amount, optionalAmountAt(object, 'amount_refunded')) : amount;
};

/** Only where the endpoint's version expands the balance transaction; its currency is the one that is paid out. */
const feeOf = (object: Place): Money | null => {
  const transaction = insideOf(object, 'balance_transaction');
  return transaction === null ? null : optionalSignedAmountAt(transaction, 'fee');
};

const chargeIds = (object: Place): Readonly<Partial<Record<RelatedKind, string | null>>> => ({
  invoice: idIn(object, 'invoice'),
  ledger_entry: idIn(object, 'balance_transaction'),
  merchant_reference: wordIn(insideOf(object, 'payment_details'), 'order_reference'),
  review: idIn(object, 'review'),
  transfer: idIn(object, 'transfer'),
});

const charge = (object: Place, type: PaymentStateType, isJustCaptured = false): Mapped => {
  const chargeId = textAt(object, 'id');
  const asked = amountAt(object, 'amount');
  const captured = capturedOf(object, asked, isJustCaptured);
  const about = aboutCharge(object, chargeId, chargeIds(object));
  return [
    paymentState(type, about, amountOfCharge(type, asked, captured), {
      asked,
      captured,
      fee: feeOf(object),
      attempt: ATTEMPTED.has(type) ? chargeId : null,
      reason: explanationAt(object, 'failure_code'),
    }),
  ];
};

/** What is paid; what is still reserved; else what is asked for. */
const amountOfCharge = (type: PaymentStateType, asked: Money, captured: Money): Money => {
  if (type === 'payment.succeeded') return captured;
  return type === 'payment.authorized' ? lessOf(asked, captured) : asked;
};

export const chargeState =
  (type: PaymentStateType) =>
  (payload: Place): Mapped =>
    charge(stripeObject(payload), type);

export const chargeCaptured = (payload: Place): Mapped => charge(stripeObject(payload), 'payment.succeeded', true);

/** An uncaptured charge only reserves the money. */
export const chargeSucceeded = (payload: Place): Mapped => {
  const object = stripeObject(payload);
  return charge(object, isTrueAt(object, 'captured') ? 'payment.succeeded' : 'payment.authorized');
};

const isReleased = (object: Place, amount: Money, captured: Money): boolean => {
  const refunded = optionalAmountAt(object, 'amount_refunded');
  return captured.minor === 0n && refunded !== null && refunded.minor >= amount.minor;
};

/** Something about the charge is another, such as its fee: its own state says which state it is in. */
export const chargeUpdated = (payload: Place): Mapped => {
  const object = stripeObject(payload);
  const status = wordIn(object, 'status');
  if (status === 'pending') return charge(object, 'payment.pending');
  // One that failed may be edited after the next one was paid: it says nothing of the payment any more.
  if (status === 'failed' || object.object.paid === false) return { ignored: 'informational' };
  if (isTrueAt(object, 'captured')) return charge(object, 'payment.succeeded');
  const asked = amountAt(object, 'amount');
  const isVoid = isReleased(object, asked, capturedOf(object, asked));
  return charge(object, isVoid ? 'payment.canceled' : 'payment.authorized');
};

/**
 * `amount_refunded` counts from what was reserved: what was never captured, and is released, is in it. Of a charge of which
 * nothing was captured it is no refund at all.
 */
export const chargeRefunded = (payload: Place): Mapped => {
  const object = stripeObject(payload);
  const asked = amountAt(object, 'amount');
  const given = amountAt(object, 'amount_refunded');
  const captured = capturedOf(object, asked);
  if (captured.minor === 0n) {
    return isReleased(object, asked, captured) ? charge(object, 'payment.canceled') : { ignored: 'informational' };
  }
  // Until the last capture of several, the rest is still reserved.
  const rest = isTrueAt(object, 'captured') ? lessOf(asked, captured) : zeroOf(asked);
  const released = rest.minor < given.minor ? rest : given;
  return [
    refundTotal(aboutCharge(object, textAt(object, 'id')), lessOf(given, released), {
      released: released.minor === 0n ? null : released,
      captured: optionalAmountAt(object, 'amount_captured'),
    }),
  ];
};
