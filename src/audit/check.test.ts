import { beforeEach, describe, expect, test } from 'vitest';
import { auditDraft } from '../../test/support/audit-draft.ts';
import { createTestClock } from '../../test/support/clock.ts';
import { createTestHome, stripeDelivery } from '../../test/support/test-home.ts';
import { createMemoryDigestAnchor, createMemoryDigestSigner } from '../adapters/memory/memory-digest-keys.ts';
import { createMemoryHome } from '../adapters/memory/memory-home.ts';
import { createMemoryLogger } from '../adapters/memory/memory-recorders.ts';
import { LIMITS } from '../core/limits.ts';
import { type AuditDraft, type AuditEntry, HOME_CHAIN, linkEntry, readRecord, TURNED_AWAY_CHAIN } from './audit.ts';
import type { AuditReader } from './audit-log.ts';
import { createCheckAudit } from './check.ts';
import { createCloseDigests } from './digests.ts';
import { problem } from './problem.ts';

const draft = (chainId: string, event: AuditDraft['event'] = 'HOME_STARTED'): AuditDraft =>
  auditDraft({ chainId, event });

const open = () => {
  const clock = createTestClock();
  const { auditLog } = createMemoryHome(clock);
  const signer = createMemoryDigestSigner();
  const anchor = createMemoryDigestAnchor();
  const closeDigests = createCloseDigests({ auditLog, signer, anchor, clock, logger: createMemoryLogger() });
  /** The check of a log that says something else in one way. */
  const check = (tampered: Partial<AuditReader> = {}) =>
    createCheckAudit({ auditLog: { ...auditLog, ...tampered }, signer, anchor })();
  return { auditLog, signer, anchor, closeDigests, check };
};

let home: ReturnType<typeof open>;

/** Four entries under two digests, two after them. */
beforeEach(async () => {
  home = open();
  for (const chainId of [HOME_CHAIN, TURNED_AWAY_CHAIN]) {
    await home.auditLog.append([draft(HOME_CHAIN), draft(chainId)]);
    await home.closeDigests();
  }
  await home.auditLog.append([draft(HOME_CHAIN), draft(TURNED_AWAY_CHAIN)]);
});

const broken = (kind: string, message: RegExp, at: object = {}) => ({
  outcome: 'broken',
  problem: { kind, message: expect.stringMatching(message), ...at },
});

/** Entries as `change` makes them, wherever they are read. */
const readAs = (change: (entries: AuditEntry[]) => AuditEntry[]): Partial<AuditReader> => {
  const all = (): Promise<AuditEntry[]> => home.auditLog.read(0, 100).then((entries) => change([...entries]));
  return {
    read: async (after, limit) => (await all()).filter(({ position }) => position > after).slice(0, limit),
    chain: async (chainId) => (await all()).filter((entry) => entry.chainId === chainId),
  };
};

const entryAt = async (position: number): Promise<AuditEntry> => {
  const [entry] = await home.auditLog.read(position - 1, 1);
  if (entry === undefined) throw new Error(`there is no entry ${position}`);
  return entry;
};

describe('a trail that nobody touched', () => {
  test('is whole, and says how many of its entries no digest covers yet', async () => {
    const last = await home.auditLog.lastDigest();

    expect(await home.check()).toEqual({
      outcome: 'whole',
      entries: 6,
      begins: null,
      digests: 2,
      undigested: 2,
      webhooks: 0,
      webhooksOfBefore: 0,
      lastDigest: { number: 2, hash: last?.hash },
    });
  });

  test('is whole when nothing ever happened', async () => {
    expect(await open().check()).toMatchObject({ outcome: 'whole', entries: 0, digests: 0, lastDigest: null });
  });
});

describe('digests', () => {
  test('that were written anew are found by the one that was anchored', async () => {
    await home.anchor.write({ number: 1, hash: 'f'.repeat(64) });

    expect(await home.check()).toMatchObject(broken('digest_forged', /was anchored/, { digestNumber: 1 }));
  });

  test('that were cut off are found by the one that was anchored', async () => {
    await home.anchor.write({ number: 3, hash: 'f'.repeat(64) });

    expect(await home.check()).toMatchObject(broken('truncated', /digest 3 was anchored.* ends with digest 2/));
  });

  test('are missed when one between them was removed, and when the first one was', async () => {
    const digests: AuditReader['digests'] = async (after) =>
      (await home.auditLog.digests(after, 100)).filter(({ number }) => number !== 1);

    expect(await home.check({ digests })).toMatchObject(
      broken('digest_missing', /digest 1 was removed/, { position: 1 }),
    );
  });

  const edited = async (change: object): Promise<Partial<AuditReader>> => {
    const [first, ...others] = await home.auditLog.digests(0, 100);
    const list = [{ ...first, ...change }, ...others] as Awaited<ReturnType<AuditReader['digests']>>;
    return { digests: async (after) => list.filter(({ number }) => number > after) };
  };

  test('do not fit their hash once they are edited', async () => {
    const tampered = await edited({ createdAt: 1 });

    expect(await home.check(tampered)).toMatchObject(broken('digest_forged', /digest 1 was edited/));
  });

  test('carry a signature of a known key', async () => {
    const tampered = await edited({ keyId: 'somebody-elses' });

    expect(await home.check(tampered)).toMatchObject(broken('digest_forged', /valid signature of key somebody-elses/));
  });

  test('follow the one before, or are another trail’s', async () => {
    const other = open();
    await other.auditLog.append([draft(HOME_CHAIN)]);
    await other.closeDigests();
    await other.auditLog.append([draft(HOME_CHAIN)]);
    await other.closeDigests();
    const [first] = await home.auditLog.digests(0, 1);
    const [, second] = await other.auditLog.digests(0, 2);
    const list = [first, second].filter((digest) => digest !== undefined);
    const check = createCheckAudit({
      auditLog: { ...home.auditLog, digests: async (after) => list.filter(({ number }) => number > after) },
      signer: { ...home.signer, verify: async () => true },
      anchor: createMemoryDigestAnchor(),
    });

    expect(await check()).toMatchObject(broken('digest_forged', /digest 2 does not follow/));
  });
});

describe('the anchor and digests that were written down', () => {
  const checkFor = (digest: { readonly number: number; readonly hash: string }) =>
    createCheckAudit({ auditLog: home.auditLog, signer: home.signer, anchor: home.anchor })({ digest });

  test('miss the anchor beside digests, each of which was anchored', async () => {
    const check = createCheckAudit({ ...home, anchor: createMemoryDigestAnchor() });

    expect(await check()).toMatchObject(
      broken('anchor_missing', /the anchor was removed: 2 digests/, { digestNumber: 2 }),
    );
  });

  test('are found in the trail', async () => {
    const [first] = await home.auditLog.digests(0, 1);

    expect(await checkFor({ number: 1, hash: first?.hash ?? '' })).toMatchObject({ outcome: 'whole' });
  });

  test('show another digest in their place, and an end that was cut off', async () => {
    const hash = 'f'.repeat(64);

    expect(await checkFor({ number: 1, hash })).toMatchObject(
      broken('digest_forged', /digest 1 has hash .* and not f/),
    );
    expect(await checkFor({ number: 5, hash })).toMatchObject(broken('truncated', /older copy: digest 5 .* digest 2/));
    expect(await open().check()).toMatchObject({ outcome: 'whole' });
    expect(await createCheckAudit(open())({ digest: { number: 1, hash } })).toMatchObject(
      broken('truncated', /ends with digest 0/),
    );
  });
});

describe('codes of entries', () => {
  const coded = (macs: Readonly<Record<number, AuditEntry['mac']>>): Partial<AuditReader> =>
    readAs((entries) => entries.map((entry) => ({ ...entry, mac: macs[entry.position] ?? 'fits' })));

  test('fit where Payhook wrote all of them', async () => {
    expect(await home.check(coded({}))).toMatchObject({ outcome: 'whole' });
  });

  test.each(['wrong', 'missing'] as const)('that are %s name the entry that somebody else wrote', async (mac) => {
    expect(await home.check(coded({ 6: mac }))).toMatchObject(
      broken('added', new RegExp(`entry 6 .* was not written by Payhook: its code is ${mac}`)),
    );
  });
});

describe('problems that do not end the check', () => {
  const kept = (count: number) => ({
    problems: async (limit: number) =>
      Array.from({ length: Math.min(limit, count) }, (_, index) => problem('state_added', `row ${index}`)),
  });

  test('are collected, the first one named apart', async () => {
    const check = createCheckAudit({ ...home, keptState: kept(3) });

    expect(await check()).toMatchObject({
      outcome: 'broken',
      problem: { message: 'row 0' },
      problems: [{ message: 'row 0' }, { message: 'row 1' }, { message: 'row 2' }],
    });
  });

  test('are collected up to a bound, behind what breaks the trail itself', async () => {
    await home.anchor.write({ number: 3, hash: 'f'.repeat(64) });
    const found = await createCheckAudit({ ...home, keptState: kept(1000) })();

    expect(found).toMatchObject(broken('truncated', /cut off/));
    expect(found.outcome === 'broken' && found.problems).toHaveLength(LIMITS.auditProblemsMax);
  });
});

describe('the stored webhooks beside the trail', () => {
  test('are compared with it, under digests and after them, and a change that nothing explains does not end the check', async () => {
    const opened: string[] = [];
    const webhooksHome = createTestHome({ handler: () => undefined });
    const { memory, clock } = webhooksHome;
    await webhooksHome.deliver(stripeDelivery(clock, 'evt_1'));
    await webhooksHome.work();
    await webhooksHome.closeDigests();
    await webhooksHome.deliver(stripeDelivery(clock, 'evt_2'));
    const { auditLog, webhooks } = memory;
    const check = (tampered: Partial<AuditReader> = {}, stored = webhooks) =>
      createCheckAudit({
        auditLog: { ...auditLog, ...tampered },
        signer: webhooksHome.signer,
        anchor: webhooksHome.anchor,
        webhooks: stored,
      })({ open: async ({ webhookId }) => void opened.push(webhookId) });

    expect(await check()).toMatchObject({ outcome: 'whole', entries: 3, digests: 1, webhooks: 2 });
    expect(opened).toEqual(['stripe:evt_1', 'stripe:evt_2']);

    const removed = { ...webhooks, ofChains: async () => [] };
    expect(await check({}, removed)).toMatchObject({
      outcome: 'broken',
      problems: [{ kind: 'webhook_removed' }, { kind: 'webhook_removed' }],
    });

    const [third] = await auditLog.read(2, 1);
    const unexplained = linkEntry(
      auditDraft({
        chainId: third?.chainId ?? '',
        event: 'STATUS_CHANGED',
        change: { from: 'processed', to: 'received' },
      }),
      { seq: 1, hash: third?.hash ?? '' },
    );
    const fourth = { chainId: third?.chainId ?? '', position: 4, text: unexplained.text, hash: unexplained.hash };
    const read: AuditReader['read'] = async (after, limit) =>
      [...(await auditLog.read(0, 100)), fourth].filter(({ position }) => position > after).slice(0, limit);
    expect(await check({ read })).toMatchObject({
      outcome: 'broken',
      entries: 4,
      problems: expect.arrayContaining([
        expect.objectContaining({
          kind: 'unexplained_change',
          message: expect.stringMatching(/begins at processed, and the entry before it ended at received/),
        }),
      ]),
    });
  });
});

describe('entries under a digest', () => {
  test('that are not there any more are named', async () => {
    const tampered = readAs((entries) => entries.filter(({ position }) => position !== 4));

    expect(await home.check(tampered)).toMatchObject(broken('removed', /entry 4 was removed/, { digestNumber: 2 }));
  });

  test('are missed when the one after stands in their place', async () => {
    const tampered = readAs((entries) =>
      entries.filter(({ position }) => position !== 1).map((entry) => ({ ...entry, position: entry.position - 1 })),
    );

    expect(await home.check(tampered)).toMatchObject(
      broken('removed', /entry 1 was removed: the entry after it stands in its place/),
    );
  });

  test('that changed places are named, with where they stand now', async () => {
    const places: Readonly<Record<number, number>> = { 1: 2, 2: 1 };
    const tampered = readAs((entries) =>
      entries
        .map((entry) => ({ ...entry, position: places[entry.position] ?? entry.position }))
        .sort((a, b) => a.position - b.position),
    );

    expect(await home.check(tampered)).toMatchObject(
      broken('reordered', /entry 1 was reordered: it stands at position 2/),
    );
  });

  test('that were edited together with their hash do not have the hash that is listed', async () => {
    const tampered = readAs((entries) =>
      entries.map((entry) => (entry.position === 2 ? { ...entry, hash: 'e'.repeat(64) } : entry)),
    );

    expect(await home.check(tampered)).toMatchObject(broken('edited', /entry 2 of chain home was edited/));
  });

  test('that were edited in their text do not fit their hash', async () => {
    const tampered = readAs((entries) =>
      entries.map((entry) =>
        entry.position === 2 ? { ...entry, text: entry.text.replace('server', 'nobody') } : entry,
      ),
    );

    expect(await home.check(tampered)).toMatchObject(broken('edited', /its hash does not fit its text/));
  });

  test('that were moved to another chain say which one they were of', async () => {
    const tampered = readAs((entries) =>
      entries.map((entry) => (entry.position === 2 ? { ...entry, chainId: 'elsewhere' } : entry)),
    );

    expect(await home.check(tampered)).toMatchObject(broken('edited', /was moved from chain home to elsewhere/));
  });
});

describe('entries that no digest covers yet', () => {
  test('have no gaps', async () => {
    const tampered = readAs((entries) => entries.filter(({ position }) => position !== 5));

    expect(await home.check(tampered)).toMatchObject(broken('removed', /entry 5 was removed/, { position: 5 }));
  });

  test('may be the same entry come again, as a change feed repeats itself', async () => {
    const sixth = await entryAt(6);
    const tampered = readAs((entries) => [...entries, { ...sixth, position: 7 }]);

    expect(await home.check(tampered)).toMatchObject({ outcome: 'whole', entries: 7 });
  });

  test('are not believed when the start of their chain is not there', async () => {
    const other = open();
    await other.auditLog.append([draft('home', 'HOME_STARTED'), draft('home', 'HOME_STOPPED')]);
    const [, second] = await other.auditLog.read(0, 2);
    const only = second === undefined ? [] : [{ ...second, position: 1 }];
    const { check } = open();

    expect(await check({ read: async (after) => only.slice(after), chain: async () => only })).toMatchObject(
      broken('removed', /entry 1 of chain home was removed/),
    );
  });

  test('may begin with the removal of a webhook whose retention has ended: with it went the way to its chain', async () => {
    const first = linkEntry(draft('w@1', 'WEBHOOK_ACCEPTED'), undefined);
    const removal = linkEntry(draft('w@1', 'DELETED'), first);
    const only = [{ chainId: 'w@1', position: 1, text: removal.text, hash: removal.hash }];

    expect(await open().check({ read: async (after) => only.slice(after), chain: async () => [] })).toMatchObject({
      outcome: 'whole',
      entries: 1,
    });
  });
});

describe('what the stored webhooks know of their chains', () => {
  const heads = (position: number, hash: string): Partial<AuditReader> => ({
    heads: async (after) => (after < position ? [{ chainId: 'w@1', position, hash }] : []),
  });

  test('shows an end that was cut off after the last digest', async () => {
    expect(await home.check(heads(7, 'a'.repeat(64)))).toMatchObject(
      broken('truncated', /entry 7 of chain w@1 was cut off: the trail ends with entry 6/),
    );
  });

  test('shows an entry that is another one than the webhook knows', async () => {
    expect(await home.check(heads(6, 'a'.repeat(64)))).toMatchObject(
      broken('edited', /is not the one that the webhook/),
    );
  });

  test('shows another end of a chain that belongs to no webhook', async () => {
    const chain: AuditReader['chain'] = async (chainId, limit) =>
      (await home.auditLog.chain(chainId, 100)).slice(0, 1).slice(-limit);

    expect(await home.check({ chain })).toMatchObject(
      broken('removed', /chain home ends with entry 5, and the log ends it with entry 1/),
    );
    expect(await home.check({ chain: async () => [] })).toMatchObject(broken('removed', /knows no end of it/));
  });

  test('agrees with a trail that is whole', async () => {
    const sixth = await entryAt(6);

    expect(readRecord(sixth).chain).toBe(TURNED_AWAY_CHAIN);
    expect(await home.check(heads(6, sixth.hash))).toMatchObject({ outcome: 'whole' });
  });
});

describe('closing digests', () => {
  test('gives way to another process that closed the run first', async () => {
    const clock = createTestClock();
    const { auditLog, signer, anchor } = home;
    const lost = { ...auditLog, appendDigest: async () => false };

    const closed = await createCloseDigests({ auditLog: lost, signer, anchor, clock, logger: createMemoryLogger() })();

    expect(closed).toBeUndefined();
    expect(await anchor.read()).toMatchObject({ number: 2 });
  });
});
