import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createBodyWatch } from './body-watch.ts';

const LIMITS = { lookEveryMs: 1000, idleMsMax: 3000, bytesPerSecondMin: 100 };

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Looks at a body that gets so many bytes a second; returns after how many looks it was given up, or 0. */
const looksUntilGivenUp = (bytesPerSecond: (second: number) => number): number => {
  const watch = createBodyWatch(LIMITS);
  let isGivenUp = false;
  const body = watch.begin(() => {
    isGivenUp = true;
    body.end();
  });
  for (let second = 1; second <= 20; second += 1) {
    body.bytes += bytesPerSecond(second);
    vi.advanceTimersByTime(1000);
    if (isGivenUp) return second;
  }
  watch.close();
  return 0;
};

test.each<[string, (second: number) => number, number]>([
  ['of which nothing comes is given up when that has lasted', () => 0, 3],
  ['that stops is given up as long after that', (second) => (second < 8 ? 1000 : 0), 10],
  ['that trickles is given up a second later: it has those first seconds', () => 1, 4],
  ['that pauses a little goes on', (second) => (second % 3 === 0 ? 1000 : 0), 0],
  ['that is slow and not too slow goes on', () => 100, 0],
  [
    'that comes at once and then trickles is given up when its average is too low',
    (second) => (second === 1 ? 1000 : 1),
    14,
  ],
])('a body %s', (_what, bytesPerSecond, looks) => {
  expect(looksUntilGivenUp(bytesPerSecond)).toBe(looks);
});

test('a body that has ended is not looked at any more, nor any when the watch is closed', () => {
  const watch = createBodyWatch(LIMITS);
  const tooSlow = vi.fn();
  watch.begin(tooSlow).end();
  watch.begin(tooSlow);
  watch.close();

  vi.advanceTimersByTime(60_000);

  expect(tooSlow).not.toHaveBeenCalled();
});
