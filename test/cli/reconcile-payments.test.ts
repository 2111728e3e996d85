/** What a provider holds against the payments here, as whoever keeps the books asks for it. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DAY_MS } from '../../src/core/time.ts';
import { createSigner, SECRET_ENV } from '../server/signed.ts';
import { createTestClock, NOW } from '../support/clock.ts';
import { API_CREDENTIALS, type FakeApis, openFakeApis } from '../support/fake-apis.ts';
import {
  createTestFolder,
  post,
  type Ran,
  readStored,
  startLocalServer,
  type TestFolder,
  waitUntil,
  writeSetup,
} from '../support/running-server.ts';
import { jsonLines, runHere } from './run-here.ts';

/** Long gone from the list of events. */
const AT = NOW - 60 * DAY_MS;

const intent = (id: string, amount: number): object => ({
  id,
  object: 'payment_intent',
  created: AT / 1000,
  livemode: false,
  status: 'succeeded',
  amount,
  amount_received: amount,
  currency: 'usd',
});

describe('payhook reconcile payments', () => {
  const clock = createTestClock();
  let apis: FakeApis;
  let folder: TestFolder;
  let env: Record<string, string>;

  const run = (args: readonly string[]): Promise<Ran> => runHere(['reconcile', 'payments', ...args], env, { clock });
  const hold = (id: string, amount: number): void => {
    apis.stripe.held.push({ list: 'payment_intents', id, at: AT, body: JSON.stringify(intent(id, amount)) });
  };

  beforeAll(async () => {
    const { sign } = await createSigner(clock.now());
    apis = await openFakeApis(clock.now);
    folder = createTestFolder();
    const setup = {
      config: { mode: 'test', reconcile: { apiUrls: apis.urls, isAutomatic: false } },
      env: { ...SECRET_ENV, PAYHOOK_STRIPE_API_CREDENTIALS: API_CREDENTIALS.stripe },
    } as const;
    env = writeSetup(folder, setup);
    await using server = await startLocalServer({ folder, clock, ...setup });
    const event = {
      id: 'evt_1',
      object: 'event',
      created: AT / 1000,
      livemode: false,
      type: 'payment_intent.succeeded',
    };
    const body = JSON.stringify({ ...event, data: { object: intent('pi_there', 2000) } });
    expect((await post(server.url, 'stripe', sign('stripe', body, { now: clock.now() }))).status).toBe(200);
    await waitUntil('it is processed', () =>
      readStored(folder.data).webhooks.some(({ status }) => status === 'processed'),
    );
    hold('pi_there', 2000);
  });
  afterAll(async () => {
    await apis[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  test('ends with 0 where both say the same, and says what was looked at', async () => {
    const ran = await run(['--since', '90d']);

    expect(ran).toMatchObject({ code: 0, stdout: 'nothing differs\n' });
    expect(ran.stderr).toContain('stripe:test payment_intents');
    expect(ran.stderr).toContain('1 looked at, 0 differ');
    expect(ran.stderr).toContain('stripe:test compares payments, refunds, disputes, payouts\n');
  });

  test('ends with 1 and names what differs, as a table, as CSV and as JSON', async () => {
    hold('pi_never', 4250);

    const table = await run(['--since', '90d']);
    const csv = await run(['--since', '90d', '--format', 'csv']);
    const json = await run(['--since', '90d', '--json']);

    expect(table).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/payment\s+not here\s+paid 42\.50 USD\s+-\s+pi_never/),
    });
    expect(table.stderr).toContain('payment not_here: 42.50 USD in 1');
    expect(csv.stdout.split('\n').slice(0, 2)).toEqual([
      'provider,source,list,kind,objectId,paymentId,createdAt,difference,listedState,storedState,listedAmount,listedCurrency,storedAmount,storedCurrency,amountOff',
      `stripe,stripe:test,payment_intents,payment,pi_never,,${new Date(AT).toISOString()},not_here,paid,,42.50,USD,,,42.50`,
    ]);
    expect(jsonLines(json)).toMatchObject([{ objectId: 'pi_never', listedAmount: '42.50', storedAmount: null }]);
    expect(readStored(folder.data).webhooks).toHaveLength(1);
  });

  test('says which kinds of a provider cannot be compared, and why', async () => {
    const args = ['reconcile', 'payments', '--provider', 'paypal'];
    const ran = await runHere(args, { ...env, PAYHOOK_PAYPAL_API_CREDENTIALS: API_CREDENTIALS.paypal }, { clock });

    expect(ran.code).toBe(0);
    expect(ran.stderr).toContain(
      'paypal:test compares payments, refunds, disputes; payouts not (PayPal has no list of payouts: a batch can be asked for by its id alone)',
    );
  });

  test('goes on with a check whose provider wanted a long wait, and says so', async () => {
    apis.stripe.faults.push('none', 'none', { status: 429, retryAfter: '3600' });

    const first = await run(['--since', '90d']);
    const second = await run(['--since', '90d']);
    const anew = await run(['--since', '90d', '--anew']);

    expect(first.stderr).toContain('the provider limits us for longer than this waits');
    expect(second.stderr).toContain(`goes on with the check of ${new Date(NOW).toISOString()}`);
    expect(second.stdout).toContain('pi_never');
    expect(anew.stderr).not.toContain('goes on with');
  });

  test('asks for the last thirty days unless told otherwise', async () => {
    const ran = await run([]);

    expect(ran).toMatchObject({ code: 0, stdout: 'nothing differs\n' });
    expect(ran.stderr).toContain(new Date(NOW - 30 * DAY_MS).toISOString());
  });

  test('says in one sentence when the credential may not read them, and ends with 1', async () => {
    apis.stripe.faults.push(...Array(5).fill({ status: 403 }));

    const ran = await run(['--since', '90d', '--provider', 'stripe']);

    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain('refuses the credential (http_403): docs/reconcile.md says which rights it needs');
    expect(ran.stdout + ran.stderr).not.toContain('canary');
  });

  test('says which variable is missing where there is no credential', async () => {
    expect(await run(['--provider', 'paypal'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('set PAYHOOK_PAYPAL_API_CREDENTIALS'),
    });
  });
});
