import { describe, expect, test } from 'vitest';
import { agoText, bytesText, durationText, moneyText, printable, timeText } from './format.ts';

describe('amounts', () => {
  test.each([
    [{ minor: '1248050', currency: 'USD', exponent: 2 }, '12,480.50 USD'],
    [{ minor: '184000', currency: 'JPY', exponent: 0 }, '184,000 JPY'],
    [{ minor: '-49', currency: 'EUR', exponent: 2 }, '-0.49 EUR'],
    [{ minor: '0', currency: 'BHD', exponent: 3 }, '0.000 BHD'],
    [{ minor: '900719925474099312', currency: 'USD', exponent: 2 }, '9,007,199,254,740,993.12 USD'],
  ])('%j is %s', (money, text) => {
    expect(moneyText(money)).toBe(text);
  });
});

describe('times', () => {
  const at = '2026-11-28T09:41:12.507Z';

  test('are written as of UTC, with milliseconds where they count', () => {
    expect(timeText(at, 'UTC')).toBe('2026-11-28 09:41:12');
    expect(timeText(at, 'UTC', true)).toBe('2026-11-28 09:41:12.507');
  });

  test.each([
    [0, 'now'],
    [12_000, '12 s ago'],
    [190_000, '3 min ago'],
    [11_520_000, '3 h 12 min ago'],
    [5 * 86_400_000, '5 d ago'],
    [-42_000, 'in 42 s'],
  ])('%i ms later are %s', (later, text) => {
    expect(agoText(at, Date.parse(at) + later)).toBe(text);
  });

  test('that are short have milliseconds', () => {
    expect(durationText(507)).toBe('507 ms');
  });
});

test('sizes are bytes as long as these say more', () => {
  expect([bytesText(2879), bytesText(350 * 1024), bytesText(9_000_000_000), bytesText(2 ** 60)]).toEqual([
    '2,879 B',
    '350 KB',
    '8.4 GB',
    '1,048,576 TB',
  ]);
});

test('what hides, reverses or moves text is shown as an escape', () => {
  expect(printable('pay\u202eelbat\u0007')).toBe('pay\\u202eelbat\\u0007');
});
