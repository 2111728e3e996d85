/** PayPal's signature does not bind what it delivers: with its API asked, a forgery that verifies moves nothing. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runHere } from '../cli/run-here.ts';
import { createTestClock, NOW } from '../support/clock.ts';
import { API_CREDENTIALS, type FakeApis, openFakeApis } from '../support/fake-apis.ts';
import {
  createTestFolder,
  type LocalServer,
  post,
  readStored,
  startLocalServer,
  type TestFolder,
  waitUntil,
  writeSetup,
} from '../support/running-server.ts';
import { createSigner, SECRET_ENV, type Sign, serving } from './signed.ts';

const CERTIFICATE_URL = 'https://api.sandbox.paypal.com/v1/notifications/certs/CERT-360caa42-fca2a594-1d93a270';

const eventOf = (id: string, value: string): string =>
  JSON.stringify({
    id,
    event_version: '1.0',
    create_time: new Date(NOW).toISOString(),
    resource_type: 'capture',
    event_type: 'PAYMENT.CAPTURE.COMPLETED',
    resource: { id: `CAPTURE${id}`, status: 'COMPLETED', amount: { currency_code: 'USD', value } },
  });

describe.each([
  ['where handlers are told', 'export const handle = () => undefined;'],
  ['where nobody is told, and what is received is processed with it', undefined],
])('a server that confirms what PayPal delivers, %s', (_where, handlers) => {
  const clock = createTestClock();
  let apis: FakeApis;
  let folder: TestFolder;
  let server: LocalServer;
  let sign: Sign;
  let env: Record<string, string>;

  const stored = (id: string) => readStored(folder.data).webhooks.find((webhook) => webhook.id === `paypal:${id}`);
  const deliver = async (body: string): Promise<void> => {
    const delivery = sign('paypal', body, { now: clock.now(), certificateUrl: CERTIFICATE_URL });
    expect((await post(server.url, 'paypal', delivery)).status).toBe(200);
  };
  const payhook = (...args: string[]) => runHere(args, env, { clock });

  beforeAll(async () => {
    const signer = await createSigner(clock.now(), 'messageverificationcerts.sandbox.paypal.com');
    ({ sign } = signer);
    apis = await openFakeApis(clock.now);
    folder = createTestFolder();
    const setup = {
      config: {
        mode: 'test' as const,
        providers: { paypal: { isConfirmedByApi: true } },
        reconcile: { apiUrls: { paypal: apis.urls.paypal } },
        processing: { backoffBaseMs: 10, backoffCapMs: 10 },
      },
      env: {
        PAYHOOK_PAYPAL_WEBHOOK_IDS: SECRET_ENV.PAYHOOK_PAYPAL_WEBHOOK_IDS,
        PAYHOOK_PAYPAL_API_CREDENTIALS: API_CREDENTIALS.paypal,
      },
      ...(handlers === undefined ? {} : { handlers }),
    };
    server = await startLocalServer({ folder, clock, certificates: serving(signer.leafPem), ...setup });
    env = writeSetup(folder, setup);
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await apis[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  test('acts on what the API says too', async () => {
    apis.paypal.happened.push({ id: 'WH-1', at: NOW, body: eventOf('WH-1', '20.00') });

    await deliver(eventOf('WH-1', '20.00'));
    await waitUntil('it is processed', () => stored('WH-1')?.status === 'processed');

    expect((await payhook('payments', 'show', 'CAPTUREWH-1')).stdout).toContain('20.00');
    expect((await payhook('audit', 'show', 'paypal:WH-1')).stdout).toContain('confirmed_by_api');
  });

  test('moves nothing by a delivery that verifies and says another amount', async () => {
    apis.paypal.happened.push({ id: 'WH-2', at: NOW, body: eventOf('WH-2', '20.00') });

    await deliver(eventOf('WH-2', '10000.00'));
    await waitUntil('it is a dead letter', () => stored('WH-2')?.status === 'dead_lettered');

    expect(stored('WH-2')?.lastError).toContain('10000.00 USD');
    expect((await payhook('payments', 'show', 'CAPTUREWH-2')).code).toBe(1);
    expect(await payhook('audit', 'verify')).toMatchObject({ code: 0 });
  });

  test('waits until the API knows of it', async () => {
    await deliver(eventOf('WH-3', '5.00'));
    await waitUntil('it was asked', () => stored('WH-3')?.status === 'retrying');

    apis.paypal.happened.push({ id: 'WH-3', at: NOW, body: eventOf('WH-3', '5.00') });
    clock.advance(1000);
    await waitUntil('it is processed', () => stored('WH-3')?.status === 'processed');
  });

  test('does not start without a credential, and says which variable would have it', async () => {
    const { PAYHOOK_PAYPAL_API_CREDENTIALS: _, ...without } = env;

    const ran = await runHere(['webhooks', 'list'], without, { clock });

    expect(ran.code).toBe(2);
    expect(ran.stderr).toMatch(
      /providers\.paypal\.isConfirmedByApi .*no credential.*set PAYHOOK_PAYPAL_API_CREDENTIALS/,
    );
  });
});
