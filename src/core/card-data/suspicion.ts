/**
 * The cheap question that almost every payload answers with no: could there be anything for the guard? Looks at each byte
 * once and never says no where a search would find something.
 */
import { isAscii } from 'node:buffer';
import { CARD_DIGITS_MIN } from './card-ranges.ts';
import { DROPPED, OTHER, plainCode, utf8CodePoint, utf8Length } from './characters.ts';
import { IS_SEPARATOR, isDigit, isLetter, SEPARATORS_MAX, TAG_CHARS_MAX } from './digit-chains.ts';

/** The end of a secret field's name. */
const SECRET_NAME =
  '(?:cv[cvnd]2?|cav2|csc|cid|(?:cv[cvnd]2?|csc|card|security|verification)[_-]?(?:code|value|number|nr|no)|(?:security|verification)\\s{1,3}(?:code|value|number))';
const PIN_NAME = 'pin(?:[_-]?(?:block|number))?';
/** Words between name and value: `CVC is 123`, `cvv no. 123`. */
const WORD = '(?:[^A-Za-z0-9]{1,16}(?:is|was|no|nr|num|number|code|value))?';
const GAP = '[^A-Za-z0-9]';
const ESCAPE = '(?:[^A-Za-z0-9]|\\\\u[0-9a-f]{4}|%[0-9a-f]{2}|&#?[0-9a-z]{1,8};)';

const SECRET_FIELD = new RegExp(`${SECRET_NAME}${WORD}${GAP}*\\d|${PIN_NAME}${WORD}${GAP}+[0-9a-f]`, 'i');
const SECRET_FIELD_ESCAPED = new RegExp(`${SECRET_NAME}${WORD}${ESCAPE}*\\d|${PIN_NAME}${WORD}${ESCAPE}+[0-9a-f]`, 'i');

const [QUOTE, PERCENT, AMPERSAND, SLASH, SEMICOLON] = [0x22, 0x25, 0x26, 0x2f, 0x3b];
const [LESS, GREATER, BACKSLASH, LOWER_U] = [0x3c, 0x3e, 0x5c, 0x75];
const ENTITY_BYTES_MAX = 18;

/** What a byte may be the beginning of. */
const BREAKS = 0;
const DIGIT = 1;
const SEPARATES = 2;
const LEADS = 3;
const KINDS = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (isDigit(byte)) return DIGIT;
  if (byte >= 0x80 || byte === PERCENT || byte === AMPERSAND || byte === LESS || byte === BACKSLASH) return LEADS;
  return IS_SEPARATOR[byte] === 1 ? SEPARATES : BREAKS;
});

/** What begins at a byte and is more than this byte: its kind, its length, whether the exact search has to look at it. */
interface Lead {
  readonly kind: number;
  readonly length: number;
  readonly hidesAscii: boolean;
}

const kindOf = (code: number): number => {
  const plain = code < 0x80 ? code : plainCode(code);
  if (code >= 0x80 && plain === DROPPED) return DROPPED_KIND;
  return plain >= 0x80 || plain === QUOTE ? BREAKS : (KINDS[plain] as number);
};

/** Neither counts nor separates. */
const DROPPED_KIND = 4;

/** A `<` that is written as an escape begins a tag whose end would have to be looked for among escapes. */
const leadOf = (code: number, length: number): Lead => {
  const plain = code < 0x80 ? code : plainCode(code);
  const kind = kindOf(code);
  const hidesAscii = isDigit(plain) || isLetter(plain) || plain === LESS;
  return { kind: kind === LEADS ? SEPARATES : kind, length, hidesAscii };
};

const hexValue = (bytes: Uint8Array, start: number, digits: number): number => {
  const text = String.fromCharCode(...bytes.subarray(start, start + digits));
  return /^[0-9a-fA-F]+$/.test(text) && text.length === digits ? Number.parseInt(text, 16) : -1;
};

const escapeLead = (bytes: Uint8Array, start: number): Lead => {
  let at = start + 1;
  while (bytes[at] === BACKSLASH) at += 1;
  const char = bytes[at] ?? 0;
  const unit = char === LOWER_U ? hexValue(bytes, at + 1, 4) : -1;
  if (unit === -1) {
    const isEscape = isLetter(char) || char === QUOTE || char === SLASH;
    return { kind: char === QUOTE ? BREAKS : SEPARATES, length: at - start + (isEscape ? 1 : 0), hidesAscii: false };
  }
  const end = at + 5;
  if (unit === AMPERSAND) {
    const entity = entityLead(bytes, end - 1);
    return { ...entity, length: entity.length + end - 1 - start };
  }
  // Half of a character beyond the first 65,536: some of them are digits.
  const isHalf = (unit & 0xf800) === 0xd800;
  return isHalf ? { kind: DIGIT, length: end - start, hidesAscii: isDigitHalf(unit) } : leadOf(unit, end - start);
};

/** The first halves of mathematical digits and of the scripts there; second halves follow one. */
const isDigitHalf = (unit: number): boolean => unit === 0xd835 || (unit >= 0xd801 && unit <= 0xd83a);

const percentLead = (bytes: Uint8Array, start: number): Lead => {
  const byte = hexValue(bytes, start + 1, 2);
  // What may be read both ways is read as it stands: that counts more digits and never less.
  if (byte === -1 || isDigit(byte)) return { kind: SEPARATES, length: 1, hidesAscii: byte !== -1 };
  if (isLetter(byte)) return { kind: SEPARATES, length: 1, hidesAscii: false };
  if (byte < 0x80) return leadOf(byte, 3);
  const length = utf8Length(byte);
  const byteAt = (offset: number): number =>
    bytes[start + offset * 3] === PERCENT ? hexValue(bytes, start + offset * 3 + 1, 2) : Number.NaN;
  const code = utf8CodePoint(byteAt, length);
  return code === OTHER ? { kind: SEPARATES, length: 1, hidesAscii: false } : leadOf(code, length * 3);
};

/** Of the named ones those that we know, which may be a `<`. */
const entityLead = (bytes: Uint8Array, start: number): Lead => {
  const end = bytes.subarray(start, start + ENTITY_BYTES_MAX).indexOf(SEMICOLON);
  const name = end === -1 ? '' : String.fromCharCode(...bytes.subarray(start + 1, start + end));
  const number = /^#(?:(\d{1,8})|[xX]([0-9A-Fa-f]{1,8}))$/.exec(name);
  if (number !== null) {
    const code = number[1] === undefined ? Number.parseInt(number[2] ?? '', 16) : Number(number[1]);
    return leadOf(code <= 0x10ffff ? code : OTHER, end + 1);
  }
  const isNamed = /^[A-Za-z]{2,14}\d{0,2}$/.test(name);
  return { kind: SEPARATES, length: isNamed ? end + 1 : 1, hidesAscii: name === 'lt' };
};

/** What stands inside a tag is looked at like everything else, unless it is short. */
const tagLead = (bytes: Uint8Array, start: number): Lead => {
  const tag = bytes.subarray(start, start + TAG_CHARS_MAX);
  const end = tag.indexOf(GREATER);
  const first = bytes[start + 1] === SLASH ? bytes[start + 2] : bytes[start + 1];
  if (end === -1 || !isLetter(first ?? 0)) return { kind: SEPARATES, length: 1, hidesAscii: false };
  const isNumbered = tag.subarray(0, end).filter(isDigit).length >= CARD_DIGITS_MIN;
  return { kind: SEPARATES, length: end + 1, hidesAscii: isNumbered };
};

const leadAt = (bytes: Uint8Array, index: number): Lead => {
  const byte = bytes[index] as number;
  if (byte === BACKSLASH) return escapeLead(bytes, index);
  if (byte === PERCENT) return percentLead(bytes, index);
  if (byte === AMPERSAND) return entityLead(bytes, index);
  if (byte === LESS) return tagLead(bytes, index);
  const length = utf8Length(byte);
  const code = utf8CodePoint((offset) => bytes[index + offset] ?? Number.NaN, length);
  return leadOf(code, code === OTHER ? 1 : length);
};

/** Thirteen digits in ASCII without any escape. */
const LONG_NUMBER = /\d(?:[^\dA-Za-z"{}*<>]{0,3}\d){12}/;

/** Nothing that could stand for another character. Asked of the machine's own searches: most payloads are plain. */
const isPlain = (bytes: Uint8Array, source: string): boolean =>
  isAscii(bytes) && !['\\', '%', '&', '<'].some((lead) => source.includes(lead));

export const isSuspicious = (bytes: Uint8Array, source: string): boolean =>
  isPlain(bytes, source)
    ? LONG_NUMBER.test(source) || SECRET_FIELD.test(source)
    : hasLongNumber(bytes) || SECRET_FIELD_ESCAPED.test(source);

/** Also true when something is hidden that the exact search has to look at. */
const hasLongNumber = (bytes: Uint8Array): boolean => {
  const end = bytes.length;
  let digits = 0;
  let separators = 0;
  for (let index = 0; index < end; index += 1) {
    let kind = KINDS[bytes[index] as number] as number;
    if (kind === BREAKS) {
      digits = 0;
      continue;
    }
    if (kind === LEADS) {
      const lead = leadAt(bytes, index);
      // Nobody escapes a letter or a digit without a reason.
      if (lead.hidesAscii) return true;
      kind = lead.kind;
      index += lead.length - 1;
    }
    if (kind === DIGIT) {
      digits += 1;
      separators = 0;
      if (digits >= CARD_DIGITS_MIN) return true;
    } else if (kind === SEPARATES) {
      separators += 1;
      if (separators > SEPARATORS_MAX) digits = 0;
    } else if (kind === BREAKS) digits = 0;
  }
  return false;
};
