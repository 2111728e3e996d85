/** The database of a release becomes one of now, all of it or nothing. */
import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openSqlite } from '../../src/adapters/sqlite/sqlite-executor.ts';
import { MIGRATIONS } from '../../src/adapters/sqlite/sqlite-schema.ts';
import { createSqliteWebhookStore } from '../../src/adapters/sqlite/sqlite-webhook-store.ts';
import { lockDataDirectory, openDataDirectory } from '../../src/homes/local/data-directory.ts';
import { runHere } from '../cli/run-here.ts';
import { BEFORE_02, type RestoredHome, restoreHome } from './restore-fixture.ts';

let home: RestoredHome;

const change = (sql: string): void => {
  const db = new DatabaseSync(home.database);
  db.exec(sql);
  db.close();
};
const rowsOf = (sql: string): Record<string, unknown>[] => {
  const db = new DatabaseSync(home.database, { readOnly: true });
  const rows = db.prepare(sql).all();
  db.close();
  return rows.map((row) => ({ ...row }));
};
const versionOf = (): unknown => rowsOf('PRAGMA user_version')[0]?.user_version;
const columnsOf = (table: string): unknown[] => rowsOf(`PRAGMA table_info(${table})`).map(({ name }) => name);

const open = async <Result>(work: (executor: ReturnType<typeof openSqlite>) => Promise<Result>): Promise<Result> => {
  const executor = openSqlite({ path: home.database });
  try {
    return await work(executor);
  } finally {
    await executor.close();
  }
};
const migrate = (): Promise<void> => open(async () => undefined);

describe('the database of a release before 0.2', () => {
  beforeEach(() => {
    home = restoreHome(BEFORE_02);
  });

  afterEach(() => home[Symbol.dispose]());

  test('has the schema of now once it was opened, and one word for news', async () => {
    const webhooks = rowsOf('SELECT * FROM payment_webhooks ORDER BY position');
    await migrate();

    expect(versionOf()).toBe(MIGRATIONS.length);
    expect(rowsOf(`SELECT event_id, news FROM payment_events WHERE payment_position = 1 ORDER BY event_id`)).toEqual([
      { event_id: 'stripe:evt_news', news: 'news' },
      { event_id: 'stripe:evt_repeated', news: 'repeated' },
      { event_id: 'stripe:evt_stale', news: 'stale' },
    ]);
    expect(
      rowsOf(`SELECT webhook_position, news FROM destination_entries WHERE destination = 'ledger' LIMIT 4`),
    ).toEqual([
      { webhook_position: 1, news: 'news' },
      { webhook_position: 2, news: 'repeated' },
      { webhook_position: 3, news: 'repeated' },
      { webhook_position: 6, news: 'news' },
    ]);
    expect(rowsOf('SELECT claimed_times FROM queue')).toEqual(Array(3).fill({ claimed_times: 0 }));
    const after = rowsOf('SELECT * FROM payment_webhooks ORDER BY position');
    const payloads = rowsOf('SELECT * FROM webhook_payloads ORDER BY webhook_position');
    expect(payloads.map(({ webhook_position: position }) => position)).toEqual(after.map(({ position }) => position));
    expect(after.map((row, index) => ({ ...row, payload: payloads[index]?.payload }))).toEqual(webhooks);
  });

  test('stays what it is while a server of that release runs, whatever command is asked for', async () => {
    const directory = openDataDirectory(home.folder.data);
    const server = lockDataDirectory(directory);
    const before = versionOf();
    const list = () => runHere(['webhooks', 'list'], { PAYHOOK_DATA_DIR: home.folder.data }, { cwd: home.folder.path });

    const ran = await list();

    expect([ran.code, ran.stdout, ran.stderr]).toEqual([
      2,
      '',
      expect.stringContaining('a server of an older release'),
    ]);
    expect(versionOf()).toBe(before);
    server[Symbol.dispose]();
    expect(await list()).toMatchObject({ code: 0, stderr: '' });
    expect(versionOf()).toBe(MIGRATIONS.length);
  });

  test('stays what it is when a step of the migration fails', async () => {
    // A column of that name is in the way; what stands before it in the migration has been done by then.
    change('ALTER TABLE destination_entries ADD COLUMN news TEXT');
    const before = versionOf();

    await expect(migrate()).rejects.toMatchObject({ message: expect.stringContaining('duplicate column') });
    expect([versionOf(), columnsOf('queue').includes('claimed_times')]).toEqual([before, false]);

    change('ALTER TABLE destination_entries DROP COLUMN news');
    await migrate();
    expect(versionOf()).toBe(MIGRATIONS.length);
  });

  test('is migrated by the next one when the process is killed in the middle', async () => {
    const before = versionOf();
    const script = `
      const { DatabaseSync } = require('node:sqlite');
      const { path, migrations } = JSON.parse(require('node:fs').readFileSync(0, 'utf8'));
      const db = new DatabaseSync(path);
      // A cache of one page: changes reach the file before there is a commit.
      db.exec('PRAGMA journal_mode = WAL; PRAGMA cache_size = 1; BEGIN IMMEDIATE');
      for (const migration of migrations) db.exec(migration);
      process.kill(process.pid, 'SIGKILL');
    `;
    const migrations = MIGRATIONS.slice(Number(before));
    const killed = spawnSync(process.execPath, ['-e', script], {
      input: JSON.stringify({ path: home.database, migrations }),
    });
    expect(killed.signal).toBe('SIGKILL');
    expect(statSync(`${home.database}-wal`).size).toBeGreaterThan(0);
    expect([versionOf(), columnsOf('queue').includes('claimed_times')]).toEqual([before, false]);

    await migrate();
    expect(versionOf()).toBe(MIGRATIONS.length);
  });
});

describe('what a newer release wrote', () => {
  const newer = (known: number) => ({
    code: 'store_damaged',
    message: expect.stringMatching(
      new RegExp(`has version 99, written by a newer Payhook; this one knows up to ${known}: update`),
    ),
  });

  beforeEach(async () => {
    home = restoreHome(BEFORE_02);
    await migrate();
  });

  afterEach(() => home[Symbol.dispose]());

  test('a database is not opened', async () => {
    change('PRAGMA user_version = 99');

    await expect(open(async () => undefined)).rejects.toMatchObject(newer(MIGRATIONS.length));
  });

  test('effects are not guessed at', async () => {
    change(`UPDATE payment_webhooks SET effects = '[99,{}]' WHERE webhook_id = 'stripe:evt_news'`);

    await open(async (executor) => {
      await expect(createSqliteWebhookStore(executor).find('stripe:evt_news')).rejects.toMatchObject(newer(4));
    });
  });
});
