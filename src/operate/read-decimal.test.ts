import { expect, test } from 'vitest';
import { compareAmount, readDecimal } from './read-decimal.ts';

const usd = (minor: string) => ({ minor, currency: 'USD', exponent: 2 });
const yen = (minor: string) => ({ minor, currency: 'JPY', exponent: 0 });

test.each(['', '-1', '1.', '.5', '1,5', '1e3', '12.30 USD', ' 1', '١', '1'.repeat(1000)])('%j is no amount', (text) => {
  expect(readDecimal(text)).toBeNull();
});

test.each([
  ['12.30', usd('1230'), 0],
  ['12.3', usd('1230'), 0],
  ['12.305', usd('1230'), -1],
  ['12.29', usd('1230'), 1],
  ['12', yen('12'), 0],
  ['11.5', yen('12'), 1],
  ['90071992547409931', usd('9007199254740993000'), -1],
  ['90071992547409930.00', usd('9007199254740993000'), 0],
])('%s against %j is %i', (text, money, expected) => {
  const amount = readDecimal(text);

  expect(amount === null ? null : compareAmount({ ...money, minor: BigInt(money.minor) }, amount)).toBe(expected);
});
