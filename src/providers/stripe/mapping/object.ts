/** What Stripe's objects have in common: where they stand in an event, their amounts, and the payment they belong to. */
import { LIMITS } from '../../../core/limits.ts';
import type { RelatedIds } from '../../../payments/event-source.ts';
import type { ExactJson } from '../../../payments/exact-json.ts';
import { isExactObject } from '../../../payments/exact-json.ts';
import { aboutPayment } from '../../../payments/mapping.ts';
import type { Money } from '../../../payments/money.ts';
import { ifReadable, minorAt, type Place, placeAt, secondsAt, signedMinorAt } from '../../../payments/place.ts';
import { STRIPE_CURRENCIES } from './currencies.ts';

/** The object that the event is about. */
export const stripeObject = (payload: Place): Place => placeAt(placeAt(payload, 'data'), 'object');

export const amountAt = (object: Place, amount: string): Money =>
  minorAt(object, { amount, currency: 'currency' }, STRIPE_CURRENCIES);

export const signedAmountAt = (object: Place, amount: string): Money =>
  signedMinorAt(object, { amount, currency: 'currency' }, STRIPE_CURRENCIES);

const isAbsent = (object: Place, key: string): boolean =>
  object.object[key] === undefined || object.object[key] === null;

/** Null when absent, and when it cannot be read: of amounts that the event can be told without. */
export const optionalAmountAt = (object: Place, amount: string): Money | null =>
  isAbsent(object, amount) ? null : ifReadable(object, (place) => amountAt(place, amount));

/** As `optionalAmountAt`, of what may be below zero. */
export const optionalSignedAmountAt = (object: Place, amount: string): Money | null =>
  isAbsent(object, amount) ? null : ifReadable(object, (place) => signedAmountAt(place, amount));

const usable = (value: ExactJson | undefined): string | null =>
  typeof value === 'string' && value !== '' && value.length <= LIMITS.fieldCharsMax ? value : null;

/** Text, or null where there is none that can be used: the event can be told without it. */
export const wordIn = (object: Place | null, key: string): string | null => usable(object?.object[key]);

/** An id, given as text or as the object it belongs to (Stripe expands references); null as for `wordIn`. */
export const idIn = (object: Place | null, key: string): string | null => {
  const value = object?.object[key];
  return isExactObject(value) ? usable(value.id) : usable(value);
};

/** The object under `key`, null where there is none. */
export const insideOf = (object: Place | null, key: string): Place | null => {
  const value = object?.object[key];
  return object !== null && isExactObject(value) ? { ...object, object: value, path: `${object.path}.${key}` } : null;
};

const NOTHING: readonly Place[] = [];

/** The objects of a list, or of the list object that Stripe wraps it in; none where there is none. */
export const listIn = (object: Place | null, key: string): readonly Place[] => {
  const value = object?.object[key];
  const items = isExactObject(value) ? value.data : value;
  if (object === null || !Array.isArray(items)) return NOTHING;
  return (items as readonly ExactJson[])
    .slice(0, LIMITS.payloadListItemsMax)
    .filter(isExactObject)
    .map((item) => ({ ...object, object: item, path: `${object.path}.${key}` }));
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
