/** `payhook backup` and `payhook restore`: everything that was stored comes back, and nothing that does not fit is used. */
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeUnless } from '../support/describe-unless.ts';
import { mountSmallDisk, unmountDisk, whyNoSmallDisk } from '../support/full-disk.ts';
import {
  createTestFolder,
  type Ran,
  startLocalServer,
  type TestFolder,
  writeSetup,
} from '../support/running-server.ts';
import { deliverInto, lookInto, SAVED_SETUP, saveHome, WEBHOOK_ID } from '../support/saved-home.ts';
import { jsonLines, runHere } from './run-here.ts';

let saved: ReturnType<typeof saveHome>;

beforeAll(async () => {
  using folder = createTestFolder();
  await deliverInto(folder);
  saved = saveHome(folder);
});

afterAll(() => saved[Symbol.dispose]());

const run = (folder: TestFolder, ...args: string[]): Promise<Ran> =>
  runHere(args, writeSetup(folder, SAVED_SETUP), { cwd: folder.path });
const payloadOf = async (folder: TestFolder, id: string): Promise<string> =>
  (await run(folder, 'webhooks', 'show', id, '--payload', '--reason', 'ticket 4711')).stdout;
const eventsOf = async (folder: TestFolder): Promise<readonly unknown[]> =>
  jsonLines(await run(folder, 'audit', 'show', '--json')).map(({ event }) => event);

/** A home whose data are gone, with a backup of them, with keys, in its folder. */
const lost = async (): Promise<TestFolder> => {
  const folder = saved.restore();
  expect(await run(folder, 'backup', 'copy', '--with-keys')).toMatchObject({ code: 0, stderr: '' });
  renameSync(folder.data, join(folder.path, 'gone'));
  return folder;
};

const restore = (folder: TestFolder, ...more: string[]): Promise<Ran> =>
  run(folder, 'restore', 'copy', '--reason', 'the disk died', ...more);

const expectWhole = async (folder: TestFolder): Promise<void> => {
  expect(await run(folder, 'audit', 'verify', '--deep')).toMatchObject({ code: 0 });
  expect(await payloadOf(folder, WEBHOOK_ID)).toContain('"evt_saved"');
};

describe('payhook backup', () => {
  test('copies what a running server holds, and says what is in the copy', async () => {
    using folder = saved.restore();
    await using _server = await startLocalServer({ folder, ...SAVED_SETUP });

    const [manifest] = jsonLines(await run(folder, 'backup', 'copy', '--reason', 'nightly', '--json'));

    const copy = join(folder.path, 'copy');
    expect(readdirSync(copy).toSorted()).toEqual(['manifest.json', 'payhook.db']);
    expect(manifest).toMatchObject({
      folder: copy,
      format: 1,
      counts: { webhooks: 1, payments: 0 },
      lastDigest: { number: expect.any(Number), hash: expect.stringMatching(/^[0-9a-f]{64}$/) },
      database: { bytes: statSync(join(copy, 'payhook.db')).size, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
      hasKeys: false,
    });
    const { folder: _, ...written } = manifest ?? {};
    expect(JSON.parse(readFileSync(join(copy, 'manifest.json'), 'utf8'))).toEqual(written);
    expect(await eventsOf(folder)).toContain('BACKED_UP');
    for (const name of readdirSync(copy)) expect(statSync(join(copy, name)).mode & 0o077).toBe(0);
  });

  test('copies keys only when it is asked to, into a folder of their own, and shows none', async () => {
    using folder = saved.restore();

    const ran = await run(folder, 'backup', 'copy', '--with-keys');

    const keys = join(folder.path, 'copy', 'keys');
    expect(readdirSync(keys).toSorted()).toEqual(['audit-signing.key', 'destination-ledger.secret', 'payload.key']);
    for (const name of readdirSync(keys)) {
      const secret = readFileSync(join(keys, name), 'utf8').trim().split('\n').at(-1) ?? '';
      expect(readFileSync(join(folder.data, name), 'utf8')).toContain(secret);
      expect(ran.stdout).not.toContain(secret);
      expect(readFileSync(join(folder.path, 'copy', 'manifest.json'), 'utf8')).not.toContain(secret);
    }
  });

  test('leaves a folder alone in which there is something', async () => {
    using folder = saved.restore();
    mkdirSync(join(folder.path, 'copy'));
    writeFileSync(join(folder.path, 'copy', 'precious'), '');
    const before = lookInto(join(folder.path, 'copy'));

    const ran = await run(folder, 'backup', 'copy');

    expect([ran.code, ran.stderr]).toEqual([2, expect.stringContaining('is not empty')]);
    expect(lookInto(join(folder.path, 'copy'))).toEqual(before);
  });

  test('is one of two that begin at once in the same folder: the other removes nothing of it', async () => {
    using folder = saved.restore();

    const ran = await Promise.all([run(folder, 'backup', 'copy'), run(folder, 'backup', 'copy')]);

    expect(ran.map(({ code }) => code).sort()).toEqual([0, 2]);
    expect(existsSync(join(folder.path, 'copy', 'manifest.json'))).toBe(true);
  });

  test.each([['backup'], ['restore']])('%s says in one sentence what AWS has instead', async (command) => {
    const ran = await runHere(['--home', 'aws', '--environment-suffix', 'dev', command, 'copy'], {});

    expect([ran.code, ran.stdout, ran.stderr]).toEqual([
      2,
      '',
      expect.stringMatching(/^payhook: on AWS .*point-in-time recovery.*\n$/),
    ]);
  });
});

describe('payhook restore', () => {
  test('brings everything back, and the trail says who did it, why and from what', async () => {
    using folder = await lost();

    const ran = await restore(folder);

    expect(ran).toMatchObject({ code: 0, stderr: '' });
    const [entry] = jsonLines(await run(folder, 'audit', 'show', '--json'));
    await expectWhole(folder);
    expect(entry).toMatchObject({
      event: 'RESTORED',
      actor: { type: 'operator' },
      reason: 'the disk died',
      change: { from: expect.stringMatching(/^digest \d+$/), to: expect.stringMatching(/^backup of /) },
    });
    await deliverInto(folder, 'evt_after');
    expect(await payloadOf(folder, 'stripe:evt_after')).toContain('"evt_after"');
    await expectWhole(folder);
    expect(existsSync(join(folder.data, 'restoring'))).toBe(false);
  });

  test('takes the keys from where they were kept', async () => {
    using folder = await lost();
    renameSync(join(folder.path, 'copy', 'keys'), join(folder.path, 'safe'));

    const without = await restore(folder);
    expect([without.code, without.stderr]).toEqual([2, expect.stringMatching(/payload\.key is missing/)]);
    expect(await restore(folder, '--keys', 'safe')).toMatchObject({ code: 0 });

    await expectWhole(folder);
  });

  test('checks all of it beside a running server, and leaves nothing behind, with --dry-run', async () => {
    using folder = saved.restore();
    await run(folder, 'backup', 'copy', '--with-keys');
    await using _server = await startLocalServer({ folder, ...SAVED_SETUP });
    const names = readdirSync(folder.data);

    const ran = await run(folder, 'restore', 'copy', '--dry-run');

    expect([ran.code, ran.stdout]).toEqual([0, expect.stringContaining('can be restored')]);
    expect(readdirSync(folder.data)).toEqual(names);
    rmSync(join(folder.path, 'elsewhere'), { recursive: true, force: true });
    const env = { ...writeSetup(folder, SAVED_SETUP), PAYHOOK_DATA_DIR: join(folder.path, 'elsewhere') };
    expect(await runHere(['restore', 'copy', '--dry-run'], env, { cwd: folder.path })).toMatchObject({ code: 0 });
    expect(existsSync(join(folder.path, 'elsewhere'))).toBe(false);
  });

  test('leaves what a restore that was cut off has put there, with --dry-run: no server starts on it', async () => {
    using folder = await lost();
    mkdirSync(join(folder.data, 'restoring'), { recursive: true, mode: 0o700 });

    expect(await run(folder, 'restore', 'copy', '--dry-run')).toMatchObject({ code: 0 });

    expect(readdirSync(folder.data)).toEqual(['restoring']);
    await expect(startLocalServer({ folder, ...SAVED_SETUP })).rejects.toThrow('a restore into');
    expect(await restore(folder)).toMatchObject({ code: 0 });
  });

  test('never touches a directory in which there is something', async () => {
    using folder = saved.restore();
    await run(folder, 'backup', 'copy', '--with-keys');
    const before = lookInto(folder.data);

    const ran = await restore(folder);

    expect([ran.code, ran.stderr]).toEqual([2, expect.stringMatching(/is not empty, .* move it away whole/)]);
    expect(lookInto(folder.data).filter((line) => !line.startsWith('server.lock'))).toEqual(
      before.filter((line) => !line.startsWith('server.lock')),
    );
  });

  test('needs a reason', async () => {
    using folder = await lost();

    const ran = await run(folder, 'restore', 'copy');

    expect([ran.code, ran.stderr]).toEqual([2, expect.stringContaining('--reason')]);
  });
});

const inCopy = (folder: TestFolder, name: string): string => join(folder.path, 'copy', name);

const changeManifest = (folder: TestFolder, change: (manifest: Record<string, unknown>) => void): void => {
  const path = inCopy(folder, 'manifest.json');
  const manifest = JSON.parse(readFileSync(path, 'utf8'));
  change(manifest);
  writeFileSync(path, JSON.stringify(manifest));
};

/** The copy and its manifest as somebody would leave them who knows how both are made. */
const forge = (folder: TestFolder, sql: string): void => {
  const path = inCopy(folder, 'payhook.db');
  const db = new DatabaseSync(path, { enableForeignKeyConstraints: false });
  db.exec(sql);
  db.close();
  const bytes = readFileSync(path);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  changeManifest(folder, (manifest) => Object.assign(manifest, { database: { bytes: bytes.length, sha256 } }));
};

describe('a backup that is not as it was written', () => {
  test.each<[string, (folder: TestFolder) => void, RegExp]>([
    ['has no manifest', (folder) => rmSync(inCopy(folder, 'manifest.json')), /no finished backup/],
    ['has half a manifest', (folder) => truncateSync(inCopy(folder, 'manifest.json'), 40), /is not the manifest/],
    [
      'has a manifest of a newer release',
      (folder) => changeManifest(folder, (manifest) => Object.assign(manifest, { format: 2 })),
      /has version 2, written by a newer Payhook/,
    ],
    [
      'names a key outside of its folder',
      (folder) =>
        changeManifest(folder, (manifest) =>
          Object.assign(manifest, { keyFiles: [{ purpose: 'payload', file: '../payload.key', fingerprint: 'x' }] }),
        ),
      /is not the manifest/,
    ],
    ['has no copy', (folder) => rmSync(inCopy(folder, 'payhook.db')), /not the copy/],
    ['has a copy that goes on', (folder) => appendFileSync(inCopy(folder, 'payhook.db'), 'x'), /not the copy/],
    [
      'has a copy with a byte that differs',
      (folder) => {
        const bytes = readFileSync(inCopy(folder, 'payhook.db'));
        const at = bytes.indexOf('evt_saved');
        bytes[at] = 0x45;
        writeFileSync(inCopy(folder, 'payhook.db'), bytes);
      },
      /not the copy/,
    ],
    ['has half a copy', (folder) => truncateSync(inCopy(folder, 'payhook.db'), 8192), /not the copy/],
    ['lacks a key', (folder) => rmSync(inCopy(folder, 'keys/payload.key')), /payload\.key is missing/],
    [
      'has another key',
      (folder) => writeFileSync(inCopy(folder, 'keys/payload.key'), `${Buffer.alloc(32, 7).toString('base64')}\n`),
      /holds the payload key with the fingerprint/,
    ],
    [
      'was edited together with its manifest',
      (folder) => forge(folder, "UPDATE payment_webhooks SET event_type = 'charge.captured'"),
      /trail of the backup is broken: webhook stripe:evt_saved was edited/,
    ],
    [
      'lost a webhook together with its manifest',
      (folder) => {
        forge(folder, 'DELETE FROM payment_webhooks');
        changeManifest(folder, (manifest) => Object.assign(manifest.counts as object, { webhooks: 0 }));
      },
      /trail of the backup is broken/,
    ],
  ])('is not restored when it %s', async (_, damage, says) => {
    using folder = await lost();
    damage(folder);

    const ran = await restore(folder);

    expect([ran.code === 0, ran.stdout, ran.stderr]).toEqual([false, '', expect.stringMatching(says)]);
    expect(ran.stderr.match(/\n/g)).toHaveLength(1);
    expect(readdirSync(folder.data).filter((name) => !name.startsWith('server.lock'))).toEqual([]);
  });
});

describe('an anchor elsewhere', () => {
  const anchored = (folder: TestFolder): Record<string, string> =>
    writeSetup(folder, {
      ...SAVED_SETUP,
      config: { ...SAVED_SETUP.config, audit: { anchorDirectory: join(folder.path, 'witness') } },
    });

  test('names what an older copy lacks: nothing is signed until a person gives it up, in the trail', async () => {
    using folder = saved.restore();
    mkdirSync(join(folder.path, 'witness'));
    cpSync(join(folder.data, 'audit-anchor.json'), join(folder.path, 'witness', 'audit-anchor.json'));
    const there = (...args: string[]) => runHere(args, anchored(folder), { cwd: folder.path });
    await there('backup', 'copy', '--with-keys');
    await using server = await startLocalServer({
      folder,
      ...SAVED_SETUP,
      config: { ...SAVED_SETUP.config, audit: { anchorDirectory: join(folder.path, 'witness') } },
    });
    await server.running.stop('lost');
    renameSync(folder.data, join(folder.path, 'gone'));

    const restored = await there('restore', 'copy', '--reason', 'the disk died');

    expect(restored.stdout).toMatch(/the audit anchor remembers digest \d+, and the backup ends with digest \d+/);
    expect(await there('audit', 'verify')).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('the end is cut off'),
    });
    expect(await there('audit', 'reanchor')).toMatchObject({ code: 2 });

    expect(await there('audit', 'reanchor', '--reason', 'half a day is lost')).toMatchObject({ code: 0 });

    expect(await there('audit', 'verify')).toMatchObject({ code: 0 });
    expect(jsonLines(await there('audit', 'show', '--json'))[0]).toMatchObject({
      event: 'REANCHORED',
      reason: 'half a day is lost',
      change: { from: expect.stringMatching(/^\d+:/), to: expect.stringMatching(/^\d+:/) },
    });
    expect((await there('audit', 'reanchor', '--reason', 'again')).stdout).toContain('nothing has to be given up');
  });
});

describeUnless(whyNoSmallDisk(), 'a disk without room', () => {
  test.each([
    ['backup', ['backup', 'small/copy', '--with-keys']],
    ['restore', ['restore', 'copy', '--reason', 'no room']],
  ])('fails %s with one sentence, and leaves nothing half done', async (command, args) => {
    using folder = saved.restore();
    await run(folder, 'backup', 'copy', '--with-keys');
    const small = mkdtempSync(join(tmpdir(), 'payhook-small-'));
    expect(mountSmallDisk(small, 1)).toBe(true);
    try {
      writeFileSync(join(small, 'ballast'), Buffer.alloc(900 * 1024));
      const data = command === 'backup' ? folder.data : join(small, 'data');
      const env = { ...writeSetup(folder, SAVED_SETUP), PAYHOOK_DATA_DIR: data };
      const target = args.map((arg) => (arg === 'small/copy' ? join(small, 'copy') : arg));

      const ran = await runHere(target, env, { cwd: folder.path });

      expect([ran.code, ran.stderr]).toEqual([1, expect.stringMatching(/^payhook: .*free some space\n$/)]);
      expect(readdirSync(small).filter((name) => name !== 'data')).toEqual(['ballast']);
      expect(existsSync(join(small, 'data', 'restoring'))).toBe(false);
      const told = jsonLines(await run(folder, 'audit', 'show', '--event', 'BACKED_UP', '--json', '--limit', '2'));
      const outcomes = told.map(({ outcome }) => outcome);
      expect(outcomes.slice(0, command === 'backup' ? 2 : 1)).toEqual(
        command === 'backup' ? ['failure', 'success'] : ['success'],
      );
    } finally {
      unmountDisk(small);
      rmSync(small, { recursive: true });
    }
  });
});
