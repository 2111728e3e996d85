/**
 * Reading a payload whose shape is expected but not trusted. Every reader returns a usable value and notes the first
 * thing that is not as expected; whoever reads asks once at the end. So a mapping reads like the fields it takes, and
 * nothing that was misread leaves it.
 */
import { LIMITS } from '../core/limits.ts';
import type { EpochMs } from '../core/webhook.ts';
import type { CurrencyTable } from './currencies.ts';
import { type ExactJson, type ExactObject, isExactObject } from './exact-json.ts';
import { type Money, type MoneyProblem, moneyOfDecimal, moneyOfMinor } from './money.ts';

/** What is wrong with a value of a payload. */
export type ShapeProblemKind =
  | MoneyProblem
  | 'not_text'
  | 'not_an_object'
  | 'not_a_list'
  | 'not_a_time'
  /** One was expected. */
  | 'more_than_one'
  /** A list longer than any that the provider makes: a sum over a part of it would be wrong. */
  | 'too_many'
  | 'too_long'
  | 'negative'
  /** A word, such as a status, that the provider's documents do not have. */
  | 'word_unknown'
  | 'currencies_mixed';

export interface ShapeProblem {
  /** Where in the payload: `data.object.amount`. Names only, never a value. */
  readonly path: string;
  readonly problem: ShapeProblemKind;
}

/** Filled in while reading; shared by all places of one payload. */
interface Notes {
  first: ShapeProblem | null;
}

/** An object of the payload, where it stands, and where problems are noted. */
export interface Place {
  readonly object: ExactObject;
  /** What it stands in, and under which name; its path is only put together when there is something to note. */
  readonly parent: Place | null;
  readonly key: string;
  readonly notes: Notes;
}

export const rootPlace = (object: ExactObject): Place => ({ object, parent: null, key: '', notes: { first: null } });

/** The first thing that was not as expected, or null. */
export const problemOf = (place: Place): ShapeProblem | null => place.notes.first;

const pathOf = ({ parent, key: name }: Place, key: string): string =>
  parent === null ? key : `${pathOf(parent, name)}.${key}`;

/** The object that stands in `parent` under `key`. */
export const placeIn = (parent: Place, key: string, object: ExactObject): Place => ({
  object,
  parent,
  key,
  notes: parent.notes,
});

export const noteProblem = (place: Place, key: string, problem: ShapeProblemKind): void => {
  place.notes.first ??= { path: pathOf(place, key), problem };
};

const isAbsent = (value: ExactJson | undefined): value is null | undefined => value === undefined || value === null;

export const isAbsentAt = (place: Place, key: string): boolean => isAbsent(place.object[key]);

const NOWHERE: ExactObject = {};

/** The object under `key`. */
export const placeAt = (place: Place, key: string): Place => {
  const value = place.object[key];
  if (!isExactObject(value)) noteProblem(place, key, isAbsent(value) ? 'missing' : 'not_an_object');
  return placeIn(place, key, isExactObject(value) ? value : NOWHERE);
};

/** The object under `key`, or null when there is none. */
export const optionalPlaceAt = (place: Place, key: string): Place | null =>
  isAbsent(place.object[key]) ? null : placeAt(place, key);

const NO_PLACES: readonly Place[] = [];

/** The objects of the list under `key`; none when the list is absent. */
export const placesAt = (place: Place, key: string): readonly Place[] => {
  const value = place.object[key];
  if (isAbsent(value)) return NO_PLACES;
  if (!Array.isArray(value)) {
    noteProblem(place, key, 'not_a_list');
    return NO_PLACES;
  }
  const items: readonly ExactJson[] = value;
  if (items.length > LIMITS.payloadListItemsMax) noteProblem(place, key, 'too_many');
  return items.slice(0, LIMITS.payloadListItemsMax).map((item, index) => {
    if (isExactObject(item)) return placeIn(place, `${key}.${index}`, item);
    noteProblem(place, `${key}.${index}`, 'not_an_object');
    return placeIn(place, `${key}.${index}`, NOWHERE);
  });
};

/** Text that names something: never empty and never cut, for a part of an id is another id. */
export const textAt = (place: Place, key: string): string => {
  const text = optionalTextAt(place, key);
  if (text === null) noteProblem(place, key, 'missing');
  return text ?? '';
};

/** As `textAt`, or null when absent or empty. */
export const optionalTextAt = (place: Place, key: string): string | null => {
  const value = place.object[key];
  if (isAbsent(value) || value === '') return null;
  if (typeof value !== 'string') {
    noteProblem(place, key, 'not_text');
    return null;
  }
  if (value.length > LIMITS.fieldCharsMax) noteProblem(place, key, 'too_long');
  return value;
};

const usable = (value: ExactJson | undefined): string | null =>
  typeof value === 'string' && value !== '' && value.length <= LIMITS.fieldCharsMax ? value : null;

/** An id or word that the event can be told without: null where there is none, or none that can be used. */
export const wordIn = (place: Place | null, key: string): string | null => usable(place?.object[key]);

/** An id, given as text or as the object that it belongs to; null as for `wordIn`. */
export const idIn = (place: Place | null, key: string): string | null => {
  const value = place?.object[key];
  return isExactObject(value) ? usable(value.id) : usable(value);
};

/** An object that the event can be told without: null where there is none. */
export const insideOf = (place: Place | null, key: string): Place | null => {
  const value = place?.object[key];
  return place !== null && isExactObject(value) ? placeIn(place, key, value) : null;
};

/** Text that only explains: cut when long, null when it is not text. */
export const explanationAt = (place: Place, key: string): string | null => {
  const value = place.object[key];
  if (typeof value !== 'string' || value === '') return null;
  return value.length <= LIMITS.fieldCharsMax ? value : value.slice(0, LIMITS.fieldCharsMax).toWellFormed();
};

/**
 * What an optional field says, or null where it cannot be read: an event is not lost for the odd shape of something that it
 * can be told without. `read` gets a place with notes of its own: what the event needs is not read from it.
 */
export const ifReadable = <T>(place: Place, read: (place: Place) => T): T | null => {
  const { object, parent, key } = place;
  const apart: Place = { object, parent, key, notes: { first: null } };
  const value = read(apart);
  return problemOf(apart) === null ? value : null;
};

export const isTrueAt = (place: Place, key: string): boolean => place.object[key] === true;

/** What `words` has for the text under `key`; an unknown word is noted and gives `otherwise`. */
export const wordAt = <T>(place: Place, key: string, words: ReadonlyMap<string, T>, otherwise: T): T => {
  const found = words.get(textAt(place, key));
  if (found === undefined) noteProblem(place, key, 'word_unknown');
  return found ?? otherwise;
};

const SECONDS_MAX = 8.64e12;

/** Unix seconds; null when absent. */
export const secondsAt = (place: Place, key: string): EpochMs | null => {
  const value = place.object[key];
  if (isAbsent(value)) return null;
  if (typeof value === 'number' && value >= 0 && value <= SECONDS_MAX) return value * 1000;
  noteProblem(place, key, 'not_a_time');
  return null;
};

const DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/;

/** A date and time; null when absent or impossible: PayPal's simulator sends a month 19. */
export const timeAt = (place: Place, key: string): EpochMs | null => {
  const value = place.object[key];
  if (typeof value !== 'string' || !DATE_TIME.test(value)) return null;
  const instant = Date.parse(value);
  return Number.isNaN(instant) || instant < 0 ? null : instant;
};

/** Stands for an amount that could not be read, until the problem that was noted with it is looked at. */
const UNREAD: Money = { minor: 0n, currency: '', exponent: 0 };

/** Problems with the currency are told at the currency. */
const moneyOr = (place: Place, keys: MoneyKeys, money: Money | MoneyProblem): Money => {
  if (typeof money !== 'string') return money;
  const isOfCurrency = money === 'currency_missing' || money === 'currency_unknown';
  noteProblem(place, isOfCurrency ? keys.currency : keys.amount, money);
  return UNREAD;
};

export interface MoneyKeys {
  readonly amount: string;
  readonly currency: string;
}

/** An amount in smallest units that may be below zero. */
export const signedMinorAt = (place: Place, keys: MoneyKeys, table: CurrencyTable): Money =>
  moneyOr(place, keys, moneyOfMinor(place.object[keys.amount], place.object[keys.currency], table));

const notNegative = (place: Place, keys: MoneyKeys, money: Money): Money => {
  if (money.minor < 0n) noteProblem(place, keys.amount, 'negative');
  return money;
};

/** An amount in smallest units. */
export const minorAt = (place: Place, keys: MoneyKeys, table: CurrencyTable): Money =>
  notNegative(place, keys, signedMinorAt(place, keys, table));

/** An amount with decimals that may be below zero. */
export const signedDecimalAt = (place: Place, keys: MoneyKeys, table: CurrencyTable): Money =>
  moneyOr(place, keys, moneyOfDecimal(place.object[keys.amount], place.object[keys.currency], table));

/** An amount with decimals. */
export const decimalAt = (place: Place, keys: MoneyKeys, table: CurrencyTable): Money =>
  notNegative(place, keys, signedDecimalAt(place, keys, table));

/** The sum of amounts that have to be in one currency; null of none. */
export const sumOf = (place: Place, key: string, amounts: readonly Money[]): Money | null => {
  const [first, ...others] = amounts;
  if (first === undefined) return null;
  if (others.some((other) => other.currency !== first.currency)) noteProblem(place, key, 'currencies_mixed');
  return { ...first, minor: amounts.reduce((sum, amount) => sum + amount.minor, 0n) };
};
