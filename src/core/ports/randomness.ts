/** Chance, so that tests can repeat it: ids, nonces and jitter. */
export interface Randomness {
  /** `count` unpredictable bytes in memory of their own (the caller may keep or change them). */
  bytes(count: number): Uint8Array;
  /** A number in [0, 1), good enough for jitter and never for keys. */
  fraction(): number;
  /** A new id that sorts by time: a UUID version 7 (RFC 9562). */
  id(): string;
}
