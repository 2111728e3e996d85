/** Turns verified bytes into a value, or says why it cannot: strict UTF-8, bounded depth, no repeated keys. */
import { LIMITS } from './limits.ts';

export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: JsonValue | undefined;
}

export type ReadJsonOutcome =
  | { readonly outcome: 'read'; readonly value: JsonValue }
  | {
      readonly outcome: 'unreadable';
      readonly reason: Extract<
        UnparsableReason,
        'body_not_utf8' | 'body_not_json' | 'json_too_deep' | 'json_key_repeated'
      >;
    };

const QUOTE = 0x22;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

const TOO_DEEP = -1;

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Index of the quote that ends the string whose first byte is at `start`; the length or more when nothing ends it. */
const endOfString = (body: Uint8Array, start: number): number => {
  const length = body.length;
  let index = start;
  while (index < length && body[index] !== QUOTE) index += body[index] === BACKSLASH ? 2 : 1;
  return index;
};

/**
 * How many members ("key": value) the text of a JSON document has, or `TOO_DEEP`. Every colon outside strings is one
 * member. The count means nothing when the bytes turn out not to be JSON. It looks at bytes: no byte of a multi-byte
 * UTF-8 character equals a quote, a bracket or a backslash.
 */
const countMembersInText = (body: Uint8Array, depthMax: number): number => {
  let depth = 0;
  let members = 0;
  const length = body.length;
  for (let index = 0; index < length; index += 1) {
    const byte = body[index] ?? 0;
    // A third of a pretty-printed body is white space, which is smaller than anything that counts here.
    if (byte < QUOTE) continue;
    if (byte === QUOTE) index = endOfString(body, index + 1);
    else if (byte === COLON) members += 1;
    else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      depth += 1;
      if (depth > depthMax) return TOO_DEEP;
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) depth -= 1;
  }
  return members;
};

/** Whether brackets are open that deep anywhere; of bytes that need not be JSON. */
export const isDeeper = (body: Uint8Array, depthMax: number): boolean =>
  countMembersInText(body, depthMax) === TOO_DEEP;

export const isJsonObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isContainer = (value: JsonValue | undefined): value is JsonObject | readonly JsonValue[] =>
  typeof value === 'object' && value !== null;

/** How many members all objects of a parsed document have together. */
const countMembersInValue = (root: JsonValue): number => {
  let members = 0;
  const open: (JsonObject | readonly JsonValue[])[] = isContainer(root) ? [root] : [];
  for (let container = open.pop(); container !== undefined; container = open.pop()) {
    const values = isJsonObject(container) ? Object.values(container) : container;
    if (values !== container) members += values.length;
    for (const value of values) if (isContainer(value)) open.push(value);
  }
  return members;
};

/**
 * Reads a whole body as one JSON document. Never throws and never recurses, whatever the bytes; linear in their number.
 *
 * - `body_not_utf8`: any invalid sequence. Nothing is replaced by U+FFFD.
 * - `json_too_deep`: more than `LIMITS.jsonDepthMax` open brackets, found before parsing, so it can also be said of
 *   bytes that are not JSON at all.
 * - `body_not_json`: everything that RFC 8259 does not allow, a byte order mark included.
 * - `json_key_repeated`: one object names a key twice, compared after unescaping. RFC 8259 leaves the meaning open, so two
 *   readers of one signed body could see two different amounts; we do not guess.
 *
 * `__proto__` and `constructor` come out as own properties like any other; nothing is assigned by a key of the sender.
 */
export const readJson = (body: Uint8Array): ReadJsonOutcome => {
  let text: string;
  try {
    text = strictUtf8.decode(body);
  } catch {
    return { outcome: 'unreadable', reason: 'body_not_utf8' };
  }
  const membersInText = countMembersInText(body, LIMITS.jsonDepthMax);
  if (membersInText === TOO_DEEP) return { outcome: 'unreadable', reason: 'json_too_deep' };
  let value: JsonValue;
  try {
    value = JSON.parse(text);
  } catch {
    return { outcome: 'unreadable', reason: 'body_not_json' };
  }
  // JSON.parse keeps the last of two equal keys and drops the other with everything under it. So the value has fewer
  // members than the text exactly when some object repeats a key: no key has to be compared, hashed or unescaped here.
  return countMembersInValue(value) === membersInText
    ? { outcome: 'read', value }
    : { outcome: 'unreadable', reason: 'json_key_repeated' };
};

/**
 * Where bytes carry what was read of them. Not a `WeakMap`: every value in an old one outlives the collections of young
 * garbage, however dead its key is, and each of them copied all values of a second.
 */
const READ = Symbol('what was read');

/**
 * `readJson`, once for the same bytes: whoever processes what it has just received has them read already. Everybody gets one
 * value, so only for those who change nothing of it, and never for a team's code.
 */
export const readJsonOnce = (body: Uint8Array & { [READ]?: ReadJsonOutcome }): ReadJsonOutcome => {
  // A value takes several times what its text takes.
  if (body.length > LIMITS.jsonKeptBytesMax) return readJson(body);
  body[READ] ??= readJson(body);
  return body[READ];
};

/** Why a signed body could not be understood. */
export type UnparsableReason =
  | 'body_not_utf8'
  | 'body_not_json'
  | 'json_too_deep'
  | 'json_key_repeated'
  | 'event_id_missing'
  | 'event_type_missing'
  | 'too_many_events'
  | 'shape_unexpected';
