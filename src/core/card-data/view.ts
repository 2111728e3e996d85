/**
 * The text in which the card-data guard looks: escapes of JSON (at any depth of JSON in JSON), of URLs and of HTML are one
 * character each, digits and spaces of all scripts are those of ASCII, and every character knows the bytes that it came
 * from, so that it can be masked there.
 */
import { DROPPED, OTHER, plainCode, utf8CodePoint, utf8Length } from './characters.ts';

/** `text[i]` came from the source characters `starts[i]` (inclusive) to `ends[i]`; null: they are the same text. */
export interface View {
  readonly text: string;
  readonly origin: { readonly starts: Uint32Array; readonly ends: Uint32Array } | null;
}

const BACKSLASH = 0x5c;
const PERCENT = 0x25;
const AMPERSAND = 0x26;
const SPACE = 0x20;
const NEW_LINE = 0x0a;
const STAR = 0x2a;
const LOWER_U = 0x75;

/** Characters while escapes are being resolved, each pass in place: what is resolved is never longer than its escape. */
interface Tape {
  readonly codes: Uint32Array;
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
  count: number;
  /** Where the last resolved escape of the pass ended. */
  escapeEnd: number;
}

/** Gives the code that the characters from `index` on stand for, and how many they are. */
type Resolve = (tape: Tape, index: number) => { readonly code: number; readonly length: number } | null;

const resolveAll = (tape: Tape, trigger: number, resolve: Resolve): void => {
  const { codes, starts, ends } = tape;
  if (codes.indexOf(trigger) === -1) return;
  let written = 0;
  tape.escapeEnd = -1;
  for (let index = 0; index < tape.count; written += 1) {
    const found = codes[index] === trigger ? resolve(tape, index) : null;
    const length = found?.length ?? 1;
    codes[written] = found?.code ?? (codes[index] as number);
    starts[written] = starts[index] as number;
    ends[written] = ends[index + length - 1] as number;
    index += length;
    if (found !== null) tape.escapeEnd = index;
  }
  tape.count = written;
};

const isAsciiDigit = (code: number): boolean => code >= 0x30 && code <= 0x39;
const isAsciiLetter = (code: number): boolean => (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a);

/** NaN beyond the end. */
const codeAt = ({ codes, count }: Tape, index: number): number =>
  index < count ? (codes[index] as number) : Number.NaN;

/** The number that so many hexadecimal digits from `index` on write; -1 when they are none. */
const hexAt = (tape: Tape, index: number, digits: number): number => {
  let value = 0;
  for (let at = index; at < index + digits; at += 1) {
    const code = codeAt(tape, at);
    const isLetter = (code | 0x20) >= 0x61 && (code | 0x20) <= 0x66;
    if (!isLetter && !isAsciiDigit(code)) return -1;
    value = value * 16 + (isLetter ? (code | 0x20) - 0x57 : code - 0x30);
  }
  return value;
};

const SHORT_ESCAPES: ReadonlyMap<number, number> = new Map([
  ...[...'bfnrt'].map((char) => [char.charCodeAt(0), NEW_LINE] as const),
  ...[...'"/'].map((char) => [char.charCodeAt(0), char.charCodeAt(0)] as const),
]);

/** Any number of backslashes is one escape, because JSON inside a JSON string doubles them at every level. */
const jsonEscape: Resolve = (tape, index) => {
  let at = index + 1;
  while (codeAt(tape, at) === BACKSLASH) at += 1;
  const short = SHORT_ESCAPES.get(codeAt(tape, at));
  if (short !== undefined) return { code: short, length: at + 1 - index };
  const unit = codeAt(tape, at) === LOWER_U ? hexAt(tape, at + 1, 4) : -1;
  // Backslashes that escape nothing we know are taken together, or a long run of them would be tried from each.
  if (unit === -1) return { code: BACKSLASH, length: at - index };
  const pair = (unit & 0xfc00) === 0xd800 ? secondHalfAt(tape, at + 5) : null;
  return pair === null
    ? { code: unit, length: at + 5 - index }
    : { code: 0x10000 + ((unit & 0x3ff) << 10) + (pair.unit & 0x3ff), length: pair.end - index };
};

/** The second of two escapes that are one character beyond the first 65,536. */
const secondHalfAt = (tape: Tape, index: number): { readonly unit: number; readonly end: number } | null => {
  let at = index;
  while (codeAt(tape, at) === BACKSLASH) at += 1;
  const unit = at > index && codeAt(tape, at) === LOWER_U ? hexAt(tape, at + 1, 4) : -1;
  return (unit & 0xfc00) === 0xdc00 && unit !== -1 ? { unit, end: at + 5 } : null;
};

/**
 * Encoders leave letters and digits alone, and `%4242…` has to stay a number: a digit is taken for encoded only where
 * another escape stands beside it.
 */
const percentEscape: Resolve = (tape, index) => {
  const byte = hexAt(tape, index + 1, 2);
  if (byte === -1 || isAsciiLetter(byte)) return null;
  if (isAsciiDigit(byte)) {
    const isBesideEscape = tape.escapeEnd === index || codeAt(tape, index + 3) === PERCENT;
    return isBesideEscape ? { code: byte, length: 3 } : null;
  }
  if (byte < 0x80) return { code: byte, length: 3 };
  const bytes = utf8Length(byte);
  const byteAt = (offset: number): number =>
    codeAt(tape, index + offset * 3) === PERCENT ? hexAt(tape, index + offset * 3 + 1, 2) : Number.NaN;
  const code = utf8CodePoint(byteAt, bytes);
  return code === OTHER ? null : { code, length: bytes * 3 };
};

/** What HTML calls the characters that separate digits, or stand between them unseen. */
const ENTITIES: ReadonlyMap<string, number> = new Map([
  ...['nbsp', 'ensp', 'emsp', 'emsp13', 'emsp14', 'numsp', 'puncsp', 'thinsp', 'hairsp', 'Tab', 'NewLine'].map(
    (name) => [name, SPACE] as const,
  ),
  ...['ndash', 'mdash', 'hyphen', 'dash', 'horbar', 'minus'].map((name) => [name, 0x2d] as const),
  ...['shy', 'zwj', 'zwnj', 'ZeroWidthSpace', 'NoBreak', 'lrm', 'rlm'].map((name) => [name, 0x200b] as const),
  ...['period', 'comma', 'sol', 'lowbar', 'middot', 'bull'].map((name) => [name, 0x2c] as const),
  ...([
    ['lt', 0x3c],
    ['gt', 0x3e],
    ['quot', 0x22],
    ['amp', AMPERSAND],
  ] as const),
]);

const ENTITY_CHARS_MAX = 16;

const htmlEntity: Resolve = (tape, index) => {
  const first = codeAt(tape, index + 1);
  if (first !== 0x23 && !isAsciiLetter(first)) return null;
  let name = '';
  for (let at = index + 1; at < index + ENTITY_CHARS_MAX; at += 1) {
    const code = codeAt(tape, at);
    if (code === 0x3b) {
      const entity = entityCode(name);
      return entity === null ? null : { code: entity, length: at + 1 - index };
    }
    if (!isAsciiLetter(code) && !isAsciiDigit(code) && code !== 0x23) return null;
    name += String.fromCharCode(code);
  }
  return null;
};

const entityCode = (name: string): number | null => {
  const number = /^#(?:(\d{1,8})|[xX]([0-9A-Fa-f]{1,8}))$/.exec(name);
  if (number === null) return ENTITIES.get(name) ?? null;
  const code = number[1] === undefined ? Number.parseInt(number[2] ?? '', 16) : Number(number[1]);
  return code <= 0x10ffff ? code : OTHER;
};

/** The characters of the UTF-8; a byte that belongs to none is a character of its own. */
const tapeOf = (source: string): Tape => {
  const size = source.length;
  const [codes, starts, ends] = [new Uint32Array(size), new Uint32Array(size), new Uint32Array(size)];
  const tape: Tape = { codes, starts, ends, count: 0, escapeEnd: -1 };
  for (let index = 0; index < size; tape.count += 1) {
    const byte = source.charCodeAt(index);
    let [code, length] = [byte, 1];
    if (byte >= 0x80) {
      const bytes = utf8Length(byte);
      const start = index;
      code = utf8CodePoint((offset) => source.charCodeAt(start + offset), bytes);
      length = code === OTHER ? 1 : bytes;
    }
    tape.codes[tape.count] = code;
    tape.starts[tape.count] = index;
    tape.ends[tape.count] = index + length;
    index += length;
  }
  return tape;
};

/** `source` holds one character (U+0000–U+00FF) for each byte. Linear in its length. */
export const viewOf = (source: string): View => {
  if (!/[\\%&\x80-\xff]/.test(source)) return { text: source, origin: null };
  const tape = tapeOf(source);
  resolveAll(tape, BACKSLASH, jsonEscape);
  resolveAll(tape, PERCENT, percentEscape);
  resolveAll(tape, AMPERSAND, htmlEntity);
  const { codes, starts, ends } = tape;
  const plain = Buffer.allocUnsafe(tape.count);
  let written = 0;
  for (let index = 0; index < tape.count; index += 1) {
    const code = codes[index] as number;
    const seen = code < 0x80 ? code : plainCode(code);
    if (seen === DROPPED && code !== 0) continue;
    plain[written] = seen;
    starts[written] = starts[index] as number;
    ends[written] = ends[index] as number;
    written += 1;
  }
  return { text: plain.toString('latin1', 0, written), origin: { starts, ends } };
};

/** Where in the source a character of the view begins. */
export const sourceStart = ({ origin }: View, index: number): number => origin?.starts[index] ?? index;

/** Where in the source it ends (exclusive). */
export const sourceEnd = ({ origin }: View, index: number): number => origin?.ends[index] ?? index + 1;

/**
 * Overwrites one character of the view in the bytes with a star. The number of bytes stays the same, and an escaped digit
 * becomes an escaped star, so a decoded string keeps its length too.
 */
export const writeStar = (view: View, index: number, bytes: Uint8Array): void => {
  const start = sourceStart(view, index);
  const end = sourceEnd(view, index);
  let isWritten = false;
  for (let at = start; at + 5 <= end; at += 1) {
    if (bytes[start] !== BACKSLASH || bytes[at] !== LOWER_U) continue;
    // The second half of a pair becomes a star of its own.
    bytes.set(ESCAPED_STAR, at + 1);
    isWritten = true;
  }
  if (!isWritten) bytes.fill(STAR, start, end);
};

/** What stands behind `\\u`. */
const ESCAPED_STAR = [0x30, 0x30, 0x32, 0x61];
