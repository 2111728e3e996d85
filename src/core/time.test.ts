import { describe, expect, test } from 'vitest';
import { DAY_MS, durationText, HOUR_MS, MINUTE_MS, milliseconds, SECOND_MS } from './time.ts';

describe('units of time', () => {
  test('are milliseconds', () => {
    expect([SECOND_MS, MINUTE_MS, HOUR_MS, DAY_MS]).toEqual([1000, 60_000, 3_600_000, 86_400_000]);
  });
});

describe('a duration for a log', () => {
  test.each([
    [0, 0],
    [1, 1000],
    [0.012_34, 12.3],
    [0.012_35, 12.4],
    [0.000_04, 0],
    [0.000_05, 0.1],
    [1 / 3, 333.3],
    [3600, 3_600_000],
  ])('of %d seconds is %d milliseconds, in tenths', (seconds, ms) => {
    expect(milliseconds(seconds)).toBe(ms);
  });
});

describe('durationText', () => {
  test.each([
    [-1, '0 s'],
    [12_999, '12 s'],
    [3 * 60_000, '3 min'],
    [3 * 3_600_000 + 12 * 60_000, '3 h 12 min'],
    [4 * 3_600_000, '4 h'],
    [5 * 86_400_000, '5 d'],
  ])('of %d ms is %s', (ms, text) => {
    expect(durationText(ms)).toBe(text);
  });
});
