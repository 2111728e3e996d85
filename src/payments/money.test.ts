import { describe, expect, test } from 'vitest';
import { ADYEN_CURRENCIES } from '../providers/adyen/mapping/currencies.ts';
import { PAYPAL_CURRENCIES } from '../providers/paypal/mapping/currencies.ts';
import { SQUARE_CURRENCIES } from '../providers/square/mapping/currencies.ts';
import { STRIPE_CURRENCIES } from '../providers/stripe/mapping/currencies.ts';
import { type ExactJson, WrittenNumber } from './exact-json.ts';
import { formatMoney, magnitude, moneyOfDecimal, moneyOfMinor } from './money.ts';

const usd = (minor: bigint) => ({ minor, currency: 'USD', exponent: 2 });
const THIRTY_DIGITS = '123456789012345678901234567890';

describe('moneyOfMinor', () => {
  test.each<[ExactJson | undefined, bigint]>([
    [1230, 1230n],
    ['1230', 1230n],
    [0, 0n],
    [-1230, -1230n],
    ['-1230', -1230n],
    [9_007_199_254_740_993n, 9_007_199_254_740_993n],
    [BigInt(THIRTY_DIGITS), BigInt(THIRTY_DIGITS)],
    [THIRTY_DIGITS, BigInt(THIRTY_DIGITS)],
  ])('reads %s exactly', (value, minor) => {
    expect(moneyOfMinor(value, 'usd', STRIPE_CURRENCIES)).toEqual(usd(minor));
  });

  test.each<[ExactJson | undefined, string]>([
    [undefined, 'missing'],
    [null, 'missing'],
    ['', 'not_an_amount'],
    [12.5, 'not_an_amount'],
    [2 ** 60, 'not_an_amount'],
    [Number.NaN, 'not_an_amount'],
    ['12.50', 'not_an_amount'],
    ['1e3', 'not_an_amount'],
    [' 12', 'not_an_amount'],
    ['0x10', 'not_an_amount'],
    ['１２', 'not_an_amount'],
    [true, 'not_an_amount'],
    [[1], 'not_an_amount'],
    [{}, 'not_an_amount'],
    [new WrittenNumber('1e3'), 'not_an_amount'],
    ['9'.repeat(37), 'too_many_digits'],
    ['9'.repeat(100_000), 'too_many_digits'],
    [10n ** 36n, 'too_many_digits'],
  ])('says why %s is no amount', (value, problem) => {
    expect(moneyOfMinor(value, 'USD', STRIPE_CURRENCIES)).toBe(problem);
  });

  test.each<[ExactJson | undefined, string]>([
    [undefined, 'currency_missing'],
    [null, 'currency_missing'],
    ['', 'currency_missing'],
    ['ZZZ', 'currency_unknown'],
    ['US', 'currency_unknown'],
    [840, 'currency_unknown'],
    ['constructor', 'currency_unknown'],
  ])('says what is wrong with the currency %s', (currency, problem) => {
    expect(moneyOfMinor(100, currency, STRIPE_CURRENCIES)).toBe(problem);
    expect(moneyOfDecimal('1.00', currency, PAYPAL_CURRENCIES)).toBe(problem);
  });
});

describe('moneyOfDecimal', () => {
  test.each<[ExactJson | undefined, bigint]>([
    ['12.30', 1230n],
    ['12.3', 1230n],
    ['12', 1200n],
    ['0.01', 1n],
    ['-0.49', -49n],
    ['12.3000', 1230n],
    ['007.00', 700n],
    [12, 1200n],
    [new WrittenNumber('12.30'), 1230n],
    [new WrittenNumber('0.1'), 10n],
    [`${THIRTY_DIGITS}.99`, BigInt(`${THIRTY_DIGITS}99`)],
  ])('reads %s exactly', (value, minor) => {
    expect(moneyOfDecimal(value, 'USD', PAYPAL_CURRENCIES)).toEqual(usd(minor));
  });

  test.each<[ExactJson | undefined, string]>([
    [undefined, 'missing'],
    [null, 'missing'],
    ['', 'missing'],
    ['12.345', 'too_many_decimals'],
    ['1,230.00', 'not_an_amount'],
    ['12,30', 'not_an_amount'],
    ['.5', 'not_an_amount'],
    ['5.', 'not_an_amount'],
    ['1e3', 'not_an_amount'],
    ['+5', 'not_an_amount'],
    ['--5', 'not_an_amount'],
    ['$5', 'not_an_amount'],
    ['NaN', 'not_an_amount'],
    [true, 'not_an_amount'],
    [['1.00'], 'not_an_amount'],
    [{}, 'not_an_amount'],
    [new WrittenNumber('1e3'), 'not_an_amount'],
    [`${'9'.repeat(40)}.00`, 'too_many_digits'],
    ['9'.repeat(100_000), 'too_many_digits'],
  ])('says why %s is no amount', (value, problem) => {
    expect(moneyOfDecimal(value, 'USD', PAYPAL_CURRENCIES)).toBe(problem);
  });

  test('reads by the decimals of the currency', () => {
    expect(moneyOfDecimal('1.234', 'KWD', PAYPAL_CURRENCIES)).toMatchObject({ minor: 1234n, exponent: 3 });
    expect(moneyOfDecimal('1234', 'JPY', PAYPAL_CURRENCIES)).toMatchObject({ minor: 1234n, exponent: 0 });
  });
});

describe('the currency tables', () => {
  test.each([
    ['USD', 2, 2, 2, 2],
    ['JPY', 0, 0, 0, 0],
    ['KWD', 3, 3, 3, 3],
    ['ISK', 2, 0, 0, 2],
    ['UGX', 2, 0, 0, 0],
    ['MGA', 0, 2, 2, 2],
    ['HUF', 2, 0, 2, 2],
    ['TWD', 2, 0, 2, 2],
    ['CLP', 0, 0, 0, 2],
    ['CVE', 2, 2, 2, 0],
    ['IDR', 2, 2, 2, 0],
  ])('knows the decimals of %s at Stripe, PayPal, Square and Adyen', (currency, stripe, paypal, square, adyen) => {
    const tables = [STRIPE_CURRENCIES, PAYPAL_CURRENCIES, SQUARE_CURRENCIES, ADYEN_CURRENCIES];

    expect(tables.map((table) => table.get(currency))).toEqual([stripe, paypal, square, adyen]);
  });

  test('hold the currencies that Stripe lists as having no decimals, or three', () => {
    const zero = 'BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF'.split(' ');
    const three = 'BHD JOD KWD OMR TND'.split(' ');

    expect(zero.filter((currency) => STRIPE_CURRENCIES.get(currency) !== 0)).toEqual([]);
    expect(three.filter((currency) => STRIPE_CURRENCIES.get(currency) !== 3)).toEqual([]);
  });

  test('agree with the currencies of the platform where ISO 4217 has the same decimals', () => {
    const decimalsOf = (currency: string) =>
      new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits;
    // CLDR rounds away decimals that are not used in daily life; ISO 4217 still has them.
    const isZeroInDailyLife = (currency: string, decimals: number) => decimals === 2 && decimalsOf(currency) === 0;
    const different = [...SQUARE_CURRENCIES].filter(
      ([currency, decimals]) => decimalsOf(currency) !== decimals && !isZeroInDailyLife(currency, decimals),
    );

    expect(SQUARE_CURRENCIES.size).toBeGreaterThan(150);
    expect(
      different.map(([currency]) => currency).filter((currency) => !['BTC', 'IQD', 'UYW'].includes(currency)),
    ).toEqual([]);
  });
});

describe('formatMoney', () => {
  test.each([
    [1230n, 2, '12.30 USD'],
    [-49n, 2, '-0.49 USD'],
    [5n, 2, '0.05 USD'],
    [0n, 2, '0.00 USD'],
    [500n, 0, '500 USD'],
    [1n, 3, '0.001 USD'],
    [BigInt(THIRTY_DIGITS), 2, '1234567890123456789012345678.90 USD'],
  ])('writes %s with %s decimals as %s', (minor, exponent, text) => {
    expect(formatMoney({ minor, currency: 'USD', exponent })).toBe(text);
  });
});

describe('magnitude', () => {
  test('takes the sign away', () => {
    expect(magnitude(usd(-49n))).toEqual(usd(49n));
    expect(magnitude(usd(49n))).toEqual(usd(49n));
  });
});
