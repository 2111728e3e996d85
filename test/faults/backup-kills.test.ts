/** A backup, and a restore, that the power is cut from before each of their writes. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { jsonLines, runHere } from '../cli/run-here.ts';
import {
  cleanEnvironment,
  createTestFolder,
  MAIN,
  type Ran,
  startLocalServer,
  type TestFolder,
  writeSetup,
} from '../support/running-server.ts';
import { deliverInto, SAVED_SETUP, saveHome, WEBHOOK_ID } from '../support/saved-home.ts';

const DIE_AT_WRITE = join(import.meta.dirname, '..', 'support', 'die-at-write.mjs');
/** More writes than either command has: reaching it would mean that it never came to its end. */
const WRITES_MAX = 100;

let saved: ReturnType<typeof saveHome>;

beforeAll(async () => {
  using folder = createTestFolder();
  await deliverInto(folder);
  saved = saveHome(folder);
  // One that ends well leaves its compiled code for those that are killed.
  using first = saved.restore();
  expect(await runAndDie(first, WRITES_MAX, 'backup', 'copy', '--with-keys')).toBe(0);
});

afterAll(() => saved[Symbol.dispose]());

const run = (folder: TestFolder, ...args: string[]): Promise<Ran> =>
  runHere(args, writeSetup(folder, SAVED_SETUP), { cwd: folder.path });

/** How the command ended: `SIGKILL`, or its exit code. */
const runAndDie = async (folder: TestFolder, write: number, ...args: string[]): Promise<string | number> => {
  const own = { ...writeSetup(folder, SAVED_SETUP), PAYHOOK_TEST_DIE_AT_WRITE: String(write) };
  const env = cleanEnvironment(own);
  const child = spawn(process.execPath, ['--import', DIE_AT_WRITE, MAIN, ...args], { cwd: folder.path, env });
  const [[code, signal], stderr] = await Promise.all([once(child, 'exit'), text(child.stderr)]);
  expect(stderr).toBe('');
  return signal ?? code;
};

const expectWhole = async (folder: TestFolder): Promise<void> => {
  expect(await run(folder, 'audit', 'verify', '--deep')).toMatchObject({ code: 0 });
  expect(jsonLines(await run(folder, 'webhooks', 'list', '--json'))).toMatchObject([{ webhookId: WEBHOOK_ID }]);
};

describe('a backup that is cut off', () => {
  test('before any of its writes is none, the data are as they were, and the next one is whole', async () => {
    using folder = saved.restore();
    let died = 0;
    for (let write = 1; write < WRITES_MAX; write += 1) {
      const name = `copy-${write}`;
      const end = await runAndDie(folder, write, 'backup', name, '--with-keys');
      if (end === 0) break;
      expect(end).toBe('SIGKILL');
      died += 1;
      const ran = await run(folder, 'restore', name, '--dry-run');
      // Dead before the very last step, it may be finished.
      if (ran.code !== 0) expect(ran.stderr).toContain('there is no finished backup');
    }

    expect(died).toBeGreaterThan(10);
    expect(await run(folder, 'restore', `copy-${died + 1}`, '--dry-run')).toMatchObject({ code: 0 });
    await expectWhole(folder);
  });
});

describe('a restore that is cut off', () => {
  test('before any of its writes leaves a directory that no server starts on, or that is whole; it goes on', async () => {
    using origin = saved.restore();
    await run(origin, 'backup', 'copy', '--with-keys');
    renameSync(origin.data, join(origin.path, 'gone'));
    const args = ['restore', join(origin.path, 'copy'), '--reason', 'the disk died'];
    let died = 0;
    let wasRefused = 0;
    for (let write = 1; write < WRITES_MAX; write += 1) {
      using folder = createTestFolder();
      const end = await runAndDie(folder, write, ...args);
      if (end === 0) break;
      expect(end).toBe('SIGKILL');
      died += 1;
      if (!existsSync(join(folder.data, 'payhook.db'))) {
        if (existsSync(join(folder.data, 'restoring'))) {
          await expect(startLocalServer({ folder, ...SAVED_SETUP })).rejects.toThrow(
            /was cut off: run payhook restore/,
          );
          wasRefused += 1;
        }
        expect(await run(folder, ...args)).toMatchObject({ code: 0, stderr: '' });
        expect(readdirSync(folder.data)).not.toContain('restoring');
      }
      await expectWhole(folder);
    }

    expect(died).toBeGreaterThan(15);
    expect(wasRefused).toBeGreaterThan(10);
  });
});
