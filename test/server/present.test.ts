/** A running server that asks PayPal's API of whose payment a refund is that names none. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { jsonLines, runHere } from '../cli/run-here.ts';
import { CAPTURE, captured, refundWithout } from '../reconcile/present-cases.ts';
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
const REFUND = '1JU08902781691411';

describe.each([
  ['where handlers are told', 'export const handle = () => undefined;'],
  ['where nobody is told', undefined],
])('a server that asks for present states, %s', (_where, handlers) => {
  const clock = createTestClock();
  let apis: FakeApis;
  let folder: TestFolder;
  let server: LocalServer;
  let sign: Sign;
  let env: Record<string, string>;

  const stored = (id: string) => readStored(folder.data).webhooks.find((webhook) => webhook.id === `paypal:${id}`);
  const payhook = (...args: string[]) => runHere(args, env, { clock });
  const deliver = async (body: string): Promise<void> => {
    const delivery = sign('paypal', body, { now: clock.now(), certificateUrl: CERTIFICATE_URL });
    expect((await post(server.url, 'paypal', delivery)).status).toBe(200);
  };

  beforeAll(async () => {
    const signer = await createSigner(clock.now(), 'messageverificationcerts.sandbox.paypal.com');
    ({ sign } = signer);
    apis = await openFakeApis(clock.now);
    folder = createTestFolder();
    const setup = {
      config: {
        mode: 'test' as const,
        providers: { paypal: { isPresentStateAsked: true } },
        reconcile: { apiUrls: { paypal: apis.urls.paypal }, isAutomatic: false },
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

  test('attributes a refund, and shows what it was told', async () => {
    const href = `https://api.sandbox.paypal.com/v2/payments/captures/${CAPTURE}`;
    const amount = { currency_code: 'USD', value: '5.00' };
    const body = JSON.stringify({ id: REFUND, status: 'COMPLETED', amount, links: [{ rel: 'up', href }] });
    apis.paypal.held.push({ list: 'refunds', id: REFUND, at: NOW, body });

    await deliver(captured());
    await deliver(refundWithout());
    // A pause that was drawn as none is over before anybody looks.
    await waitUntil('it was asked', () => ['retrying', 'processed'].includes(stored('WH-2')?.status ?? ''));
    clock.advance(1000);
    await waitUntil('it is processed', () => stored('WH-2')?.status === 'processed');

    expect((await payhook('payments', 'show', CAPTURE)).stdout).toMatch(/refunded\s+5\.00 USD/);
    const shown = await payhook('webhooks', 'show', 'paypal:WH-2');
    expect(shown.stdout).toMatch(new RegExp(`refund\\s+${REFUND}\\s+unattributed\\s+attributed\\s.*${CAPTURE}`));
    expect(jsonLines(await payhook('webhooks', 'show', 'paypal:WH-2', '--json'))).toMatchObject([
      { present: [{ outcome: 'attributed', names: [{ kind: 'capture', id: CAPTURE }] }] },
    ]);
    expect((await payhook('audit', 'show', 'paypal:WH-2')).stdout).toContain('attributed_by_api');
    expect(await payhook('audit', 'verify')).toMatchObject({ code: 0 });
  });

  test('does not start without a credential, and says which variable would have it', async () => {
    const { PAYHOOK_PAYPAL_API_CREDENTIALS: _, ...without } = env;

    const ran = await runHere(['webhooks', 'list'], without, { clock });

    expect(ran.code).toBe(2);
    expect(ran.stderr).toMatch(
      /providers\.paypal\.isPresentStateAsked .*no credential.*set PAYHOOK_PAYPAL_API_CREDENTIALS/,
    );
  });
});
