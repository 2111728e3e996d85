/** What every audit log keeps, and the entries that a store of the same home leaves in it. */
import assert from 'node:assert/strict';
import { describe, expect } from 'vitest';
import {
  type AuditDigest,
  type AuditDraft,
  type AuditEntry,
  digestOfRun,
  HOME_CHAIN,
  hashOfText,
  NO_HASH,
  OPERATORS_CHAIN,
  readRecord,
  webhookChain,
} from '../../src/audit/audit.ts';
import { createListEntries } from '../../src/audit/list-entries.ts';
import type { EntryFilter } from '../../src/audit/match-entry.ts';
import { NOW } from '../support/clock.ts';
import { type ContractOptions, type ContractTest, defineContract } from './contract-tests.ts';
import type { HomeHarness, OpenHome } from './homes.ts';

const draftOf = (overrides: Partial<AuditDraft> = {}): AuditDraft => ({
  chainId: OPERATORS_CHAIN,
  at: NOW,
  actor: { type: 'operator', id: 'ada' },
  event: 'PAYLOAD_READ',
  outcome: 'success',
  reason: null,
  origin: { sourceAddress: null, requestId: null, traceId: null },
  resource: { type: 'webhook', id: 'stripe:evt_1' },
  change: null,
  count: 1,
  ...overrides,
});

const drafts = (count: number, overrides: Partial<AuditDraft> = {}): readonly AuditDraft[] =>
  Array.from({ length: count }, (_, index) => draftOf({ reason: `reason ${index + 1}`, ...overrides }));

const reasonsOf = (entries: readonly AuditEntry[]) => entries.map((entry) => readRecord(entry).reason);

/** Fails unless the entries are one whole chain: numbered from 1, each carrying the hash of the one before. */
export const expectLinked = (entries: readonly AuditEntry[]): void => {
  let previousHash = NO_HASH;
  for (const [index, entry] of entries.entries()) {
    const record = readRecord(entry);
    expect(record).toMatchObject({ v: 2, chain: entry.chainId, seq: index + 1, prevHash: previousHash });
    expect(entry.hash).toBe(hashOfText(entry.text));
    previousHash = entry.hash;
  }
};

const appendAll = async (home: HomeHarness, ...batches: (readonly AuditDraft[])[]): Promise<void> => {
  for (const batch of batches) await home.auditLog.append(batch);
  await home.settle?.();
};

const defineAppendTests = (test: ContractTest, open: OpenHome): void => {
  test('appends drafts in order, each linked to the last entry of its chain', async () => {
    await using home = await open();

    await appendAll(home, drafts(2), [draftOf({ chainId: HOME_CHAIN }), draftOf({ reason: 'last' })]);

    const operators = await home.auditLog.chain(OPERATORS_CHAIN, 10);
    expectLinked(operators);
    expectLinked(await home.auditLog.chain(HOME_CHAIN, 10));
    expect(reasonsOf(operators)).toEqual(['reason 1', 'reason 2', 'last']);
  });

  test('keeps every fact of an entry', async () => {
    await using home = await open();
    const draft = draftOf({
      at: NOW + 123,
      actor: { type: 'component', id: 'edge "ä"' },
      event: 'REJECTED_SIGNATURE',
      outcome: 'failure',
      reason: 'signature_mismatch',
      origin: { sourceAddress: '2001:db8::1', requestId: 'request-1', traceId: 'trace-1' },
      resource: { type: 'delivery', id: 'stripe' },
      change: { from: 'received', to: 'processed' },
      count: 42,
    });

    await appendAll(home, [draft]);

    const [entry] = await home.auditLog.read(0, 1);
    const { chainId: chain, at, ...facts } = draft;
    expect(entry && readRecord(entry)).toEqual({
      v: 2,
      chain,
      seq: 1,
      prevHash: NO_HASH,
      ts: new Date(at).toISOString(),
      ...facts,
    });
  });

  test('appends nothing when one of the drafts cannot be written down', async () => {
    await using home = await open();
    await appendAll(home, drafts(1));
    const before = await home.auditLog.read(0, 10);

    for (const impossible of [{ at: Number.NaN }, { chainId: webhookChain('stripe:evt_1', NOW) }]) {
      await expect(home.auditLog.append([draftOf(), draftOf(impossible), draftOf()])).rejects.toThrow();
    }

    expect(await home.auditLog.read(0, 10)).toEqual(before);
    await appendAll(home, drafts(1));
    expectLinked(await home.auditLog.chain(OPERATORS_CHAIN, 10));
  });

  test('appends nothing for no drafts', async () => {
    await using home = await open();

    await appendAll(home, []);

    expect(await home.auditLog.read(0, 10)).toEqual([]);
  });

  test('gives no two entries of a chain one place when twenty appends race', async () => {
    await using home = await open();

    await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        home.auditLog.append([draftOf({ count: index + 1 }), draftOf({ chainId: HOME_CHAIN })]),
      ),
    );

    await home.settle?.();
    const operators = await home.auditLog.chain(OPERATORS_CHAIN, 100);
    expect(operators).toHaveLength(20);
    expectLinked(operators);
    expectLinked(await home.auditLog.chain(HOME_CHAIN, 100));
    const positions = (await home.auditLog.read(0, 100)).map((entry) => entry.position);
    expect(positions).toEqual(Array.from({ length: 40 }, (_, index) => index + 1));
  });
};

const defineReadTests = (test: ContractTest, open: OpenHome): void => {
  test('reads entries after a position, ascending, without gaps, at most as many as the limit', async () => {
    await using home = await open();
    await appendAll(home, drafts(3), drafts(2, { chainId: HOME_CHAIN }));

    const positions = async (after: number, limit: number) =>
      (await home.auditLog.read(after, limit)).map((entry) => entry.position);

    expect(await positions(0, 10)).toEqual([1, 2, 3, 4, 5]);
    expect(await positions(2, 2)).toEqual([3, 4]);
    expect(await positions(5, 10)).toEqual([]);
  });

  test('begins with its first entry while nothing of it was removed', async () => {
    await using home = await open();
    await appendAll(home, drafts(2));

    expect(await home.auditLog.start()).toBeUndefined();
  });

  test('returns the newest entries of a chain that is longer than the limit, oldest first', async () => {
    await using home = await open();
    await appendAll(home, drafts(4), drafts(1, { chainId: HOME_CHAIN }));

    expect(reasonsOf(await home.auditLog.chain(OPERATORS_CHAIN, 2))).toEqual(['reason 3', 'reason 4']);
    expect(await home.auditLog.chain('unknown', 2)).toEqual([]);
    expect(await home.auditLog.chain('stripe:unknown@7', 2)).toEqual([]);
  });

  test('returns the latest entries of all chains, newest first', async () => {
    await using home = await open();
    await appendAll(home, drafts(2), drafts(2, { chainId: HOME_CHAIN }));

    expect((await home.auditLog.latest(3)).map((entry) => entry.position)).toEqual([4, 3, 2]);
  });

  test('pages through the latest entries, without losing or doubling one while others come', async () => {
    await using home = await open();
    await appendAll(home, drafts(3), drafts(4, { at: NOW + 60_000 }));
    const list = createListEntries(home.auditLog);
    const walked: number[] = [];
    for (let after: string | undefined; ; ) {
      const page = await list({ limit: 2, after });
      walked.push(...page.items.map(({ position }) => position));
      if (page.next === null) break;
      after = page.next;
      await appendAll(home, drafts(1));
    }
    const bounded = await list({ limit: 9, until: NOW + 1, since: NOW, lookAtMax: 8 });

    expect(walked).toEqual([7, 6, 5, 4, 3, 2, 1]);
    // Three came meanwhile, of the first time: the look ended at the eighth of ten.
    expect(bounded.items.map(({ position }) => position)).toEqual([10, 9, 8, 3]);
    expect(bounded.scannedUntil).toBe(NOW);
    expect((await list({ limit: 9, until: NOW + 1, after: bounded.next ?? '' })).items).toHaveLength(2);
    expect((await list({ limit: 9, since: NOW + 60_000 })).items).toHaveLength(4);
    expect(await home.auditLog.latest(5, 1)).toEqual([]);
  });

  test('walks back in one chain from an entry of it, without losing or doubling one while others come', async () => {
    await using home = await open();
    await appendAll(home, drafts(3), drafts(2, { chainId: HOME_CHAIN }), drafts(2));
    const list = createListEntries(home.auditLog);
    const walked: number[] = [];
    for (let after: string | undefined; ; ) {
      const page = await list({ chain: OPERATORS_CHAIN, limit: 2, after });
      walked.push(...page.items.map(({ position }) => position));
      if (page.next === null) break;
      after = page.next;
      await appendAll(home, drafts(1, { chainId: HOME_CHAIN }), drafts(1));
    }

    expect(walked).toEqual([7, 6, 3, 2, 1]);
    expect(reasonsOf(await home.auditLog.chain(OPERATORS_CHAIN, 2, 7))).toEqual(['reason 3', 'reason 1']);
    expect(await home.auditLog.chain(OPERATORS_CHAIN, 2, 1)).toEqual([]);
    expect(await home.auditLog.chain('unknown', 2, 3)).toEqual([]);
  });

  test('finds what is asked for by event, actor and object, each once over pages, and says how far it looked', async () => {
    await using home = await open();
    const job = { chainId: 'job:a', event: 'JOB_REQUESTED', resource: { type: 'job', id: 'a' } } as const;
    await appendAll(home, drafts(3), [draftOf(job)], drafts(4, { actor: { type: 'operator', id: 'bob' } }));
    const list = createListEntries(home.auditLog);
    const positions = async (filter: Partial<EntryFilter>) =>
      (await list({ limit: 9, ...filter })).items.map(({ position }) => position);
    const actor = { type: 'operator', id: 'bob' } as const;
    const first = await list({ actor, limit: 3, events: ['PAYLOAD_READ'] });
    const bounded = await list({ limit: 9, objects: [{ type: 'job', id: null }], lookAtMax: 2 });

    expect(await positions({ events: ['JOB_REQUESTED'] })).toEqual([4]);
    expect(await positions({ chain: 'job:a', actor: { type: 'operator', id: 'ada' } })).toEqual([4]);
    expect(first.items.map(({ position }) => position)).toEqual([8, 7, 6]);
    expect(await positions({ actor, after: first.next ?? '' })).toEqual([5]);
    expect(bounded).toMatchObject({ items: [], scannedUntil: NOW });
    expect(await positions({ objects: [{ type: 'job', id: 'a' }], after: bounded.next ?? '' })).toEqual([4]);
  });

  test('knows the last entry of each chain that ends after a position, ascending', async () => {
    await using home = await open();
    await appendAll(home, drafts(2), drafts(2, { chainId: HOME_CHAIN }), drafts(1, { chainId: 'rejections' }));
    const entries = await home.auditLog.read(0, 10);
    const headAt = (position: number) => {
      const { chainId, hash } = entries[position - 1] ?? {};
      return { chainId, position, hash };
    };

    expect(await home.auditLog.heads(0, 10)).toEqual([headAt(2), headAt(4), headAt(5)]);
    expect(await home.auditLog.heads(2, 1)).toEqual([headAt(4)]);
    expect(await home.auditLog.heads(5, 10)).toEqual([]);
  });
};

/** A digest of what no digest covers yet, as `audit/digests.ts` makes it. */
const nextDigest = async (home: HomeHarness): Promise<AuditDigest> => {
  const previous = await home.auditLog.lastDigest();
  const run = await home.auditLog.run(previous?.lastPosition ?? 0, 1);
  assert(run !== undefined, 'there is an entry to put under a digest');
  return { ...digestOfRun(run, previous, NOW), keyId: 'key-1', signature: 'c2lnbmF0dXJl' };
};

const defineDigestTests = (test: ContractTest, open: OpenHome): void => {
  test('gives the run after a position as its hashes in order, and nothing when there is none', async () => {
    await using home = await open();
    await appendAll(home, drafts(4));
    const hashes = (await home.auditLog.read(0, 10)).map((entry) => entry.hash);

    expect(await home.auditLog.run(0, 10)).toEqual({ lastPosition: 4, entryHashes: hashes.join('') });
    expect(await home.auditLog.run(1, 2)).toEqual({ lastPosition: 3, entryHashes: hashes.slice(1, 3).join('') });
    expect(await home.auditLog.run(4, 10)).toBeUndefined();
  });

  test('has no digest before the first one', async () => {
    await using home = await open();

    expect(await home.auditLog.lastDigest()).toBeUndefined();
    expect(await home.auditLog.digests(0, 10)).toEqual([]);
  });

  test('keeps digests as they were given, ascending, at most as many as the limit', async () => {
    await using home = await open();
    await appendAll(home, drafts(3));
    const written: AuditDigest[] = [];
    for (let count = 0; count < 3; count += 1) {
      const digest = await nextDigest(home);
      expect(await home.auditLog.appendDigest(digest)).toBe(true);
      written.push(digest);
      await home.settle?.();
    }

    expect(await home.auditLog.digests(0, 10)).toEqual(written);
    expect(await home.auditLog.digests(1, 1)).toEqual([written[1]]);
    expect(await home.auditLog.lastDigest()).toEqual(written[2]);
  });

  test('refuses a digest that is not the next one, and changes none', async () => {
    await using home = await open();
    await appendAll(home, drafts(3));
    const first = await nextDigest(home);
    await home.auditLog.appendDigest(first);
    await home.settle?.();
    const second = await nextDigest(home);

    for (const number of [0, 1, 3]) expect(await home.auditLog.appendDigest({ ...second, number })).toBe(false);

    expect(await home.auditLog.digests(0, 10)).toEqual([first]);
  });

  test('takes one of ten digests of one number when they race', async () => {
    await using home = await open();
    await appendAll(home, drafts(1));
    const digest = await nextDigest(home);

    const taken = await Promise.all(
      Array.from({ length: 10 }, (_, index) => home.auditLog.appendDigest({ ...digest, keyId: `key-${index}` })),
    );

    expect(taken.filter(Boolean)).toHaveLength(1);
    expect((await home.auditLog.lastDigest())?.keyId).toBe(`key-${taken.indexOf(true)}`);
  });
};

/** Runs the suite against logs that `open` makes, each fresh and empty. */
export const describeAuditLog = (name: string, open: OpenHome, options: ContractOptions = {}): void => {
  describe(`AuditLog: ${name}`, () => {
    defineContract(options, (test) => {
      defineAppendTests(test, open);
      defineReadTests(test, open);
      defineDigestTests(test, open);
    });
  });
};
