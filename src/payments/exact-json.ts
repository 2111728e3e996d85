/**
 * A payload as a value whose integers keep every digit. `JSON.parse` rounds what is larger than 2^53; an amount must not
 * be rounded, so such numbers are read from the text they were written as.
 */
import { type JsonValue, type ReadJsonOutcome, readJsonOnce } from '../core/read-json.ts';

/** A number with a fraction or an exponent, as it was written. Never a JavaScript number: nobody can calculate with it. */
export class WrittenNumber {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** Integers are numbers when safe and bigints when larger. */
export type ExactJson = null | boolean | number | bigint | string | WrittenNumber | readonly ExactJson[] | ExactObject;
export interface ExactObject {
  readonly [key: string]: ExactJson | undefined;
}

export type ReadExactOutcome =
  | { readonly outcome: 'read'; readonly value: ExactJson }
  | Extract<ReadJsonOutcome, { outcome: 'unreadable' }>;

export const isExactObject = (value: ExactJson | undefined): value is ExactObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof WrittenNumber);

/**
 * Finds a number, after a key or in a list, that has sixteen digits or more, a fraction or an exponent. It may also find
 * such a text inside a string, which costs time and changes nothing. The colon has to follow a quote: the colons of
 * times do not.
 */
const NUMBER_TO_READ_EXACTLY = /(?:"\s*:|[[,])\s*-?(?:\d{16}|\d+[.eE])/;

const INTEGER = /^-?\d+$/;

const exactNumber = (value: number, written: string): number | bigint | WrittenNumber => {
  if (!INTEGER.test(written)) return new WrittenNumber(written);
  return Number.isSafeInteger(value) ? value : BigInt(written);
};

/** TypeScript's own declaration lacks the third parameter (ECMAScript, JSON.parse source text access; in Node 24). */
type Reviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown;
const parseWith = JSON.parse as (text: string, reviver: Reviver) => ExactJson;

const reviveExactly: Reviver = (_key, value, { source }) =>
  typeof value === 'number' && source !== undefined ? exactNumber(value, source) : value;

/**
 * Reads a whole payload. Linear in its bytes; a payload without large or broken numbers costs one scan more than
 * `readJsonOnce`, which also decides what is unreadable.
 */
export const readExactJson = (body: Uint8Array): ReadExactOutcome => {
  const read = readJsonOnce(body);
  if (read.outcome === 'unreadable') return read;
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  if (!NUMBER_TO_READ_EXACTLY.test(bytes.toString('latin1'))) return { outcome: 'read', value: exactOf(read.value) };
  return { outcome: 'read', value: parseWith(bytes.toString('utf8'), reviveExactly) };
};

/** Every number of it is a safe integer by the scan above, so it already is exact. */
const exactOf = (value: JsonValue): ExactJson => value;
