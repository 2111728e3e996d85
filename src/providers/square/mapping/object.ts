/** What Square's objects have in common: where they stand in an event, and their amounts. */
import type { Money } from '../../../payments/money.ts';
import {
  ifReadable,
  minorAt,
  optionalPlaceAt,
  optionalTextAt,
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

/** An optional id or word; null also in an odd shape: the event is told without it. */
export const wordIn = (place: Place, key: string): string | null =>
  ifReadable(place, (readable) => optionalTextAt(readable, key));

/** An optional object; null also in an odd shape. */
export const insideOf = (place: Place, key: string): Place | null =>
  ifReadable(place, (readable) => optionalPlaceAt(readable, key));

const KEYS = { amount: 'amount', currency: 'currency' } as const;

export const moneyAt = (place: Place, key: string): Money => minorAt(placeAt(place, key), KEYS, SQUARE_CURRENCIES);

/** An amount that the event can be told without; null also where it cannot be read. */
export const moneyIn = (place: Place, key: string): Money | null =>
  ifReadable(place, (readable) => (optionalPlaceAt(readable, key) === null ? null : moneyAt(readable, key)));

/** Square's own example writes `currency_code` where its reference has `currency`. */
const signedMoneyAt = (place: Place, key: string): Money => {
  const money = placeAt(place, key);
  const currency = money.object.currency === undefined ? 'currency_code' : 'currency';
  return signedMinorAt(money, { amount: 'amount', currency }, SQUARE_CURRENCIES);
};

/** As `moneyIn`, and below zero where it goes the other way. */
export const signedMoneyIn = (place: Place, key: string): Money | null =>
  ifReadable(place, (readable) => (optionalPlaceAt(readable, key) === null ? null : signedMoneyAt(readable, key)));

/** The sum of a field that each item of a list has; items without it count as nothing. Null where one cannot be read. */
export const sumOfList = (place: Place, list: string, field: string): Money | null =>
  ifReadable(place, (readable) => {
    const amounts = placesAt(readable, list)
      .filter((item) => optionalPlaceAt(item, field) !== null)
      .map((item) => signedMoneyAt(item, field));
    return sumOf(readable, list, amounts);
  });
