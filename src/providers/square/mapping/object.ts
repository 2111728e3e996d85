/** What Square's objects have in common: where they stand in an event, and their amounts. */
import type { Money } from '../../../payments/money.ts';
import {
  minorAt,
  optionalPlaceAt,
  type Place,
  placeAt,
  placesAt,
  signedMinorAt,
  sumOf,
} from '../../../payments/place.ts';
import { SQUARE_CURRENCIES } from './currencies.ts';

/** Square wraps the object once more under the name of its kind; its SDK's types say `object` there for disputes. */
export const squareObject = (payload: Place, kind: string): Place => {
  const holder = placeAt(placeAt(payload, 'data'), 'object');
  return optionalPlaceAt(holder, kind) ?? optionalPlaceAt(holder, 'object') ?? placeAt(holder, kind);
};

const KEYS = { amount: 'amount', currency: 'currency' } as const;

export const moneyAt = (place: Place, key: string): Money => minorAt(placeAt(place, key), KEYS, SQUARE_CURRENCIES);

export const optionalMoneyAt = (place: Place, key: string): Money | null =>
  optionalPlaceAt(place, key) === null ? null : moneyAt(place, key);

/** Square's own example writes `currency_code` where its reference has `currency`. */
export const signedMoneyAt = (place: Place, key: string): Money => {
  const money = placeAt(place, key);
  const currency = money.object.currency === undefined ? 'currency_code' : 'currency';
  return signedMinorAt(money, { amount: 'amount', currency }, SQUARE_CURRENCIES);
};

/** The sum of a field that each item of a list has; items without it count as nothing. */
export const sumOfList = (place: Place, list: string, field: string): Money | null => {
  const amounts = placesAt(place, list)
    .filter((item) => optionalPlaceAt(item, field) !== null)
    .map((item) => signedMoneyAt(item, field));
  return sumOf(place, list, amounts);
};
