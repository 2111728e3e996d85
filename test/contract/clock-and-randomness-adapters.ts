/** Time and chance: those of the machine, and those that a test moves and repeats. */
import { systemClock } from '../../src/adapters/system/system-clock.ts';
import { createSystemRandomness } from '../../src/adapters/system/system-randomness.ts';
import type { Clock } from '../../src/core/ports/clock.ts';
import type { Randomness } from '../../src/core/ports/randomness.ts';
import { createTestClock } from '../support/clock.ts';
import { createTestRandomness } from '../support/randomness.ts';
import type { Adapter } from './contract-tests.ts';

export const CLOCKS: readonly Adapter<() => Clock>[] = [
  { name: 'system', open: () => systemClock },
  { name: 'test', open: () => createTestClock() },
];

const NO_CLOCK = 'test randomness has no clock, so that the same seed gives the same ids';

export const RANDOMNESS: readonly Adapter<(clock: Clock) => Randomness>[] = [
  { name: 'system', open: createSystemRandomness },
  {
    name: 'test',
    open: () => createTestRandomness(),
    skip: [
      { test: 'gives ids that sort by time', reason: NO_CLOCK },
      { test: 'gives ids that hold the milliseconds of the clock', reason: NO_CLOCK },
    ],
  },
];
