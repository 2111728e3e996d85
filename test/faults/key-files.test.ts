/** Key files that are lost, swapped or damaged: nothing opens, nothing is made in their place, and put back they open all. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openSqlite, type SqliteExecutor } from '../../src/adapters/sqlite/sqlite-executor.ts';
import { systemClock } from '../../src/adapters/system/system-clock.ts';
import { PayhookError } from '../../src/core/errors.ts';
import { openDataDirectory } from '../../src/homes/local/data-directory.ts';
import { openKeys } from '../../src/homes/local/open-keys.ts';
import { jsonLines, runHere } from '../cli/run-here.ts';
import {
  cleanEnvironment,
  compileServer,
  createTestFolder,
  MAIN,
  type Ran,
  startLocalServer,
  type TestFolder,
  writeSetup,
} from '../support/running-server.ts';
import { deliverInto, lookInto, SAVED_SETUP, saveHome, WEBHOOK_ID } from '../support/saved-home.ts';
import { BEFORE_02, restoreHome } from '../upgrade/restore-fixture.ts';

const KEYS = { 'payload.key': 'payload', 'audit-signing.key': 'audit', 'destination-ledger.secret': 'destination' };
type KeyName = keyof typeof KEYS;

const run = (folder: TestFolder, ...args: string[]): Promise<Ran> =>
  runHere(args, writeSetup(folder, SAVED_SETUP), { cwd: folder.path });

let saved: ReturnType<typeof saveHome>;
/** Another home, whose keys are as good and not the right ones. */
let other: TestFolder;
let fingerprints: Readonly<Record<string, unknown>>;

beforeAll(async () => {
  using folder = createTestFolder();
  await deliverInto(folder);
  saved = saveHome(folder);
  other = createTestFolder();
  await deliverInto(other);
  await compileServer();
  const listed = jsonLines(await run(folder, 'keys', 'list', '--json'));
  fingerprints = Object.fromEntries(listed.map(({ file, fingerprint }) => [String(file), fingerprint]));
});

afterAll(() => {
  saved[Symbol.dispose]();
  other[Symbol.dispose]();
});

interface Damage {
  readonly what: string;
  readonly damage: (path: string, file: KeyName) => void;
  readonly says: RegExp;
  readonly needsRoot?: true;
}

const DAMAGES: readonly Damage[] = [
  { what: 'lost', damage: (path) => rmSync(path), says: /is missing/ },
  { what: 'emptied', damage: (path) => writeFileSync(path, ''), says: /is empty/ },
  {
    what: 'cut off',
    damage: (path) => writeFileSync(path, readFileSync(path).subarray(0, 20)),
    says: /does not hold/,
  },
  { what: 'full of something else', damage: (path) => writeFileSync(path, 'c4n4ry'), says: /does not hold/ },
  {
    what: 'the one for something else',
    damage: (path, file) =>
      writeFileSync(path, readFileSync(join(path, '..', file === 'payload.key' ? 'audit-signing.key' : 'payload.key'))),
    says: /does not hold/,
  },
  {
    what: 'of another directory',
    damage: (path, file) => writeFileSync(path, readFileSync(join(other.data, file))),
    says: /holds the .* with the fingerprint [0-9a-f]{16}, and/,
  },
  {
    what: 'a folder',
    damage: (path) => {
      rmSync(path);
      mkdirSync(path);
    },
    says: /is not a file/,
  },
  {
    what: 'a link to nothing',
    damage: (path) => {
      rmSync(path);
      symlinkSync('/nowhere/payload.key', path);
    },
    says: /is missing/,
  },
  { what: 'readable by a group', damage: (path) => chmodSync(path, 0o640), says: /read by others.*run chmod 600/ },
  { what: 'writable by all', damage: (path) => chmodSync(path, 0o602), says: /read by others.*run chmod 600/ },
  {
    what: 'of another user',
    damage: (path) => chownSync(path, 4242, 4242),
    says: /belongs to the user with id 4242/,
    needsRoot: true,
  },
];

const possible = DAMAGES.filter(({ needsRoot }) => needsRoot === undefined || process.geteuid?.() === 0);

/** One sentence, which names the file and the key that belongs there, and no secret. */
const expectRefused = (ran: Ran, path: string, fingerprint: unknown, says: RegExp): void => {
  expect([ran.code === 0, ran.stdout, ran.stderr.match(/\n/g)?.length]).toEqual([false, '', 1]);
  expect(ran.stderr).toMatch(/^payhook: /);
  expect(ran.stderr).toContain(`${path} `);
  expect(ran.stderr).toContain(String(fingerprint));
  expect(ran.stderr).toMatch(says);
  expect(ran.stderr).not.toMatch(/c4n4ry|this is a bug/);
};

const COMMANDS_OF: Readonly<Record<KeyName, readonly (readonly string[])[]>> = {
  'payload.key': [['serve'], ['webhooks', 'list']],
  'audit-signing.key': [['serve'], ['webhooks', 'list']],
  // It signs messages and nothing else.
  'destination-ledger.secret': [['serve'], ['destinations', 'test', 'ledger']],
};

describe.each(Object.keys(KEYS) as KeyName[])('%s', (file) => {
  test.each(possible)('that is $what stops server and commands, which change nothing', async ({ damage, says }) => {
    using folder = saved.restore();
    const path = join(folder.data, file);
    const right = readFileSync(path);
    damage(path, file);
    const before = lookInto(folder.data);

    for (const command of COMMANDS_OF[file]) {
      expectRefused(await run(folder, ...command), path, fingerprints[file], says);
      expect(lookInto(folder.data)).toEqual(before);
    }

    rmSync(path, { recursive: true, force: true });
    writeFileSync(path, right, { mode: 0o600 });
    expect(
      (await run(folder, 'webhooks', 'show', WEBHOOK_ID, '--payload', '--reason', 'ticket 4711')).stdout,
    ).toContain('"evt_saved"');
    expect(await run(folder, 'audit', 'verify')).toMatchObject({ code: 0 });
  });

  test('that was lost and put back opens all for a server, whose trail goes on', async () => {
    using folder = saved.restore();
    const right = readFileSync(join(folder.data, file));
    rmSync(join(folder.data, file));
    await run(folder, 'serve');

    writeFileSync(join(folder.data, file), right, { mode: 0o600 });
    await deliverInto(folder, 'evt_later');

    expect(jsonLines(await run(folder, 'webhooks', 'list', '--json'))).toHaveLength(2);
    expect(await run(folder, 'audit', 'verify')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('is whole'),
    });
  });
});

describe('a key file that is lost', () => {
  test.each([
    ['webhooks', 'show', WEBHOOK_ID],
    ['webhooks', 'replay', WEBHOOK_ID],
    ['dead-letters', 'list'],
    ['dead-letters', 'redrive', '--all', '--dry-run'],
    ['payments', 'list'],
    ['payments', 'show', 'pi_1'],
    ['destinations', 'list'],
    ['destinations', 'test', 'ledger'],
    ['audit', 'show'],
    ['audit', 'verify'],
    ['keys', 'list'],
    ['keys', 'rotate'],
    ['send', 'stripe', 'charge.refunded', '--url', 'http://127.0.0.1:9'],
  ])('stops %s %s too', async (...command) => {
    using folder = saved.restore();
    const path = join(folder.data, 'payload.key');
    rmSync(path);
    const before = lookInto(folder.data);

    expectRefused(await run(folder, ...command), path, fingerprints['payload.key'], /is missing/);
    expect(lookInto(folder.data)).toEqual(before);
  });

  test('is named with what is there when both keys stand in the place of each other', async () => {
    using folder = saved.restore();
    const [payload, audit] = ['payload.key', 'audit-signing.key'].map((name) => join(folder.data, name)) as [
      string,
      string,
    ];
    const [first, second] = [readFileSync(payload), readFileSync(audit)];
    writeFileSync(payload, second);
    writeFileSync(audit, first);

    expectRefused(await run(folder, 'webhooks', 'list'), payload, fingerprints['payload.key'], /does not hold/);
  });

  test('is not needed for a destination whose secret is configured since', async () => {
    using folder = saved.restore();
    rmSync(join(folder.data, 'destination-ledger.secret'));
    const secret = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;
    const env = { ...SAVED_SETUP.env, PAYHOOK_DESTINATION_SECRETS: `ledger=${secret}` };

    await using server = await startLocalServer({ folder, ...SAVED_SETUP, env });

    expect(server.fatal).toEqual([]);
    expect(existsSync(join(folder.data, 'destination-ledger.secret'))).toBe(false);
  });
});

describe('the table of key files', () => {
  test.each([
    ["UPDATE key_files SET retired_at = 1 WHERE purpose = 'payload'", 'key_files'],
    ["UPDATE key_files SET fingerprint = '0000000000000000' WHERE purpose = 'payload'", '0000000000000000'],
    ["UPDATE key_files SET file = '../elsewhere.key' WHERE purpose = 'audit'", 'elsewhere.key'],
  ])('that was changed is found: %s', async (sql, part) => {
    using folder = saved.restore();
    const db = new DatabaseSync(join(folder.data, 'payhook.db'));
    db.exec(sql);
    db.close();

    const ran = await run(folder, 'webhooks', 'list');

    expect([ran.code === 0, ran.stdout, ran.stderr]).toEqual([false, '', expect.stringContaining(part)]);
  });
});

const rowsOf = (folder: TestFolder, sql: string): unknown[] => {
  using db = new DatabaseSync(join(folder.data, 'payhook.db'), { readOnly: true });
  return db.prepare(sql).all();
};

describe('a first start that is cut off', () => {
  const keysIn = (folder: TestFolder): Record<string, string> =>
    Object.fromEntries(
      readdirSync(folder.data)
        .filter((name) => /\.(key|secret)$/.test(name))
        .map((name) => [name, readFileSync(join(folder.data, name), 'utf8')]),
    );

  const migrated = (folder: TestFolder): Promise<void> => openSqlite({ path: join(folder.data, 'payhook.db') }).close();
  const copyKey = (folder: TestFolder, name: string): void =>
    writeFileSync(join(folder.data, name), readFileSync(join(other.data, name)), { mode: 0o600 });

  test.each<[string, (folder: TestFolder) => void | Promise<void>]>([
    ['before anything is made', () => undefined],
    ['after an empty file is made for the database', (f) => writeFileSync(join(f.data, 'payhook.db'), '')],
    [
      'before the database has tables',
      (f) => {
        const db = new DatabaseSync(join(f.data, 'payhook.db'));
        db.exec('PRAGMA journal_mode = WAL');
        db.close();
      },
    ],
    ['before there are keys', migrated],
    [
      'while a key is written',
      async (f) => {
        await migrated(f);
        writeFileSync(join(f.data, 'payload.key.1234.new'), 'aGFsZg', { mode: 0o600 });
      },
    ],
    [
      'between both keys',
      async (f) => {
        await migrated(f);
        copyKey(f, 'payload.key');
      },
    ],
    [
      'between both keys, the other way round',
      async (f) => {
        await migrated(f);
        copyKey(f, 'audit-signing.key');
      },
    ],
    [
      'before the keys are bound',
      async (f) => {
        await migrated(f);
        copyKey(f, 'payload.key');
        copyKey(f, 'audit-signing.key');
      },
    ],
    [
      'with keys and no database',
      (f) => {
        copyKey(f, 'payload.key');
        copyKey(f, 'audit-signing.key');
      },
    ],
  ])('%s is made good by the next one, with the keys that are there', async (_where, leave) => {
    using folder = createTestFolder();
    mkdirSync(folder.data, { mode: 0o700 });
    await leave(folder);
    const before = keysIn(folder);

    const ran = await run(folder, 'webhooks', 'list');
    if (Object.keys(before).length < 2)
      expect([ran.code, ran.stderr]).toEqual([1, expect.stringContaining('npm start')]);
    expect(keysIn(folder)).toEqual(before);

    await deliverInto(folder);
    expect(keysIn(folder)).toMatchObject(before);
    expect(Object.keys(keysIn(folder)).toSorted()).toEqual(Object.keys(KEYS).toSorted());
    expect(await run(folder, 'audit', 'verify')).toMatchObject({ code: 0 });
  });

  /** Fails the n-th operation on the database, before it took effect or after. */
  const breaking = (executor: SqliteExecutor, call: number, when: 'before' | 'after'): SqliteExecutor => {
    let calls = 0;
    return {
      async run(name, input) {
        calls += 1;
        const isBroken = calls === call;
        if (isBroken && when === 'before') throw new PayhookError('store_unavailable', 'cut off');
        const output = await executor.run(name, input);
        if (isBroken) throw new PayhookError('store_unavailable', 'cut off');
        return output;
      },
      close: () => executor.close(),
    };
  };

  test.each(['before', 'after'] as const)('%s any operation never makes a key twice', async (when) => {
    let calls = 0;
    for (let isOver = false; !isOver; ) {
      calls += 1;
      using folder = createTestFolder();
      const directory = openDataDirectory(folder.data);
      const executor = openSqlite({ path: directory.database });
      const open = (on: SqliteExecutor) => openKeys({ directory, executor: on, clock: systemClock, areKeysMade: true });
      isOver = await open(breaking(executor, calls, when)).then(
        () => true,
        (error: unknown) => {
          expect(error).toMatchObject({ code: 'store_unavailable' });
          return false;
        },
      );
      const left = keysIn(folder);

      const keys = await open(executor);

      expect(keysIn(folder)).toMatchObject(left);
      expect(await executor.run('keyFileList', undefined)).toMatchObject([
        { purpose: 'payload', fingerprint: keys.payload.current.fingerprint },
        { purpose: 'audit', fingerprint: keys.audit.current.fingerprint },
      ]);
      await executor.close();
    }
    expect(calls).toBeGreaterThan(3);
  });

  test.each([
    'server.lock',
    'payhook.db',
    'payhook.db-wal',
    'payload.key',
    'audit-signing.key',
    'destination-ledger.secret',
    'development-secrets.json',
  ])('by SIGKILL once %s is there, is made good by the next one with the same keys', async (name) => {
    using folder = createTestFolder();
    const child = spawn(process.execPath, [MAIN, 'serve'], {
      env: cleanEnvironment(writeSetup(folder, SAVED_SETUP)),
      stdio: 'ignore',
    });
    const ended = once(child, 'exit');
    while (!existsSync(join(folder.data, name)) && child.exitCode === null) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    child.kill('SIGKILL');
    expect(await ended).toEqual([null, 'SIGKILL']);
    const left = keysIn(folder);

    await deliverInto(folder);

    expect(keysIn(folder)).toMatchObject(left);
    expect(await run(folder, 'audit', 'verify')).toMatchObject({ code: 0 });
  });

  test('does not take a database for new that has lost everything: no key is made', async () => {
    using folder = saved.restore();
    for (const name of ['payhook.db', 'payload.key', 'audit-signing.key']) rmSync(join(folder.data, name));

    const before = lookInto(folder.data);

    const ran = await run(folder, 'serve');

    expect(ran.stderr).toContain('audit-anchor.json');
    expect(lookInto(folder.data)).toEqual(before);
  });

  test.each(possible.filter(({ what }) => !['lost', 'of another directory', 'a link to nothing'].includes(what)))(
    'makes nothing in a new directory where a key is $what',
    async ({ damage, says }) => {
      using folder = createTestFolder();
      mkdirSync(folder.data, { mode: 0o700 });
      copyKey(folder, 'payload.key');
      copyKey(folder, 'audit-signing.key');
      damage(join(folder.data, 'payload.key'), 'payload.key');
      const before = lookInto(folder.data);

      const ran = await run(folder, 'serve');

      expect([ran.code === 0, ran.stderr]).toEqual([false, expect.stringMatching(says)]);
      expect(lookInto(folder.data)).toEqual(before);
    },
  );
});

describe.each([BEFORE_02])('a directory of release %s, which did not bind keys', (release) => {
  test('is bound to the keys in it when a command first opens it', async () => {
    using home = restoreHome(release);

    expect(await run(home.folder, 'audit', 'verify')).toMatchObject({ code: 0 });

    expect(rowsOf(home.folder, 'SELECT purpose, file FROM key_files ORDER BY number')).toEqual([
      { purpose: 'payload', file: 'payload.key' },
      { purpose: 'audit', file: 'audit-signing.key' },
    ]);
    expect(rowsOf(home.folder, 'SELECT wrapped_by FROM data_keys WHERE wrapped_by IS NULL')).toEqual([]);
  });

  test.each([
    ['payload.key', 'opens none of the 1 data keys'],
    ['audit-signing.key', 'was signed by the one with the fingerprint b6529d7112f9f30c'],
  ])('does not take %s of another directory for its own, and takes its own afterwards', async (file, part) => {
    using home = restoreHome(release);
    const path = join(home.folder.data, file);
    const right = readFileSync(path);
    writeFileSync(path, readFileSync(join(other.data, file)));

    for (const command of ['serve', 'webhooks list']) {
      const ran = await run(home.folder, ...command.split(' '));
      expect([ran.code, ran.stdout, ran.stderr]).toEqual([2, '', expect.stringContaining(part)]);
      expect(ran.stderr).toContain(path);
    }
    expect(rowsOf(home.folder, 'SELECT * FROM key_files')).toEqual([]);

    writeFileSync(path, right);
    expect(await run(home.folder, 'audit', 'verify')).toMatchObject({ code: 0 });
  });

  test.each(['payload.key', 'audit-signing.key'])('does not get %s made anew', async (file) => {
    using home = restoreHome(release);
    const path = join(home.folder.data, file);
    rmSync(path);

    for (const command of ['serve', 'webhooks list']) {
      const ran = await run(home.folder, ...command.split(' '));
      expect([ran.code, ran.stdout, ran.stderr]).toEqual([2, '', expect.stringContaining(`${path} is missing`)]);
    }

    expect(existsSync(path)).toBe(false);
  });

  test('keeps the secrets of its destinations', async () => {
    using home = restoreHome(release);
    const path = join(home.folder.data, 'destination-ledger.secret');
    const { mtimeMs } = statSync(path);

    await using server = await startLocalServer({ folder: home.folder, ...SAVED_SETUP });

    expect(server.settings.destinations).toHaveLength(1);
    expect(statSync(path).mtimeMs).toBe(mtimeMs);
    expect(rowsOf(home.folder, "SELECT file FROM key_files WHERE purpose = 'destination'")).toEqual([
      { file: 'destination-ledger.secret' },
    ]);
  });
});
