/** What every clock keeps: whole UTC milliseconds, and stopwatches that only go forward. */
import { describe, expect } from 'vitest';
import type { Clock } from '../../src/core/ports/clock.ts';
import { type ContractOptions, defineContract } from './contract-tests.ts';

const MILLISECONDS_OF_2020 = Date.UTC(2020, 0);
const MILLISECONDS_OF_2200 = Date.UTC(2200, 0);

/** Runs the suite against a clock. */
export const describeClock = (name: string, open: () => Clock, options: ContractOptions = {}): void => {
  describe(`Clock: ${name}`, () => {
    defineContract(options, (test) => {
      test('tells whole milliseconds, and no seconds or microseconds', () => {
        const now = open().now();

        expect(Number.isSafeInteger(now)).toBe(true);
        expect(now).toBeGreaterThan(MILLISECONDS_OF_2020);
        expect(now).toBeLessThan(MILLISECONDS_OF_2200);
      });

      test('does not run backwards between two looks', () => {
        const clock = open();

        const first = clock.now();

        expect(clock.now()).toBeGreaterThanOrEqual(first);
      });

      test('has stopwatches that begin at nothing, each for itself, and never run backwards', () => {
        const clock = open();
        const first = clock.stopwatch();
        const looks = [first(), first(), first()];
        const second = clock.stopwatch();

        expect(looks[0]).toBeGreaterThanOrEqual(0);
        expect(looks).toEqual(looks.toSorted((a, b) => a - b));
        expect(second()).toBeLessThanOrEqual(first());
      });
    });
  });
};
