/** Input for the tests of the samples: the same seed gives the same input. */
import { createHash } from 'node:crypto';
import type { Randomness } from '../../src/core/ports/randomness.ts';
import type { SampleInput } from '../../src/samples/sample.ts';

const TEST_NOW = Date.UTC(2026, 2, 1, 12, 34, 56, 789);

const seededRandomness = (seed: string): Randomness => {
  let calls = 0;
  const bytes = (count: number): Uint8Array => {
    const filled = new Uint8Array(count);
    for (let at = 0; at < count; at += 32) {
      calls += 1;
      const digest = createHash('sha256').update(`${seed}/${calls}`).digest();
      filled.set(digest.subarray(0, Math.min(32, count - at)), at);
    }
    return filled;
  };
  return {
    bytes,
    fraction: () => (bytes(1)[0] ?? 0) / 256,
    id: () => Buffer.from(bytes(16)).toString('hex'),
  };
};

/** A fresh generator on every call, so that two inputs of one seed build the same body. */
export const seededInput = (seed: string, overrides: Partial<SampleInput> = {}): SampleInput => ({
  eventId: `event-${seed}`,
  now: TEST_NOW,
  randomness: seededRandomness(seed),
  ...overrides,
});
