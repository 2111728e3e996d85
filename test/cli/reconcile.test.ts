/** What a provider lists and nobody delivered: the running server finds it, the command finds it, and both say so. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LIMITS } from '../../src/core/limits.ts';
import { DAY_MS, HOUR_MS } from '../../src/core/time.ts';
import { createSigner, SECRET_ENV, type Sign } from '../server/signed.ts';
import { createTestClock, NOW } from '../support/clock.ts';
import { API_CREDENTIALS, type FakeApis, openFakeApis } from '../support/fake-apis.ts';
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

const AT = NOW - 2 * HOUR_MS;

const eventOf = (id: string, amount: number): string =>
  JSON.stringify({
    id,
    object: 'event',
    type: 'payment_intent.succeeded',
    created: AT / 1000,
    livemode: false,
    data: { object: { id: `pi_${id}`, object: 'payment_intent', amount, amount_received: amount, currency: 'usd' } },
  });

describe('payhook reconcile', () => {
  const clock = createTestClock();
  let apis: FakeApis;
  let folder: TestFolder;
  let server: LocalServer;
  let sign: Sign;
  let setup: Parameters<typeof writeSetup>[1];
  let env: Record<string, string>;

  const run = (args: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<Ran> =>
    runHere(args, { ...env, ...more }, { clock });
  const isProcessed = (id: string): boolean =>
    readStored(folder.data).webhooks.some((webhook) => webhook.id === id && webhook.status === 'processed');

  beforeAll(async () => {
    ({ sign } = await createSigner(clock.now()));
    apis = await openFakeApis(clock.now);
    folder = createTestFolder();
    setup = {
      config: { mode: 'test', reconcile: { apiUrls: apis.urls } },
      env: { ...SECRET_ENV, PAYHOOK_STRIPE_API_CREDENTIALS: API_CREDENTIALS.stripe },
    };
    server = await startLocalServer({ folder, clock, ...setup });
    env = writeSetup(folder, setup);
    for (const [id, amount] of [
      ['evt_delivered', 2000],
      ['evt_dropped', 4250],
    ] as const) {
      apis.stripe.happened.push({ id, at: AT, body: eventOf(id, amount) });
    }
    const delivery = sign('stripe', eventOf('evt_delivered', 2000), { now: clock.now() });
    expect((await post(server.url, 'stripe', delivery)).status).toBe(200);
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await apis[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  test('says which providers nobody is asked about, and what is missing for it', () => {
    expect(server.lines).toContainEqual({
      level: 'info',
      event: 'reconcile.off',
      fields: expect.objectContaining({
        reason: 'no_credential',
        message: 'not set: PAYHOOK_PAYPAL_API_CREDENTIALS, PAYHOOK_SQUARE_API_CREDENTIALS',
      }),
    });
  });

  test('looks first: names what is missing with its money, and stores nothing', async () => {
    const looked = await run(['reconcile', '--since', '1d', '--dry-run', '--json']);

    expect(looked).toMatchObject({ code: 0, stderr: '' });
    expect(jsonLines(looked)).toMatchObject([
      {
        source: 'stripe:test',
        outcome: 'complete',
        since: new Date(NOW - DAY_MS).toISOString(),
        listed: 2,
        missing: 1,
        recovered: 0,
        money: ['payment.succeeded 42.50 USD'],
        webhooks: [{ webhookId: 'stripe:evt_dropped', events: ['payment.succeeded 42.50 USD'] }],
      },
    ]);
    expect(readStored(folder.data).webhooks.map(({ id }) => id)).toEqual(['stripe:evt_delivered']);
  });

  test('recovers it beside the running server, which processes it', async () => {
    const ran = await run(['reconcile', '--since', '1d']);
    await waitUntil('it is processed', () => isProcessed('stripe:evt_dropped'));

    expect(ran.code).toBe(0);
    expect(ran.stdout).toContain('2 listed, 1 missing, 1 recovered, 0 said differently');
    expect(ran.stdout).toContain('stripe:evt_dropped');
    const shown = jsonLines(await run(['webhooks', 'show', 'stripe:evt_dropped', '--json']));
    expect(shown[0]).toMatchObject({ origin: 'reconciliation', secretId: 'stripe-api#1' });
    expect(await run(['audit', 'verify'])).toMatchObject({ code: 0 });
    const delivery = sign('stripe', eventOf('evt_dropped', 4250), { now: clock.now() });
    expect((await post(server.url, 'stripe', delivery)).json).toMatchObject({ status: 'duplicate' });
  });

  test('says up to when each list was checked, and what was found', async () => {
    const [status] = jsonLines(await run(['reconcile', 'status', '--json']));

    expect(status).toMatchObject({
      source: 'stripe:test',
      checkedUntil: new Date(NOW - LIMITS.reconcileSettleMs).toISOString(),
      lastOutcome: 'complete',
      missing: 1,
      recovered: 1,
      gap: null,
    });
    expect((await run(['reconcile', 'status'])).stdout).toContain('stripe:test');
  });

  test('ends with 1, and one sentence, when the credential is refused; it is printed nowhere', async () => {
    apis.stripe.isCredentialRevoked = true;
    clock.advance(HOUR_MS);

    const ran = await run(['reconcile']);
    apis.stripe.isCredentialRevoked = false;

    expect(ran.code).toBe(1);
    expect(ran.stdout).toContain('the provider refuses the credential (http_401)');
    const everything = [ran.stdout, ran.stderr, (await run(['config'])).stdout, JSON.stringify(server.lines)].join();
    expect(everything).not.toContain('canaryofthestripekey');
  });

  test('refuses a credential of another mode, or another shape, without showing it', async () => {
    const live = await run(['reconcile'], { PAYHOOK_STRIPE_API_CREDENTIALS: 'rk_live_canaryofthestripekey' });
    const wrong = await run(['reconcile'], { PAYHOOK_STRIPE_API_CREDENTIALS: 'whsec_canaryofthestripekey' });

    expect(live).toMatchObject({ code: 2, stderr: expect.stringContaining('a credential of mode live') });
    expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining('is not a restricted key') });
    expect(live.stderr + wrong.stderr).not.toContain('canary');
  });

  test('has Square list its events, which it does not by itself', async () => {
    const square = { PAYHOOK_SQUARE_API_CREDENTIALS: API_CREDENTIALS.square };
    apis.square.isEnabled = false;

    expect(await run(['reconcile', 'enable', 'square'], square)).toMatchObject({
      code: 0,
      stdout: 'square:test: lists what happens from now on\n',
    });
    expect(apis.square.isEnabled).toBe(true);
    apis.square.faults.push({ status: 403 }, { status: 429 }, { status: 500 });
    for (const why of ['refuses the credential (http_403)', 'wants us to wait', 'could not be asked (http_500)']) {
      expect(await run(['reconcile', 'enable', 'square'], square)).toMatchObject({
        code: 1,
        stdout: expect.stringContaining(why),
      });
    }
    expect(await run(['reconcile', 'enable', 'stripe'])).toMatchObject({ code: 2 });
  });

  test('says which variable is missing where there is no credential', async () => {
    expect(await run(['reconcile', '--provider', 'square'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('set PAYHOOK_SQUARE_API_CREDENTIALS'),
    });
  });

  test('runs by itself when a server starts, and processes what it finds', async () => {
    clock.advance(HOUR_MS);
    apis.stripe.happened.push({
      id: 'evt_while_down',
      at: NOW + HOUR_MS,
      body: eventOf('evt_while_down', 100).replace(String(AT / 1000), String((NOW + HOUR_MS) / 1000)),
    });
    await server[Symbol.asyncDispose]();
    server = await startLocalServer({ folder, clock, ...setup });

    await waitUntil('it is processed', () => isProcessed('stripe:evt_while_down'));

    await waitUntil('it is told', () => server.lines.some(({ event }) => event === 'webhook.recovered'));
    expect(server.lines).toContainEqual(
      expect.objectContaining({
        level: 'warn',
        event: 'webhook.recovered',
        fields: expect.objectContaining({ webhook_id: 'stripe:evt_while_down', message: 'payment.succeeded 1.00 USD' }),
      }),
    );
    const metrics = await (await fetch(`${server.operationsUrl}/metrics`)).text();
    expect(metrics).toContain('payhook_webhooks_recovered_total{provider="stripe"} 1');
  });
});
