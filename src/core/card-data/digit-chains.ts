/**
 * Chains of digits: groups with up to three separators between two of them, whatever these are. People write a card
 * number in groups of four, in pairs, one by one, with dots, dashes, line breaks or markup in between.
 */

/** Separators between two groups of one number. */
export const SEPARATORS_MAX = 3;
/** Of `<`, a name, at most 100 characters more, and `>`: a longer tag separates two texts. */
export const TAG_CHARS_MAX = 110;
/** Markup inside of a word: digits on both sides of it stand side by side for whoever reads the page. */
const TAG_INSIDE_WORD = /<\/?(?:b|i|u|s|em|strong|span|font|small|mark|sub|sup|a|wbr|code)(?:[ /][^<>]{0,100})?>/iy;
const TAG = /<\/?[A-Za-z][^<>]{0,100}>/y;

export const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39;
export const isLetter = (code: number): boolean => (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a);

/** Quotes and braces bound values, stars hide digits, `<` begins a tag or a comparison; everything else may separate. */
const NO_SEPARATORS = new Set(['"', '{', '}', '*', '<', '>'].map((char) => char.charCodeAt(0)));

/** By code: 1 for what may stand between two groups. */
export const IS_SEPARATOR = Uint8Array.from({ length: 256 }, (_, code) =>
  code < 0x80 && !isDigit(code) && !isLetter(code) && !NO_SEPARATORS.has(code) ? 1 : 0,
);

/** Groups by their number: an object for each would be half a million in a payload of single digits. */
export interface DigitChain {
  readonly starts: readonly number[];
  /** Exclusive. */
  readonly ends: readonly number[];
  /** How many digits of the chain stand before the group. */
  readonly digitsBefore: readonly number[];
  /** Nothing but markup inside of a word stands between the group and the one before. */
  readonly isJoined: readonly boolean[];
  /** The digits of all groups, as their values. */
  readonly digits: readonly number[];
  /** Where the last group ends. */
  readonly end: number;
}

/** The end of a tag that begins here; the same place when none does. */
const endOfTag = (text: string, start: number, shape: RegExp): number => {
  shape.lastIndex = start;
  return shape.test(text) ? shape.lastIndex : start;
};

/** Where the next group of digits begins after the end of one; -1 when the chain ends here. */
const nextGroupAt = (text: string, groupEnd: number): number => {
  let at = groupEnd;
  for (let count = 0; count < SEPARATORS_MAX && !isDigit(text.charCodeAt(at)); count += 1) {
    const code = text.charCodeAt(at);
    const end = IS_SEPARATOR[code] === 1 ? at + 1 : endOfTag(text, at, TAG);
    if (end === at) return -1;
    at = end;
  }
  return isDigit(text.charCodeAt(at)) ? at : -1;
};

const isMarkup = (text: string, start: number, end: number): boolean => {
  let at = start;
  while (at < end) {
    const endOfMarkup = endOfTag(text, at, TAG_INSIDE_WORD);
    if (endOfMarkup === at) return false;
    at = endOfMarkup;
  }
  return true;
};

/** The longest chain that begins with the digit at `start`. */
export const digitChainAt = (text: string, start: number): DigitChain => {
  const chain = {
    starts: [] as number[],
    ends: [] as number[],
    digitsBefore: [] as number[],
    isJoined: [] as boolean[],
  };
  const digits: number[] = [];
  let end = start;
  for (let groupStart = start; groupStart !== -1; groupStart = nextGroupAt(text, end)) {
    chain.isJoined.push(text.charCodeAt(end) === LESS && isMarkup(text, end, groupStart));
    chain.starts.push(groupStart);
    chain.digitsBefore.push(digits.length);
    for (end = groupStart; isDigit(text.charCodeAt(end)); end += 1) digits.push(text.charCodeAt(end) - 0x30);
    chain.ends.push(end);
  }
  return { ...chain, digits, end };
};

const LESS = 0x3c;
