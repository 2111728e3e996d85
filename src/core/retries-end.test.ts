import { describe, expect, test } from 'vitest';
import { PROVIDERS } from '../providers/providers.ts';
import type { RetrySchedule } from './ports/provider.ts';
import { retriesLeft } from './retries-end.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from './time.ts';

const FIRST = Date.UTC(2026, 10, 23, 12);
const schedule = (waitsMs: readonly number[], endsAfterMs: number | null): RetrySchedule => ({
  waitsMs,
  endsAfterMs,
  source: 'a test',
  asOf: '2026-11',
});

describe('retriesLeft', () => {
  test('counts the tries that are still to come, and tells the last', () => {
    const waits = schedule([MINUTE_MS, HOUR_MS, 2 * HOUR_MS], null);

    expect(retriesLeft(waits, FIRST, FIRST)).toEqual({ until: FIRST + 3 * HOUR_MS + MINUTE_MS, count: 3 });
    expect(retriesLeft(waits, FIRST, FIRST + MINUTE_MS)).toMatchObject({ count: 2 });
    expect(retriesLeft(waits, FIRST, FIRST + DAY_MS)).toMatchObject({ count: 0 });
  });

  test('tells the end alone where the provider tells no more, and nothing where it does not tell that', () => {
    expect(retriesLeft(schedule([], 3 * DAY_MS), FIRST, FIRST)).toEqual({ until: FIRST + 3 * DAY_MS, count: null });
    expect(retriesLeft(schedule([], null), FIRST, FIRST)).toEqual({ until: null, count: null });
  });

  test.each(PROVIDERS.map((provider) => [provider.name, provider.retrySchedule] as const))(
    'the tries of %s have a source, and end once',
    (_name, { waitsMs, endsAfterMs, source, asOf }) => {
      expect([source, asOf]).toEqual([expect.stringMatching(/\w/), expect.stringMatching(/^20\d\d-\d\d$/)]);
      expect(waitsMs.length === 0 || endsAfterMs === null).toBe(true);
      expect(waitsMs.every((waitMs) => waitMs > 0)).toBe(true);
    },
  );
});
