import { systemClock } from '../../src/adapters/system/system-clock.ts';
import { createSystemRandomness } from '../../src/adapters/system/system-randomness.ts';
import { createTestClock } from '../support/clock.ts';
import { createTestRandomness } from '../support/randomness.ts';
import { describeClock } from './clock-contract.ts';
import { describeRandomness } from './randomness-contract.ts';

describeClock('system', () => systemClock);
describeClock('test', () => createTestClock());

describeRandomness('system', createSystemRandomness);

const NO_CLOCK = 'test randomness has no clock, so that the same seed gives the same ids';
describeRandomness('test', () => createTestRandomness(), {
  skip: [
    { test: 'gives ids that sort by time', reason: NO_CLOCK },
    { test: 'gives ids that hold the milliseconds of the clock', reason: NO_CLOCK },
  ],
});
