import { expect, test } from 'vitest';
import { timesIn } from './csv-times.ts';

const record = {
  at: '2026-07-01T22:41:12.507Z',
  winter: '2026-12-31T23:00:00.000Z',
  text: '2026-07-01',
  none: null,
  count: 1,
};

test('times are written in the zone that is asked for, with its offset of that day, and nothing else is touched', () => {
  expect(timesIn('Europe/Berlin')(record)).toEqual({
    ...record,
    at: '2026-07-02T00:41:12.507+02:00',
    winter: '2027-01-01T00:00:00.000+01:00',
  });
  expect(timesIn('Asia/Kolkata')(record).at).toBe('2026-07-02T04:11:12.507+05:30');
  expect(timesIn('UTC')(record).at).toBe('2026-07-01T22:41:12.507+00:00');
});

test('a zone that is none is refused', () => {
  expect(() => timesIn('Nowhere/Here')).toThrow(/timeZone/);
});
