/** What has destroyed an installation once, and what may: afterwards the checkout works, or one command heals it. */
import { once } from 'node:events';
import { chmodSync, chownSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Ran } from '../support/running-server.ts';
import { createGate, createSmallCheckout, RUNTIME, type SmallCheckout } from './small-checkout.ts';

const SETUP = ['bootstrap.cjs', '--without-tools'];
const COMMAND = ['bin/payhook', 'webhooks', 'list'];

const installed = async (): Promise<SmallCheckout> => {
  const checkout = createSmallCheckout();
  const ran = await checkout.run(SETUP);
  expect([ran.code, ran.stderr]).toEqual([0, expect.stringContaining('installing dependencies')]);
  return checkout;
};

/** Lines on standard error that are ours. */
const sentences = ({ stderr }: Ran): string[] => stderr.split('\n').filter((line) => line.startsWith('payhook: '));

const expectToWork = async (checkout: SmallCheckout, version = '1.0.0'): Promise<void> => {
  expect(await checkout.run(COMMAND)).toEqual({ code: 0, stdout: `dependency ${version} webhooks list\n`, stderr: '' });
  expect(readdirSync(checkout.root).filter((name) => name.startsWith('.installing'))).toEqual([]);
};

describe('a command', () => {
  test('installs nothing when nothing is installed, and says what does', async () => {
    using checkout = createSmallCheckout();
    const before = checkout.contents();

    const ran = await checkout.run(COMMAND);

    expect([ran.code, ran.stdout, checkout.contents()]).toEqual([1, '', before]);
    expect(ran.stderr).toBe(
      'payhook: the packages are not installed (node_modules is missing or half of it): run npm run setup\n',
    );
  });

  test('regression: a lockfile with a newer time, and two commands at once, leave everything in place', async () => {
    using checkout = await installed();
    const before = checkout.contents();
    utimesSync(join(checkout.root, 'package-lock.json'), new Date('2040-01-01'), new Date('2040-01-01'));

    const both = await Promise.all([checkout.run(COMMAND), checkout.run(COMMAND)]);

    expect(both.map(({ code, stderr }) => [code, stderr])).toEqual([
      [0, ''],
      [0, ''],
    ]);
    expect(checkout.contents()).toEqual(before);
  });

  test('works with other versions than the lockfile has, and says so', async () => {
    using checkout = await installed();
    checkout.lock('1.1.0');

    const ran = await checkout.run(COMMAND);

    expect([ran.code, ran.stdout]).toEqual([0, 'dependency 1.0.0 webhooks list\n']);
    expect(ran.stderr).toBe(
      'payhook: the installed packages are not those of the lockfile (node_modules/dependency is 1.0.0, the lockfile says 1.1.0): npm run setup installs them\n',
    );
  });

  test('ends with the exit code and the signal of what it runs', async () => {
    using checkout = await installed();
    const child = checkout.start(['bin/payhook', 'serve']);
    await once(child.stdout ?? child, 'data');

    child.kill('SIGTERM');

    expect(await once(child, 'close')).toEqual([null, 'SIGTERM']);
  });
});

describe('installing', () => {
  test('brings what the lockfile says, and a second time nothing', async () => {
    using checkout = await installed();
    await expectToWork(checkout);

    expect(await checkout.run(SETUP)).toEqual({ code: 0, stdout: '', stderr: '' });

    checkout.lock('1.1.0');
    expect((await checkout.run(SETUP)).code).toBe(0);
    await expectToWork(checkout, '1.1.0');
  });

  test.each([
    ['a package that is gone', (root: string) => rmSync(join(root, 'node_modules', 'dependency'), { recursive: true })],
    ['the Node that is gone', (root: string) => rmSync(join(root, 'node_modules', RUNTIME), { recursive: true })],
    ['npm ended before its last file', (root: string) => rmSync(join(root, 'node_modules', '.package-lock.json'))],
    [
      'a last file that is cut off',
      (root: string) => writeFileSync(join(root, 'node_modules', '.package-lock.json'), '{'),
    ],
  ])('heals half an installation: %s', async (_, damage) => {
    using checkout = await installed();
    damage(checkout.root);
    const ran = await checkout.run(COMMAND);
    expect([ran.code, sentences(ran).length]).toEqual([1, 1]);

    expect((await checkout.run(SETUP)).code).toBe(0);

    await expectToWork(checkout);
  });

  test('happens once when two ask for it at the same time', async () => {
    using checkout = createSmallCheckout();
    await using gate = await createGate();
    const first = checkout.run(SETUP, gate.env);
    await gate.reached;

    const second = await checkout.run(SETUP);

    expect([second.code, second.stderr]).toEqual([
      1,
      expect.stringMatching(
        /^payhook: process \d+ is installing the packages of this checkout: run this again when it is done\n$/,
      ),
    ]);
    gate.open();
    expect((await first).code).toBe(0);
    await expectToWork(checkout);
  });

  test('that was killed in its middle has changed nothing, and the next one cleans up behind it', async () => {
    using checkout = await installed();
    checkout.lock('1.1.0');
    await using gate = await createGate();
    const child = checkout.start(SETUP, gate.env);
    await gate.reached;

    child.kill('SIGKILL');
    await once(child, 'exit');

    expect((await checkout.run(COMMAND)).stdout).toBe('dependency 1.0.0 webhooks list\n');
    expect((await checkout.run(SETUP)).code).toBe(0);
    await expectToWork(checkout, '1.1.0');
  });

  test('without a network changes nothing', async () => {
    using checkout = await installed();
    const before = checkout.contents();
    checkout.lock('1.1.0', ({ packages }) => {
      packages['node_modules/dependency'] = { version: '1.1.0', resolved: 'http://127.0.0.1:1/dependency.tgz' };
    });

    const ran = await checkout.run(SETUP);

    expect([ran.code, sentences(ran).at(-1), checkout.contents()]).toEqual([
      1,
      'payhook: npm ci failed (see above), nothing was changed: check the network and the disk, then run this again',
      before,
    ]);
  });

  test.each(['node_modules/dependency', `node_modules/${RUNTIME}`])(
    'refuses other bytes than the lockfile has the hash of: %s',
    async (path) => {
      using checkout = createSmallCheckout();
      checkout.lock('1.0.0', ({ packages }) => {
        packages[path] = { ...packages[path], integrity: `sha512-${Buffer.alloc(64).toString('base64')}` };
      });

      const ran = await checkout.run(SETUP);

      expect([ran.code, sentences(ran).at(-1)]).toEqual([1, expect.stringContaining('nothing was changed')]);
      expect(readdirSync(checkout.root)).not.toContain('node_modules');
    },
  );

  test('is refused while a server of the checkout runs', async () => {
    using checkout = await installed();
    const server = checkout.start(['bin/payhook', 'serve']);
    await once(server.stdout ?? server, 'data');
    expect(await checkout.run(SETUP)).toEqual({ code: 0, stdout: '', stderr: '' });
    checkout.lock('1.1.0');
    const before = checkout.contents();

    const ran = await checkout.run(SETUP);

    expect([ran.code, ran.stderr, checkout.contents()]).toEqual([
      1,
      expect.stringMatching(
        /^payhook: the packages have to be installed, but a server of this checkout runs \(process \d+\): stop it first\n$/,
      ),
      before,
    ]);
    server.kill('SIGTERM');
    await once(server, 'close');
    expect((await checkout.run(SETUP)).code).toBe(0);
    await expectToWork(checkout, '1.1.0');
  });
});

const isRoot = process.getuid?.() === 0;

describe('a checkout that is not ours to change', () => {
  test('works, and installing says in one sentence who may', async () => {
    using checkout = await installed();
    await expectToWork(checkout);
    checkout.lock('1.1.0');
    // Root may write everywhere, but what root installs in somebody's checkout its owner cannot change any more.
    if (isRoot) chownSync(checkout.root, 65_534, 65_534);
    else chmodSync(checkout.root, 0o500);

    const [command, setup] = [await checkout.run(COMMAND), await checkout.run(SETUP)];

    expect([command.code, command.stdout]).toEqual([0, 'dependency 1.0.0 webhooks list\n']);
    expect([setup.code, setup.stderr]).toEqual([
      1,
      expect.stringMatching(
        isRoot
          ? /^payhook: the packages have to be installed, but this checkout belongs to user 65534: run this as that user\n$/
          : /^payhook: the packages have to be installed, but this folder cannot be changed \(EACCES, .*\n$/,
      ),
    ]);
    chmodSync(checkout.root, 0o700);
  });
});

describe('the lockfile', () => {
  test('has a hash for every package of every platform', () => {
    const text = readFileSync(join(import.meta.dirname, '..', '..', 'package-lock.json'), 'utf8');
    const entries: [string, { integrity?: string; inBundle?: boolean }][] = Object.entries(JSON.parse(text).packages);
    expect(entries.length).toBeGreaterThan(300);
    // What is bundled is inside of a package that has one.
    const bare = entries.filter(([path, one]) => path !== '' && one.integrity === undefined && one.inBundle !== true);
    expect(bare.map(([path]) => path)).toEqual([]);
  });
});
