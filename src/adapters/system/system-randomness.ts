/** The operating system's randomness, and ids that sort by time. */
import { randomBytes } from 'node:crypto';
import type { Clock } from '../../core/ports/clock.ts';
import type { Randomness } from '../../core/ports/randomness.ts';

const ID_BYTES = 16;
/** Bytes for ids are fetched for many at a time: asking the system for 16 bytes costs as much as asking for 4096. */
const POOL_BYTES = ID_BYTES * 256;

/** UUID version 7, RFC 9562 section 5.7: 48 bits of milliseconds, then random bits. */
const formatId = (at: number, random: Buffer): string => {
  const id = Buffer.from(random);
  id.writeUIntBE(at, 0, 6);
  id[6] = ((id[6] ?? 0) & 0x0f) | 0x70;
  id[8] = ((id[8] ?? 0) & 0x3f) | 0x80;
  const hex = id.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
};

export const createSystemRandomness = (clock: Clock): Randomness => {
  let pool = Buffer.alloc(0);
  return {
    bytes: (count) => new Uint8Array(randomBytes(count)),
    fraction: () => Math.random(),
    id() {
      if (pool.length < ID_BYTES) pool = randomBytes(POOL_BYTES);
      const random = pool.subarray(0, ID_BYTES);
      pool = pool.subarray(ID_BYTES);
      return formatId(clock.now(), random);
    },
  };
};
