/** Bodies and signatures that are wrong: an answer with a code, a reason in log and audit, and nothing else. */
import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { LIMITS } from '../../src/core/limits.ts';
import { createTestFolder, post, readStored, startLocalServer } from '../support/running-server.ts';
import { exchange, head } from './raw-exchange.ts';
import {
  before,
  clock,
  expectAnswer,
  expectRefusedFor,
  expectStored,
  folder,
  idsOf,
  JSON_TYPE,
  server,
  sign,
  turnedAwayLines,
  useServer,
} from './refusing-server.ts';
import { CANARY, PROVIDER_NAMES, type ProviderName, SECRET_ENV, stripeEvent } from './signed.ts';

useServer();

describe('the edge on the size of a body', () => {
  const oversized = Buffer.alloc(LIMITS.bodyBytesMax + 1, 'x');

  test('refuses 1 MiB and a byte by its announced length, before reading it', async () => {
    const start = head('POST /webhook/stripe', [JSON_TYPE, ['Content-Length', oversized.length]]);

    const answer = await exchange(server.port, [start]);

    expectAnswer(answer, { status: 413, code: 'body_too_large' });
    await expectRefusedFor('body_too_large');
  });

  test.each([1, 2, 3, 4, 5, 6, 7, 8])('a sender of several MiB at once still gets to read the 413 (%i)', async () => {
    const start = head('POST /webhook/stripe', [JSON_TYPE, ['Content-Length', 4 * oversized.length]]);

    const answer = await exchange(server.port, [start, oversized, oversized, oversized, oversized]);

    expectAnswer(answer, { status: 413, code: 'body_too_large' });
    await expectRefusedFor('body_too_large');
  });

  test('refuses 1 MiB and a byte in chunks', async () => {
    const start = head('POST /webhook/stripe', [JSON_TYPE, ['Transfer-Encoding', 'chunked']]);
    const chunk = Buffer.concat([
      Buffer.from(`${oversized.length.toString(16)}\r\n`),
      oversized,
      Buffer.from('\r\n0\r\n\r\n'),
    ]);

    const answer = await exchange(server.port, [start, chunk]);

    expectAnswer(answer, { status: 413, code: 'body_too_large' });
    await expectRefusedFor('body_too_large');
  });

  test('takes exactly 1 MiB when it is signed and seals small', async () => {
    const event = stripeEvent('evt_one_mib');
    const signed = sign('stripe', event.padEnd(LIMITS.bodyBytesMax), { now: clock.now() });

    const answer = await post(server.url, 'stripe', signed);

    expect([answer.status, answer.json.status]).toEqual([200, 'accepted']);
    expect(readStored(folder.data).webhooks.at(-1)).toMatchObject({ bytes: LIMITS.bodyBytesMax });
  });

  test('verifies exactly 1 MiB that is not signed, and refuses it', async () => {
    const answer = await post(server.url, 'stripe', { body: Buffer.alloc(LIMITS.bodyBytesMax, ' '), headers: {} });

    expectAnswer(answer, { status: 401, code: 'signature_verification_failed' });
    await expectRefusedFor('signature_missing');
  });

  test('refuses a signed payload that seals to more than one table item holds', async () => {
    const noise = randomBytes(400 * 1024).toString('base64');
    const signed = sign('stripe', stripeEvent('evt_noise', { noise }), { now: clock.now() });

    const answer = await post(server.url, 'stripe', signed);

    expectAnswer(answer, { status: 413, code: 'payload_too_large' });
    const after = readStored(folder.data);
    expect(idsOf(after)).toEqual(idsOf(before));
    expect(turnedAwayLines()).toEqual([expect.objectContaining({ reason: 'too_large', http_status: 413 })]);
  });
});

describe('a body that cannot be understood', () => {
  const bodies: readonly [string, Uint8Array, string][] = [
    ['empty', Buffer.alloc(0), 'body_not_json'],
    ['not JSON', Buffer.from(`hello ${CANARY}`), 'body_not_json'],
    ['not UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d]), 'body_not_utf8'],
    ['nested 10,000 deep', Buffer.from('['.repeat(10_000) + ']'.repeat(10_000)), 'json_too_deep'],
    ['with a repeated key', Buffer.from('{"id":"evt_a","id":"evt_b","type":"t"}'), 'json_key_repeated'],
    ['a list', Buffer.from('[]'), 'shape_unexpected'],
    ['without an id', Buffer.from(`{"type":"t","note":"${CANARY}"}`), 'event_id_missing'],
    ['with an id only in __proto__', Buffer.from('{"__proto__":{"id":"evt_p","type":"t"}}'), 'event_id_missing'],
  ];

  test.each(bodies)('%s and unsigned is refused like any other', async (_what, body) => {
    const answer = await post(server.url, 'stripe', { body, headers: {} });

    expectAnswer(answer, { status: 401, code: 'signature_verification_failed' });
    await expectRefusedFor('signature_missing');
  });

  test.each(bodies)('%s and signed is kept whole as a dead letter', async (_what, body, reason) => {
    const answer = await post(server.url, 'stripe', sign('stripe', body, { now: clock.now() }));

    expect([answer.status, answer.json.status]).toEqual([200, 'accepted']);
    expectStored({ status: 'dead_lettered', lastError: reason });
    expect(readStored(folder.data).webhooks.at(-1)).toMatchObject({ id: answer.json.webhookId, bytes: body.length });
    expect(readStored(folder.data).queued).toBe(before.queued);
  });

  test('keeps a whole event that also has __proto__ and constructor keys, and pollutes nothing', async () => {
    const body = `{"__proto__":{"isAdmin":true},"constructor":{"prototype":{"isAdmin":true}},${stripeEvent('evt_proto').slice(1)}`;

    const answer = await post(server.url, 'stripe', sign('stripe', body, { now: clock.now() }));

    expect(answer.json).toEqual({ status: 'accepted', webhookId: 'stripe:evt_proto' });
    expect(Reflect.get({}, 'isAdmin')).toBeUndefined();
  });
});

const BODY_OF: Readonly<Record<ProviderName, string>> = {
  stripe: stripeEvent('evt_all'),
  paypal: JSON.stringify({ id: 'WH-1', event_type: 'PAYMENT.CAPTURE.COMPLETED', resource: { id: CANARY } }),
  square: JSON.stringify({ event_id: 'sq-1', type: 'payment.updated', data: { id: CANARY } }),
  adyen: JSON.stringify({ type: 'balancePlatform.accountHolder.created', data: { id: CANARY } }),
  'standard-webhooks': JSON.stringify({ type: 'payment.succeeded', data: { id: CANARY } }),
};

describe('a signature that is missing or wrong', () => {
  const expectRejected = (answer: { status: number; text: string; headers: Headers }): void => {
    expectAnswer(answer, { status: 401, code: 'signature_verification_failed' });
  };

  test('is answered in the same words and headers whatever is wrong with it', async () => {
    const now = clock.now();
    const good = sign('stripe', stripeEvent('evt_same'), { now });
    const wrong = [
      { body: good.body, headers: {} },
      { body: good.body, headers: { 'stripe-signature': CANARY } },
      { body: good.body, headers: { 'stripe-signature': `t=1,v1=${'0'.repeat(64)}` } },
      { body: Buffer.concat([good.body, Buffer.from(' ')]), headers: good.headers },
      sign('stripe', stripeEvent('evt_same'), { now, secret: 'whsec_other' }),
      sign('stripe', stripeEvent('evt_same'), { now: now - 301_000 }),
      sign('stripe', stripeEvent('evt_same'), { now: now + 301_000 }),
    ];

    const answers = await Promise.all(wrong.map((delivery) => post(server.url, 'stripe', delivery)));

    const shapes = answers.map(({ status, text, headers }) => {
      return JSON.stringify([status, text, [...headers].filter(([name]) => name !== 'date')]);
    });
    expect(new Set(shapes).size).toBe(1);
    expect(shapes[0]).toContain('401');
    expect(idsOf(readStored(folder.data))).toEqual(idsOf(before));
  });

  test.each(PROVIDER_NAMES)(
    'of %s is refused when nothing is signed, and when another secret signed',
    async (provider) => {
      const body = BODY_OF[provider];
      const other: Readonly<Record<ProviderName, string>> = {
        stripe: 'whsec_another',
        paypal: 'ANOTHERWEBHOOKID1',
        square: 'another',
        adyen: '00'.repeat(32),
        'standard-webhooks': `whsec_${Buffer.alloc(32).toString('base64')}`,
      };

      expectRejected(await post(server.url, provider, { body: Buffer.from(body), headers: {} }));
      expectRejected(
        await post(server.url, provider, sign(provider, body, { now: clock.now(), secret: other[provider] })),
      );
      expect(idsOf(readStored(folder.data))).toEqual(idsOf(before));
    },
  );

  test.each([
    ['300 s ago', -300_000, 200, null],
    ['301 s ago', -301_000, 401, 'timestamp_too_old'],
    ['in 300 s', 300_000, 200, null],
    ['in 301 s', 301_000, 401, 'timestamp_too_new'],
  ])('of Stripe, signed %s', async (what, ms, status, reason) => {
    const signed = sign('stripe', stripeEvent(`evt_${what.replaceAll(' ', '_')}`), { now: clock.now() + ms });

    const answer = await post(server.url, 'stripe', signed);

    expect(answer.status).toBe(status);
    // Not its status: it may be processed by now.
    if (reason === null) expectStored({ lastError: null });
    else await expectRefusedFor(reason);
  });

  test.each([
    ['300 s ago', -300_000, 200, null],
    ['301 s ago', -301_000, 401, 'timestamp_too_old'],
    ['in 301 s', 301_000, 401, 'timestamp_too_new'],
  ])('of Standard Webhooks, signed %s', async (what, ms, status, reason) => {
    const body = JSON.stringify({ type: 'payment.succeeded', data: { note: what } });
    const signed = sign('standard-webhooks', body, { now: clock.now() + ms });

    expect((await post(server.url, 'standard-webhooks', signed)).status).toBe(status);
    if (reason !== null) await expectRefusedFor(reason);
  });

  test.each<[ProviderName, string]>([
    ['stripe', 'stripe-signature'],
    ['square', 'x-square-hmacsha256-signature'],
    ['paypal', 'paypal-transmission-sig'],
    ['standard-webhooks', 'webhook-signature'],
  ])('of %s is refused when its header comes twice', async (provider, header) => {
    const signed = sign(provider, BODY_OF[provider], { now: clock.now() });
    const bytes = Buffer.from(signed.body);
    const twice = Object.entries(signed.headers).flatMap(([name, value]) =>
      name === header ? [[name, value] as const, [name, value] as const] : [[name, value] as const],
    );

    const answer = await exchange(server.port, [
      head(`POST /webhook/${provider}`, [['Content-Length', bytes.length], ...twice]),
      bytes,
    ]);

    expectAnswer(answer, { status: 401, code: 'signature_verification_failed' });
    await expectRefusedFor('signature_malformed');
  });
});

describe('a provider that is not configured', () => {
  test('answers 404 like one that there is not, though its secret is set and its signature right', async () => {
    using own = createTestFolder();
    const config = { providers: { square: {} } };
    await using other = await startLocalServer({ folder: own, clock, env: SECRET_ENV, config });

    const answer = await post(other.url, 'stripe', sign('stripe', stripeEvent('evt_1'), { now: clock.now() }));

    expectAnswer(answer, { status: 404, code: 'provider_unknown' });
    expect(readStored(own.data).webhooks).toEqual([]);
  });
});
