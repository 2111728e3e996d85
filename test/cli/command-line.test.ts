/** Help, wrong usage, exit codes, and the configuration as it takes effect. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { SECRET_ENV, SECRETS } from '../server/signed.ts';
import {
  cleanEnvironment,
  createTestFolder,
  LAUNCHER,
  MAIN,
  readStored,
  runCommand,
  startLocalServer,
  waitUntil,
  writeSetup,
} from '../support/running-server.ts';
import { jsonLines, runHere } from './run-here.ts';

describe('the command line', () => {
  test.each([
    [['help', 'webhook', 'list'], "payhook: unknown command 'webhook'\n(Did you mean webhooks?)\n"],
    [['help', 'webhooks', 'lst'], "payhook: unknown command 'lst'\n(Did you mean list?)\n"],
  ])('asked with %j for the help of what there is not, says what may have been meant', async (args, sentence) => {
    expect(await runHere(args, {})).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(sentence) });
  });

  test('has help for itself and for every command, and ends well', async () => {
    const commands = [
      [],
      ['serve'],
      ['send'],
      ['verify'],
      ['config'],
      ['webhooks'],
      ['webhooks', 'list'],
      ['webhooks', 'show'],
      ['webhooks', 'replay'],
      ['dead-letters'],
      ['dead-letters', 'list'],
      ['dead-letters', 'redrive'],
      ['jobs'],
      ['jobs', 'list'],
      ['jobs', 'show'],
      ['jobs', 'resume'],
      ['audit'],
      ['audit', 'show'],
      ['audit', 'verify'],
    ];
    for (const command of commands) {
      const ran = await runHere([...command, '--help'], {});
      expect([command, ran.code, ran.stderr]).toEqual([command, 0, '']);
      expect(ran.stdout).toMatch(new RegExp(`^Usage: payhook ${command.join(' ')}`));
      for (const line of ran.stdout.split('\n')) expect([command, line.trimEnd()]).toEqual([command, line]);
    }
    const { stdout } = await runHere(['--help'], {});
    expect(stdout).toContain('Exit codes: 0 done, 1 the thing asked about is not so,');
    expect((await runHere(['send', '--help'], {})).stdout).toContain('payment_intent.succeeded');
  });

  test.each([
    [['frobnicate']],
    [['webhooks', 'frobnicate']],
    [['--frobnicate']],
    [['config', '--frobnicate']],
    [['config', 'extra']],
    [[]],
    [['webhooks']],
  ])('refuses %j with 2, on standard error', async (args) => {
    const ran = await runHere(args, {});

    expect([ran.code, ran.stdout]).toEqual([2, '']);
    expect(ran.stderr.length).toBeGreaterThan(20);
  });

  test('shows the configuration as it takes effect, without a secret', async () => {
    using folder = createTestFolder();
    const env = writeSetup(folder, {
      env: { ...SECRET_ENV, PAYHOOK_STRIPE_SIGNING_SECRETS: `${SECRETS.stripe},whsec_of_the_rotation` },
      config: { retentionDays: 100 },
    });

    const ran = await runHere(['config', '--json'], env);

    expect([ran.code, jsonLines(ran)]).toEqual([
      0,
      [
        expect.objectContaining({
          configFile: join(folder.path, 'payhook.config.mjs'),
          dataDirectory: folder.data,
          port: 0,
          retentionDays: 100,
          secrets: expect.objectContaining({ stripe: '2 set in PAYHOOK_STRIPE_SIGNING_SECRETS' }),
        }),
      ],
    ]);
    for (const secret of Object.values(SECRETS)) expect(ran.stdout).not.toContain(secret);
    expect(JSON.parse((await runHere(['config'], env)).stdout)).toEqual(jsonLines(ran)[0]);
  });

  test.each([
    ['webhooks', 'list'],
    ['audit', 'verify'],
    ['dead-letters', 'list'],
  ])('%s %s says what to do when there is no data yet', async (...args) => {
    using folder = createTestFolder();

    const ran = await runHere(args, writeSetup(folder, {}));

    expect([ran.code, ran.stderr]).toEqual([
      1,
      expect.stringMatching(/^payhook: there is no data directory .* start the server first/),
    ]);
  });

  test('gives its exit code through the launcher, and nothing but the message', async () => {
    const launched = await runCommand(
      ['webhooks', 'list'],
      { PAYHOOK_DATA_DIR: '/nowhere/data' },
      { command: [process.execPath, LAUNCHER] },
    );

    expect([launched.code, launched.stdout, launched.stderr.split('\n').length]).toEqual([1, '', 2]);
  });

  test('ends quietly when whoever reads its output has gone', async () => {
    using folder = createTestFolder();
    await using server = await startLocalServer({ folder });
    const env = writeSetup(folder, {});
    await runHere(['send', 'stripe', 'charge.refunded', '--count', '400', '--json', '--url', server.url], env);
    await waitUntil('they are stored', () => readStored(folder.data).webhooks.length === 400);
    const child = spawn(process.execPath, [MAIN, 'webhooks', 'list', '--limit', '400', '--json'], {
      env: cleanEnvironment(env),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString('utf8');
    });
    child.stdout.once('data', () => child.stdout.destroy());

    const [code] = await once(child, 'close');

    expect([code, stderr]).toEqual([0, '']);
  });
});
