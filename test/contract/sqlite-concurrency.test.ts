/** Several writers on one SQLite database: other processes, other connections, and calls that share a commit. */
import { execFile } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, StatementSync } from 'node:sqlite';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { openDatabase } from '../../src/adapters/sqlite/sqlite-database.ts';
import { createRunBatch, openSqlite } from '../../src/adapters/sqlite/sqlite-executor.ts';
import { openSqliteThread } from '../../src/adapters/sqlite/sqlite-thread.ts';
import { createSqliteWebhookStore } from '../../src/adapters/sqlite/sqlite-webhook-store.ts';
import { NOW } from '../support/clock.ts';
import { createTemporaryDirectory, removeDirectory } from './homes.ts';
import { insert, numbered, processed } from './sqlite-fixtures.ts';

let directory: string;
let path: string;

beforeEach(() => {
  directory = createTemporaryDirectory();
  path = join(directory, 'payhook.db');
});

afterEach(() => removeDirectory(directory));

const KILLED_SCRIPT = `
  const [executorUrl, insertionUrl, path] = process.argv.slice(2);
  const { openSqliteThread } = await import(executorUrl);
  const { insertionOf } = await import(insertionUrl);
  const executor = await openSqliteThread({ path });
  const insert = (number) => executor.run('webhookInsert', insertionOf({ webhookId: 'stripe:evt_' + number }));
  await Promise.all(Array.from({ length: 40 }, (_, number) => insert(number)));
  process.kill(process.pid, 'SIGKILL');
`;

const urlsOf = (...files: string[]): readonly string[] => files.map((file) => new URL(file, import.meta.url).href);

describe('a process that is killed', () => {
  test('leaves every webhook behind, queued and audited, whose insert had resolved (I1)', async () => {
    const urls = urlsOf('../../src/adapters/sqlite/sqlite-thread.ts', '../support/insertion.ts');
    // A file, because a thread takes over the arguments of its process and has no use for --eval.
    const script = join(directory, 'killed.mjs');
    writeFileSync(script, KILLED_SCRIPT);

    await expect(promisify(execFile)(process.execPath, [script, ...urls, path])).rejects.toMatchObject({
      signal: 'SIGKILL',
    });

    const executor = openSqlite({ path });
    expect((await executor.run('webhookList', { limit: 100 })).items).toHaveLength(40);
    expect(await executor.run('auditRead', { afterPosition: 0, limit: 100 })).toHaveLength(40);
    expect(await executor.run('queueDepth', { now: NOW })).toMatchObject({ ready: 40 });
    await executor.close();
  });
});

const INSERT_SCRIPT = `
  const [executorUrl, insertionUrl, path] = process.argv.slice(1);
  const { openSqlite } = await import(executorUrl);
  const { insertionOf } = await import(insertionUrl);
  const executor = openSqlite({ path });
  const outcomes = { inserted: 0, duplicate: 0 };
  for (let number = 0; number < 60; number += 1) {
    const insertion = insertionOf({ webhookId: 'stripe:evt_' + number });
    outcomes[(await executor.run('webhookInsert', insertion)).outcome] += 1;
  }
  await executor.close();
  process.stdout.write(JSON.stringify(outcomes));
`;

describe('two processes on one database', () => {
  test('store each webhook once and append to one audit trail', async () => {
    const urls = urlsOf('../../src/adapters/sqlite/sqlite-executor.ts', '../support/insertion.ts');
    const script = ['--input-type=module', '-e', INSERT_SCRIPT, ...urls, path];

    const runs = await Promise.all([1, 2, 3].map(() => promisify(execFile)(process.execPath, script)));

    const outcomes = runs.map((run): { inserted: number; duplicate: number } => JSON.parse(run.stdout));
    expect(outcomes.reduce((sum, { inserted }) => sum + inserted, 0)).toBe(60);
    expect(outcomes.reduce((sum, { duplicate }) => sum + duplicate, 0)).toBe(120);
    const executor = openSqlite({ path });
    expect(await executor.run('auditRead', { afterPosition: 0, limit: 100 })).toHaveLength(60);
    expect(await executor.run('queueDepth', { now: NOW })).toMatchObject({ ready: 60 });
    await executor.close();
  });
});

describe('openDatabase', () => {
  test('asks SQLite to have a commit on the disk before it returns', () => {
    const db = openDatabase({ path });

    // 2 is FULL: https://www.sqlite.org/pragma.html#pragma_synchronous.
    expect(db.prepare('PRAGMA synchronous').get()).toMatchObject({ synchronous: 2 });
    expect(db.prepare('PRAGMA journal_mode').get()).toMatchObject({ journal_mode: 'wal' });
    db.close();
  });

  test('neither creates nor writes a database that it opens for reading only', async () => {
    expect(() => openDatabase({ path, isReadOnly: true })).toThrow(
      expect.objectContaining({ code: 'store_unavailable' }),
    );
    expect(existsSync(path)).toBe(false);
    const writer = openSqlite({ path });
    await insert(writer, 1);

    const reader = openSqlite({ path, isReadOnly: true });

    expect((await reader.run('webhookList', { limit: 10 })).items).toHaveLength(1);
    await expect(insert(reader, 2)).rejects.toMatchObject({ code: 'store_unavailable' });
    await reader.close();
    await writer.close();
  });
});

describe('openDatabase with another process that is writing', () => {
  test('says store_busy when the other one does not finish in time', async () => {
    const executor = openSqlite({ path, busyTimeoutMs: 20 });
    const other = new DatabaseSync(path);
    other.exec('BEGIN IMMEDIATE');

    await expect(insert(executor, 1)).rejects.toMatchObject({ code: 'store_busy', isRetryable: true });

    other.exec('ROLLBACK');
    other.close();
    expect((await insert(executor, 1)).outcome).toBe('inserted');
    await executor.close();
  });

  test('reads while the other one writes', async () => {
    const executor = openSqlite({ path, busyTimeoutMs: 20 });
    await insert(executor, 1);
    const other = new DatabaseSync(path);
    other.exec("BEGIN IMMEDIATE; UPDATE payment_webhooks SET event_type = 'unseen'");

    expect((await executor.run('webhookList', { limit: 1 })).items).toMatchObject([
      { eventType: 'payment_intent.succeeded' },
    ]);

    other.exec('ROLLBACK');
    other.close();
    await executor.close();
  });

  test('regression: a batch that cannot begin waits once for the lock and not once for each of its calls', () => {
    const db = openDatabase({ path, busyTimeoutMs: 50 });
    const other = new DatabaseSync(path);
    other.exec('BEGIN IMMEDIATE');
    const runBatch = createRunBatch(db, path);
    const inserts = Array.from({ length: 20 }, (_, number) => ({
      name: 'webhookInsert' as const,
      input: numbered(number),
    }));

    const ran = vi.spyOn(StatementSync.prototype, 'run');
    const results = runBatch([...inserts, { name: 'webhookList', input: { limit: 1 } }]);
    const begun = (ran.mock.contexts as StatementSync[]).filter(({ sourceSQL }) => sourceSQL === 'BEGIN IMMEDIATE');
    ran.mockRestore();

    expect(results.slice(0, 20)).toEqual(
      Array.from({ length: 20 }, () => ({ ok: false, error: expect.objectContaining({ code: 'store_busy' }) })),
    );
    expect(results[20]).toMatchObject({ ok: true, value: { items: [] } });
    expect(begun).toHaveLength(1);
    other.close();
    db.close();
  });
});

describe('openSqliteThread, group commit', () => {
  test('makes calls that arrive together durable with fewer commits than calls', async () => {
    const commits: number[] = [];
    const executor = await openSqliteThread({ path, onCommit: (operations) => commits.push(operations) });

    await Promise.all(Array.from({ length: 100 }, (_, number) => insert(executor, number)));

    expect(commits.reduce((sum, operations) => sum + operations, 0)).toBe(100);
    expect(commits.length).toBeLessThan(10);
    await executor.close();
  });

  test('fails only the call that is broken when others share its commit', async () => {
    const executor = await openSqliteThread({ path });
    const store = createSqliteWebhookStore(executor);
    await insert(executor, 0);
    const { webhook } = numbered(0);

    const [before, broken, after, read] = await Promise.allSettled([
      insert(executor, 1),
      store.change(webhook, 1, { ...processed, status: 'received' }),
      insert(executor, 2),
      store.get(numbered(1).webhook),
    ]);

    expect(before).toMatchObject({ value: { outcome: 'inserted' } });
    expect(broken).toMatchObject({ reason: { message: 'a webhook that is received may not become received' } });
    expect(after).toMatchObject({ value: { outcome: 'inserted' } });
    expect(read).toMatchObject({ value: { webhookId: 'stripe:evt_1' } });
    expect(await executor.run('auditRead', { afterPosition: 0, limit: 10 })).toHaveLength(3);
    await executor.close();
  });

  test('runs calls in the order in which they were made, also inside one commit', async () => {
    const executor = await openSqliteThread({ path });
    const { webhook } = numbered(1);
    const store = createSqliteWebhookStore(executor);

    const results = await Promise.all([
      store.get(webhook),
      store.insert(numbered(1)),
      store.change(webhook, 1, processed),
      store.get(webhook),
    ]);

    expect(results).toMatchObject([
      undefined,
      { outcome: 'inserted' },
      { outcome: 'changed' },
      { status: 'processed', revision: 2 },
    ]);
    await executor.close();
  });

  test('refuses calls with store_busy while as many wait as may, and takes them again afterwards', async () => {
    const executor = await openSqliteThread({ path, waitingCallsMax: 2 });

    const results = await Promise.allSettled([1, 2, 3].map((number) => insert(executor, number)));

    expect(results).toMatchObject([
      { status: 'fulfilled' },
      { status: 'fulfilled' },
      { status: 'rejected', reason: { code: 'store_busy' } },
    ]);
    expect((await insert(executor, 3)).outcome).toBe('inserted');
    await executor.close();
  });
});
