/** Turns random bytes into ids and choices of the shapes that payment providers use. */
import { createHash } from 'node:crypto';
import type { SampleInput } from './sample.ts';

const UPPER_ALPHANUMERIC = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
const LOWER_ALPHANUMERIC = 'abcdefghijklmnopqrstuvwxyz0123456789';
const BASE62 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** Every call gives something new. Good enough for samples: a bias of a byte modulo 62 does not matter here. */
export interface Draw {
  base62(count: number): string;
  upperAlphanumeric(count: number): string;
  lowerAlphanumeric(count: number): string;
  digits(count: number): string;
  /** A whole number from `min` to `max`, both included; at most 2^32 apart. */
  integer(min: number, max: number): number;
  pick<T extends readonly [unknown, ...unknown[]]>(values: T): T[number];
  /** Of version 4 (RFC 9562). */
  uuid(): string;
}

const textOf = (alphabet: string, bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => alphabet.charAt(byte % alphabet.length)).join('');

/** `nextBytes` gives `count` new bytes on every call. */
export const createDraw = (nextBytes: (count: number) => Uint8Array): Draw => {
  const integer = (min: number, max: number): number => {
    const bytes = nextBytes(4);
    const value = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0);
    return min + (value % (max - min + 1));
  };
  return {
    base62: (count) => textOf(BASE62, nextBytes(count)),
    upperAlphanumeric: (count) => textOf(UPPER_ALPHANUMERIC, nextBytes(count)),
    lowerAlphanumeric: (count) => textOf(LOWER_ALPHANUMERIC, nextBytes(count)),
    digits: (count) => textOf('0123456789', nextBytes(count)),
    integer,
    pick: (values) => values[integer(0, values.length - 1)] ?? values[0],
    uuid: () => {
      const hex = Buffer.from(nextBytes(16)).toString('hex');
      const variant = ((Number.parseInt(hex.charAt(16), 16) & 0b0011) | 0b1000).toString(16);
      return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
    },
  };
};

/** Draws that depend on `eventId` alone, in the order they are made: for the ids that tell one event from another. */
export const identityDraw = (input: Pick<SampleInput, 'eventId'>): Draw => {
  let block = 0;
  return createDraw((count) => {
    const bytes = new Uint8Array(count);
    for (let filled = 0; filled < count; filled += 32) {
      block += 1;
      const digest = createHash('sha256').update(`${block}:${input.eventId}`).digest();
      bytes.set(digest.subarray(0, Math.min(32, count - filled)), filled);
    }
    return bytes;
  });
};

/** Draws for everything else in the event. */
export const detailDraw = (input: Pick<SampleInput, 'randomness'>): Draw =>
  createDraw((count) => input.randomness.bytes(count));
