/** Randomness that repeats: the same seed gives the same ids, bytes and jitter. */
import { createHash } from 'node:crypto';
import type { Randomness } from '../../src/core/ports/randomness.ts';

export const createTestRandomness = (seed = 'test'): Randomness => {
  let counter = 0;
  const block = (): Buffer => {
    counter += 1;
    return createHash('sha256').update(`${seed}:${counter}`).digest();
  };
  const bytes = (count: number): Uint8Array => {
    const blocks: Buffer[] = [];
    for (let have = 0; have < count; have += 32) blocks.push(block());
    return new Uint8Array(Buffer.concat(blocks).subarray(0, count));
  };
  return {
    bytes,
    fraction: () => block().readUInt32BE(0) / 2 ** 32,
    id: () => {
      const hex = Buffer.from(bytes(16)).toString('hex');
      return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-7${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`;
    },
  };
};
