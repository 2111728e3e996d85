/** How somebody's next payment will be charged: what Stripe keeps of ways to pay, and whether they work. */
import { paymentMethod } from '../../../payments/event-bodies.ts';
import type { Mapped } from '../../../payments/mapping.ts';
import { explanationAt, idIn, insideOf, type Place, textAt, wordIn } from '../../../payments/place.ts';
import type { PaymentMethodType } from '../../../payments/subject-event.ts';
import { stripeObject } from './object.ts';

const MONTHS = 12;

/** Of a card under its own name, of a source of an older integration, or of a card object itself. */
const expiryOf = (object: Place): string | null => {
  const card = insideOf(object, 'card') ?? object;
  const { exp_year: year, exp_month: month } = card.object;
  const isMonth = typeof month === 'number' && month >= 1 && month <= MONTHS && typeof year === 'number';
  return isMonth ? `${year}-${String(month).padStart(2, '0')}` : null;
};

/** The object no longer names the customer that it was taken from. */
const customerBefore = (payload: Place): string | null =>
  idIn(insideOf(insideOf(payload, 'data'), 'previous_attributes'), 'customer');

/** Saved ones are told by two events, of which only one has the card: it is told as little as by the other. */
export const methodState =
  (type: PaymentMethodType, reason: string | null = null) =>
  (payload: Place): Mapped => {
    const object = stripeObject(payload);
    return [
      paymentMethod(type, textAt(object, 'id'), {
        customerId: idIn(object, 'customer') ?? customerBefore(payload),
        expires: type === 'payment_method.updated' ? expiryOf(object) : null,
        reason,
      }),
    ];
  };

/** Before there is a way to pay the setup stands for it. */
const setup = (object: Place, type: PaymentMethodType, status: string | null, reason: string | null): Mapped => {
  const setupId = textAt(object, 'id');
  const failed = idIn(insideOf(object, 'last_setup_error'), 'payment_method');
  return [
    paymentMethod(type, idIn(object, 'payment_method') ?? failed ?? setupId, {
      customerId: idIn(object, 'customer'),
      status,
      reason,
    }),
  ];
};

export const setupState =
  (type: PaymentMethodType) =>
  (payload: Place): Mapped => {
    const object = stripeObject(payload);
    if (type === 'payment_method.saved') return setup(object, type, null, null);
    const error = insideOf(object, 'last_setup_error');
    const declined = error === null ? null : (explanationAt(error, 'decline_code') ?? explanationAt(error, 'code'));
    const reason = explanationAt(object, 'cancellation_reason') ?? declined;
    return setup(object, type, wordIn(object, 'status'), reason);
  };

/** Only one that ended says more than the events of the way to pay itself. */
export const mandateState = (payload: Place): Mapped => {
  const object = stripeObject(payload);
  const method = idIn(object, 'payment_method');
  const id = textAt(object, 'id');
  if (wordIn(object, 'status') !== 'inactive') return { ignored: 'informational' };
  return [paymentMethod('payment_method.failed', method ?? id, { status: 'inactive', reason: 'mandate_inactive' })];
};
