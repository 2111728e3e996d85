import { describe, expect, test, vi } from 'vitest';
import { auditDraft } from '../../test/support/audit-draft.ts';
import { createTestClock, NOW } from '../../test/support/clock.ts';
import { createMemoryDigestAnchor, createMemoryDigestSigner } from '../adapters/memory/memory-digest-keys.ts';
import { createMemoryHome } from '../adapters/memory/memory-home.ts';
import { createMemoryLogger } from '../adapters/memory/memory-recorders.ts';
import { LIMITS } from '../core/limits.ts';
import { digestBytes, hashOfDigest } from './audit.ts';
import type { DigestLog } from './audit-log.ts';
import type { AnchoredDigest, DigestAnchor } from './digest-anchor.ts';
import { createCloseDigests } from './digests.ts';

const open = (overrides: Partial<DigestLog> = {}, anchorOverrides: Partial<DigestAnchor> = {}) => {
  const clock = createTestClock();
  const { auditLog } = createMemoryHome(clock);
  const [signer, anchor, logger] = [
    createMemoryDigestSigner(),
    { ...createMemoryDigestAnchor(), ...anchorOverrides },
    createMemoryLogger(),
  ];
  const closeDigests = createCloseDigests({ auditLog: { ...auditLog, ...overrides }, signer, anchor, clock, logger });
  const append = (count: number) => auditLog.append(Array.from({ length: count }, () => auditDraft()));
  const digests = () => auditLog.digests(0, 100);
  return { clock, auditLog, signer, anchor, logger, closeDigests, append, digests };
};

describe('closing digests', () => {
  test('writes none, and says so, when every entry is under one', async () => {
    const trail = open();

    expect(await trail.closeDigests()).toBeUndefined();
    expect(await trail.digests()).toEqual([]);
    expect(await trail.anchor.read()).toBeUndefined();
  });

  test('closes what was appended since, under a signature that verifies', async () => {
    const trail = open();
    await trail.append(3);

    const written = await trail.closeDigests();

    expect(written).toMatchObject({ number: 1, firstPosition: 1, lastPosition: 3, createdAt: NOW });
    if (written === undefined) throw new Error('nothing was written');
    expect(hashOfDigest(written)).toBe(written.hash);
    expect(await trail.signer.verify(written.keyId, digestBytes(written.hash), written.signature)).toBe(true);
    expect(await trail.digests()).toEqual([written]);
    expect(await trail.closeDigests()).toBeUndefined();
  });

  test('lists the hashes of the entries in their order', async () => {
    const trail = open();
    await trail.append(2);

    const written = await trail.closeDigests();

    const entries = await trail.auditLog.read(0, 10);
    expect(written?.entryHashes).toBe(entries.map(({ hash }) => hash).join(''));
  });

  test('links each digest to the one before', async () => {
    const trail = open();
    await trail.append(1);
    const first = await trail.closeDigests();
    await trail.append(1);

    expect(await trail.closeDigests()).toMatchObject({ number: 2, firstPosition: 2, previousHash: first?.hash });
  });

  test('anchors and logs every digest that it wrote', async () => {
    const trail = open();
    await trail.append(2);

    const written = await trail.closeDigests();

    expect(await trail.anchor.read()).toEqual({ number: 1, hash: written?.hash });
    expect(trail.logger.lines).toEqual([
      {
        level: 'info',
        event: 'audit.digest_closed',
        fields: { digest_number: 1, digest_hash: written?.hash, count: 2 },
      },
    ]);
  });

  test('goes on until nothing is left: a run has a bounded number of entries', async () => {
    const trail = open();
    await trail.append(2 * LIMITS.digestEntriesMax + 1);

    const last = await trail.closeDigests();

    expect(last?.number).toBe(3);
    expect((await trail.digests()).map(({ firstPosition, lastPosition }) => [firstPosition, lastPosition])).toEqual([
      [1, LIMITS.digestEntriesMax],
      [LIMITS.digestEntriesMax + 1, 2 * LIMITS.digestEntriesMax],
      [2 * LIMITS.digestEntriesMax + 1, 2 * LIMITS.digestEntriesMax + 1],
    ]);
    expect((await trail.anchor.read())?.number).toBe(3);
  });

  test('gives way to another process that closed the run first: neither anchored nor logged', async () => {
    const trail = open({ appendDigest: async () => false });
    await trail.append(1);

    expect(await trail.closeDigests()).toBeUndefined();
    expect(await trail.anchor.read()).toMatchObject({ number: 0 });
    expect(trail.logger.lines).toEqual([]);
  });

  test('fails when it cannot anchor, and the digest that stands is followed by the next one all the same', async () => {
    let isBroken = false;
    const anchored: AnchoredDigest[] = [];
    const trail = open(
      {},
      {
        read: async () => anchored.at(-1),
        write: async (digest) => {
          if (isBroken) throw new Error('the anchor cannot be written');
          anchored.push(digest);
        },
      },
    );
    await trail.append(1);
    await trail.closeDigests();
    isBroken = true;
    await trail.append(1);
    await expect(trail.closeDigests()).rejects.toThrow('the anchor cannot be written');
    isBroken = false;
    await trail.append(1);

    expect(await trail.closeDigests()).toMatchObject({ number: 3 });
    expect(anchored.map(({ number }) => number)).toEqual([0, 1, 3]);
  });

  test('anchors that there is none yet before the first one, so that a missing anchor always was there before', async () => {
    const written: number[] = [];
    const memory = createMemoryDigestAnchor();
    const write: DigestAnchor['write'] = async (digest) => {
      written.push(digest.number);
      await memory.write(digest);
    };
    const trail = open({}, { ...memory, write });
    await trail.append(1);

    await trail.closeDigests();

    expect(written).toEqual([0, 1]);
  });

  test.each([
    ['is missing', undefined, /the audit anchor is missing/],
    [
      'names a digest that is not there',
      { number: 7, hash: 'f'.repeat(64) },
      /names digest 7, which is not in the trail/,
    ],
    [
      'names a digest with another hash',
      { number: 1, hash: 'f'.repeat(64) },
      /names digest 1, which is not in the trail/,
    ],
  ])('signs nothing, and leaves the anchor as it is, while the anchor %s', async (_, anchored, message) => {
    const trail = open();
    await trail.append(1);
    await trail.closeDigests();
    await trail.append(1);
    const write = vi.fn(async () => undefined);
    const deps = { ...trail, anchor: { read: async () => anchored, write } };

    await expect(createCloseDigests(deps)()).rejects.toThrow(message);

    expect(write).not.toHaveBeenCalled();
    expect(await trail.digests()).toHaveLength(1);
  });
});
