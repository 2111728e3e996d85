/**
 * What a character means to the card-data guard: digits of every script and style are digits, spaces are spaces, dashes
 * are hyphens. Buyers type on keyboards of all countries, and copies come with whatever a page was set in.
 */

/** Not seen at all: zero-width and other format characters, marks upon the character before. */
export const DROPPED = 0;
/** A letter that is none of A to Z, or no character: separates nothing, joins nothing. */
export const OTHER = 0xff;
/** Punctuation and symbols of all kinds but spaces and dashes. */
const PUNCTUATION = 0x2c;
const SPACE = 0x20;
const HYPHEN = 0x2d;
const ZERO = 0x30;

const isDecimal = (codePoint: number): boolean => /^\p{Nd}$/u.test(String.fromCodePoint(codePoint));

/** Every script has its ten digits in a row that begins at a multiple of 16, or 6 after it. */
const decimalValue = (codePoint: number): number => {
  const place = codePoint & 0xf;
  return isDecimal(codePoint - place) ? place : place - 6;
};

const computed = (codePoint: number): number => {
  const char = String.fromCodePoint(codePoint);
  if (/^[\p{Cf}\p{M}]$/u.test(char)) return DROPPED;
  if (/^\p{Z}$/u.test(char)) return SPACE;
  if (/^\p{Pd}$/u.test(char) || codePoint === MINUS) return HYPHEN;
  const plain = char.normalize('NFKC');
  if (plain.length === 1 && plain.charCodeAt(0) < 0x80) return plain.charCodeAt(0);
  if (isDecimal(codePoint)) return ZERO + decimalValue(codePoint);
  return /^[\p{P}\p{S}\p{Cc}]$/u.test(char) ? PUNCTUATION : OTHER;
};

const MINUS = 0x2212;
/** Beyond are ideographs, private use, and tags that nobody sees. */
const KNOWN_MAX = 0x1ffff;
const UNKNOWN = 0xfffe;
/** One answer for each character that was ever asked about; 256 KB once a payload holds more than ASCII. */
let answers: Uint16Array | null = null;

/** The character of ASCII that stands for a code point of 0x80 and more, or `DROPPED`, or `OTHER`. */
export const plainCode = (codePoint: number): number => {
  if (codePoint > KNOWN_MAX) return codePoint >= 0xe0000 && codePoint <= 0xe01ef ? DROPPED : OTHER;
  answers ??= new Uint16Array(KNOWN_MAX + 1).fill(UNKNOWN);
  let answer = answers[codePoint] as number;
  if (answer === UNKNOWN) {
    answer = computed(codePoint);
    answers[codePoint] = answer;
  }
  return answer;
};

/** How many bytes the UTF-8 of a character has by its first one; 1 for what cannot begin one. */
export const utf8Length = (lead: number): 1 | 2 | 3 | 4 => {
  if (lead < 0xc2 || lead > 0xf4) return 1;
  if (lead < 0xe0) return 2;
  return lead < 0xf0 ? 3 : 4;
};

/** The character whose UTF-8 these bytes are; `OTHER` when they are none. `byteAt` gives NaN beyond the end. */
export const utf8CodePoint = (byteAt: (offset: number) => number, length: number): number => {
  const lead = byteAt(0);
  let codePoint = length === 1 ? Number.NaN : lead & (0x7f >> length);
  for (let offset = 1; offset < length; offset += 1) {
    const next = byteAt(offset);
    codePoint = (next & 0xc0) === 0x80 ? codePoint * 64 + (next & 0x3f) : Number.NaN;
  }
  return codePoint >= 0x80 && codePoint <= 0x10ffff ? codePoint : OTHER;
};
