import { describe, expect, test } from 'vitest';
import { DAY_MS } from '../../core/time.ts';
import { retryAfterMsOf } from './retry-after.ts';

const NOW = Date.UTC(2026, 10, 23, 12, 0, 0);
describe('retryAfterMsOf', () => {
  test.each([
    ['0', 0],
    ['120', 120_000],
    [' 120 ', 120_000],
    ['86401', DAY_MS],
    ['999999999999999', DAY_MS],
    ['Mon, 23 Nov 2026 12:00:30 GMT', 30_000],
    ['Mon, 23 Nov 2026 11:00:00 GMT', 0],
    ['Fri, 31 Dec 9999 23:59:59 GMT', DAY_MS],
  ])('reads %j as %d ms, from 0 to 24 hours', (header, expected) => {
    expect(retryAfterMsOf(header, NOW)).toBe(expected);
  });

  test.each([
    undefined,
    '',
    '-1',
    '1.5',
    '1e3',
    '0x10',
    'soon',
    '9999999999999999',
    'Mon, 23 Nov 2026 12:00:30',
    'Mon, 45 Nov 2026 12:00:30 GMT',
    '2026-11-23T12:00:30Z',
  ])('does not guess what %j means', (header) => {
    expect(retryAfterMsOf(header, NOW)).toBeNull();
  });
});
