/** What only a database in a file can get wrong: foreign and damaged files, closing, opening again. */
import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openDatabase } from '../../src/adapters/sqlite/sqlite-database.ts';
import {
  type Call,
  createRunBatch,
  openSqlite,
  type SqliteExecutor,
} from '../../src/adapters/sqlite/sqlite-executor.ts';
import { openSqliteThread } from '../../src/adapters/sqlite/sqlite-thread.ts';
import type { ErrorCode } from '../../src/core/errors.ts';
import { LIMITS } from '../../src/core/limits.ts';
import { NOW } from '../support/clock.ts';
import { createTemporaryDirectory, removeDirectory } from './homes.ts';
import { changeOf, stateEvent } from './payment-events.ts';
import { insert, numbered, processed } from './sqlite-fixtures.ts';

const LEASE_MS = 60_000;
const PAGE_BYTES = 4096;

const OPENERS: readonly { readonly name: string; readonly open: (path: string) => Promise<SqliteExecutor> }[] = [
  { name: 'openSqlite', open: async (path) => openSqlite({ path }) },
  { name: 'openSqliteThread', open: (path) => openSqliteThread({ path }) },
];

let directory: string;
let path: string;

beforeEach(() => {
  directory = createTemporaryDirectory();
  path = join(directory, 'payhook.db');
});

afterEach(() => removeDirectory(directory));

/** A closed database of three hundred webhooks: some hundred pages, nothing left in a WAL file. */
const writeDatabase = async (): Promise<void> => {
  const executor = await openSqliteThread({ path });
  await Promise.all(Array.from({ length: 300 }, (_, number) => insert(executor, number)));
  await executor.close();
};

const change = (sql: string): void => {
  const db = new DatabaseSync(path);
  db.exec(sql);
  db.close();
};

/** The first page of a table, counted from 1. */
const rootPageOf = (table: string): number => {
  const db = new DatabaseSync(path, { readOnly: true });
  const row = db.prepare('SELECT rootpage FROM sqlite_schema WHERE name = ?').get(table);
  db.close();
  return Number(row?.rootpage);
};

interface BrokenFile {
  readonly title: string;
  readonly make: () => Promise<void> | void;
  readonly code: ErrorCode;
  readonly message: RegExp;
}

const BROKEN_FILES: readonly BrokenFile[] = [
  {
    title: 'a database of another program',
    make: () => change('CREATE TABLE bookmarks (url TEXT)'),
    code: 'store_damaged',
    message: /belongs to another program/,
  },
  {
    title: 'a file that is no database',
    make: () => writeFileSync(path, 'this is a letter, not a database. '.repeat(200)),
    code: 'store_damaged',
    message: /not a SQLite database/,
  },
  {
    title: 'a database that was cut off',
    make: async () => {
      await writeDatabase();
      truncateSync(path, Math.floor(readFileSync(path).length / 2 / 4096) * 4096);
    },
    code: 'store_damaged',
    message: /damaged/,
  },
  {
    title: 'a database whose first page was overwritten',
    make: async () => {
      await writeDatabase();
      const bytes = readFileSync(path);
      writeFileSync(path, bytes.fill(0xa5, 100, 4096));
    },
    code: 'store_damaged',
    message: /damaged/,
  },
  {
    title: 'a database of a newer Payhook',
    make: async () => {
      await writeDatabase();
      change('PRAGMA user_version = 99');
    },
    code: 'store_damaged',
    message: /version 99, written by a newer Payhook/,
  },
  {
    title: 'a directory that is not there',
    make: () => {
      path = join(directory, 'missing', 'payhook.db');
    },
    code: 'store_unavailable',
    message: /check that the folder is there/,
  },
  {
    title: 'a directory in the place of the file',
    make: () => {
      path = directory;
    },
    code: 'store_unavailable',
    message: /cannot be opened/,
  },
];

describe.each(OPENERS)('$name', ({ open }) => {
  test.each(BROKEN_FILES)('refuses $title', async ({ make, code, message }) => {
    await make();

    await expect(open(path)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });

  test('leaves a database of another program as it was', async () => {
    change('CREATE TABLE bookmarks (url TEXT)');
    const before = readFileSync(path);

    await expect(open(path)).rejects.toMatchObject({ code: 'store_damaged' });

    expect(readFileSync(path).equals(before)).toBe(true);
  });

  test('says that the database is damaged when a page behind the first one is', async () => {
    await writeDatabase();
    const page = rootPageOf('payment_webhooks');
    writeFileSync(path, readFileSync(path).fill(0xa5, (page - 1) * PAGE_BYTES, page * PAGE_BYTES));
    const executor = await open(path);

    await expect(insert(executor, 1)).rejects.toMatchObject({ code: 'store_damaged' });

    await executor.close();
  });

  test('counts what waits to a bound and no further, in milliseconds however long the queue is', async () => {
    const executor = await open(path);
    await insert(executor, 1);
    const rows = LIMITS.depthCountedMax * 3;
    {
      using db = new DatabaseSync(path, { enableForeignKeyConstraints: false });
      db.exec(`WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i <= ${rows})
        INSERT INTO queue (webhook_position, due_at, enqueued_at, claim_number)
        SELECT i, ${NOW} + (i % 2), ${NOW} - i % 7, 0 FROM n;
        WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i <= ${rows})
        INSERT INTO destination_entries (webhook_position, event_number, destination, news, state, failures, last_error,
          enqueued_at, changed_at, due_at, claim_number)
        SELECT i, 1, 'ledger', 'news', 'waiting', 0, NULL, ${NOW} + i, ${NOW}, ${NOW}, 0 FROM n;`);
    }
    const at = performance.now();

    const depth = await executor.run('queueDepth', { now: NOW });
    const destinations = await executor.run('destinationDepth', ['ledger']);

    expect(depth).toEqual({
      ready: LIMITS.depthCountedMax,
      waiting: LIMITS.depthCountedMax,
      oldestEnqueuedAt: NOW - 6,
    });
    expect(destinations).toEqual([
      { destination: 'ledger', waiting: LIMITS.depthCountedMax, givenUp: 0, oldestEnqueuedAt: NOW + 2 },
    ]);
    // Some ten milliseconds; a machine that does much else besides gets some more.
    expect(performance.now() - at).toBeLessThan(1000);
    await executor.close();
  });

  test('still has everything after it was closed and opened again', async () => {
    const first = await open(path);
    await Promise.all([1, 2, 3].map((number) => insert(first, number)));
    await first.run('queueClaim', { limit: 1, now: NOW, leaseMs: LEASE_MS });
    const { webhookId, timestamp } = numbered(2).webhook;
    const key = { webhookId, timestamp };
    await first.run('webhookChange', { key, revision: 1, change: processed, claim: undefined });
    const list = (await first.run('webhookList', { limit: 10 })).items;
    const entries = await first.run('auditRead', { afterPosition: 0, limit: 10 });
    await first.close();

    const second = await open(path);

    expect((await second.run('webhookList', { limit: 10 })).items).toEqual(list);
    expect(await second.run('auditRead', { afterPosition: 0, limit: 10 })).toEqual(entries);
    expect(entries).toHaveLength(4);
    expect(await second.run('queueDepth', { now: NOW })).toMatchObject({ ready: 2, waiting: 1 });
    expect((await insert(second, 2)).outcome).toBe('duplicate');
    await second.close();
  });

  test('finishes what was asked before it was closed', async () => {
    const executor = await open(path);
    const inserting = Array.from({ length: 50 }, (_, number) => insert(executor, number));

    await executor.close();

    const outcomes = (await Promise.all(inserting)).map((result) => result.outcome);
    expect(outcomes).toEqual(Array.from({ length: 50 }, () => 'inserted'));
  });

  test('refuses every call with store_closed after it was closed, and may be closed twice', async () => {
    const executor = await open(path);
    await executor.close();
    await executor.close();

    await expect(insert(executor, 1)).rejects.toMatchObject({ code: 'store_closed' });
    await expect(executor.run('webhookList', { limit: 1 })).rejects.toMatchObject({ code: 'store_closed' });
  });

  test('sees at once what another connection has written', async () => {
    const one = await open(path);
    const other = openSqlite({ path });

    await insert(one, 1);
    expect((await insert(other, 1)).outcome).toBe('duplicate');
    await insert(other, 2);

    expect((await one.run('webhookList', { limit: 10 })).items).toHaveLength(2);
    await one.close();
    await other.close();
  });

  test('makes every claimed entry due when a home starts, but none that waits for its time', async () => {
    const executor = await open(path);
    for (const number of [1, 2, 3]) await insert(executor, number);
    const claims = await executor.run('queueClaim', { limit: 2, now: NOW, leaseMs: LEASE_MS });
    const [backingOff] = claims;
    if (backingOff === undefined) throw new Error('nothing was claimed');
    const { webhookId, timestamp } = backingOff.entry;
    await executor.run('webhookChange', {
      key: { webhookId, timestamp },
      revision: 1,
      change: { ...processed, status: 'retrying', nextAttemptAt: NOW + 5000 },
      claim: backingOff,
    });

    const released = await executor.run('queueReleaseAll', { now: NOW });

    expect(released).toBe(1);
    expect(await executor.run('queueDepth', { now: NOW })).toMatchObject({ ready: 2, waiting: 1 });
    await executor.close();
  });
});

describe('a batch waits for the disk', () => {
  const change = changeOf(stateEvent('evt_1', { payment: 'pi_1' }));
  const later: Call = { name: 'paymentApplyLater', input: { change, at: NOW, isPaymentWanted: false } };

  // 1 is NORMAL, which leaves a commit to the next one that is FULL, 2: https://www.sqlite.org/pragma.html#pragma_synchronous.
  test.each<[string, readonly Call[], number]>([
    ['not for a payment that nobody is told of yet', [later], 1],
    ['when something in it has to', [later, { name: 'webhookInsert', input: numbered(1) }], 2],
    ['for a payment that somebody is told of', [{ ...later, name: 'paymentApply' }], 2],
  ])('%s', (_title, calls, synchronous) => {
    const db = openDatabase({ path });
    const runBatch = createRunBatch(db, path);

    expect(runBatch(calls)).toMatchObject(calls.map(() => ({ ok: true })));

    expect(db.prepare('PRAGMA synchronous').get()).toMatchObject({ synchronous });
    db.close();
  });
});
