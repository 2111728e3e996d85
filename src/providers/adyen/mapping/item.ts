/** What the rows of all kinds of notification items read. `mapping.ts` says which row reads what. */

import type { RelatedIds } from '../../../payments/event-source.ts';
import { aboutPayment, type IgnoredReason, type Mapped } from '../../../payments/mapping.ts';
import type { Money } from '../../../payments/money.ts';
import type { AboutPayment } from '../../../payments/payment-event.ts';
import {
  explanationAt,
  isAbsentAt,
  minorAt,
  noteProblem,
  optionalTextAt,
  type Place,
  placeAt,
  placesAt,
  textAt,
  wordAt,
} from '../../../payments/place.ts';
import { ADYEN_CURRENCIES } from './currencies.ts';

/** The one item of the notification: batches are taken apart before they are stored. */
export const itemOf = (payload: Place): Place => {
  const [first, second] = placesAt(payload, 'notificationItems');
  if (first === undefined) noteProblem(payload, 'notificationItems', 'missing');
  if (second !== undefined) noteProblem(payload, 'notificationItems', 'more_than_one');
  return placeAt(first ?? payload, 'NotificationRequestItem');
};

const AMOUNT = { amount: 'value', currency: 'currency' };

const amountIn = (place: Place, key: string): Money => minorAt(placeAt(place, key), AMOUNT, ADYEN_CURRENCIES);

export const amountOf = (item: Place): Money => amountIn(item, 'amount');

/** Null only when there is none: an amount that is there and cannot be read is no small thing. */
const optionalAmountIn = (place: Place, key: string): Money | null =>
  isAbsentAt(place, key) ? null : amountIn(place, key);

export const optionalAmountOf = (item: Place): Money | null => optionalAmountIn(item, 'amount');

/** Nothing, in the currency of the amount. */
export const nothingOf = (amount: Money | null): Money | null => (amount === null ? null : { ...amount, minor: 0n });

const SUCCESS: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['false', false],
]);

/** Text in Adyen's own deliveries, a boolean in some of its examples. */
export const isSuccess = (item: Place): boolean =>
  typeof item.object.success === 'boolean' ? item.object.success : wordAt(item, 'success', SUCCESS, false);

export const ifGranted = (item: Place, mapped: () => Mapped, otherwise: IgnoredReason): Mapped =>
  isSuccess(item) ? mapped() : { ignored: otherwise };

const NO_FIELDS: Place['object'] = {};

/** What an account may have switched on: none of it is promised, and in an odd shape it is as if it were not there. */
export const additionalOf = (item: Place): Place => {
  const value = item.object.additionalData;
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject ? placeAt(item, 'additionalData') : { ...item, object: NO_FIELDS };
};

/** The first of these fields of `additionalData` that holds text. */
export const additionalText = (item: Place, ...names: readonly string[]): string | null => {
  const additional = additionalOf(item);
  for (const name of names) {
    const text = explanationAt(additional, name);
    if (text !== null) return text;
  }
  return null;
};

const merchantReferenceOf = (item: Place): string | null => explanationAt(item, 'merchantReference');

/** `reason` of what succeeded is made of pieces of the card, and says nothing. */
export const reasonOf = (item: Place, isRefused: boolean): string | null =>
  isRefused ? explanationAt(item, 'reason') : null;

type Related = Parameters<typeof aboutPayment>[1];

export const customerOf = (item: Place): string | null =>
  additionalText(item, 'shopperReference', 'recurring.shopperReference');

/** What belongs to whatever the item is about. */
export const othersOf = (item: Place, others: Related = {}): NonNullable<Related> => ({
  merchant_reference: merchantReferenceOf(item),
  customer: customerOf(item),
  ...others,
});

/** The same for what is no payment. */
export const relatedOf = (item: Place, others: Related = {}): RelatedIds =>
  aboutPayment({}, othersOf(item, others)).related;

export const aboutPaymentItself = (item: Place, others: Related = {}): AboutPayment =>
  aboutPayment({ payment: textAt(item, 'pspReference') }, othersOf(item, others));

/**
 * A modification has a reference of its own and names the payment in `originalReference`, which Adyen does not promise:
 * without it the item is told without a payment.
 */
export const aboutOriginal = (item: Place, others: Related = {}): AboutPayment =>
  aboutPayment({ payment: optionalTextAt(item, 'originalReference') }, othersOf(item, others));

/** Of what a modification may be told of, or may be itself. */
export const originalOrOwn = (item: Place): string =>
  optionalTextAt(item, 'originalReference') ?? textAt(item, 'pspReference');
