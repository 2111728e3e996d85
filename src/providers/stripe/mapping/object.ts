/** What Stripe's objects have in common: where they stand in an event, their amounts, and the payment they belong to. */
import { LIMITS } from '../../../core/limits.ts';
import type { RelatedIds } from '../../../payments/event-source.ts';
import type { ExactJson } from '../../../payments/exact-json.ts';
import { isExactObject } from '../../../payments/exact-json.ts';
import { aboutPayment } from '../../../payments/mapping.ts';
import type { Money } from '../../../payments/money.ts';
import {
  idIn,
  ifReadable,
  isAbsentAt,
  minorAt,
  type Place,
  placeAt,
  placeIn,
  secondsAt,
  signedMinorAt,
} from '../../../payments/place.ts';
import { STRIPE_CURRENCIES } from './currencies.ts';

/** The object that the event is about. */
export const stripeObject = (payload: Place): Place => placeAt(placeAt(payload, 'data'), 'object');

export const amountAt = (object: Place, amount: string): Money =>
  minorAt(object, { amount, currency: 'currency' }, STRIPE_CURRENCIES);

export const signedAmountAt = (object: Place, amount: string): Money =>
  signedMinorAt(object, { amount, currency: 'currency' }, STRIPE_CURRENCIES);

/** Null when absent, and when it cannot be read: of amounts that the event can be told without. */
export const optionalAmountAt = (object: Place, amount: string): Money | null =>
  isAbsentAt(object, amount) ? null : ifReadable(object, (place) => amountAt(place, amount));

/** As `optionalAmountAt`, of what may be below zero. */
export const optionalSignedAmountAt = (object: Place, amount: string): Money | null =>
  isAbsentAt(object, amount) ? null : ifReadable(object, (place) => signedAmountAt(place, amount));

const NOTHING: readonly Place[] = [];

/** The objects of a list, or of the list object that Stripe wraps it in; none where there is none. */
export const listIn = (object: Place | null, key: string): readonly Place[] => {
  const value = object?.object[key];
  const items = isExactObject(value) ? value.data : value;
  if (object === null || !Array.isArray(items)) return NOTHING;
  return (items as readonly ExactJson[])
    .slice(0, LIMITS.payloadListItemsMax)
    .filter(isExactObject)
    .map((item) => placeIn(object, key, item));
};

export const timeIn = (object: Place, key: string): number | null =>
  ifReadable(object, (place) => secondsAt(place, key));

/** `related` of those ids that are there. */
export const relatedOf = (ids: Readonly<Record<string, string | null>>): RelatedIds => aboutPayment({}, ids).related;

/** The intent, where the object has one, else its charge: older integrations have charges only. */
export const aboutCharge = (object: Place, chargeId: string | null, others: Parameters<typeof aboutPayment>[1] = {}) =>
  aboutPayment(
    { payment: idIn(object, 'payment_intent'), charge: chargeId },
    { customer: idIn(object, 'customer'), ...others },
  );
