/** Stripe's intents, charges and checkouts, to bodies of payment events. `mapping.ts` says which for what. */
import { type EventBody, paymentState, refundTotal } from '../../../payments/event-bodies.ts';
import { aboutPayment, type Mapped } from '../../../payments/mapping.ts';
import type { Money } from '../../../payments/money.ts';
import type { PaymentStateType } from '../../../payments/payment-event.ts';
import {
  explanationAt,
  isTrueAt,
  noteProblem,
  optionalIdAt,
  optionalPlaceAt,
  type Place,
  placeAt,
  textAt,
} from '../../../payments/place.ts';
import { aboutCharge, amountAt, optionalAmountAt, stripeObject } from './object.ts';

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
  return [refundTotal(aboutCharge(object, 'id'), amount, { captured })];
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
