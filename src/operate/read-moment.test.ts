import { describe, expect, test } from 'vitest';
import { momentOf } from './read-moment.ts';

const NOW = Date.UTC(2026, 10, 30, 6);

describe('a moment', () => {
  test.each([
    ['2026-11-23', '2026-11-23T00:00:00.000Z'],
    ['2026-11-23T14:00', '2026-11-23T14:00:00.000Z'],
    ['2026-11-23 14:00:30.5', '2026-11-23T14:00:30.500Z'],
    ['2026-10-25T02:30+02:00', '2026-10-25T00:30:00.000Z'],
    ['2026-10-25T02:30+01:00', '2026-10-25T01:30:00.000Z'],
    ['2024-02-29', '2024-02-29T00:00:00.000Z'],
    ['2h', '2026-11-30T04:00:00.000Z'],
  ])('may be written as %s, wherever the machine is', (text, instant) =>
    expect(new Date(momentOf(text, NOW) ?? 0).toISOString()).toBe(instant),
  );

  test.each([
    '2026-02-30',
    '2026-11-31T10:00',
    '2026-02-29T10:00Z',
    '2026-13-01',
    '2026-11-23T25:00',
    '2026-11-23 (last week)',
    '2026-11-23T14:00+0100',
    '2026-11-23T14:00 CET',
    '1e3s',
    '-2h',
    '',
  ])('is not %j: no other one is taken for it', (text) => expect(momentOf(text, NOW)).toBeNull());
});
