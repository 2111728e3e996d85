/** Finds card numbers in text by issuer range, that issuer's length, check digit and grouping. Used by the card-data guard. */
import { CARD_DIGITS_MAX, CARD_DIGITS_MIN, cardLengthsAt, hasLength, passesLuhn } from './card-ranges.ts';
import { type DigitChain, digitChainAt, IS_SEPARATOR, isDigit, isLetter } from './digit-chains.ts';

/**
 * How a number is grouped that is not written in groups of one length (the last one may be shorter). Other groupings are
 * order numbers and telephone numbers: 3-7-7 digits, for one, number the orders of a large shop.
 */
export const CARD_GROUPINGS: readonly (readonly number[])[] = [
  [4, 6, 5],
  [4, 6, 4],
  [6, 13],
  [6, 10],
  [12, 4],
  [4, 12],
  [4, 8, 4],
  [4, 4, 8],
  [8, 4, 4],
];

const GROUPINGS: ReadonlySet<string> = new Set(CARD_GROUPINGS.map((sizes) => sizes.join(' ')));
const GROUPING_GROUPS_MAX = 3;
/** Groups of one length: singly, in pairs, … in eights. */
const GROUP_DIGITS_MAX = 8;

/** A stretch of text, `end` exclusive. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

const STAR = 0x2a;

const sizeOf = ({ starts, ends }: DigitChain, group: number): number =>
  (ends[group] as number) - (starts[group] as number);

/**
 * Letters beside a number are words (`card4242…`, `4242…x`). A word with other digits in it is an id or hex, and a number
 * beside a star is masked.
 */
const isBesideIdOrMask = (text: string, from: number, step: 1 | -1): boolean => {
  let at = from;
  for (let letters = 0; letters < WORD_LETTERS_MAX && isLetter(text.charCodeAt(at)); letters += 1) at += step;
  return isDigit(text.charCodeAt(at)) || text.charCodeAt(at) === STAR;
};

const WORD_LETTERS_MAX = 32;

/** `**** **** **** 4242 4242 …`: the first 4242 is the visible end of a masked number, never the start of another. */
const isEndOfMasked = (text: string, start: number): boolean =>
  IS_SEPARATOR[text.charCodeAt(start - 1)] === 1 && text.slice(Math.max(0, start - 5), start - 1) === '****';

const isDecimalFraction = (text: string, start: number): boolean =>
  text.charAt(start - 1) === '.' && isDigit(text.charCodeAt(start - 2));

/** E.164. A country that begins with 4 has numbers of 13 digits; no telephone has 14 or 15 digits and begins as a card. */
const isDialled = (text: string, start: number, size: number): boolean => size === 13 && text.charAt(start - 1) === '+';

/** Month and year, or year and month, as on a card: `1227`, `2712`, `122027`. */
const EXPIRY = /^(?:(?:0[1-9]|1[0-2])(?:20)?[2-4]\d|[2-4]\d(?:0[1-9]|1[0-2]))$/;

/** Number and expiry in one: `42424242424242421227`, and `424242424242424212/27`, whose year is a group of its own. */
const numberBeforeExpiry = (text: string, chain: DigitChain, group: number, lengths: number): Span | null => {
  const [start, end] = [chain.starts[group] as number, chain.ends[group] as number];
  const isYearApart = text.charAt(end) === '/' && isDigit(text.charCodeAt(end + 1));
  for (const rest of isYearApart ? [2] : [4, 6]) {
    const count = end - start - rest;
    if (count < CARD_DIGITS_MIN || !hasLength(lengths, count)) continue;
    const expiry = text.slice(start + count, end) + (isYearApart ? text.slice(end + 1, end + 3) : '');
    if (EXPIRY.test(expiry) && passesLuhn(chain.digits, chain.digitsBefore[group] as number, count)) {
      return { start, end: start + count };
    }
  }
  return null;
};

const bareNumber = (text: string, chain: DigitChain, group: number, lengths: number): Span | null => {
  const size = sizeOf(chain, group);
  if (size < CARD_DIGITS_MIN) return null;
  const [start, end] = [chain.starts[group] as number, chain.ends[group] as number];
  if (isDecimalFraction(text, start) || isBesideIdOrMask(text, end, 1)) return null;
  const isCard =
    size <= CARD_DIGITS_MAX &&
    hasLength(lengths, size) &&
    passesLuhn(chain.digits, chain.digitsBefore[group] as number, size);
  if (isCard && !isDialled(text, start, size)) return { start, end };
  return numberBeforeExpiry(text, chain, group, lengths);
};

/** The number that begins with this group and has several: the longest, so that 19 digits are not taken for 16 and a rest. */
const groupedNumber = (text: string, chain: DigitChain, first: number, lengths: number): Span | null => {
  const size = sizeOf(chain, first);
  const start = chain.starts[first] as number;
  let [isUniform, isJoined, count] = [size <= GROUP_DIGITS_MAX, true, size];
  let found: Span | null = null;
  for (let group = first + 1; group < chain.starts.length; group += 1) {
    const next = sizeOf(chain, group);
    count += next;
    if (count > CARD_DIGITS_MAX) break;
    isJoined &&= chain.isJoined[group] as boolean;
    if (hasLength(lengths, count) && passesLuhn(chain.digits, chain.digitsBefore[first] as number, count)) {
      const end = chain.ends[group] as number;
      const isGrouped = (isUniform && next <= size) || isJoined || isKnownGrouping(text, chain, first, group);
      if (isGrouped && !isBesideIdOrMask(text, end, 1)) found = { start, end };
    }
    isUniform &&= next === size;
  }
  return found;
};

/** Not when it goes on behind a hyphen: the digits of a UUID may be grouped like this. */
const isKnownGrouping = (text: string, chain: DigitChain, first: number, last: number): boolean => {
  if (last - first >= GROUPING_GROUPS_MAX) return false;
  const sizes = Array.from({ length: last - first + 1 }, (_, index) => sizeOf(chain, first + index));
  const [start, end] = [chain.starts[first] as number, chain.ends[last] as number];
  const isPartOfWord =
    /[A-Za-z0-9]-$/.test(text.slice(Math.max(0, start - 2), start)) || /^-[A-Za-z0-9]/.test(text.slice(end, end + 2));
  return GROUPINGS.has(sizes.join(' ')) && !isPartOfWord;
};

const numberAt = (text: string, chain: DigitChain, group: number): Span | null => {
  const start = chain.starts[group] as number;
  const lengths = cardLengthsAt(chain.digits, chain.digitsBefore[group] as number);
  if (lengths === 0) return null;
  if (isBesideIdOrMask(text, start - 1, -1) || (sizeOf(chain, group) === 4 && isEndOfMasked(text, start))) return null;
  return bareNumber(text, chain, group, lengths) ?? groupedNumber(text, chain, group, lengths);
};

const findInChain = (text: string, chain: DigitChain, found: Span[]): void => {
  const { starts, digitsBefore, digits } = chain;
  for (let group = 0; group < starts.length; ) {
    // What is left of the chain is too short.
    if (digits.length - (digitsBefore[group] as number) < CARD_DIGITS_MIN) return;
    const span = numberAt(text, chain, group);
    group += 1;
    if (span === null) continue;
    found.push(span);
    while (group < starts.length && (starts[group] as number) < span.end) group += 1;
  }
};

/**
 * All card numbers in a text, left to right, never overlapping, separators included. Part of a longer word with other
 * digits (hex, base64, most ids) is none. Linear: every group of digits is looked at a bounded number of times.
 */
export const findCardNumbers = (text: string): Span[] => {
  const found: Span[] = [];
  for (let index = 0; index < text.length; ) {
    if (!isDigit(text.charCodeAt(index))) {
      index += 1;
      continue;
    }
    const chain = digitChainAt(text, index);
    if (chain.digits.length >= CARD_DIGITS_MIN) findInChain(text, chain, found);
    index = chain.end;
  }
  return found;
};
