/** What becomes of genuine deliveries that somebody else sends, again, changed or long after: through the whole of receiving. */
import { describe, expect, test } from 'vitest';
import { createMemoryDataKeySource } from '../../src/adapters/memory/memory-data-key-source.ts';
import { createMemoryHome } from '../../src/adapters/memory/memory-home.ts';
import { createMemoryAlerts } from '../../src/adapters/memory/memory-recorders.ts';
import { createMemorySecretSource } from '../../src/adapters/memory/memory-secret-source.ts';
import { LIMITS } from '../../src/core/limits.ts';
import type { Provider } from '../../src/core/ports/provider.ts';
import { createEncryptPayload, createSeal } from '../../src/core/seal.ts';
import { DAY_MS } from '../../src/core/time.ts';
import { PROVIDERS, providerNamed } from '../../src/providers/providers.ts';
import { createReceive } from '../../src/receive/receive.ts';
import { createTestClock, NOW } from '../support/clock.ts';
import { createTestRandomness } from '../support/randomness.ts';
import { countingBytes, deliveryOf, NO_CERTIFICATES, settingsWith, signInput } from './provider-inputs.ts';

const OTHER_SECRET = `whsec_${Buffer.alloc(32, 9).toString('base64')}`;

const secretOf = (name: string): string => provider(name).generateSecret(countingBytes);

const provider = (name: string): Provider => {
  const found = providerNamed(name);
  if (found === undefined) throw new Error(`there is no provider ${name}`);
  return found;
};

const open = (secrets: Readonly<Record<string, readonly string[]>> = {}, retentionMs = 400 * DAY_MS) => {
  const clock = createTestClock();
  const memory = createMemoryHome(clock);
  const alerts = createMemoryAlerts();
  const randomness = createTestRandomness();
  const dataKeys = createMemoryDataKeySource(randomness);
  const seal = createSeal({ dataKeys, clock, encrypt: createEncryptPayload(randomness) });
  const receive = createReceive({
    providers: new Map(PROVIDERS.map((one) => [one.name, { provider: one, settings: settingsWith() }])),
    secrets: createMemorySecretSource(new Map(PROVIDERS.map(({ name }) => [name, secrets[name] ?? [secretOf(name)]]))),
    certificates: NO_CERTIFICATES,
    seal,
    store: memory.store,
    queue: memory.queue,
    clock,
    alerts,
    retentionMs,
  });
  const deliver = (
    name: string,
    body: string,
    options: { readonly secret?: string; readonly headers?: object } = {},
  ) => {
    const signed = provider(name).sign(signInput(body, options.secret ?? secretOf(name), { now: NOW }));
    return receive({
      providerName: name,
      delivery: deliveryOf(signed.body, { ...signed.headers, ...options.headers }),
      receivedAt: clock.now(),
      traceId: randomness.id(),
    });
  };
  const textOf = async (webhookId: string): Promise<string> => {
    const [webhook] = await memory.store.find(webhookId);
    if (webhook === undefined) throw new Error(`there is no webhook ${webhookId}`);
    return Buffer.from(await seal.open(webhook.payload, webhook)).toString();
  };
  const kinds = () => alerts.raised.map(({ kind }) => kind);
  return { ...memory, alerts, clock, deliver, kinds, textOf };
};

const stripeEvent = (overrides: object = {}): string =>
  JSON.stringify({ id: 'evt_1', type: 't', created: NOW / 1000, livemode: true, pending_webhooks: 2, ...overrides });

const squareEvent = (overrides: object = {}): string =>
  JSON.stringify({ event_id: 'e-1', type: 't', created_at: new Date(NOW).toISOString(), data: {}, ...overrides });

const adyenItem = (overrides: object = {}) => ({
  pspReference: '8835296650153317',
  merchantAccountCode: 'Acct',
  merchantReference: 'order-1',
  amount: { currency: 'EUR', value: 1000 },
  eventCode: 'AUTHORISATION',
  eventDate: new Date(NOW).toISOString().replace(/\.\d+Z/, 'Z'),
  success: 'true',
  additionalData: {},
  ...overrides,
});

const adyenBody = (item: object, live = 'true'): string =>
  JSON.stringify({ live, notificationItems: [{ NotificationRequestItem: item }] });

describe('one id of two senders', () => {
  test('is two webhooks, and the second is not silenced by the first', async () => {
    const secrets = { 'standard-webhooks': [`a=${secretOf('standard-webhooks')}`, `b=${OTHER_SECRET}`] };
    const home = open(secrets);

    await home.deliver('standard-webhooks', '{"id":"msg_77","type":"noise"}');
    const second = await home.deliver('standard-webhooks', '{"id":"msg_77","type":"payment.succeeded"}', {
      secret: OTHER_SECRET,
    });

    expect(second).toMatchObject({ outcome: 'accepted', events: [{ webhookId: 'standard-webhooks:b.msg_77' }] });
    expect(await home.queue.claim(10, 1000)).toHaveLength(2);
    expect(home.kinds()).toEqual([]);
  });

  test('is two webhooks without names too', async () => {
    const home = open({ 'standard-webhooks': [secretOf('standard-webhooks'), OTHER_SECRET] });

    await home.deliver('standard-webhooks', '{"id":"msg_77","type":"noise"}');
    await home.deliver('standard-webhooks', '{"id":"msg_77","type":"payment.succeeded"}', { secret: OTHER_SECRET });

    expect(await home.queue.claim(10, 1000)).toHaveLength(2);
  });
});

describe('a duplicate that says something else', () => {
  test.each([
    ['stripe', stripeEvent(), stripeEvent({ data: { object: { amount: 9999 } } }), 'stripe:evt_1'],
    ['square', squareEvent(), squareEvent({ data: { id: 'p2' } }), 'square:e-1'],
    ['standard-webhooks', '{"id":"m1","type":"a"}', '{"id":"m1","type":"b"}', 'standard-webhooks:m1'],
    [
      'adyen',
      adyenBody(adyenItem()),
      adyenBody(adyenItem({ amount: { currency: 'EUR', value: 9999 } })),
      'adyen:Acct:8835296650153317:AUTHORISATION:true',
    ],
  ])('of %s is kept as a dead letter of its own, alarmed and audited', async (name, first, second, webhookId) => {
    const home = open();
    await home.deliver(name, first);

    const outcome = await home.deliver(name, second);

    expect(outcome).toMatchObject({
      outcome: 'accepted',
      events: [{ webhookId: `${webhookId}~1`, status: 'dead_lettered', isDifferent: true, isDuplicate: false }],
    });
    expect(await home.store.find(`${webhookId}~1`)).toMatchObject([
      { status: 'dead_lettered', lastError: 'duplicate_differs' },
    ]);
    expect(await home.store.find(webhookId)).toMatchObject([{ status: 'received' }]);
    expect(await home.textOf(`${webhookId}~1`)).not.toBe(await home.textOf(webhookId));
    expect(home.kinds()).toEqual(['duplicate_differs']);
    const entries = await home.auditLog.latest(10);
    expect(entries.map(({ text }) => text).join()).toContain('duplicate_differs');
    expect(await home.queue.claim(10, 1000)).toHaveLength(1);
  });

  test('is alarmed and counted each time, and kept once', async () => {
    const home = open();
    await home.deliver('stripe', stripeEvent());
    const other = stripeEvent({ data: 'other' });
    await home.deliver('stripe', other);

    expect(await home.deliver('stripe', other)).toMatchObject({
      outcome: 'duplicate',
      events: [{ webhookId: 'stripe:evt_1~1', isDifferent: true, isDuplicate: true }],
    });
    expect((await home.store.list({ limit: 100 })).items).toHaveLength(2);
    expect(home.kinds()).toEqual(['duplicate_differs', 'duplicate_differs']);
  });

  test('is kept a bounded number of times, however many a sender with the secret makes', async () => {
    const home = open();
    for (let number = 0; number < 20; number += 1) await home.deliver('stripe', stripeEvent({ data: number }));

    expect((await home.store.list({ limit: 100 })).items).toHaveLength(1 + LIMITS.variantsMax);
    expect(home.kinds()).toHaveLength(19);
  });

  test('is one webhook however many deliveries of it race', async () => {
    const home = open();
    await home.deliver('stripe', stripeEvent());

    await Promise.all(Array.from({ length: 20 }, () => home.deliver('stripe', stripeEvent({ data: 'other' }))));

    expect((await home.store.list({ limit: 100 })).items).toHaveLength(2);
  });

  test('is none when a provider only writes anew what it counts or dates', async () => {
    const home = open();
    await home.deliver('stripe', stripeEvent());
    await home.deliver('stripe', stripeEvent({ pending_webhooks: 1 }));
    await home.deliver('adyen', adyenBody(adyenItem()));
    await home.deliver(
      'adyen',
      adyenBody(adyenItem({ eventDate: undefined, reason: 'newer', additionalData: { a: '1' } })),
    );
    await home.deliver('standard-webhooks', '{"id":"m1","type":"a","timestamp":"1"}');
    await home.deliver('standard-webhooks', '{"id":"m1","type":"a","timestamp":"2"}');

    expect((await home.store.list({ limit: 100 })).items).toHaveLength(3);
    expect(home.kinds()).toEqual([]);
  });

  test('takes nobody’s place: an id that looks like one of ours is stored under its hash', async () => {
    const home = open();
    const outcome = await home.deliver('standard-webhooks', '{"id":"m1~1","type":"a"}');

    expect(outcome).toMatchObject({ events: [{ webhookId: expect.stringMatching(/:sha256-[0-9a-f]{64}$/) }] });
  });
});

describe('an unsigned hint', () => {
  test.each(['true', 'false'])('of Adyen that live is %s decides nothing', async (live) => {
    const home = open();
    await home.deliver('adyen', adyenBody(adyenItem(), live));

    expect((await home.store.list({ limit: 1 })).items).toMatchObject([{ mode: 'unknown', status: 'received' }]);
  });

  test.each(['Production', 'Sandbox'])('of Square that its environment is %s decides nothing', async (environment) => {
    const home = open();
    await home.deliver('square', squareEvent(), { headers: { 'square-environment': environment } });

    expect((await home.store.list({ limit: 1 })).items).toMatchObject([{ mode: 'unknown', status: 'received' }]);
  });
});

describe('a delivery of long ago', () => {
  const retentionMs = 400 * DAY_MS;
  const longAgo = NOW - retentionMs - 1000;
  const bodies = (at: number) => {
    const text = new Date(at).toISOString();
    return [
      ['square', squareEvent({ created_at: text })],
      ['adyen', adyenBody(adyenItem({ eventDate: text }))],
    ] as const;
  };

  test('is stored and not acted on where the signature binds no time, with an alert', async () => {
    for (const [name, body] of bodies(longAgo)) {
      const home = open();

      expect(await home.deliver(name, body)).toMatchObject({ outcome: 'accepted', events: [{ status: 'ignored' }] });
      expect((await home.store.list({ limit: 9 })).items).toMatchObject([
        { status: 'ignored', lastError: 'delivery_too_old' },
      ]);
      expect(await home.queue.claim(10, 1000)).toEqual([]);
      expect(home.kinds()).toEqual(['delivery_too_old']);
    }
  });

  test('is acted on while it is remembered: somebody may try a body of last winter', async () => {
    for (const [name, body] of bodies(NOW - retentionMs + 60_000)) {
      const home = open();

      expect(await home.deliver(name, body)).toMatchObject({ events: [{ status: 'received' }] });
    }
  });

  test('is what is older than what the configuration says is remembered', async () => {
    for (const [name, body] of bodies(NOW - 31 * DAY_MS)) {
      expect(await open({}, 30 * DAY_MS).deliver(name, body)).toMatchObject({ events: [{ status: 'ignored' }] });
    }
  });

  test('is not what an unsigned date makes of a fresh one: the genuine one is acted on when it comes', async () => {
    const home = open();
    const spoiled = await home.deliver('adyen', adyenBody(adyenItem({ eventDate: '2015-01-01T00:00:00Z' })));

    const genuine = await home.deliver('adyen', adyenBody(adyenItem()));

    const webhookId = 'adyen:Acct:8835296650153317:AUTHORISATION:true';
    expect(spoiled).toMatchObject({ events: [{ webhookId: `${webhookId}~old`, status: 'ignored' }] });
    expect(genuine).toMatchObject({ outcome: 'accepted', events: [{ webhookId, status: 'received' }] });
    expect(await home.queue.claim(10, 1000)).toMatchObject([{ entry: { webhookId } }]);
  });

  test('is what is signed anew for an event of long ago: what retention removed is not processed again', async () => {
    const home = open();

    expect(await home.deliver('stripe', stripeEvent({ created: Math.floor(longAgo / 1000) }))).toMatchObject({
      events: [{ status: 'ignored' }],
    });
    expect(await home.queue.claim(10, 1000)).toEqual([]);
    expect(await home.deliver('stripe', stripeEvent({ created: (NOW - 399 * DAY_MS) / 1000 }))).toMatchObject({
      events: [{ status: 'received' }],
    });
  });

  test('is as new as its signature where its sender may write any time into the body', async () => {
    const home = open();

    expect(
      await home.deliver('standard-webhooks', JSON.stringify({ id: 'm1', timestamp: '2015-01-01T00:00:00Z' })),
    ).toMatchObject({ events: [{ status: 'received' }] });
  });
});
