/** Randomness that repeats: the same seed gives the same bytes, so that every event of a payment draws the same ids. */
import { createHash } from 'node:crypto';
import type { Randomness } from '../../core/ports/randomness.ts';

const BLOCK_BYTES = 32;
const BITS_32 = 2 ** 32;

/** For samples only: nothing of it is unpredictable. */
export const createSeededRandomness = (seed: string): Randomness => {
  let blocks = 0;
  const bytes = (count: number): Uint8Array => {
    const filled = new Uint8Array(count);
    for (let at = 0; at < count; at += BLOCK_BYTES) {
      blocks += 1;
      const block = createHash('sha256').update(`${blocks}:${seed}`).digest();
      filled.set(block.subarray(0, Math.min(BLOCK_BYTES, count - at)), at);
    }
    return filled;
  };
  return {
    bytes,
    fraction: () => Buffer.from(bytes(4)).readUInt32BE() / BITS_32,
    id: () => Buffer.from(bytes(16)).toString('hex'),
  };
};
