import type { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import { createMemoryAuditLog } from '../../src/adapters/memory/memory-audit-log.ts';
import { createMemoryDigestAnchor, createMemoryDigestSigner } from '../../src/adapters/memory/memory-digest-keys.ts';
import { createMemoryLogger } from '../../src/adapters/memory/memory-recorders.ts';
import { createMemoryState } from '../../src/adapters/memory/memory-state.ts';
import { createSqliteAuditLog } from '../../src/adapters/sqlite/sqlite-audit-log.ts';
import { openDatabase } from '../../src/adapters/sqlite/sqlite-database.ts';
import { createRunBatch, type SqliteExecutor } from '../../src/adapters/sqlite/sqlite-executor.ts';
import type { OperationInput, OperationName, OperationOutput } from '../../src/adapters/sqlite/sqlite-statements.ts';
import { createSqliteWebhookStore } from '../../src/adapters/sqlite/sqlite-webhook-store.ts';
import {
  type AuditDraft,
  type ChainLink,
  hashOfText,
  linkEntry,
  RECOVERY_CHAIN,
  readRecord,
} from '../../src/audit/audit.ts';
import { type AuditCheck, createCheckAudit } from '../../src/audit/check.ts';
import { createCloseDigests } from '../../src/audit/digests.ts';
import { type ChangedWebhook, entriesForInsert, entryForChange, stateAfter } from '../../src/audit/entries.ts';
import { NO_EFFECTS } from '../../src/core/effects.ts';
import { LIMITS } from '../../src/core/limits.ts';
import type { StatusChange } from '../../src/core/ports/webhook-store.ts';
import type { EpochMs } from '../../src/core/webhook.ts';
import { asStored } from '../contract/homes.ts';
import { auditDraft } from '../support/audit-draft.ts';
import { createTestClock, NOW } from '../support/clock.ts';
import { insertionOf } from '../support/insertion.ts';
import { createTestHome, stripeDelivery } from '../support/test-home.ts';

const WEBHOOKS = 12;
const ENTRIES = WEBHOOKS * 2;

const processed = (changedAt: EpochMs): StatusChange => ({
  status: 'processed',
  attempts: 1,
  lastError: null,
  nextAttemptAt: null,
  effects: NO_EFFECTS,
  changedAt,
  actor: { type: 'component', id: 'processor' },
  reason: null,
});

/** An executor whose database can be tampered with. */
const executorOn = (db: DatabaseSync): SqliteExecutor => {
  const runBatch = createRunBatch(db, ':memory:');
  return {
    async run<Name extends OperationName>(name: Name, input: OperationInput<Name>) {
      const [result] = runBatch([{ name, input }]);
      if (result?.ok !== true) throw result?.error;
      return result.value as OperationOutput<Name>;
    },
    close: async () => db.close(),
  };
};

/** A trail of 24 entries over 12 webhooks; the first `digested` entries are under digests. */
const buildTrail = async (digested: number) => {
  const clock = createTestClock();
  // In memory: hundreds of trails are built, and none has to outlive its check.
  const db = openDatabase({ path: ':memory:' });
  const executor = executorOn(db);
  const store = createSqliteWebhookStore(executor);
  const auditLog = createSqliteAuditLog(executor);
  const deps = {
    auditLog,
    signer: createMemoryDigestSigner(),
    anchor: createMemoryDigestAnchor(),
    clock,
    logger: createMemoryLogger(),
  };
  const closeDigests = createCloseDigests(deps);
  let entries = 0;
  const added = async (): Promise<void> => {
    entries += 1;
    clock.advance(1000);
    if (entries <= digested && (entries % 5 === 0 || entries === digested)) await closeDigests();
  };
  for (let n = 1; n <= WEBHOOKS; n += 1) {
    await store.insert(insertionOf({ webhookId: `stripe:evt_${n}`, receivedAt: clock.now() }));
    await added();
  }
  for (let n = 1; n <= WEBHOOKS; n += 1) {
    const [webhook] = await store.find(`stripe:evt_${n}`);
    await store.change(webhook!, 1, processed(clock.now()));
    await added();
  }
  return {
    check: createCheckAudit(deps),
    tamper: (work: (db: DatabaseSync) => void): void => {
      db.exec('PRAGMA foreign_keys = OFF');
      work(db);
    },
    close: () => executor.close(),
  };
};

const checkAfter = async (digested: number, work: (db: DatabaseSync) => void): Promise<AuditCheck> => {
  const trail = await buildTrail(digested);
  trail.tamper(work);
  const check = await trail.check();
  await trail.close();
  return check;
};

const textAt = (db: DatabaseSync, position: number): string =>
  String(db.prepare('SELECT text FROM audit_entries WHERE position = ?').get(position)?.text);

/** Every way in which somebody who can write the database may cover a trace; `position` is the first entry touched. */
const TAMPERINGS = {
  'edits the text': (db, position) => {
    db.prepare('UPDATE audit_entries SET text = ? WHERE position = ?').run(
      textAt(db, position).replace('"count":1', '"count":2'),
      position,
    );
  },
  'edits the text and computes its hash anew': (db, position) => {
    const text = textAt(db, position).replace('"count":1', '"count":2');
    db.prepare('UPDATE audit_entries SET text = ?, hash = ? WHERE position = ?').run(text, hashOfText(text), position);
  },
  'removes the entry': (db, position) => {
    db.prepare('DELETE FROM audit_entries WHERE position = ?').run(position);
  },
  'removes the entry and closes the gap': (db, position) => {
    db.prepare('DELETE FROM audit_entries WHERE position = ?').run(position);
    for (let next = position + 1; next <= ENTRIES; next += 1)
      db.prepare('UPDATE audit_entries SET position = ? WHERE position = ?').run(next - 1, next);
  },
  'swaps the entry with the next one': (db, position) => {
    const other = position === ENTRIES ? position - 1 : position + 1;
    db.exec(`UPDATE audit_entries SET position = -1 WHERE position = ${position};
      UPDATE audit_entries SET position = ${position} WHERE position = ${other};
      UPDATE audit_entries SET position = ${other} WHERE position = -1;`);
  },
  'cuts everything off from there': (db, position) => {
    db.prepare('DELETE FROM audit_entries WHERE position >= ?').run(position);
  },
  'cuts everything off from there, digests included': (db, position) => {
    db.prepare('DELETE FROM audit_entries WHERE position >= ?').run(position);
    db.prepare('DELETE FROM audit_digests WHERE last_position >= ?').run(position);
  },
  'removes the whole chain of its webhook': (db, position) => {
    db.prepare(
      'DELETE FROM audit_entries WHERE chain_id = (SELECT chain_id FROM audit_entries WHERE position = ?)',
    ).run(position);
  },
  'removes the webhook with its whole chain': (db, position) => {
    db.exec(`DELETE FROM payment_webhooks WHERE webhook_id || '@' || timestamp = (SELECT chain_id FROM audit_entries WHERE position = ${position});
      DELETE FROM audit_entries WHERE chain_id = (SELECT chain_id FROM audit_entries WHERE position = ${position});`);
  },
} as const satisfies Record<string, (db: DatabaseSync, position: number) => void>;

describe('I5 accountable', () => {
  test('every change of a webhook, every rejection and every operator action has an entry', async () => {
    const home = createTestHome();
    await home.deliver(stripeDelivery(home.clock, 'evt_1'));
    await home.work();
    const [webhook] = await home.store.find('stripe:evt_1');
    await home.replay(webhook!, { type: 'operator', id: 'ada' }, 'ledger restored');
    await home.turnedAway.record({
      provider: 'stripe',
      reason: 'signature_mismatch',
      outcome: 'rejected',
      sender: { address: '192.0.2.1', isLimited: true, hasReserve: false },
      requestId: 'r1',
    });

    const records = (await home.auditLog.read(0, 100)).map(readRecord);

    expect(
      records.map(({ event, actor, change, reason }) => [
        event,
        actor.id,
        change?.from ?? null,
        change?.to ?? null,
        reason,
      ]),
    ).toEqual([
      ['WEBHOOK_ACCEPTED', 'stripe', null, 'received', null],
      ['STATUS_CHANGED', 'processor', 'received', 'processed', null],
      ['REPLAYED', 'ada', 'processed', 'received', 'ledger restored'],
      ['REJECTED_SIGNATURE', 'stripe', null, null, 'signature_mismatch'],
    ]);
    // The six facts of PCI DSS 10.2.2: who, what, when, result, origin, affected resource.
    for (const record of records) {
      expect(record).toMatchObject({
        actor: { type: expect.any(String), id: expect.any(String) },
        ts: expect.stringMatching(/Z$/),
        outcome: expect.stringMatching(/^(success|failure)$/),
        origin: expect.any(Object),
        resource: { type: expect.any(String), id: expect.any(String) },
      });
    }
  });

  test('a flood of rejections is counted, none unaccounted, with a bounded number of entries', async () => {
    const home = createTestHome();
    const flood = 3000;
    for (let n = 0; n < flood; n += 1) {
      await home.turnedAway.record({
        provider: 'stripe',
        reason: 'signature_mismatch',
        outcome: 'rejected',
        sender: { address: `192.0.2.${n % 200}`, isLimited: true, hasReserve: false },
        requestId: `r${n}`,
      });
    }
    await home.turnedAway.flush();

    const records = (await home.auditLog.read(0, 10_000)).map(readRecord);

    expect(records.length).toBeLessThanOrEqual(LIMITS.turnedAwayToldPerMinuteMax + 1);
    expect(records.reduce((sum, { count }) => sum + count, 0)).toBe(flood);
  });

  test.each([0, 13, ENTRIES])(
    'a trail that nobody touched is whole, with %i entries under digests',
    async (digested) => {
      const check = await checkAfter(digested, () => undefined);

      expect(check).toMatchObject({ outcome: 'whole', entries: ENTRIES, undigested: ENTRIES - digested });
    },
  );

  describe.each(Object.entries(TAMPERINGS))('somebody %s', (what, tampering) => {
    test('under digests: found, whichever entry it is, and named no later than where it begins', async () => {
      for (let position = 1; position <= ENTRIES; position += 1) {
        const check = await checkAfter(ENTRIES, (db) => tampering(db, position));

        expect(check.outcome, `${what} ${position}`).toBe('broken');
        if (check.outcome === 'broken') expect(check.problem.position ?? 0).toBeLessThanOrEqual(position);
      }
    });
  });

  // Nothing vouches yet for a webhook that came after the last digest and vanished with its whole chain, if it was the
  // very last one: the server closes a digest every few seconds to keep that window short.
  test.each(Object.entries(TAMPERINGS).filter(([what]) => what !== 'removes the webhook with its whole chain'))(
    'somebody %s after the last digest: found for every entry',
    async (what, tampering) => {
      for (let position = 14; position <= ENTRIES; position += 1) {
        const check = await checkAfter(13, (db) => tampering(db, position));

        expect(check.outcome, `${what} ${position}`).toBe('broken');
      }
    },
  );

  test('an edited, a forged and a removed digest are found', async () => {
    const edited = await checkAfter(ENTRIES, (db) =>
      db.exec('UPDATE audit_digests SET created_at = created_at + 1 WHERE number = 2'),
    );
    const removed = await checkAfter(ENTRIES, (db) => db.exec('DELETE FROM audit_digests WHERE number = 2'));
    const forged = await checkAfter(ENTRIES, (db) =>
      db.exec("UPDATE audit_digests SET signature = 'AAAA' WHERE number = 3"),
    );

    expect(
      [edited, removed, forged].map(
        (check) => check.outcome === 'broken' && [check.problem.kind, check.problem.digestNumber],
      ),
    ).toEqual([
      ['digest_forged', 2],
      ['digest_missing', 2],
      ['digest_forged', 3],
    ]);
  });
});

type Entry = ChainLink & { readonly chainId: string; readonly text: string };

/** The entries of one webhook: accepted, tried `attempts` times, and possibly removed when its retention ended. */
const chainOf = (name: string, attempts: number, { isDeleted = false, at = NOW } = {}): readonly Entry[] => {
  const insertion = insertionOf({ webhookId: `stripe:${name}`, receivedAt: at });
  const [accepted] = entriesForInsert(insertion) as [AuditDraft];
  let found: ChangedWebhook = asStored(insertion);
  const tried = Array.from({ length: attempts }, (_, index) => {
    const change: StatusChange = { ...processed(at + index), status: 'retrying' };
    const draft = entryForChange(found, change);
    found = { ...found, ...stateAfter(found.revision, change) };
    return draft;
  });
  const change = { from: found.status, to: 'deleted' };
  const deleted: AuditDraft = { ...accepted, at: at + attempts, event: 'DELETED', change };
  const entries: Entry[] = [];
  for (const draft of [accepted, ...tried, ...(isDeleted ? [deleted] : [])]) {
    entries.push({ ...linkEntry(draft, entries.at(-1)), chainId: draft.chainId });
  }
  return entries;
};

/** The same place in the same chain, saying something else, with a hash that fits. */
const forged = (entry: Entry): Entry => {
  const text = entry.text.replace('"count":1', '"count":2');
  return { ...entry, text, hash: hashOfText(text) };
};

/** Checks a trail of these entries in this order; the first `digested` of them are under digests. */
const checkTrail = async (
  entries: readonly Entry[],
  digested: number,
  { isGone = false }: { readonly isGone?: boolean } = {},
): Promise<AuditCheck> => {
  const state = createMemoryState();
  const log = createMemoryAuditLog(state);
  // Of a webhook that is not stored any more some homes find no chain.
  const auditLog = isGone ? { ...log, chain: async () => [] } : log;
  const deps = { auditLog, signer: createMemoryDigestSigner(), anchor: createMemoryDigestAnchor() };
  const append = (added: readonly Entry[]): void => {
    for (const entry of added) {
      const position = state.entries.length + 1;
      state.entries.push({ position, chainId: entry.chainId, text: entry.text, hash: entry.hash });
    }
  };
  append(entries.slice(0, digested));
  await createCloseDigests({ ...deps, clock: createTestClock(), logger: createMemoryLogger() })();
  append(entries.slice(digested));
  return createCheckAudit(deps)();
};

describe('I5 accountable, where a change feed delivers at least once', () => {
  const trail = [chainOf('evt_1', 2), chainOf('evt_2', 1), chainOf('evt_3', 0)].flat();
  const withAdded = (entry: Entry, at: number): readonly Entry[] => [...trail.slice(0, at), entry, ...trail.slice(at)];

  for (const digested of [0, 4, trail.length + 1]) {
    test(`an entry that comes again is no problem, whichever it is and wherever it comes, ${digested} under digests`, async () => {
      for (const [index, entry] of trail.entries()) {
        for (let at = index + 1; at <= trail.length; at += 1) {
          expect(await checkTrail(withAdded(entry, at), digested), `${index} at ${at}`).toMatchObject({
            outcome: 'whole',
            entries: trail.length + 1,
          });
        }
      }
    });

    test(`an entry that comes again and says something else is found, ${digested} under digests`, async () => {
      for (const [index, entry] of trail.entries()) {
        for (let at = index + 1; at <= trail.length; at += 1) {
          const check = await checkTrail(withAdded(forged(entry), at), digested);

          expect(check, `${index} at ${at}`).toMatchObject({ outcome: 'broken', problem: { position: at + 1 } });
        }
      }
    });
  }

  test('a whole chain that comes again is no problem, however long it is', async () => {
    const long = chainOf('evt_1', 60);

    expect(await checkTrail([...long, ...long], 0)).toMatchObject({ outcome: 'whole', entries: 122 });
  });

  test('an entry that stands before the one it follows is found, though the log has both', async () => {
    const [first, second, third] = chainOf('evt_1', 2) as [Entry, Entry, Entry];

    expect(await checkTrail([first, third, second], 0)).toMatchObject({ outcome: 'broken', problem: { position: 2 } });
  });

  describe.each([0, 2, 6])('what was recovered, with %d entries under digests', (digested) => {
    const [first, second, third] = chainOf('evt_1', 2) as [Entry, Entry, Entry];
    const [accepted, processed] = chainOf('evt_2', 1) as [Entry, Entry];
    const recovery = linkEntry(
      auditDraft({ chainId: RECOVERY_CHAIN, event: 'CHANGES_RECOVERED', at: NOW + 5000 }),
      undefined,
    );
    const recovered: Entry = { chainId: RECOVERY_CHAIN, ...recovery };

    test('stands late and is whole, in the middle of a chain and at its beginning', async () => {
      const trail = [first, third, processed, recovered, second, accepted];

      expect(await checkTrail(trail, digested)).toMatchObject({ outcome: 'whole', entries: 6 });
    });

    test('is found missing when the recovery did not bring it', async () => {
      expect(await checkTrail([first, third, recovered], Math.min(digested, 3))).toMatchObject({
        outcome: 'broken',
        problem: { kind: 'removed', position: 2 },
      });
    });
  });

  test('a webhook that is delivered again after its retention has ended begins its chain anew', async () => {
    const [ended, again] = [chainOf('evt_1', 1, { isDeleted: true }), chainOf('evt_1', 2, { at: NOW + 9000 })];

    expect(await checkTrail([...ended, ...again], 2)).toMatchObject({ outcome: 'whole', entries: 6 });
    expect(await checkTrail([...ended.slice(0, 2), forged(again[0]!)], 2)).toMatchObject({ outcome: 'broken' });
  });

  test('the end of a retention is no gap, though nobody remembers the chain any more', {
    timeout: 300_000,
  }, async () => {
    const old = chainOf('evt_old', 0, { isDeleted: true });
    const others = Array.from({ length: 50_001 }, (_, index) => chainOf(`evt_${index}`, 0)).flat();
    const entries = [old[0]!, ...others, old[1]!];

    expect(await checkTrail(entries, entries.length - 1, { isGone: true })).toMatchObject({ outcome: 'whole' });
  });
});
