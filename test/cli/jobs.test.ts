/** An incident on one machine, as a person lives through it: a job is looked at, asked for, and carried on by the server. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSigner, SECRET_ENV, stripeEvent } from '../server/signed.ts';
import { createTestClock, NOW } from '../support/clock.ts';
import {
  createTestFolder,
  type LocalServer,
  post,
  type Ran,
  readStored,
  startLocalServer,
  type TestFolder,
  waitUntil,
  writeSetup,
} from '../support/running-server.ts';
import { jsonLines, runHere } from './run-here.ts';

const CONFIG = { mode: 'test', processing: { attemptsMax: 1 } } as const;
/** Takes nothing while it is down, and writes down what it takes. */
const HANDLERS = `import { appendFileSync, existsSync } from 'node:fs';
export const handle = (webhook) => {
  if (!existsSync(import.meta.dirname + '/is-back')) return { outcome: 'give_up', reason: 'the warehouse is down' };
  appendFileSync(import.meta.dirname + '/shipped', webhook.webhookId + '\\n');
};`;
const COUNT = 6;

const clock = createTestClock(NOW);
let folder: TestFolder;
let server: LocalServer;
let env: Record<string, string>;

const run = (...args: string[]): Promise<Ran> => runHere(args, env, { clock });
const redrive = (...args: string[]): Promise<Ran> => run('dead-letters', 'redrive', ...args);
const show = async (jobId: string): Promise<Record<string, unknown>> =>
  jsonLines(await run('jobs', 'show', jobId, '--json', '--all'))[0] ?? {};
const isSettled = (): boolean => readStored(folder.data).queued === 0;
const shipped = (): readonly string[] => {
  using db = new DatabaseSync(join(folder.data, 'payhook.db'), { readOnly: true });
  return db
    .prepare(`SELECT webhook_id FROM payment_webhooks WHERE status = 'processed' ORDER BY webhook_id`)
    .all()
    .map((row) => String(row.webhook_id));
};

beforeAll(async () => {
  const { sign } = await createSigner(clock.now());
  folder = createTestFolder();
  server = await startLocalServer({ folder, clock, env: SECRET_ENV, config: CONFIG, handlers: HANDLERS });
  env = writeSetup(folder, { env: SECRET_ENV, config: CONFIG, handlers: HANDLERS });
  for (let number = 1; number <= COUNT; number += 1) {
    await post(server.url, 'stripe', sign('stripe', stripeEvent(`evt_${number}`), { now: clock.now() }));
  }
  await post(server.url, 'stripe', sign('stripe', 'not JSON', { now: clock.now() }));
  await waitUntil('everything is given up', isSettled);
  clock.advance(1);
});

afterAll(async () => {
  await server.running.stop('test over');
  folder[Symbol.dispose]();
});

describe('payhook dead-letters redrive, of many', () => {
  let jobId = '';

  test('asks which and why before anything happens', async () => {
    const [nothing, noReason] = [await redrive('--reason', 'x'), await redrive('--all')];

    expect([nothing.code, noReason.code]).toEqual([2, 2]);
    expect(nothing.stderr).toContain('say which');
    expect(noReason.stderr).toContain('--dry-run');
    expect(await redrive('--cause', 'nonsense', '--dry-run')).toMatchObject({ code: 2, stdout: '' });
  });

  test('takes webhooks one by one, and says of each that nothing can be done with why', async () => {
    const ids = ['stripe:evt_1', 'stripe:evt_2', 'stripe:evt_of_nobody'].flatMap((id) => ['--id', id]);
    const ran = await redrive(...ids, '--dry-run', '--json');

    expect([ran.code, jsonLines(ran)]).toMatchObject([
      0,
      [
        {
          filter: { ids: ['stripe:evt_1', 'stripe:evt_2', 'stripe:evt_of_nobody'] },
          preview: { webhooks: 2, impossible: [{ why: 'not_there', examples: ['stripe:evt_of_nobody'] }] },
        },
      ],
    ]);
    const many = Array.from({ length: 101 }, (_, number) => ['--id', `stripe:evt_${number}`]).flat();
    expect((await redrive(...many, '--dry-run')).stderr).toContain('Name 100 webhooks at most');
  });

  test('says with --dry-run how many, how much, who is called and what is impossible, and does nothing', async () => {
    const before = readStored(folder.data).entries.length;

    const ran = await redrive('--all', '--dry-run');

    expect([ran.code, ran.stderr]).toEqual([0, '']);
    expect(ran.stdout).toMatch(/^redrive +6 webhooks$/m);
    expect(ran.stdout).toMatch(/^filter +until=\S+ status=dead_lettered$/m);
    expect(ran.stdout).toMatch(/^money +at most .* in \d+ payments/m);
    expect(ran.stdout).toMatch(/^will call +handle for 6$/m);
    expect(ran.stdout).toMatch(/^impossible +1: the signed body was not understood \(stripe:sha256-/m);
    expect(readStored(folder.data).entries).toHaveLength(before);
    expect((await run('jobs', 'list')).stdout).toBe('nothing found\n');
  });

  test('stops by itself while the warehouse is still down', async () => {
    const [asked] = jsonLines(await redrive('--all', '--reason', 'INC-812', '--json'));
    jobId = String(asked?.jobId);
    expect(asked).toMatchObject({ state: 'running', preview: { webhooks: COUNT }, reason: 'INC-812' });

    await waitUntil('the job stops', async () => (await show(jobId)).state === 'stopped');

    expect(await show(jobId)).toMatchObject({
      stateReason: 'first_failed_again',
      counts: { failed_again: 1, to_do: COUNT - 1 },
    });
    expect(shipped()).toEqual([]);
  });

  test('goes on when it is resumed, and does what it said for each webhook', async () => {
    writeFileSync(join(folder.path, 'is-back'), '');
    clock.advance(1);

    expect(await run('jobs', 'resume', jobId, '--reason', 'it is back')).toMatchObject({ code: 0 });
    await waitUntil('the job is done', async () => (await show(jobId)).state === 'done');

    const { counts, webhooks } = await show(jobId);
    expect(counts).toMatchObject({ processed: COUNT - 1, failed_again: 1 });
    expect(webhooks).toHaveLength(COUNT);
    expect(existsSync(join(folder.path, 'shipped'))).toBe(true);
    expect(shipped()).toHaveLength(COUNT - 1);
    const [row] = (await run('jobs', 'list')).stdout.trimEnd().split('\n').slice(1);
    expect(row).toMatch(/ done +redrive +6 +5 processed, 1 failed_again /);
    expect(await run('audit', 'verify')).toMatchObject({ code: 0 });
  });

  test('cannot be resumed once it is done', async () => {
    expect(await run('jobs', 'resume', jobId)).toMatchObject({
      code: 1,
      stdout: `job ${jobId} is done: it cannot resume now\n`,
    });
    expect(await run('jobs', 'show', 'nobody')).toMatchObject({ code: 1, stdout: '' });
  });
});

describe('payhook webhooks replay, of many', () => {
  test('shows whom it would call again, also those that have done their part', async () => {
    const ran = await run('webhooks', 'replay', '--status', 'processed', '--since', '1d', '--dry-run', '--json');

    expect(jsonLines(ran)).toMatchObject([
      {
        work: { kind: 'replay', only: null },
        preview: { webhooks: COUNT - 1, handlers: [{ handler: 'handle', called: COUNT - 1 }] },
      },
    ]);
  });
});
