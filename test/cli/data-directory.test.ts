/** Data directories that cannot be used, or could have been changed by others: one sentence, at once, and nothing made. */
import { chmodSync, chownSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestFolder, type Ran, runCommand, type TestFolder, writeSetup } from '../support/running-server.ts';
import { deliverInto, lookInto, SAVED_SETUP, saveHome } from '../support/saved-home.ts';
import { runHere } from './run-here.ts';

const IS_ROOT = process.geteuid?.() === 0;

const run = (folder: TestFolder, data: string, ...args: string[]): Promise<Ran> =>
  runHere(args, { ...writeSetup(folder, SAVED_SETUP), PAYHOOK_DATA_DIR: data }, { cwd: folder.path });

const expectSentence = (ran: Ran, ...parts: readonly string[]): void => {
  expect([ran.code, ran.stdout, ran.stderr.match(/\n/g)?.length], ran.stderr).toEqual([2, '', 1]);
  for (const part of ['payhook: ', ...parts]) expect(ran.stderr).toContain(part);
};

describe('payhook serve', () => {
  test('ends at once on a path where nothing can be made, as users start it', async () => {
    using folder = createTestFolder();
    const env = { ...writeSetup(folder, {}), PAYHOOK_DATA_DIR: '/proc/nope' };

    expectSentence(await runCommand(['serve'], env, { cwd: folder.path }), '/proc/nope', 'PAYHOOK_DATA_DIR');
  }, 30_000);

  test.each<[string, (folder: TestFolder) => string]>([
    ['in a file', () => '/dev/null/data'],
    ['in a kernel’s folder', () => '/proc/nope'],
    ['deep in a kernel’s folder', () => '/proc/self/nope/data'],
    ['in a folder that is not there', (folder) => join(folder.path, 'missing', 'data')],
    ['with a name that is too long', (folder) => join(folder.path, 'd'.repeat(300))],
    [
      'where a file is',
      (folder) => {
        writeFileSync(folder.data, 'c4n4ry');
        return folder.data;
      },
    ],
    [
      'where a link leads nowhere',
      (folder) => {
        symlinkSync('/nowhere/data', folder.data);
        return folder.data;
      },
    ],
    [
      'where a link leads to itself',
      (folder) => {
        symlinkSync(folder.data, folder.data);
        return folder.data;
      },
    ],
  ])('says what is wrong with a path %s, and makes nothing', async (_what, pathIn) => {
    using folder = createTestFolder();
    const path = pathIn(folder);
    writeSetup(folder, SAVED_SETUP);
    const before = lookInto(folder.path);

    expectSentence(await run(folder, path, 'serve'), path, 'PAYHOOK_DATA_DIR');

    expect(lookInto(folder.path)).toEqual(before);
  });

  test.each([0o777, 0o1777, 0o770, 0o720, 0o702])(
    'does not start in an empty directory that others may write (%o)',
    async (mode) => {
      using folder = createTestFolder();
      mkdirSync(folder.data);
      chmodSync(folder.data, mode);

      const ran = await run(folder, folder.data, 'serve');

      expectSentence(ran, folder.data, 'written by others', `chmod 700 '${folder.data}'`);
      expect(lookInto(folder.data)).toEqual([]);
    },
  );

  test.runIf(IS_ROOT)('does not start in an empty directory of somebody else', async () => {
    using folder = createTestFolder();
    mkdirSync(folder.data, { mode: 0o700 });
    chownSync(folder.data, 4242, 4242);

    expectSentence(await run(folder, folder.data, 'serve'), folder.data, 'user with id 4242', 'chown');
    expect(lookInto(folder.data)).toEqual([]);
  });
});

describe('what was changed so that others may write it', () => {
  let saved: ReturnType<typeof saveHome>;

  beforeAll(async () => {
    using folder = createTestFolder();
    await deliverInto(folder);
    saved = saveHome(folder);
  });

  afterAll(() => saved[Symbol.dispose]());

  const FILES = ['', 'payhook.db', 'audit-anchor.json', 'server.lock'];
  const COMMANDS = [['serve'], ['webhooks', 'list'], ['audit', 'verify'], ['keys', 'list']];

  test.each(FILES)('/%s stops server and commands, and is left as it is', async (file) => {
    using folder = saved.restore();
    const path = join(folder.data, file);
    expect(existsSync(path)).toBe(true);
    chmodSync(path, file === '' ? 0o777 : 0o666);
    const before = lookInto(folder.data);

    for (const command of COMMANDS)
      expectSentence(await run(folder, folder.data, ...command), path, 'written by others', 'chmod');

    expect(lookInto(folder.data)).toEqual(before);
  });

  test.runIf(IS_ROOT).each(FILES)('/%s of somebody else stops server and commands', async (file) => {
    using folder = saved.restore();
    const path = join(folder.data, file);
    chownSync(path, 4242, 4242);
    const before = lookInto(folder.data);

    for (const command of COMMANDS)
      expectSentence(await run(folder, folder.data, ...command), path, 'user with id 4242');

    expect(lookInto(folder.data)).toEqual(before);
  });

  test('development secrets that others may read are not used', async () => {
    using folder = saved.restore();
    const path = join(folder.data, 'development-secrets.json');
    expect(existsSync(path)).toBe(true);
    chmodSync(path, 0o644);

    expectSentence(await run(folder, folder.data, 'serve'), path, 'chmod 600');
  });
});
