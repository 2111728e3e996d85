import { describe, expect, test } from 'vitest';
import type { AuditDigest, TrailStart } from './audit.ts';
import { createFindDigest } from './digest-of-entry.ts';

/** A trail whose digests cover so many entries each; those up to `removed` are gone with their entries. */
const trailOf = (sizes: readonly number[], removed = 0) => {
  let lastPosition = 0;
  const all = sizes.map((size, index) => {
    const firstPosition = lastPosition + 1;
    lastPosition += size;
    return { number: index + 1, firstPosition, lastPosition } as AuditDigest;
  });
  const start =
    removed === 0
      ? undefined
      : ({ digestNumber: removed, lastPosition: all[removed - 1]?.lastPosition ?? 0 } as TrailStart);
  let reads = 0;
  const log = {
    lastDigest: async () => all.at(-1),
    start: async () => start,
    digests: async (after: number, limit: number) => {
      reads += 1;
      return all.filter(({ number }) => number > Math.max(after, removed)).slice(0, limit);
    },
  };
  return { all, log, reads: () => reads, entries: lastPosition };
};

describe('the digest of an entry', () => {
  test.each([
    ['of one size', Array.from({ length: 300 }, () => 7)],
    ['of which the last has nearly all', [...Array.from({ length: 200 }, () => 1), 5000]],
    ['of which the first has nearly all', [5000, ...Array.from({ length: 200 }, () => 1)]],
    ['of which there is one', [3]],
  ])('is found with few reads among digests %s', async (_, sizes) => {
    const { all, log, reads, entries } = trailOf(sizes);

    for (const position of [1, 2, 3, Math.ceil(entries / 2), entries - 1, entries]) {
      const before = reads();
      const number = await (await createFindDigest(log))(position);
      const digest = all.find(({ number: one }) => one === number);
      expect(digest?.firstPosition).toBeLessThanOrEqual(position);
      expect(digest?.lastPosition).toBeGreaterThanOrEqual(position);
      expect(reads() - before).toBeLessThanOrEqual(17);
    }
  });

  test('is asked for once where entries stand beside each other', async () => {
    const { log, reads } = trailOf(Array.from({ length: 300 }, () => 7));
    const find = await createFindDigest(log);
    const number = await find(700);
    const before = reads();

    expect(await find(699)).toBe(number);
    expect(reads()).toBe(before);
  });

  test('is none for an entry that none signs yet, and for one that was removed', async () => {
    const { log, entries } = trailOf([5, 5, 5, 5], 2);
    const find = await createFindDigest(log);

    expect([await find(entries + 1), await find(10), await find(11)]).toEqual([null, null, 3]);
    expect(await (await createFindDigest({ ...log, lastDigest: async () => undefined }))(1)).toBeNull();
  });

  test('is none where a digest is missing that should be there', async () => {
    const { log } = trailOf([5, 5, 5, 5]);

    expect(await (await createFindDigest({ ...log, digests: async () => [] }))(7)).toBeNull();
  });
});
