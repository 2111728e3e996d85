/** What Square's objects have in common: where they stand in an event, and their amounts. */
import type { Money } from '../../../payments/money.ts';
import {
  ifReadable,
  insideOf,
  isAbsentAt,
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

/** What `read` makes of the object under `key`; null where there is none, or none that can be read. */
const readIn = <T>(place: Place, key: string, read: (inside: Place) => T): T | null => {
  const inside = insideOf(place, key);
  return inside === null ? null : ifReadable(inside, read);
};

/** An amount that the event can be told without; null also where it cannot be read. */
export const moneyIn = (place: Place, key: string): Money | null =>
  readIn(place, key, (money) => minorAt(money, KEYS, SQUARE_CURRENCIES));

/** Square's own example writes `currency_code` where its reference has `currency`. */
const signedMoneyOf = (money: Place): Money => {
  const currency = money.object.currency === undefined ? 'currency_code' : 'currency';
  return signedMinorAt(money, { amount: 'amount', currency }, SQUARE_CURRENCIES);
};

/** As `moneyIn`, and below zero where it goes the other way. */
export const signedMoneyIn = (place: Place, key: string): Money | null => readIn(place, key, signedMoneyOf);

/** The sum of a field that each item of a list has; items without it count as nothing. Null where one cannot be read. */
export const sumOfList = (place: Place, list: string, field: string): Money | null => {
  if (isAbsentAt(place, list)) return null;
  return ifReadable(place, (readable) => {
    const holders = placesAt(readable, list).filter((item) => !isAbsentAt(item, field));
    return sumOf(
      readable,
      list,
      holders.map((item) => signedMoneyOf(placeAt(item, field))),
    );
  });
};
