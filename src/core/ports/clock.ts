/** Time, so that tests can hold it still. Nothing in the core reads the system clock. */
import type { EpochMs } from '../webhook.ts';

export interface Clock {
  /** UTC milliseconds. May jump with the machine's clock; never used to measure a duration. */
  now(): EpochMs;
  /** Starts a stopwatch: what it returns tells the seconds since then, by a clock that never jumps or runs backwards. */
  stopwatch(): () => number;
}
