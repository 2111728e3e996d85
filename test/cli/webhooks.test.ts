/** Looking at webhooks and processing them again, beside a running server. */
import { userInfo } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MINUTE_MS } from '../../src/core/time.ts';
import { CANARY, createSigner, SECRET_ENV, type Sign, stripeEvent } from '../server/signed.ts';
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

const clock = createTestClock(NOW - 120 * MINUTE_MS);
const CONFIG = { processing: { attemptsMax: 1 } };
/** Webhooks called bad fail until the test says otherwise. */
const HANDLERS = `import { existsSync } from 'node:fs';
export const handle = (webhook) => {
  if (!existsSync(import.meta.dirname + '/stock-is-back') && webhook.webhookId.includes('bad')) throw new Error('out of stock');
  if (webhook.webhookId.includes('ignored')) return { outcome: 'ignore', reason: 'not ours' };
};`;

const SQUARE_EVENT = {
  merchant_id: 'M1',
  event_id: 'sq_1',
  type: 'payment.updated',
  created_at: '2026-11-23T10:00:00Z',
  data: {
    type: 'payment',
    id: 'p1',
    object: {
      payment: {
        id: 'p1',
        status: 'COMPLETED',
        amount_money: { amount: 100, currency: 'USD' },
        total_money: { amount: 100, currency: 'USD' },
        version: 1,
        updated_at: '2026-11-23T10:00:00Z',
      },
    },
  },
};

let folder: TestFolder;
let server: LocalServer;
let sign: Sign;
let env: Record<string, string>;

const run = (...args: string[]): Promise<Ran> => runHere(args, env, { clock });
const ids = (ran: Ran): unknown[] => jsonLines(ran).map((line) => line.webhookId);
/** A clock that jumps ends every lease: it may only jump while nothing is under way. */
const settled = (): Promise<void> => waitUntil('everything is processed', isSettled);
const isSettled = (): boolean => readStored(folder.data).queued === 0;

beforeAll(async () => {
  ({ sign } = await createSigner(clock.now()));
  folder = createTestFolder();
  server = await startLocalServer({ folder, clock, env: SECRET_ENV, config: CONFIG, handlers: HANDLERS });
  env = writeSetup(folder, { env: SECRET_ENV, config: CONFIG, handlers: HANDLERS });
  const deliver = (body: string, provider: 'stripe' | 'square' = 'stripe') =>
    post(server.url, provider, sign(provider, body, { now: clock.now() }));
  await deliver(stripeEvent('evt_old'));
  await settled();
  clock.advance(90 * MINUTE_MS);
  await deliver(stripeEvent('evt_bad_1'));
  await deliver(stripeEvent('evt_bad_2'));
  await settled();
  clock.advance(30 * MINUTE_MS);
  await deliver(JSON.stringify(SQUARE_EVENT), 'square');
  await deliver(`not JSON ${CANARY}`);
  await settled();
  clock.advance(1);
  await deliver(stripeEvent('evt_ignored'));
  await settled();
});

afterAll(async () => {
  await server.running.stop('test over');
  folder[Symbol.dispose]();
});

const OLD = 'stripe:evt_old';
const IGNORED = 'stripe:evt_ignored';
const BAD = ['stripe:evt_bad_2', 'stripe:evt_bad_1'];
const unparsable = expect.stringMatching(/^stripe:sha256-[0-9a-f]{64}$/);

describe('payhook webhooks list', () => {
  test('goes on behind the cursor that it ended with, and behind that of any row', async () => {
    const all = jsonLines(await run('webhooks', 'list', '--json'));
    const first = await run('webhooks', 'list', '--limit', '2');
    const [, cursor = ''] = /^there is more: --after (\S+)$/m.exec(first.stderr) ?? [];

    expect(jsonLines(await run('webhooks', 'list', '--json', '--after', cursor))).toEqual(all.slice(2));
    expect(jsonLines(await run('webhooks', 'list', '--json', '--after', String(all[3]?.cursor)))).toEqual(all.slice(4));
  });

  test('takes several statuses, a type as a whole or how it begins, a handler with its outcome, and a payment', async () => {
    const list = (...args: string[]) => run('webhooks', 'list', '--json', ...args).then(ids);

    expect(await list('--status', 'dead_lettered,ignored', '--event-type', 'payment_intent.*')).toEqual([
      IGNORED,
      ...BAD,
    ]);
    expect(await list('--event-type', 'payment_intent')).toEqual([]);
    expect(await list('--handler', 'handle=failed')).toEqual(BAD);
    expect(await list('--payment', 'p1')).toEqual(['square:sq_1']);
  });

  test('writes CSV with the fields of JSON', async () => {
    const [names, ...rows] = (await run('webhooks', 'list', '--format', 'csv')).stdout.trimEnd().split('\n');

    expect(names).toMatch(/^webhookId,status,provider,.*,cursor$/);
    expect(rows).toHaveLength(6);
    expect(rows[0]).toMatch(/^stripe:evt_ignored,ignored,stripe,payment_intent\.succeeded,/);
  });

  test.each([
    [['--provider', 'strip'], /Allowed choices are .*stripe/],
    [['--status', 'ignored,processd'], /processd is no status: there are received/],
    [['--since', '2h', '--until', '3h'], /the time to begin with is not before the one to end with/],
    [['--event-type', '*.succeeded'], /is no event type/],
    [['--handler', 'handle=broken'], /broken is no outcome of a handler/],
    [['--status', 'processed', '--handler', 'handle=failed'], /processed only when every handler is done/],
    [['--after', 'cursor'], /is no cursor of this list/],
  ])('refuses %j, which nothing can meet', async (args, words) => {
    const ran = await run('webhooks', 'list', ...args);

    expect([ran.code, ran.stdout]).toEqual([2, '']);
    expect(ran.stderr).toMatch(words);
  });

  test('refuses a payment that is not there', async () => {
    expect(await run('webhooks', 'list', '--payment', 'pi_nobody')).toMatchObject({ code: 1, stdout: '' });
  });

  test('prints a table, newest first', async () => {
    const ran = await run('webhooks', 'list');

    expect([ran.code, ran.stderr]).toEqual([0, '']);
    const [header, first, ...rest] = ran.stdout.trimEnd().split('\n');
    expect(header).toMatch(/^RECEIVED +STATUS +PROVIDER +EVENT TYPE +ATTEMPTS +WEBHOOK$/);
    expect(first).toMatch(
      /^2026-11-23T12:00:00\.001Z +ignored +stripe +payment_intent\.succeeded +1 +stripe:evt_ignored$/,
    );
    expect(rest.at(-1)).toMatch(
      /^2026-11-23T10:00:00\.000Z +processed +stripe +payment_intent\.succeeded +1 +stripe:evt_old$/,
    );
    expect(rest).toHaveLength(5);
  });

  test('prints one object a line with stable fields', async () => {
    const lines = jsonLines(await run('webhooks', 'list', '--json'));

    expect(lines).toHaveLength(6);
    expect(Object.keys(lines[0] ?? {})).toEqual([
      'webhookId',
      'status',
      'provider',
      'eventType',
      'providerEventId',
      'timestamp',
      'receivedAt',
      'mode',
      'isSimulated',
      'synthetic',
      'origin',
      'account',
      'objectId',
      'parentIds',
      'attempts',
      'lastError',
      'cause',
      'nextAttemptAt',
      'changedAt',
      'changedBy',
      'payloadBytes',
      'bodySha256',
      'cardData',
      'secretId',
      'traceId',
      'revision',
      'expiresAt',
      'paymentId',
      'amount',
      'cursor',
    ]);
    expect(lines[0]).toMatchObject({
      webhookId: IGNORED,
      status: 'ignored',
      lastError: 'not ours',
      timestamp: '2026-11-18T11:06:40.000Z',
      mode: 'test',
    });
    expect(JSON.stringify(lines)).not.toContain(CANARY);
  });

  test.each<[string[], unknown[]]>([
    [['--limit', '1'], [IGNORED]],
    [
      ['--status', 'processed'],
      ['square:sq_1', OLD],
    ],
    [['--status', 'ignored'], [IGNORED]],
    [['--provider', 'square'], ['square:sq_1']],
    [
      ['--provider', 'stripe', '--status', 'dead_lettered'],
      [unparsable, ...BAD],
    ],
    [
      ['--since', '15m'],
      [IGNORED, unparsable, 'square:sq_1'],
    ],
    [
      ['--since', '31m'],
      [IGNORED, unparsable, 'square:sq_1', ...BAD],
    ],
    [
      ['--since', '30m', '--provider', 'stripe'],
      [IGNORED, unparsable],
    ],
    [
      ['--since', '3h'],
      [IGNORED, unparsable, 'square:sq_1', ...BAD, OLD],
    ],
    [['--since', '2026-11-23T12:00:00.001Z'], [IGNORED]],
    [['--since', '2026-11-23T12:00:00.001'], [IGNORED]],
    [['--since', '2026-11-23T13:00:00.001+01:00'], [IGNORED]],
    [['--until', '2026-11-23'], []],
    [['--until', '2026-11-23T11:30:00Z'], [OLD]],
    [['--until', '1h'], [OLD]],
    [['--since', '45m', '--until', '15m'], BAD],
  ])('with %j lists what it says', async (options, expected) => {
    const ran = await run('webhooks', 'list', '--json', ...options);

    expect([ran.code, ids(ran)]).toEqual([0, expected]);
  });

  test('says so when there is nothing, and prints nothing as JSON', async () => {
    expect((await run('webhooks', 'list', '--provider', 'paypal')).stdout).toBe('nothing found\n');
    expect((await run('webhooks', 'list', '--provider', 'paypal', '--json')).stdout).toBe('');
  });

  test.each([
    ['--since', 'yesterday'],
    ['--since', '2026-13-01'],
    ['--until', '5x'],
    ['--limit', '0'],
    ['--limit', '1001'],
    ['--limit', '1e2'],
    ['--status', 'done'],
    ['--colour', 'red'],
  ])('refuses %s %s as wrong usage', async (option, value) => {
    const ran = await run('webhooks', 'list', option, value);

    expect([ran.code, ran.stdout]).toEqual([2, '']);
    expect(ran.stderr).toMatch(/^payhook: /);
    expect(ran.stderr).toContain(option);
  });
});

test('payhook causes says in words that no live money hangs on tests', async () => {
  const { stdout } = await run('causes');

  expect(stdout).toMatch(/^at risk: none: no payment in the mode that counts/);
  expect(stdout).toContain('handler_failed');
});

describe('payhook webhooks show', () => {
  test('shows everything about one webhook and its audit trail, and no payload', async () => {
    const ran = await run('webhooks', 'show', BAD[0] ?? '');

    expect(ran.code).toBe(0);
    expect(ran.stdout).toMatch(/^webhook +stripe:evt_bad_2$/m);
    expect(ran.stdout).toMatch(/^status +dead_lettered$/m);
    expect(ran.stdout).toMatch(/^error +Error: out of stock$/m);
    expect(ran.stdout).toMatch(/^last change +\S+Z by component:processor$/m);
    expect(ran.stdout).not.toMatch(/[{}]/);
    expect(ran.stdout).not.toMatch(/EVENT ID|RESOURCE/);
    expect(ran.stdout).toMatch(/WEBHOOK_ACCEPTED +success +provider:stripe +new → received/);
    expect(ran.stdout).toMatch(
      /STATUS_CHANGED .*component:processor .*received → dead_lettered reason: handler_failed/,
    );
    expect(ran.stdout).not.toContain(CANARY);
    expect(readStored(folder.data).entries.some((entry) => entry.event === 'PAYLOAD_READ')).toBe(false);
  });

  test('shows the payload only when asked, and audits who asked', async () => {
    const ran = await run('webhooks', 'show', OLD, '--payload', '--reason', 'ticket 4711');

    expect([ran.code, ran.stdout]).toEqual([0, expect.stringContaining(stripeEvent('evt_old'))]);
    const [line] = jsonLines(await run('webhooks', 'show', OLD, '--payload', '--reason', 'ticket 4711', '--json'));
    expect(line).toMatchObject({
      webhookId: OLD,
      payload: stripeEvent('evt_old'),
      audit: [{ event: 'WEBHOOK_ACCEPTED' }, { event: 'STATUS_CHANGED' }],
    });
    const reads = jsonLines(await run('audit', 'show', '--json')).filter((entry) => entry.event === 'PAYLOAD_READ');
    expect(reads).toHaveLength(2);
    expect(reads[0]).toMatchObject({
      actor: { type: 'operator', id: userInfo().username },
      reason: 'ticket 4711',
      resource: { type: 'webhook', id: OLD },
      outcome: 'success',
      ts: new Date(clock.now()).toISOString(),
    });
  });

  test.each([
    [['--payload'], 'say why'],
    [['--payload', '--reason', '  '], 'say why'],
    [['--reason', 'ticket 4711'], '--reason is for --payload'],
  ])('shows nothing with %j, and says what is missing', async (options, problem) => {
    const ran = await run('webhooks', 'show', OLD, ...options);

    expect([ran.code, ran.stdout]).toEqual([2, '']);
    expect(ran.stderr).toContain(problem);
  });

  test.each(['…', ''])('finds one by the end that lists show of its id, with %j in front', async (cut) => {
    const [webhook] = jsonLines(await run('webhooks', 'list', '--json', '--limit', '1'));
    const webhookId = String(webhook?.webhookId);
    const end = webhookId.slice(-8);

    const ran = await run('find', `${cut}${end}`);

    expect([ran.code, ran.stderr]).toEqual([0, '']);
    expect(ran.stdout).toMatch(/^webhook +/);
    expect(ran.stdout).toContain(`  ${webhookId}\n`);
  });

  test('ends with 1 for an id that there is not', async () => {
    const ran = await run('webhooks', 'show', 'stripe:evt_none');

    expect([ran.code, ran.stdout]).toEqual([1, '']);
    expect(ran.stderr).toMatch(/^payhook: there is no webhook stripe:evt_none: .*webhooks list/);
  });
});

describe('payhook webhooks replay', () => {
  test('processes a webhook again and audits who wanted it, and why', async () => {
    const ran = await run('webhooks', 'replay', OLD, '--reason', 'ticket 4711');

    expect([ran.code, ran.stdout]).toEqual([0, `${OLD} queued again (was processed)\n`]);
    await waitUntil('it is processed again', isSettled);
    const [line] = jsonLines(await run('webhooks', 'show', OLD, '--json'));
    const trail = ((line?.audit ?? []) as Record<string, unknown>[]).map(({ event, actor, reason, change }) => ({
      event,
      actor,
      reason,
      change,
    }));
    expect(trail.slice(2)).toEqual([
      {
        event: 'REPLAYED',
        actor: { type: 'operator', id: userInfo().username },
        reason: 'ticket 4711',
        change: { from: 'processed', to: 'received' },
      },
      {
        event: 'STATUS_CHANGED',
        actor: { type: 'component', id: 'processor' },
        reason: null,
        change: { from: 'received', to: 'processed' },
      },
    ]);
    expect(line).toMatchObject({ status: 'processed', attempts: 1 });
  });

  test('says in one object a line what came of it', async () => {
    expect(jsonLines(await run('webhooks', 'replay', OLD, '--json'))).toEqual([{ webhookId: OLD, outcome: 'queued' }]);
    await waitUntil('it is processed again', isSettled);
  });

  test('refuses what cannot be processed, and what is not there, with 1', async () => {
    const [dead] = ids(await run('webhooks', 'list', '--status', 'dead_lettered', '--since', '1m', '--json'));

    const ran = await run('webhooks', 'replay', String(dead));

    expect([ran.code, ran.stdout]).toEqual([1, expect.stringContaining('its signed body was not understood')]);
    expect((await run('webhooks', 'replay', 'stripe:evt_none')).code).toBe(1);
  });
});

describe('payhook dead-letters', () => {
  test('lists what was given up on', async () => {
    const ran = await run('dead-letters', 'list');

    expect([ran.code, ran.stdout.trimEnd().split('\n').length]).toEqual([0, 4]);
    expect(ids(await run('dead-letters', 'list', '--json', '--since', '1h'))).toEqual([unparsable, ...BAD]);
  });

  test('refuses to guess which ones to redrive', async () => {
    expect([
      (await run('dead-letters', 'redrive')).code,
      (await run('dead-letters', 'redrive', 'x', '--all')).code,
      (await run('webhooks', 'replay', '--reason', 'why not')).code,
    ]).toEqual([2, 2, 2]);
  });

  test('does not redrive what is no dead letter', async () => {
    const ran = await run('dead-letters', 'redrive', OLD);

    expect([ran.code, ran.stdout]).toEqual([
      1,
      `${OLD} is processed, not dead-lettered: use payhook webhooks replay\n`,
    ]);
  });

  test('puts one back on the queue, which fails again as long as the reason is there', async () => {
    const ran = await run('dead-letters', 'redrive', BAD[0] ?? '', '--reason', 'stock is back');

    expect([ran.code, ran.stdout]).toEqual([0, `${BAD[0]} queued again (was dead_lettered)\n`]);
    await waitUntil('it failed again', isSettled);
    expect(ids(await run('dead-letters', 'list', '--json'))).toContain(BAD[0]);
  });
});

describe('payhook secrets status', () => {
  test('says which secret verified what came, by fingerprint, and warns of one that verified nothing', async () => {
    const rows = jsonLines(await run('secrets', 'status', '--json'));

    const verdicts = new Map(rows.map(({ provider, verdict }) => [provider, verdict]));
    expect([verdicts.get('stripe'), verdicts.get('square')]).toEqual(['in_use', 'in_use']);
    expect([...verdicts.values()].filter((verdict) => verdict === 'silent').length).toBeGreaterThan(0);
    expect(rows.find(({ provider }) => provider === 'stripe')).toMatchObject({
      secretId: expect.stringMatching(/^stripe#[0-9a-f]{8}$/),
      webhooks: expect.any(Number),
      lastVerifiedAt: expect.stringMatching(/Z$/),
    });
    const { stdout } = await run('secrets', 'status');
    expect(stdout).toContain('WARNING: has verified nothing');
    for (const secret of Object.values(SECRET_ENV)) expect(stdout).not.toContain(secret);
  });
});
