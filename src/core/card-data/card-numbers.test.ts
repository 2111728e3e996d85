import { describe, expect, test } from 'vitest';
import { findCardNumbers } from './card-numbers.ts';
import { CARD_RANGES, isCardNumber } from './card-ranges.ts';

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
  ['maestro 56', '5641821111166669'],
  ['maestro 67', '6771798021000008'],
  ['mir', '2200000000000053'],
  ['elo', '6362970000457013'],
  ['verve', '5060990580000217499'],
  ['hipercard', '6062826786276634'],
  ['dankort', '5019717010103742'],
  ['rupay', '6073849700004947'],
  ['troy', '9792030000000000'],
  ['naranja', '5895626746595650'],
  ['humo', '9860010000000009'],
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
    ['4242  4242   4242 4242'],
    ['4242 4242-4242.4242'],
    ['4242 - 4242 - 4242 - 4242'],
    ['4242\n4242\r\n4242\t4242'],
    ['4242/4242_4242,4242'],
    ['4242, 4242, 4242, 4242'],
    ['42 42 42 42 42 42 42 42'],
    ['4 2 4 2 4 2 4 2 4 2 4 2 4 2 4 2'],
    ['424 242 424 242 424 2'],
    ['37828 22463 10005'],
    ['424242 4242424242'],
    ['4242<br/>4242<br>4242<br />4242'],
    ['4242<b>42</b>4242424242'],
  ])('finds the grouping %s', (text) => {
    expect(found(text)).toEqual([text]);
    expect(found(`no. 12 ${text} 12/27 123`)).toEqual([text]);
  });

  test.each([
    ['four spaces', '4242    4242 4242 4242'],
    ['a grouping that nobody writes', '42 42424242424242'],
    ['the number of an order', '302-1234567-1234567'],
    ['an id with other digits', 'pi1a4242424242424242'],
    ['hex', 'a14242424242424242f'],
    ['hex that ends in another digit', '4242424242424242f0'],
    ['an article with an impossible expiry', '42424242424242421327'],
    ['a time with nanoseconds', '42:49.123456787'],
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

  test('takes fourteen digits and more after a plus for a number, not for a telephone', () => {
    expect(found('card=+4242424242424242')).toEqual(['4242424242424242']);
    expect(found('+378282246310005')).toEqual(['378282246310005']);
  });

  test.each([
    ['card4242424242424242'],
    ['_4242424242424242'],
    ['4242424242424242x'],
    ['pi_4242424242424242'],
    ['abc4242424242424242def'],
  ])('finds the number in %s', (text) => {
    expect(found(text)).toEqual(['4242424242424242']);
  });

  test.each([
    ['42424242424242421227'],
    ['42424242424242422712'],
    ['4242424242424242122027'],
    ['424242424242424212/27'],
  ])('finds the number before its expiry in %s', (text) => {
    expect(found(text)).toEqual(['4242424242424242']);
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
