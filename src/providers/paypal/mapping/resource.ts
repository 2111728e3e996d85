/** What PayPal's resources have in common: where they stand in an event, their amounts and links in both versions of the API. */

import { type Money, magnitude } from '../../../payments/money.ts';
import {
  decimalAt,
  explanationAt,
  ifReadable,
  insideOf,
  isAbsentAt,
  type Place,
  placeAt,
  placesAt,
  signedDecimalAt,
  wordIn,
} from '../../../payments/place.ts';
import { PAYPAL_CURRENCIES } from './currencies.ts';

export const resourceOf = (payload: Place): Place => placeAt(payload, 'resource');

/** Version 2 of the API, where money is the same everywhere. */
const V2 = { amount: 'value', currency: 'currency_code' } as const;
/** Version 1: amounts of payments have a `total`, all others a `value`. */
const V1_TOTAL = { amount: 'total', currency: 'currency' } as const;
const V1_VALUE = { amount: 'value', currency: 'currency' } as const;

/** Most resources exist in both versions of the API, under the same event types. */
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

/** What is under the last of the keys; null where any of them is absent. */
const insideAt = (place: Place, keys: readonly string[]): Place | null => {
  let inside: Place | null = place;
  for (const key of keys) inside = insideOf(inside, key);
  return inside;
};

/** An amount that the event can be told without: null when it is absent or cannot be read. */
export const optionalAmountAt = (place: Place, ...keys: readonly [string, ...string[]]): Money | null => {
  const money = insideAt(place, keys);
  return money === null
    ? null
    : ifReadable(money, (readable) => magnitude(signedDecimalAt(readable, keysOf(readable), PAYPAL_CURRENCIES)));
};

/** An id or word that the event can be told without: null when it is absent or cannot be read. */
export const optionalWordAt = (place: Place, ...keys: readonly [string, ...string[]]): string | null =>
  wordIn(keys.length === 1 ? place : insideAt(place, keys.slice(0, -1)), keys.at(-1) ?? '');

const NO_PLACES: readonly Place[] = [];

/** The objects of a list that the event can be told without: none when it is absent or cannot be read. */
export const optionalPlacesAt = (place: Place, key: string): readonly Place[] =>
  (isAbsentAt(place, key) ? null : ifReadable(place, (readable) => placesAt(readable, key))) ?? NO_PLACES;

/** Version 1 says `state: completed`, version 2 `status: COMPLETED`. */
export const statusOf = (resource: Place): string | null =>
  explanationAt(resource, 'status') ?? explanationAt(resource, 'state');

/** To look up what both versions mean by it. */
export const statusWordOf = (resource: Place): string => statusOf(resource)?.toUpperCase() ?? '';

/** The merchant's own reference: `custom_id` is for it, `invoice_id` often has it. */
export const merchantReferenceOf = (resource: Place): string | null =>
  optionalWordAt(resource, 'custom_id') ??
  optionalWordAt(resource, 'custom') ??
  optionalWordAt(resource, 'invoice_id') ??
  optionalWordAt(resource, 'invoice_number');

export type LinkedKind = 'order' | 'payment' | 'authorization' | 'capture' | 'sale' | 'refund';

/** The last two parts of an address of the API: `…/v2/payments/captures/2GG…`, `…/v1/payments/sale/800…`. */
const LINK = /\/(order|payment|authorization|capture|sale|refund)s?\/(?=[a-z-]*[A-Z0-9])([A-Za-z0-9-]{1,64})$/;

export interface Linked {
  readonly kind: LinkedKind;
  readonly id: string;
}

export interface Links {
  /** What the resource itself is. */
  readonly self: Linked | null;
  /** What it belongs to. */
  readonly others: Readonly<Partial<Record<LinkedKind, string>>>;
}

/** The ids in the resource's links: some resources name what they belong to by these alone. */
export const linksOf = (resource: Place): Links => {
  let self: Linked | null = null;
  const others: Partial<Record<LinkedKind, string>> = {};
  for (const link of optionalPlacesAt(resource, 'links')) {
    const [, kind, id] = LINK.exec(explanationAt(link, 'href') ?? '') ?? [];
    if (kind === undefined || id === undefined) continue;
    if (link.object.rel === 'self') self ??= { kind: kind as LinkedKind, id };
    else others[kind as LinkedKind] ??= id;
  }
  return { self, others };
};
