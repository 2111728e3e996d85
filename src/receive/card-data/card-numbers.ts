/** Finds card numbers in text by issuer range, that issuer's length, check digit and grouping. Used by the card-data guard. */

/** Shortest and longest number that the table below can accept. */
const CARD_DIGITS_MIN = 13;
const CARD_DIGITS_MAX = 19;

interface CardRange {
  readonly brand: string;
  /** First and last prefix of the range, both of the same number of digits. */
  readonly from: number;
  readonly to: number;
  readonly lengths: readonly number[];
}

const SIXTEEN_TO_NINETEEN = [16, 17, 18, 19];

/**
 * Who issues which numbers, from the networks' published ranges. Visa's 13 digits are in, although they are hardly
 * issued any more: the price is that one in ten article barcodes (EAN-13) beginning with 4 is masked in free text.
 * Left out on purpose:
 * - UATP (1, 15 digits): airline billing accounts only, and every epoch in milli-, micro- or nanoseconds begins with 1.
 * - Maestro as a whole (50, 56–69, 12–19 digits): one in ten of all long numbers beginning with 6 would be masked. The
 *   prefixes that Maestro is known to issue are listed, from 16 digits on.
 * - RuPay and UnionPay on 81 and 82: Adyen's numeric references of 16 digits begin like that.
 */
export const CARD_RANGES: readonly CardRange[] = [
  { brand: 'visa', from: 4, to: 4, lengths: [13, 16, 19] },
  { brand: 'mastercard', from: 51, to: 55, lengths: [16] },
  { brand: 'mastercard', from: 2221, to: 2720, lengths: [16] },
  { brand: 'amex', from: 34, to: 34, lengths: [15] },
  { brand: 'amex', from: 37, to: 37, lengths: [15] },
  { brand: 'discover', from: 6011, to: 6011, lengths: SIXTEEN_TO_NINETEEN },
  { brand: 'discover', from: 644, to: 649, lengths: SIXTEEN_TO_NINETEEN },
  { brand: 'discover', from: 65, to: 65, lengths: SIXTEEN_TO_NINETEEN },
  // Discover's 622126–622925 lie inside UnionPay's 62.
  { brand: 'unionpay', from: 62, to: 62, lengths: SIXTEEN_TO_NINETEEN },
  { brand: 'diners', from: 300, to: 305, lengths: [14, 15, 16, 17, 18, 19] },
  { brand: 'diners', from: 3095, to: 3095, lengths: [14, 15, 16, 17, 18, 19] },
  { brand: 'diners', from: 36, to: 36, lengths: [14, 15, 16, 17, 18, 19] },
  { brand: 'diners', from: 38, to: 39, lengths: [14, 15, 16, 17, 18, 19] },
  { brand: 'jcb', from: 3528, to: 3589, lengths: SIXTEEN_TO_NINETEEN },
  { brand: 'maestro', from: 5018, to: 5018, lengths: SIXTEEN_TO_NINETEEN },
  { brand: 'maestro', from: 5020, to: 5020, lengths: SIXTEEN_TO_NINETEEN },
  { brand: 'maestro', from: 5038, to: 5038, lengths: SIXTEEN_TO_NINETEEN },
  { brand: 'maestro', from: 5893, to: 5893, lengths: SIXTEEN_TO_NINETEEN },
  { brand: 'maestro', from: 6304, to: 6304, lengths: SIXTEEN_TO_NINETEEN },
  { brand: 'maestro', from: 6759, to: 6763, lengths: SIXTEEN_TO_NINETEEN },
];

/**
 * How people and forms group a number, as digits per group; longer shapes first, so that a number of 19 digits is not
 * taken for one of 16 and a rest. All separators of one number are the same.
 */
export const CARD_GROUPINGS: readonly (readonly number[])[] = [
  [4, 4, 4, 4, 3],
  [4, 4, 4, 4, 2],
  [4, 4, 4, 4, 1],
  [4, 4, 4, 4],
  [4, 4, 4, 3],
  [4, 4, 4, 2],
  [4, 4, 4, 1],
  [4, 6, 5],
  [4, 6, 4],
  [8, 8],
  [6, 13],
];

const GROUPS_MAX = 5;

/** A stretch of text, `end` exclusive. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

const passesLuhn = (digits: string): boolean => {
  let sum = 0;
  for (let index = digits.length - 1, isDoubled = false; index >= 0; index -= 1, isDoubled = !isDoubled) {
    const digit = digits.charCodeAt(index) - 0x30;
    const weighted = isDoubled ? digit * 2 : digit;
    sum += weighted > 9 ? weighted - 9 : weighted;
  }
  return sum % 10 === 0;
};

/** Whether bare digits are a number that an issuer could have given out. */
export const isCardNumber = (digits: string): boolean =>
  CARD_RANGES.some(({ from, to, lengths }) => {
    const prefix = Number(digits.slice(0, String(from).length));
    return prefix >= from && prefix <= to && lengths.includes(digits.length);
  }) && passesLuhn(digits);

const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39;

/** A plus stands for a space in forms. */
const isSeparator = (char: string): boolean => char === ' ' || char === '-' || char === '.' || char === '+';

/** Beside one of these a digit is part of a word, or of a number that is already masked. */
const WORD_OR_MASK = /[A-Za-z0-9_*]/;

/** `**** **** **** 4242 4242 …`: the first 4242 is the visible end of a masked number, never the start of another. */
const isEndOfMasked = (text: string, start: number): boolean =>
  isSeparator(text.charAt(start - 1)) && text.slice(Math.max(0, start - 5), start - 1) === '****';

const isDecimalFraction = (text: string, start: number): boolean =>
  text.charAt(start - 1) === '.' && isDigit(text.charCodeAt(start - 2));

/** E.164: a plus and at most 15 digits is a telephone number. */
const isDialled = (text: string, span: Span): boolean =>
  text.charAt(span.start - 1) === '+' && span.end - span.start <= 15;

const endOfDigits = (text: string, start: number): number => {
  let end = start;
  while (end < text.length && isDigit(text.charCodeAt(end))) end += 1;
  return end;
};

/** The digit groups from `start` on that are joined by one and the same separator; at most five are looked at. */
const groupsFrom = (text: string, start: number, firstEnd: number): Span[] => {
  const groups: Span[] = [{ start, end: firstEnd }];
  const separator = text.charAt(firstEnd);
  if (!isSeparator(separator)) return groups;
  for (let at = firstEnd; groups.length < GROUPS_MAX && text.charAt(at) === separator; ) {
    const end = endOfDigits(text, at + 1);
    const digits = end - at - 1;
    if (digits === 0 || digits > CARD_DIGITS_MAX) break;
    groups.push({ start: at + 1, end });
    at = end;
  }
  return groups;
};

const groupedNumberAt = (text: string, start: number, firstEnd: number): Span | null => {
  const groups = groupsFrom(text, start, firstEnd);
  for (const grouping of CARD_GROUPINGS) {
    const fits = grouping.every((digits, index) => {
      const group = groups[index];
      return group !== undefined && group.end - group.start === digits;
    });
    const last = groups[grouping.length - 1];
    if (!fits || last === undefined || WORD_OR_MASK.test(text.charAt(last.end))) continue;
    const digits = groups
      .slice(0, grouping.length)
      .map((group) => text.slice(group.start, group.end))
      .join('');
    if (isCardNumber(digits)) return { start, end: last.end };
  }
  return null;
};

const numberAt = (text: string, start: number, firstEnd: number): Span | null => {
  if (WORD_OR_MASK.test(text.charAt(start - 1))) return null;
  const length = firstEnd - start;
  if (length === 4 && isEndOfMasked(text, start)) return null;
  if (length === 4 || length === 6 || length === 8) return groupedNumberAt(text, start, firstEnd);
  if (length < CARD_DIGITS_MIN || length > CARD_DIGITS_MAX) return null;
  const span = { start, end: firstEnd };
  const isOther = WORD_OR_MASK.test(text.charAt(firstEnd)) || isDecimalFraction(text, start) || isDialled(text, span);
  return !isOther && isCardNumber(text.slice(start, firstEnd)) ? span : null;
};

/**
 * All card numbers in a text, left to right, never overlapping, separators included. Part of a longer word
 * (`pi_4242424242424242`, hex, base64) is none. Linear: every group of digits is looked at a bounded number of times.
 */
export const findCardNumbers = (text: string): Span[] => {
  const found: Span[] = [];
  for (let index = 0; index < text.length; ) {
    if (!isDigit(text.charCodeAt(index))) {
      index += 1;
      continue;
    }
    const end = endOfDigits(text, index);
    const span = numberAt(text, index, end);
    if (span !== null) found.push(span);
    index = span === null ? end : span.end;
  }
  return found;
};
