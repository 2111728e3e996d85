import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { packEntries, RUN_ENTRIES_MAX } from './run-items.ts';

/** Entries that do not compress: as large packed as they are. */
const entries = (count: number, chars: number) =>
  Array.from({ length: count }, (_, index) => ({
    chainId: `stripe:evt_${index}@0`,
    at: 0,
    text: randomBytes(chars / 2).toString('hex'),
    hash: randomBytes(32).toString('hex'),
  }));

describe('packEntries', () => {
  test('packs a full run of usual entries far below what an item holds', () => {
    const packed = packEntries(entries(RUN_ENTRIES_MAX, 400));

    expect(packed?.count).toBe(RUN_ENTRIES_MAX);
    expect(packed?.bytes.length).toBeLessThan(200_000);
  });

  test('does not pack one entry too many, nor what an item could not hold', () => {
    expect(packEntries(entries(RUN_ENTRIES_MAX + 1, 2))).toBeUndefined();
    expect(packEntries(entries(400, 2000))).toBeUndefined();
  });

  test('does not pack what would not be unpacked again, however well it compresses', () => {
    const long = { chainId: 'operators', at: 0, text: 'a'.repeat(17 * 1024 * 1024), hash: '0'.repeat(64) };

    expect(packEntries([long])).toBeUndefined();
  });
});
