/**
 * The night that jobs are for: a warehouse is down for two hours while payments come in. What is at risk is looked up, a job
 * is previewed, asked for by one person and approved by another; the server is killed in the middle of it.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { HOUR_MS, MINUTE_MS } from '../../src/core/time.ts';
import { jsonLines, runHere } from '../cli/run-here.ts';
import { createSigner, SECRET_ENV, stripeEvent } from '../server/signed.ts';
import { createTestClock } from '../support/clock.ts';
import {
  createTestFolder,
  PROJECT_ROOT,
  post,
  type Ran,
  readStored,
  spawnServer,
  startLocalServer,
  type TestFolder,
  waitUntil,
  writeSetup,
} from '../support/running-server.ts';

const person = vi.hoisted(() => ({ username: 'alice' }));
vi.mock('node:os', async (original) => ({
  ...(await original<typeof import('node:os')>()),
  userInfo: () => ({ username: person.username }),
}));

const COUNT = 72;
const CONFIG = { mode: 'test', jobs: { approvalAboveWebhooks: 1000, approvalAboveAmount: { USD: 500 } } } as const;
const HANDLERS = `import { appendFileSync, existsSync } from 'node:fs';
import { on } from ${JSON.stringify(join(PROJECT_ROOT, 'src', 'payhook.ts'))};
export const book = on('payment.succeeded', () => undefined);
export const ship = on('payment.succeeded', (event, { idempotencyId }) => {
  if (!existsSync(import.meta.dirname + '/is-back')) return { outcome: 'give_up', reason: 'the warehouse is down' };
  appendFileSync(import.meta.dirname + '/shipped', event.webhookId + ' ' + idempotencyId + '\\n');
});`;
const SETUP = { env: SECRET_ENV, config: CONFIG, handlers: HANDLERS };

let folder: TestFolder;
let env: Record<string, string>;
let jobId = '';
let asked: Record<string, unknown> = {};

const run = (...args: string[]): Promise<Ran> => runHere(args, env);
const json = async (...args: string[]): Promise<Record<string, unknown>[]> => jsonLines(await run(...args, '--json'));
const CAUSE = 'handler_gave_up:ship';
const redrive = (...args: string[]) => json('dead-letters', 'redrive', '--cause', CAUSE, ...args);
const job = async (): Promise<Record<string, unknown>> => (await json('jobs', 'show', jobId, '--all'))[0] ?? {};
const countsOf = ({ counts }: Record<string, unknown>): Record<string, number> => counts as Record<string, number>;
const as = async <Result>(username: string, work: () => Promise<Result>): Promise<Result> => {
  person.username = username;
  try {
    return await work();
  } finally {
    person.username = 'alice';
  }
};

/** Two hours that end now; the handler of the warehouse gives up whatever comes. */
beforeAll(async () => {
  const clock = createTestClock(Date.now() - 2 * HOUR_MS);
  folder = createTestFolder();
  await using server = await startLocalServer({ folder, clock, ...SETUP });
  env = writeSetup(folder, SETUP);
  const { sign } = await createSigner(clock.now());
  for (let number = 1; number <= COUNT; number += 1) {
    const amount = 1000 + number;
    const event = stripeEvent(`evt_${number}`, { amount, amount_received: amount });
    expect((await post(server.url, 'stripe', sign('stripe', event, { now: clock.now() }))).status).toBe(200);
    if (number % 6 === 0) {
      await waitUntil('what came is given up', () => readStored(folder.data).queued === 0);
      clock.advance(10 * MINUTE_MS);
    }
  }
});

afterAll(() => folder[Symbol.dispose]());

describe('a warehouse that was down for two hours', () => {
  const money = [{ minor: String(COUNT * 1000 + (COUNT * (COUNT + 1)) / 2), currency: 'USD', exponent: 2 }];

  test('is one cause, with the money that hangs on it', async () => {
    const [group, { total } = {}] = await json('causes');

    expect(group).toMatchObject({ cause: `${CAUSE}:the-warehouse-is-down`, webhooks: COUNT, payments: COUNT, money });
    expect(total).toMatchObject({ webhooks: COUNT, payments: COUNT, money, withoutAmount: 0 });
    const hours = (Date.parse(String(group?.lastAt)) - Date.parse(String(group?.firstAt))) / HOUR_MS;
    expect(hours).toBeGreaterThan(1.8);
  });

  test('is put right by a job that waits, because so much hangs on it', async () => {
    const [dry] = await redrive('--dry-run');
    expect(dry?.preview).toEqual({
      webhooks: COUNT,
      payments: COUNT,
      money,
      withoutAmount: 0,
      handlers: [
        { handler: 'book', called: 0, notCalled: COUNT },
        { handler: 'ship', called: COUNT, notCalled: 0 },
      ],
      notReached: 0,
      destinations: [],
      impossible: [],
      scannedUntil: null,
    });

    [asked = {}] = await redrive('--reason', 'INC-812: the warehouse is back', '--rate', '8');

    expect(asked).toMatchObject({
      state: 'waiting_for_approval',
      preview: dry?.preview,
      requestedBy: { type: 'operator', id: 'alice' },
      approval: { why: 'more than 500 USD', decision: null },
    });
    jobId = String(asked.jobId);
  });

  test('needs somebody else: one’s own approval is none', async () => {
    const own = await run('approvals', 'approve', jobId, '--reason', 'it is urgent');
    expect([own.code, own.stdout]).toEqual([1, `job ${jobId} was asked for by you: somebody else has to decide\n`]);

    const [waiting] = await as('bob', () => json('approvals', 'list'));
    expect(waiting).toMatchObject({ jobId, previewHash: asked.previewHash });
    const approved = await as('bob', () => run('approvals', 'approve', jobId, '--reason', 'seen the list'));

    expect([approved.code, approved.stderr]).toEqual([0, '']);
    expect(approved.stdout).toContain('the server carries it on');
    expect(await json('approvals', 'list')).toEqual([]);
  });

  test('is carried on by the next server after the first was killed in the middle', async () => {
    writeFileSync(join(folder.path, 'is-back'), '');
    {
      await using server = await spawnServer({ folder, ...SETUP });
      await waitUntil('a part of it is done', async () => (countsOf(await job()).processed ?? 0) >= COUNT / 4);
      await server.stop('SIGKILL');
    }
    const between = await job();
    expect(between.state).toBe('running');
    expect(countsOf(between).to_do).toBeGreaterThan(0);

    await using server = await spawnServer({ folder, ...SETUP });
    await waitUntil('the job is done', async () => (await job()).state === 'done');
    await server.stop('SIGTERM');
  });

  test('ends as the preview said, with each webhook done once, reported and in the trail', async () => {
    const { counts, webhooks } = await job();
    expect(counts).toMatchObject({ processed: COUNT, failed_again: 0, not_done: 0, to_do: 0, queued: 0 });
    expect(webhooks).toHaveLength(COUNT);

    const { entries, webhooks: stored } = readStored(folder.data);
    expect(stored.filter(({ status }) => status !== 'processed')).toEqual([]);
    const redriven = entries.filter(({ event }) => event === 'REDRIVEN');
    expect(new Set(redriven.map(({ chain }) => chain)).size).toBe(COUNT);
    expect(redriven).toHaveLength(COUNT);
    expect(new Set(redriven.map(({ reason }) => reason))).toEqual(
      new Set([`job ${jobId}: INC-812: the warehouse is back`]),
    );
    const ofJob = entries.filter(({ chain }) => chain === 'jobs').map(({ event }) => event);
    expect(ofJob).toEqual(['JOB_REQUESTED', 'JOB_APPROVED', 'JOB_CHANGED']);

    // Handlers are called at least once, always under the same id: the kill may have come between call and note.
    const shipped = existsSync(join(folder.path, 'shipped'))
      ? readFileSync(join(folder.path, 'shipped'), 'utf8').trimEnd().split('\n')
      : [];
    expect(new Set(shipped).size).toBe(COUNT);
    const [group] = await json('causes');
    expect(group).toMatchObject({ total: { webhooks: 0, money: [] } });
    expect(await run('audit', 'verify')).toMatchObject({ code: 0 });
  });
});
