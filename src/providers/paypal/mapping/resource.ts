/** What PayPal's resources have in common: where they stand in an event, and their amounts in both versions of the API. */

import { type Money, magnitude } from '../../../payments/money.ts';
import { decimalAt, optionalPlaceAt, type Place, placeAt, signedDecimalAt } from '../../../payments/place.ts';
import { PAYPAL_CURRENCIES } from './currencies.ts';

export const resourceOf = (payload: Place): Place => placeAt(payload, 'resource');

/** Version 2 of the API, where money is the same everywhere. */
const V2 = { amount: 'value', currency: 'currency_code' } as const;
/** Version 1: amounts of payments have a `total`, all others a `value`. */
const V1_TOTAL = { amount: 'total', currency: 'currency' } as const;
export const V1_VALUE = { amount: 'value', currency: 'currency' } as const;

/** Authorizations and captures exist in both versions of the API, under the same event types. */
const keysOf = (money: Place): typeof V2 | typeof V1_TOTAL | typeof V1_VALUE => {
  if (money.object.total !== undefined) return V1_TOTAL;
  return money.object.currency === undefined ? V2 : V1_VALUE;
};

export const amountAt = (place: Place, key: string): Money => {
  const money = placeAt(place, key);
  return decimalAt(money, keysOf(money), PAYPAL_CURRENCIES);
};

/** The sign only says the direction, which the type says too. */
export const unsignedAmountAt = (place: Place, key: string): Money => {
  const money = placeAt(place, key);
  return magnitude(signedDecimalAt(money, keysOf(money), PAYPAL_CURRENCIES));
};

export const optionalV1Value = (resource: Place, key: string): Money | null => {
  const place = optionalPlaceAt(resource, key);
  return place === null ? null : decimalAt(place, V1_VALUE, PAYPAL_CURRENCIES);
};
