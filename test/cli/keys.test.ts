/** `payhook keys`: several keys side by side, the newest in use, and nothing lost on the way from one to the next. */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openSqlite } from '../../src/adapters/sqlite/sqlite-executor.ts';
import { systemClock } from '../../src/adapters/system/system-clock.ts';
import { openDataDirectory } from '../../src/homes/local/data-directory.ts';
import { createLocalHome } from '../../src/homes/local/home.ts';
import { rotateKeys } from '../../src/homes/local/rotate-keys.ts';
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
const keysOf = async (folder: TestFolder) => jsonLines(await run(folder, 'keys', 'list', '--json'));
const payloadOf = async (folder: TestFolder, id: string): Promise<string> =>
  (await run(folder, 'webhooks', 'show', id, '--payload', '--reason', 'ticket 4711')).stdout;

describe('payhook keys list', () => {
  test('tells what each key is for, since when, and what needs it, and never shows one', async () => {
    using folder = saved.restore();

    const keys = await keysOf(folder);
    const table = await run(folder, 'keys', 'list');

    const common = { fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/), since: expect.stringMatching(/Z$/) };
    expect(keys).toEqual([
      { purpose: 'payload', file: 'payload.key', state: 'in_use', dataKeys: 1, digests: null, ...common },
      { purpose: 'audit', file: 'audit-signing.key', state: 'in_use', dataKeys: null, digests: 1, ...common },
      {
        purpose: 'destination',
        file: 'destination-ledger.secret',
        state: 'in_use',
        dataKeys: null,
        digests: null,
        ...common,
      },
    ]);
    expect(table.stdout).toMatch(/^PURPOSE +FINGERPRINT +STATE/);
    expect(table.stdout).toContain('1 data key ');
    for (const name of ['payload.key', 'audit-signing.key', 'destination-ledger.secret']) {
      const [secret = ''] = readFileSync(join(folder.data, name), 'utf8').trim().split('\n').slice(-2);
      expect(table.stdout + JSON.stringify(keys)).not.toContain(secret);
    }
  });

  test.each([['list'], ['rotate']])('%s says in one sentence whose the keys are on AWS', async (command) => {
    const ran = await runHere(['--home', 'aws', '--environment-suffix', 'dev', 'keys', command], {});

    expect([ran.code, ran.stdout, ran.stderr]).toEqual([2, '', expect.stringMatching(/^payhook: on AWS .*KMS.*\n$/)]);
  });
});

describe('payhook keys rotate', () => {
  test('makes new keys the ones in use, old payloads and digests stay good, and it is audited', async () => {
    using folder = saved.restore();
    const [payloadBefore, auditBefore] = await keysOf(folder);

    const rotated = jsonLines(await run(folder, 'keys', 'rotate', '--reason', 'yearly', '--json'));
    await deliverInto(folder, 'evt_after');

    expect(rotated).toMatchObject([
      { purpose: 'payload', replaced: payloadBefore?.fingerprint, rewrapped: 1 },
      { purpose: 'audit', replaced: auditBefore?.fingerprint, rewrapped: 0 },
    ]);
    expect(await payloadOf(folder, WEBHOOK_ID)).toContain('"evt_saved"');
    expect(await payloadOf(folder, 'stripe:evt_after')).toContain('"evt_after"');
    expect(await run(folder, 'audit', 'verify')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('is whole'),
    });
    expect((await keysOf(folder)).filter(({ purpose }) => purpose !== 'destination')).toMatchObject([
      { purpose: 'payload', state: 'retired', dataKeys: 0 },
      { purpose: 'audit', state: 'older', digests: 1 },
      { purpose: 'payload', state: 'in_use', dataKeys: 2, fingerprint: rotated[0]?.fingerprint },
      { purpose: 'audit', state: 'in_use', fingerprint: rotated[1]?.fingerprint },
    ]);
    const entries = jsonLines(await run(folder, 'audit', 'show', '--json'));
    expect(entries.filter(({ event }) => event === 'KEY_ROTATED')).toEqual(
      [...rotated].reverse().map(({ purpose, replaced, fingerprint }) =>
        expect.objectContaining({
          actor: expect.objectContaining({ type: 'operator' }),
          reason: 'yearly',
          change: { from: replaced, to: fingerprint },
          resource: { type: 'home', id: `local:${purpose}-key` },
        }),
      ),
    );
  });

  test('rotates only the key that is named, again and again', async () => {
    using folder = saved.restore();
    for (let time = 0; time < 3; time += 1) {
      expect((await run(folder, 'keys', 'rotate', 'payload')).code).toBe(0);
      expect((await run(folder, 'keys', 'rotate', 'audit')).code).toBe(0);
    }

    const states = (await keysOf(folder)).map(({ purpose, state }) => `${purpose} ${state}`).toSorted();
    expect(states).toEqual([
      'audit in_use',
      'audit older',
      'audit older',
      'audit older',
      'destination in_use',
      'payload in_use',
      'payload retired',
      'payload retired',
      'payload retired',
    ]);
    expect(await payloadOf(folder, WEBHOOK_ID)).toContain('"evt_saved"');
    expect((await run(folder, 'audit', 'verify')).code).toBe(0);
  });

  test('lets the old payload key be taken away, and misses the old audit key', async () => {
    using folder = saved.restore();
    await run(folder, 'keys', 'rotate');
    rmSync(join(folder.data, 'payload.key'));
    expect(await payloadOf(folder, WEBHOOK_ID)).toContain('"evt_saved"');

    rmSync(join(folder.data, 'audit-signing.key'));

    const ran = await run(folder, 'webhooks', 'list');
    expect([ran.code, ran.stderr]).toEqual([2, expect.stringContaining('audit-signing.key is missing')]);
  });

  test('misses a new key that was lost, and does not go back to the old one', async () => {
    using folder = saved.restore();
    const [{ file, fingerprint } = {}] = jsonLines(await run(folder, 'keys', 'rotate', 'payload', '--json'));
    rmSync(join(folder.data, String(file)));

    const ran = await run(folder, 'serve');

    expect([ran.code, ran.stderr]).toEqual([2, expect.stringContaining(`${file} is missing`)]);
    expect(ran.stderr).toContain(String(fingerprint));
  });

  test('says that the server has to be stopped first, and changes nothing', async () => {
    using folder = saved.restore();
    await using server = await startLocalServer({ folder, ...SAVED_SETUP });
    const keys = await keysOf(folder);

    const ran = await run(folder, 'keys', 'rotate');

    expect([ran.code, ran.stdout]).toEqual([2, '']);
    expect(ran.stderr).toContain('server is running on the data directory');
    expect(await keysOf(folder)).toEqual(keys);
    expect(server.fatal).toEqual([]);
  });

  test('refuses another purpose', async () => {
    using folder = saved.restore();

    expect((await run(folder, 'keys', 'rotate', 'destination')).code).toBe(2);
  });

  test.each(['before', 'after'] as const)(
    'that is cut off %s it is stored leaves everything readable',
    async (when) => {
      using folder = saved.restore();
      const before = lookInto(folder.data);
      const directory = openDataDirectory(folder.data);
      const executor = openSqlite({ path: directory.database });
      const home = await createLocalHome(directory, executor);
      const cutOff: typeof executor.run = async (name, input) => {
        if (name === 'keyFileRotate' && when === 'before') throw new Error('cut off');
        const output = await executor.run(name, input);
        if (name === 'keyFileRotate') throw new Error('cut off');
        return output;
      };
      const input = { directory, operator: { type: 'operator', id: 'test' }, reason: null } as const;

      await expect(
        rotateKeys({ ...input, home: { ...home, executor: { ...executor, run: cutOff } } }, ['payload', 'audit']),
      ).rejects.toThrow('cut off');
      await executor.close();

      expect(lookInto(folder.data).filter((line) => line.includes('.key '))).toEqual(
        expect.arrayContaining(before.filter((line) => line.includes('.key '))),
      );
      expect(existsSync(join(folder.data, 'payload.key'))).toBe(true);
      expect(await payloadOf(folder, WEBHOOK_ID)).toContain('"evt_saved"');
      expect((await run(folder, 'keys', 'rotate')).code).toBe(0);
      expect(await payloadOf(folder, WEBHOOK_ID)).toContain('"evt_saved"');
      expect((await run(folder, 'audit', 'verify')).code).toBe(0);
    },
  );

  test('does not wrap data keys under a key that was read before another rotation', async () => {
    using folder = saved.restore();
    const directory = openDataDirectory(folder.data);
    const executor = openSqlite({ path: directory.database });
    const stale = await createLocalHome(directory, executor, { clock: systemClock });
    await run(folder, 'keys', 'rotate', 'payload');

    const input = { directory, home: stale, operator: { type: 'operator', id: 'test' }, reason: null } as const;
    const [rotated] = await rotateKeys(input, ['payload']);
    await executor.close();

    expect(rotated?.rewrapped).toBe(1);
    expect(await payloadOf(folder, WEBHOOK_ID)).toContain('"evt_saved"');
  });
});
