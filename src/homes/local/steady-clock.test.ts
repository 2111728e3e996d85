import { expect, test } from 'vitest';
import { DAY_MS, HOUR_MS, SECOND_MS } from '../../core/time.ts';
import { createSteadyClock } from './steady-clock.ts';

const NOW = Date.UTC(2026, 10, 30);

/** Time passes; the clock on the wall may be moved by itself. */
const open = (lastKnownAt: number | null) => {
  let [wall, passed] = [NOW, 0];
  const isSteady = createSteadyClock({ now: () => wall, stopwatch: () => () => passed / SECOND_MS }, lastKnownAt);
  return {
    isSteady,
    pass(ms: number) {
      wall += ms;
      passed += ms;
    },
    moveWall(ms: number) {
      wall += ms;
    },
  };
};

test('a clock is believed while it goes on evenly, after a first start too', () => {
  for (const lastKnownAt of [null, NOW - HOUR_MS]) {
    const { isSteady, pass } = open(lastKnownAt);
    for (let hours = 0; hours < 48; hours += 1) {
      pass(HOUR_MS);
      expect(isSteady()).toBe(true);
    }
  }
});

test('a clock that jumped ahead is not believed for a day, and one that was set back to what is right is', () => {
  const { isSteady, pass, moveWall } = open(NOW - HOUR_MS);
  pass(HOUR_MS);
  expect(isSteady()).toBe(true);
  moveWall(365 * DAY_MS);
  pass(HOUR_MS);
  expect(isSteady()).toBe(false);
  pass(23 * HOUR_MS);
  expect(isSteady()).toBe(false);
  moveWall(-365 * DAY_MS);
  pass(HOUR_MS);
  expect(isSteady()).toBe(true);
});

test('a start long after the last sign of life removes nothing for a day: the clock may be wrong', () => {
  const { isSteady, pass } = open(NOW - 365 * DAY_MS);
  pass(HOUR_MS);
  expect(isSteady()).toBe(false);
  pass(DAY_MS);
  expect(isSteady()).toBe(true);
});
