import { expect, test } from 'vitest';
import { absolute, momentIn, momentOut } from './moment.ts';

test.each(['2h', '2026-11-28T09:00Z', '2026-11-28T09:00:00+01:00', 'yesterday', ''])(
  '%j stays as it is written',
  (text) => {
    expect(momentIn(text, 'local')).toBe(text);
    expect(momentIn(text, 'UTC')).toBe(text);
  },
);

test('a moment without a zone is one of UTC on a screen of UTC', () => {
  expect(momentIn('2026-11-28 09:00', 'UTC')).toBe('2026-11-28 09:00');
});

test('on a screen of local times it is one of the browser, comes back as it was written, and is UTC in the address', () => {
  const written = '2026-07-01 09:30:00';
  const moment = momentIn(written, 'local');

  expect(Date.parse(moment)).toBe(new Date(2026, 6, 1, 9, 30).getTime());
  expect(moment).toMatch(/Z$/);
  expect(momentOut(moment, 'local')).toBe(written);
  expect(Date.parse(momentIn('2026-07-01', 'local'))).toBe(new Date(2026, 6, 1).getTime());
});

test('an age in a link that is copied is a moment: whoever opens it later sees the same rows', () => {
  expect(absolute('2h', Date.parse('2026-11-28T11:00:00Z'))).toBe('2026-11-28T09:00:00Z');
  expect(absolute('2026-11-28', 0)).toBe('2026-11-28');
});
