/** Fields out of a verified body: the right type or nothing, and never longer than the store wants them. */
import { LIMITS } from '../core/limits.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../core/read-json.ts';
import type { EpochMs, OrderingHint } from '../core/webhook.ts';
import { instantOfText } from './read-time.ts';

/** Most parent ids kept of one event: the deepest real chains (dispute, capture, order, subscription) have four. */
const PARENT_IDS_MAX = 16;

/**
 * A string that is not empty, whole; else null. For identity: a number is not taken as text, because JSON numbers above
 * 2^53 lose digits and two events would become one.
 */
export const wholeTextOf = (value: JsonValue | undefined): string | null =>
  typeof value === 'string' && value !== '' ? value : null;

/** A string that is not empty, cut to `fieldCharsMax`; else null. */
export const textOf = (value: JsonValue | undefined): string | null => {
  const text = wholeTextOf(value);
  if (text === null || text.length <= LIMITS.fieldCharsMax) return text;
  // The cut may fall between the two halves of a character; half a character has no UTF-8.
  return text.slice(0, LIMITS.fieldCharsMax).toWellFormed();
};

const NO_FIELDS: JsonObject = {};

/** The object, or an empty one: lets a path be read without asking at each step. */
export const objectOf = (value: JsonValue | undefined): JsonObject => (isJsonObject(value) ? value : NO_FIELDS);

/** The objects of an array, at most `PARENT_IDS_MAX` of them. */
export const objectsOf = (value: JsonValue | undefined): readonly JsonObject[] =>
  Array.isArray(value) ? value.slice(0, PARENT_IDS_MAX).filter(isJsonObject) : [];

/** An id given as text, or as the object it belongs to (Stripe expands references). */
export const idOf = (value: JsonValue | undefined): string | null =>
  isJsonObject(value) ? textOf(value.id) : textOf(value);

/** The instant of a text field; null when it is no text or no instant. */
export const instantOf = (value: JsonValue | undefined): EpochMs | null =>
  typeof value === 'string' ? instantOfText(value) : null;

/** Each id once, in the order given, without the object itself. */
export const parentIdsOf = (candidates: readonly (string | null)[], objectId: string | null): readonly string[] => {
  const ids = new Set<string>();
  for (const candidate of candidates) {
    if (candidate !== null && candidate !== objectId) ids.add(candidate);
  }
  return [...ids].slice(0, PARENT_IDS_MAX);
};

export const orderedByTime = (instant: EpochMs | null): OrderingHint | null =>
  instant === null ? null : { by: 'time', value: instant };

/** Why a secret as configured cannot be used, if white space or emptiness is the cause; else null. */
export const whiteSpaceProblem = (value: string): string | null => {
  const trimmed = value.trim();
  if (trimmed === '') return 'is empty';
  return /\s/.test(trimmed) ? 'contains white space' : null;
};
