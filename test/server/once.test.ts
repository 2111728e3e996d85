/** I2 over HTTP and SQLite, and deliveries that somebody else's code has signed. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { hmacValidator } from '@adyen/api-library';
import { Webhook } from 'standardwebhooks';
import Stripe from 'stripe';
import { describe, expect, test } from 'vitest';
import { createTestFolder, post, readStored, startLocalServer, waitUntil } from '../support/running-server.ts';
import { SECRET_ENV, SECRETS, stripeEvent } from './signed.ts';

const stripe = new Stripe('sk_test_not_a_key');

const signedByStripe = (body: string) => ({
  body: Buffer.from(body),
  headers: { 'stripe-signature': stripe.webhooks.generateTestHeaderString({ payload: body, secret: SECRETS.stripe }) },
});

describe('I2 once, over HTTP', () => {
  test('200 concurrent deliveries of one event: 1 accepted, 199 duplicates, 1 stored, 1 call of the handler', async () => {
    using folder = createTestFolder();
    const calls = join(folder.path, 'calls.txt');
    await using server = await startLocalServer({
      folder,
      env: SECRET_ENV,
      handlers: `import { appendFileSync } from 'node:fs';
        export const handle = (_webhook, { idempotencyId }) => appendFileSync(${JSON.stringify(calls)}, idempotencyId + '\\n');`,
    });
    const delivery = signedByStripe(stripeEvent('evt_once'));

    const answers = await Promise.all(Array.from({ length: 200 }, () => post(server.url, 'stripe', delivery)));
    await waitUntil('the webhook is processed', () => readStored(folder.data).webhooks[0]?.status === 'processed');

    expect(answers.filter(({ status }) => status === 200)).toHaveLength(200);
    expect(answers.filter(({ json }) => json.status === 'accepted')).toHaveLength(1);
    expect(answers.filter(({ json }) => json.status === 'duplicate')).toHaveLength(199);
    expect(readStored(folder.data)).toMatchObject({ webhooks: [{ id: 'stripe:evt_once' }], queued: 0 });
    expect(readFileSync(calls, 'utf8')).toBe('stripe:evt_once\n');
  });
});

describe('deliveries signed by the official libraries', () => {
  test('are accepted over HTTP: stripe, standardwebhooks, @adyen/api-library', async () => {
    using folder = createTestFolder();
    await using server = await startLocalServer({ folder, env: SECRET_ENV });
    const standardBody = JSON.stringify({ type: 'payment.succeeded', data: { id: 'pay_1' } });
    const signedAt = new Date();
    const adyenBody = JSON.stringify({
      type: 'balancePlatform.transfer.created',
      environment: 'test',
      data: { id: 't1' },
    });
    const adyenSignature = new hmacValidator().calculateHmac(adyenBody, SECRETS.adyen);

    const answers = [
      await post(server.url, 'stripe', signedByStripe(stripeEvent('evt_sdk'))),
      await post(server.url, 'standard-webhooks', {
        body: Buffer.from(standardBody),
        headers: {
          'webhook-id': 'msg_sdk',
          'webhook-timestamp': String(Math.floor(signedAt.getTime() / 1000)),
          'webhook-signature': new Webhook(SECRETS['standard-webhooks']).sign('msg_sdk', signedAt, standardBody),
        },
      }),
      await post(server.url, 'adyen', { body: Buffer.from(adyenBody), headers: { hmacsignature: adyenSignature } }),
    ];

    expect(answers.map(({ status, json }) => [status, json.status])).toEqual(Array(3).fill([200, 'accepted']));
  });
});
