/** What every randomness and every clock keeps: the sentences of the ports, as tests. */
import { describe, expect } from 'vitest';
import type { Clock } from '../../src/core/ports/clock.ts';
import type { Randomness } from '../../src/core/ports/randomness.ts';
import { createTestClock, NOW } from '../support/clock.ts';
import { type ContractOptions, type ContractTest, defineContract } from './contract-tests.ts';

const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

const defineTests = (test: ContractTest, open: (clock: Clock) => Randomness): void => {
  test('gives ids that have the form of a UUID version 7', () => {
    const randomness = open(createTestClock());

    for (let count = 0; count < 1000; count += 1) expect(randomness.id()).toMatch(UUID_V7);
  });

  test('gives 10,000 different ids, also in one millisecond', () => {
    const randomness = open(createTestClock());

    expect(new Set(Array.from({ length: 10_000 }, () => randomness.id())).size).toBe(10_000);
  });

  test('gives ids that sort by time', () => {
    const clock = createTestClock();
    const randomness = open(clock);
    const ids = Array.from({ length: 1000 }, () => {
      clock.advance(1);
      return randomness.id();
    });

    expect([...ids].sort()).toEqual(ids);
  });

  test('gives ids that hold the milliseconds of the clock', () => {
    const randomness = open(createTestClock(NOW));

    expect(Number.parseInt(randomness.id().replaceAll('-', '').slice(0, 12), 16)).toBe(NOW);
  });

  for (const count of [0, 1, 12, 32, 33, 5000]) {
    test(`gives ${count} bytes`, () => {
      expect(open(createTestClock()).bytes(count)).toHaveLength(count);
    });
  }

  test('gives other bytes each time', () => {
    const randomness = open(createTestClock());

    const drawn = Array.from({ length: 1000 }, () => Buffer.from(randomness.bytes(16)).toString('hex'));

    expect(new Set(drawn).size).toBe(1000);
  });

  test('gives bytes in memory of their own', () => {
    const randomness = open(createTestClock());
    const first = randomness.bytes(32);
    const copy = Uint8Array.from(first);

    randomness.bytes(32).fill(0);
    randomness.id();

    expect(first).toEqual(copy);
    expect(first.buffer.byteLength).toBe(32);
  });

  test('gives fractions from 0 up to but not including 1, on both sides of the middle', () => {
    const randomness = open(createTestClock());

    const fractions = Array.from({ length: 1000 }, () => randomness.fraction());

    expect(fractions.every((fraction) => fraction >= 0 && fraction < 1)).toBe(true);
    const low = fractions.filter((fraction) => fraction < 0.5).length;
    expect(low).toBeGreaterThan(350);
    expect(low).toBeLessThan(650);
  });
};

/** Runs the suite against randomness that `open` makes for a clock. */
export const describeRandomness = (
  name: string,
  open: (clock: Clock) => Randomness,
  options: ContractOptions = {},
): void => {
  describe(`Randomness: ${name}`, () => {
    defineContract(options, (test) => defineTests(test, open));
  });
};
