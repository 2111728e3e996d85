import { describe, expect, test } from 'vitest';
import { instantOfSeconds, instantOfText } from './read-time.ts';

describe('instantOfSeconds', () => {
  test('reads plain decimal seconds', () => {
    expect(instantOfSeconds('1533204620')).toBe(1_533_204_620_000);
    expect(instantOfSeconds('0')).toBe(0);
  });

  test.each(['', ' 1', '1 ', '+1', '-1', '01', '1.0', '1e3', '0x10', '12abc', '１２', '1234567890123'])(
    'refuses %j',
    (text) => {
      expect(instantOfSeconds(text)).toBeNull();
    },
  );
});

describe('instantOfText', () => {
  test.each([
    ['2025-01-15T00:00:00Z', Date.UTC(2025, 0, 15)],
    ['2025-01-15t00:00:00.5z', Date.UTC(2025, 0, 15, 0, 0, 0, 500)],
    ['2022-07-13T20:30:59.037339943Z', Date.UTC(2022, 6, 13, 20, 30, 59, 37)],
    ['2023-01-10T13:42:29+01:00', Date.UTC(2023, 0, 10, 12, 42, 29)],
    ['2018-12-19T22:20:32-07:30', Date.UTC(2018, 11, 20, 5, 50, 32)],
    ['2024-02-29T00:00:00Z', Date.UTC(2024, 1, 29)],
    ['2016-12-31T23:59:60Z', Date.UTC(2017, 0, 1)],
  ])('reads %s', (text, instant) => {
    expect(instantOfText(text)).toBe(instant);
  });

  test.each([
    '2018-19-12T22:20:32.000Z',
    '2018-00-12T22:20:32Z',
    '2023-02-29T00:00:00Z',
    '2023-04-31T00:00:00Z',
    '2023-04-00T00:00:00Z',
    '2023-04-01T24:00:00Z',
    '2023-04-01T00:60:00Z',
    '2023-04-01T00:00:61Z',
    '2023-04-01T00:00:00+24:00',
    '2023-04-01T00:00:00+01:60',
    '2023-04-01T00:00:00',
    '2023-04-01 00:00:00Z',
    '2023-04-01',
    '1969-12-31T23:59:59Z',
    'yesterday',
    '',
    `2023-04-01T00:00:00.${'0'.repeat(60)}Z`,
  ])('refuses %j', (text) => {
    expect(instantOfText(text)).toBeNull();
  });

  test('takes a time without offset as UTC only where that is allowed', () => {
    expect(instantOfText('2022-04-26T10:08:40.454726', true)).toBe(Date.UTC(2022, 3, 26, 10, 8, 40, 454));
    expect(instantOfText('2022-04-26T10:08:40.454726')).toBeNull();
  });
});
