/** Who issues which card numbers, and whether digits are a number that an issuer could have given out. */

/** Shortest and longest number that the table below can accept. */
export const CARD_DIGITS_MIN = 13;
export const CARD_DIGITS_MAX = 19;

interface CardRange {
  readonly brand: string;
  /** First and last prefix of the range, both of the same number of digits, at most four. */
  readonly from: number;
  readonly to: number;
  readonly lengths: readonly number[];
}

const SIXTEEN = [16];
const SIXTEEN_TO_NINETEEN = [16, 17, 18, 19];

/**
 * From the networks' published ranges. Visa's 13 digits are in, although they are hardly issued any more: the price is
 * that one in ten article barcodes (EAN-13) beginning with 4 is masked in free text.
 * Elo, Verve, Hipercard and RuPay have many prefixes of six digits: the ranges in which they lie are taken as a whole.
 * Left out on purpose:
 * - UATP (1, 15 digits): airline billing accounts only, and every epoch in milli-, micro- or nanoseconds begins with 1.
 *   GPN (1946) for the same reason.
 * - Maestro on 61, 66, 68 and 69, and below 16 digits: known from no issuer, and one in a hundred long numbers each.
 * - RuPay and UnionPay on 81 and 82: numeric references of 16 digits that a processor makes begin like that.
 */
export const CARD_RANGES: readonly CardRange[] = [
  { brand: 'visa', from: 4, to: 4, lengths: [13, 16, 19] },
  { brand: 'mastercard', from: 51, to: 55, lengths: SIXTEEN },
  { brand: 'mastercard', from: 2221, to: 2720, lengths: SIXTEEN },
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
  // Also Dankort 5019, Elo 5041, 5067 and 5090, Verve 5060 to 5079, Meeza 5078, RuPay 5085 to 5089.
  { brand: 'maestro', from: 50, to: 50, lengths: SIXTEEN_TO_NINETEEN },
  // Also Uzcard 5614 and Naranja 5895.
  { brand: 'maestro', from: 56, to: 58, lengths: SIXTEEN_TO_NINETEEN },
  // Also Elo 6362 and 6363, Hipercard 6370 to 6376, InstaPayment 637 to 639.
  { brand: 'maestro', from: 63, to: 63, lengths: SIXTEEN_TO_NINETEEN },
  { brand: 'maestro', from: 67, to: 67, lengths: SIXTEEN_TO_NINETEEN },
  { brand: 'mir', from: 2200, to: 2205, lengths: SIXTEEN_TO_NINETEEN },
  // Also Hipercard 6062 and UkrCard 6040.
  { brand: 'rupay', from: 60, to: 60, lengths: SIXTEEN },
  { brand: 'troy', from: 9792, to: 9792, lengths: SIXTEEN },
  { brand: 'humo', from: 9860, to: 9860, lengths: SIXTEEN },
  { brand: 'uzcard', from: 8600, to: 8600, lengths: SIXTEEN },
  { brand: 'napas', from: 9704, to: 9704, lengths: [16, 19] },
];

/** Of each prefix of four digits the lengths that numbers have, one bit each. */
const LENGTHS = ((): Uint32Array => {
  const lengthsOf = new Uint32Array(10_000);
  for (const { from, to, lengths } of CARD_RANGES) {
    const scale = 10 ** (4 - String(from).length);
    const bits = lengths.reduce((sum, length) => sum | (1 << length), 0);
    for (let prefix = from * scale; prefix < (to + 1) * scale; prefix += 1)
      lengthsOf[prefix] = (lengthsOf[prefix] as number) | bits;
  }
  return lengthsOf;
})();

/** Digits as their values, read from `start` on: neither copied nor joined, because this is asked of every long number. */
export interface Digits {
  readonly [index: number]: number;
}

/** The lengths that a number which begins like this may have, one bit each; 0 when no card begins so. */
export const cardLengthsAt = (digits: Digits, start: number): number => {
  let prefix = 0;
  for (let index = start; index < start + 4; index += 1) prefix = prefix * 10 + (digits[index] as number);
  return LENGTHS[prefix] as number;
};

/** Whether such a number may have so many digits. */
export const hasLength = (lengths: number, count: number): boolean => (lengths & (1 << count)) !== 0;

const DOUBLED = [0, 2, 4, 6, 8, 1, 3, 5, 7, 9];

/** Whether the last of so many digits is the check digit of those before it (ISO/IEC 7812-1). */
export const passesLuhn = (digits: Digits, start: number, count: number): boolean => {
  let sum = 0;
  for (let index = start + count - 1; index >= start; index -= 2) sum += digits[index] as number;
  for (let index = start + count - 2; index >= start; index -= 2) sum += DOUBLED[digits[index] as number] as number;
  return sum % 10 === 0;
};

/** Whether bare digits are a number that an issuer could have given out. */
export const isCardNumber = (text: string): boolean => {
  if (text.length < CARD_DIGITS_MIN || text.length > CARD_DIGITS_MAX) return false;
  const digits = [...text].map(Number);
  return hasLength(cardLengthsAt(digits, 0), text.length) && passesLuhn(digits, 0, text.length);
};
