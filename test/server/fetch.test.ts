/** A thin event of Stripe in a running server: its handler, in a process of its own, is given what the event names. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createTestClock, NOW } from '../support/clock.ts';
import { API_CREDENTIALS, openFakeApis } from '../support/fake-apis.ts';
import { createTestFolder, post, readStored, startLocalServer, waitUntil } from '../support/running-server.ts';
import { createSigner, SECRET_ENV } from './signed.ts';

test('gives a handler the data and the object of a thin event', async () => {
  const clock = createTestClock();
  const { sign } = await createSigner(clock.now());
  await using apis = await openFakeApis(clock.now);
  using folder = createTestFolder();
  const seen = join(folder.path, 'seen.json');
  await using server = await startLocalServer({
    folder,
    clock,
    config: {
      mode: 'test',
      providers: { stripe: { areThinEventsFetched: true } },
      reconcile: { apiUrls: { stripe: apis.urls.stripe }, isAutomatic: false },
    },
    env: {
      PAYHOOK_STRIPE_SIGNING_SECRETS: SECRET_ENV.PAYHOOK_STRIPE_SIGNING_SECRETS,
      PAYHOOK_STRIPE_API_CREDENTIALS: API_CREDENTIALS.stripe,
    },
    handlers: `
      import { writeFileSync } from 'node:fs';
      export const handle = ({ fetched }) => writeFileSync(${JSON.stringify(seen)}, JSON.stringify(fetched));
    `,
  });
  const thin = {
    id: 'evt_test_65R',
    object: 'v2.core.event',
    type: 'v1.billing.meter.error_report_triggered',
    created: new Date(NOW).toISOString(),
    livemode: false,
    related_object: { id: 'mtr_1', type: 'billing.meter', url: '/v1/billing/meters/mtr_1' },
  };
  apis.stripe.happened.push({ id: thin.id, at: NOW, body: JSON.stringify({ ...thin, data: { reason: 'limit' } }) });
  apis.stripe.objects.set('/v1/billing/meters/mtr_1', '{"id":"mtr_1","object":"billing.meter"}');

  const delivery = sign('stripe', JSON.stringify(thin), { now: clock.now() });
  expect((await post(server.url, 'stripe', delivery)).status).toBe(200);
  await waitUntil('it is processed', () => readStored(folder.data).webhooks[0]?.status === 'processed');

  expect(JSON.parse(readFileSync(seen, 'utf8'))).toEqual({
    event: { ...thin, data: { reason: 'limit' } },
    object: { id: 'mtr_1', object: 'billing.meter' },
  });
});
