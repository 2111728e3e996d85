/** What Stripe's objects have in common: where they stand in an event, their amounts, and the payment they belong to. */

import { aboutPayment } from '../../../payments/mapping.ts';
import type { Money } from '../../../payments/money.ts';
import { minorAt, optionalIdAt, type Place, placeAt } from '../../../payments/place.ts';
import { STRIPE_CURRENCIES } from './currencies.ts';

/** The object that the event is about. */
export const stripeObject = (payload: Place): Place => placeAt(placeAt(payload, 'data'), 'object');

export const amountAt = (object: Place, amount: string): Money =>
  minorAt(object, { amount, currency: 'currency' }, STRIPE_CURRENCIES);

export const optionalAmountAt = (object: Place, amount: string): Money | null =>
  object.object[amount] === undefined || object.object[amount] === null ? null : amountAt(object, amount);

/** The intent, where the object has one, else its charge: older integrations have charges only. */
export const aboutCharge = (object: Place, chargeField: string, others: Parameters<typeof aboutPayment>[1] = {}) =>
  aboutPayment(
    { payment: optionalIdAt(object, 'payment_intent'), charge: optionalIdAt(object, chargeField) },
    { customer: optionalIdAt(object, 'customer'), ...others },
  );
