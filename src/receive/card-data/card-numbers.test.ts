import { describe, expect, test } from 'vitest';
import { CARD_RANGES, findCardNumbers, isCardNumber } from './card-numbers.ts';

const found = (text: string): string[] => findCardNumbers(text).map(({ start, end }) => text.slice(start, end));

/** Numbers that the networks and providers publish for testing. */
const TEST_NUMBERS = [
  ['visa 16', '4242424242424242'],
  ['visa 13', '4222222222222'],
  ['visa 19', '4000000000000000006'],
  ['mastercard 5', '5555555555554444'],
  ['mastercard 2', '2223003122003222'],
  ['amex 37', '378282246310005'],
  ['amex 34', '343434343434343'],
  ['discover 6011', '6011111111111117'],
  ['discover 65', '6510000000000000'],
  ['diners 30', '30569309025904'],
  ['diners 36', '36227206271667'],
  ['diners 38', '38520000023237'],
  ['jcb', '3566002020360505'],
  ['unionpay 16', '6200000000000005'],
  ['unionpay 19', '6205500000000000004'],
  ['maestro', '6759649826438453'],
] as const;

describe('isCardNumber', () => {
  test.each(TEST_NUMBERS)('knows the test number of %s', (_, digits) => {
    expect(isCardNumber(digits)).toBe(true);
  });

  test.each([
    ['a wrong check digit', '4242424242424241'],
    ['a length that the issuer does not use', '42424242424242'],
    ['sixteen digits of American Express', '3782822463100005'],
    ['a prefix that nobody issues', '9999999999999995'],
    ['a prefix just below Mastercard', '2220990000000005'],
    ['an epoch in milliseconds', '1700000000006'],
    ['an epoch in microseconds', '1700000000000008'],
    ['an epoch in nanoseconds', '1700000000000000004'],
    ['nothing', ''],
  ])('refuses %s', (_, digits) => {
    expect(isCardNumber(digits)).toBe(false);
  });
});

describe('CARD_RANGES', () => {
  test('has ranges of equally long prefixes and lengths that a number can have', () => {
    for (const { from, to, lengths } of CARD_RANGES) {
      expect(String(from)).toHaveLength(String(to).length);
      expect(from).toBeLessThanOrEqual(to);
      expect(lengths.every((length) => length >= 13 && length <= 19)).toBe(true);
    }
  });
});

describe('findCardNumbers', () => {
  test.each(TEST_NUMBERS)('finds %s in a sentence', (_, digits) => {
    expect(found(`card ${digits}, declined`)).toEqual([digits]);
  });

  test.each([
    ['4242 4242 4242 4242'],
    ['4242-4242-4242-4242'],
    ['4242.4242.4242.4242'],
    ['4242+4242+4242+4242'],
    ['42424242 42424242'],
    ['3782 822463 10005'],
    ['3056 930902 5904'],
    ['4222 2222 2222 2'],
    ['4000 0000 0000 0000 006'],
    ['620550 0000000000004'],
  ])('finds the grouping %s', (text) => {
    expect(found(text)).toEqual([text]);
    expect(found(`no. 12 ${text} 12/27 123`)).toEqual([text]);
  });

  test.each([
    ['mixed separators', '4242 4242-4242 4242'],
    ['two spaces', '4242  4242 4242 4242'],
    ['a grouping that nobody writes', '42 42424242424242'],
    ['an id', 'pi_4242424242424242'],
    ['letters after it', '4242424242424242abc'],
    ['hex', 'a4242424242424242f'],
    ['a longer number', '14242424242424242424242'],
    ['a UUID', '42424242-4242-4242-4242-424242424242'],
    ['a decimal fraction', '0.4242424242424242'],
    ['a telephone number', '+4222222222222'],
    ['a masked number', '424242******4242'],
    ['the visible end of a masked number and more', '**** **** **** 4242 4242 4242 4242'],
    ['a number that is masked further on', '4242 4242 4242 42** ****'],
    ['a date and a time', '2024-01-31 10.20.30'],
  ])('does not take %s for a card number', (_, text) => {
    expect(found(text)).toEqual([]);
  });

  test('takes sixteen digits after a plus for a number in a form, not for a telephone', () => {
    expect(found('card=+4242424242424242')).toEqual(['4242424242424242']);
  });

  test.each([['* 4242424242424242'], ['* 4242 4242 4242 4242'], ['**** 4242424242424242']])(
    'finds the number after the bullet or line of %s',
    (text) => {
      expect(found(text)).toEqual([text.slice(text.indexOf('4'))]);
    },
  );

  test('finds several numbers and never overlapping ones', () => {
    expect(found('4242424242424242 4242 4242 4242 4242 4242 4242')).toEqual([
      '4242424242424242',
      '4242 4242 4242 4242',
    ]);
  });
});
