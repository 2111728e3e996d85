/** What a signature does not bind, over HTTP and SQLite: nobody is silenced, nothing is ignored for a hint. */
import { hmacValidator } from '@adyen/api-library';
import { Webhook } from 'standardwebhooks';
import Stripe from 'stripe';
import { expect, test } from 'vitest';
import { runHere } from '../cli/run-here.ts';
import {
  createTestFolder,
  post,
  readStored,
  startLocalServer,
  waitUntil,
  writeSetup,
} from '../support/running-server.ts';
import { CANARY, SECRET_ENV, SECRETS, stripeEvent } from './signed.ts';

const stripe = new Stripe('sk_test_not_a_key');
const OTHER_SECRET = `whsec_${Buffer.from(`${CANARY} secret of another sender`).toString('base64')}`;

const sentBy = (secret: string, id: string, body: string) => {
  const at = new Date();
  return {
    body: Buffer.from(body),
    headers: {
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
      'webhook-signature': new Webhook(secret).sign(id, at, body),
    },
  };
};

const signedByStripe = (payload: string) => ({
  body: Buffer.from(payload),
  headers: { 'stripe-signature': stripe.webhooks.generateTestHeaderString({ payload, secret: SECRETS.stripe }) },
});

test('one id of two senders is two webhooks, both processed', async () => {
  using folder = createTestFolder();
  const secrets = `${SECRETS['standard-webhooks']},${OTHER_SECRET}`;
  await using server = await startLocalServer({
    folder,
    env: { ...SECRET_ENV, PAYHOOK_STANDARD_WEBHOOKS_SECRETS: secrets },
    config: { mode: 'live' },
    handlers: 'export const handle = () => {};',
  });

  const first = await post(
    server.url,
    'standard-webhooks',
    sentBy(SECRETS['standard-webhooks'], 'msg_77', '{"type":"noise"}'),
  );
  const second = await post(
    server.url,
    'standard-webhooks',
    sentBy(OTHER_SECRET, 'msg_77', '{"type":"payment.succeeded"}'),
  );

  expect([first.json.status, second.json.status]).toEqual(['accepted', 'accepted']);
  await waitUntil('both are processed', () =>
    readStored(folder.data).webhooks.every(({ status }) => status === 'processed'),
  );
  expect(readStored(folder.data).webhooks).toHaveLength(2);
});

test('a duplicate that says something else is kept, alarmed and counted, and one that says the same is not', async () => {
  using folder = createTestFolder();
  await using server = await startLocalServer({ folder, env: SECRET_ENV });
  const deliver = (payload: string) => post(server.url, 'stripe', signedByStripe(payload));
  const body = stripeEvent('evt_twice');
  await deliver(body);

  const same = await deliver(body);
  const other = await deliver(`${body} `);
  const again = await deliver(`${body} `);

  expect(same.json).toEqual({ status: 'duplicate', webhookId: 'stripe:evt_twice' });
  expect(other.json).toEqual({ status: 'accepted', webhookId: 'stripe:evt_twice~1' });
  expect(again.json).toEqual({ status: 'duplicate', webhookId: 'stripe:evt_twice~1' });
  const stored = readStored(folder.data).webhooks;
  expect(stored.find(({ id }) => id === 'stripe:evt_twice~1')).toMatchObject({ status: 'dead_lettered' });
  const alerts = server.lines.filter(({ fields }) => fields.kind === 'duplicate_differs');
  expect(alerts.length).toBeGreaterThan(0);
});

test('what is kept beside another, and what is too old to be acted on, has its place in the audit trail', async () => {
  using folder = createTestFolder();
  const item = { pspReference: 'P1', merchantAccountCode: 'Acct', amount: { currency: 'EUR', value: 1 } };
  const old = { ...item, eventCode: 'AUTHORISATION', success: 'true', eventDate: '2015-01-01T00:00:00Z' };
  const hmacSignature = new hmacValidator().calculateHmac(old as never, SECRETS.adyen);
  const notification = JSON.stringify({
    live: 'true',
    notificationItems: [{ NotificationRequestItem: { ...old, additionalData: { hmacSignature } } }],
  });
  {
    await using server = await startLocalServer({ folder, env: SECRET_ENV });
    await post(server.url, 'stripe', signedByStripe(stripeEvent('evt_kept')));
    await post(server.url, 'stripe', signedByStripe(`${stripeEvent('evt_kept')} `));
    const answer = await post(server.url, 'adyen', { body: Buffer.from(notification), headers: {} });
    expect(answer.json).toMatchObject({ status: 'accepted' });
    await waitUntil('all have ended', () =>
      readStored(folder.data).webhooks.every(({ status }) => status !== 'received'),
    );
  }
  expect(readStored(folder.data).webhooks.map(({ lastError }) => lastError)).toContain('delivery_too_old');

  const ran = await runHere(['audit', 'verify'], writeSetup(folder, { env: SECRET_ENV }));

  expect([ran.code, ran.stderr]).toEqual([0, '']);
});
