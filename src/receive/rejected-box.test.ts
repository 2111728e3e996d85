import { describe, expect, test } from 'vitest';
import { createTestHome, STRIPE_SECRET, stripe, stripeDelivery } from '../../test/support/test-home.ts';
import { createMemorySecretSource } from '../adapters/memory/memory-secret-source.ts';
import { readRecord } from '../audit/audit.ts';
import { LIMITS } from '../core/limits.ts';
import type { Delivery } from '../core/ports/provider.ts';
import type { RejectedDelivery } from '../core/ports/rejected-box.ts';
import type { Secret, SecretSource } from '../core/ports/secret-source.ts';
import { secretIdOf } from '../core/secret-id.ts';
import type { Sender } from '../core/shares.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../core/time.ts';
import { createAcceptRejected } from './accept-rejected.ts';
import { createKeepRejected } from './keep-rejected.ts';
import { packDelivery, unpackDelivery } from './rejected-payload.ts';

const NEW_SECRET = 'whsec_anewsecretthatisnotconfiguredyet';
const OPERATOR = { type: 'operator', id: 'alice' } as const;
const stranger = (address: string): Sender => ({ address, isLimited: true, hasReserve: false });
const KNOWN: Sender = { address: '3.18.12.63', isLimited: false, hasReserve: true };

const settings = { toleranceSeconds: 300 };
const providers = new Map([['stripe', { provider: stripe, settings }]]);

const open = () => {
  const home = createTestHome();
  const { clock, seal, logger, memory } = home;
  const box = memory.rejected;
  const keep = createKeepRejected({ providers, box, seal, logger, keptForMs: 7 * DAY_MS });
  const deliver = (body: string | Uint8Array, sender: Sender, headers: Record<string, string> = {}) =>
    keep({
      providerName: 'stripe',
      delivery: deliveryOf({ body: Buffer.from(body), headers }),
      receivedAt: clock.now(),
      traceId: 'trace-1',
      sender,
      reason: 'signature_mismatch',
    });
  const accept = (secrets: readonly string[] | SecretSource, rejected: RejectedDelivery) =>
    createAcceptRejected({
      ...home,
      providers,
      box,
      secrets: 'secretsOf' in secrets ? secrets : createMemorySecretSource(new Map([['stripe', secrets]])),
      certificates: { fetch: async () => ({ outcome: 'unavailable', reason: 'no network in tests' }) },
      retentionMs: 400 * DAY_MS,
    })(rejected, OPERATOR, 'the secret was rolled');
  const only = async (): Promise<RejectedDelivery> => {
    const [summary] = (await box.list({ limit: 1 })).items;
    const rejected = summary === undefined ? undefined : await box.get(summary.id);
    if (rejected === undefined) throw new Error('nothing was kept');
    return rejected;
  };
  const keepSigned = async (id: string, secret: string): Promise<RejectedDelivery> => {
    const signed = stripeDelivery(clock, id, { secret });
    await deliver(signed.body, KNOWN, signed.headers);
    return only();
  };
  return { ...home, box, deliver, accept, only, keepSigned };
};

const deliveryOf = ({ body, headers }: { body: Uint8Array; headers: Readonly<Record<string, string>> }): Delivery => ({
  body,
  headers: new Map(Object.entries(headers).map(([name, value]) => [name, [value]])),
  method: 'POST',
  query: 'a=1',
  publicUrl: 'https://pay.example.com/webhook/stripe',
});

describe('the rejected box', () => {
  test('keeps how far the clock that a delivery says it was signed by is from ours, where it says so', async () => {
    const { deliver, only, clock } = open();
    const seconds = Math.floor(clock.now() / 1000) - 7200;
    await deliver('{"a":1}', stranger('192.0.2.7'), { 'stripe-signature': `t=${seconds},v1=00` });
    expect((await only()).skewMs).toBe(seconds * 1000 - clock.now());

    clock.advance(1000);
    await deliver('{"a":2}', stranger('192.0.2.7'), { 'stripe-signature': 'nonsense' });
    expect('skewMs' in (await only())).toBe(false);
  });

  test('keeps what came, sealed, and says of whom and why', async () => {
    const { deliver, only, seal, clock } = open();
    await deliver('{"a":1}', stranger('192.0.2.7'), { 'stripe-signature': 't=1,v1=00' });

    const rejected = await only();

    expect(rejected).toMatchObject({
      provider: 'stripe',
      reason: 'signature_mismatch',
      sourceAddress: '192.0.2.7',
      isFromKnownSender: false,
      bodyBytes: 7,
      cardDataCount: 0,
      rejectedAt: clock.now(),
      expiresAt: clock.now() + 7 * DAY_MS,
      acceptedAt: null,
    });
    expect(Buffer.from(rejected.payload.bytes).toString('latin1')).not.toContain('"a":1');
    const key = { webhookId: `rejected:${rejected.id}`, timestamp: rejected.rejectedAt };
    expect(unpackDelivery(await seal.open(rejected.payload, key))).toEqual(
      deliveryOf({ body: Buffer.from('{"a":1}'), headers: { 'stripe-signature': 't=1,v1=00' } }),
    );
  });

  test('gives any bytes back as they came', () => {
    const body = Uint8Array.from({ length: 256 }, (_, byte) => byte);
    const { payload } = packDelivery(deliveryOf({ body, headers: {} }), stripe);

    expect(Buffer.compare(unpackDelivery(payload).body, body)).toBe(0);
  });

  test('masks card data, says so, and never keeps passwords', async () => {
    const { deliver, only, seal, accept } = open();
    await deliver('{"note":"4242 4242 4242 4242"}', KNOWN, { authorization: 'Basic c2VjcmV0', cookie: 'session=1' });

    const rejected = await only();

    const key = { webhookId: `rejected:${rejected.id}`, timestamp: rejected.rejectedAt };
    const { body, headers } = unpackDelivery(await seal.open(rejected.payload, key));
    expect([Buffer.from(body).toString(), [...headers.keys()], rejected.cardDataCount]).toEqual([
      expect.not.stringContaining('4242 4242'),
      [],
      1,
    ]);
    expect(await accept([STRIPE_SECRET], rejected)).toEqual({ outcome: 'masked' });
  });

  test('a flood of one address fills no more than its own places', async () => {
    const { deliver, box, clock } = open();
    for (let index = 0; index < 2000; index += 1) {
      await deliver(`{"forged":${index}}`, stranger('192.0.2.7'));
      clock.advance(MINUTE_MS);
    }

    expect((await box.list({ limit: 5000 })).items.length).toBeLessThanOrEqual(LIMITS.rejectedPlacesOfAddressMax);
  });

  test('a flood of strangers fills no more than their places, and pushes out nothing of known senders', async () => {
    const { deliver, box, clock } = open();
    for (let index = 0; index < 20; index += 1) await deliver(`{"genuine":${index}}`, KNOWN);
    for (let index = 0; index < 3000; index += 1) {
      await deliver(`{"forged":${index}}`, stranger(`198.51.${index % 256}.${index >> 8}`));
      clock.advance(10_000);
    }

    const { items: kept } = await box.list({ limit: 5000 });
    const ofKnown = kept.filter(({ isFromKnownSender }) => isFromKnownSender);
    expect(ofKnown.length).toBeGreaterThanOrEqual(19);
    expect(kept.length - ofKnown.length).toBeLessThanOrEqual(
      LIMITS.rejectedAddressesMax * LIMITS.rejectedPlacesOfAddressMax,
    );
  });

  test('keeps only so many in a minute, of strangers fewer, and something of each', async () => {
    const { box, deliver } = open();
    let asked = 0;
    const counted = {
      keep: async (delivery: RejectedDelivery) => {
        asked += 1;
        await box.keep(delivery);
      },
    };
    const { seal, logger, clock } = open();
    const keep = createKeepRejected({ providers, box: counted, seal, logger, keptForMs: DAY_MS });
    const send = (sender: Sender) =>
      keep({
        providerName: 'stripe',
        delivery: deliveryOf({ body: Buffer.from('{}'), headers: {} }),
        receivedAt: clock.now(),
        traceId: 't',
        sender,
        reason: 'signature_mismatch',
      });
    for (let index = 0; index < 500; index += 1) await send(stranger('192.0.2.7'));
    const ofOne = asked;
    for (let index = 0; index < 500; index += 1) await send(stranger(`192.0.3.${index % 200}`));
    const ofStrangers = asked;
    for (let index = 0; index < 500; index += 1) await send(KNOWN);

    expect(ofOne).toBeLessThan(LIMITS.rejectedKeptOfStrangersMax / 4);
    expect(ofStrangers).toBeLessThanOrEqual(LIMITS.rejectedKeptOfStrangersMax);
    expect(asked).toBe(LIMITS.rejectedKeptPerMinuteMax);
    clock.advance(MINUTE_MS);
    await send(stranger('192.0.2.7'));
    expect(asked).toBe(LIMITS.rejectedKeptPerMinuteMax + 1);
    await deliver('x'.repeat(LIMITS.rejectedBodyBytesMax + 1), KNOWN);
    expect((await box.list({ limit: 5000, since: clock.now() })).items).toHaveLength(1);
  });

  test('a box that cannot take one is a line in the log, and is not asked again for the rest of the minute', async () => {
    const { seal, logger, clock } = open();
    let asked = 0;
    const broken = {
      keep: () => {
        asked += 1;
        return Promise.reject(new Error('the disk is full'));
      },
    };
    const keep = createKeepRejected({ providers, box: broken, seal, logger, keptForMs: DAY_MS });
    const send = () =>
      keep({
        providerName: 'stripe',
        delivery: deliveryOf({ body: Buffer.from('{}'), headers: {} }),
        receivedAt: clock.now(),
        traceId: 't',
        sender: KNOWN,
        reason: 'signature_mismatch',
      });

    await send();
    await send();
    expect(asked).toBe(1);
    expect(logger.lines).toMatchObject([{ level: 'error', event: 'delivery.not_kept' }]);
    clock.advance(MINUTE_MS);
    await send();
    expect(asked).toBe(2);
  });

  test('is accepted once the secret is mended: with its own time, audited, and once', async () => {
    const { keepSigned, accept, clock, store, auditLog, box } = open();
    const receivedAt = clock.now();
    const rejected = await keepSigned('evt_1', NEW_SECRET);
    clock.advance(5 * HOUR_MS);

    expect(await accept([STRIPE_SECRET], rejected)).toEqual({ outcome: 'rejected', reason: 'signature_mismatch' });
    expect(await store.find('stripe:evt_1')).toEqual([]);
    expect(await accept([STRIPE_SECRET, NEW_SECRET], rejected)).toMatchObject({ outcome: 'accepted' });

    const [webhook] = await store.find('stripe:evt_1');
    expect(webhook).toMatchObject({ status: 'received', receivedAt, secretId: secretIdOf('stripe', NEW_SECRET) });
    expect(await box.get(rejected.id)).toMatchObject({ acceptedAt: clock.now(), webhookIds: ['stripe:evt_1'] });
    const entries = await auditLog.latest(10);
    expect(entries.map(({ text }) => JSON.parse(text)).filter(({ event }) => event === 'REJECTED_ACCEPTED')).toEqual([
      expect.objectContaining({
        actor: OPERATOR,
        reason: 'the secret was rolled',
        resource: { type: 'delivery', id: rejected.id },
        change: { from: 'signature_mismatch', to: 'accepted' },
      }),
    ]);
    expect(await accept([NEW_SECRET], rejected)).toMatchObject({ outcome: 'duplicate' });
    expect(await store.find('stripe:evt_1')).toHaveLength(1);
  });

  test('is told of as a failure where it was not stored after all', async () => {
    const { keepSigned, accept, store, auditLog, box } = open();
    const rejected = await keepSigned('evt_1', NEW_SECRET);
    // Somebody removes the secret between the two looks at it.
    const secrets: Secret[][] = [[{ id: secretIdOf('stripe', NEW_SECRET), value: NEW_SECRET }]];
    const onlyOnce: SecretSource = { secretsOf: async () => secrets.shift() ?? [] };

    expect(await accept(onlyOnce, rejected)).toEqual({ outcome: 'provider_unknown' });

    expect([await store.find('stripe:evt_1'), (await box.get(rejected.id))?.acceptedAt]).toEqual([[], null]);
    const told = (await auditLog.latest(10)).map(readRecord).filter(({ event }) => event === 'REJECTED_ACCEPTED');
    expect(told.map(({ outcome, reason }) => [outcome, reason])).toEqual([
      ['failure', 'provider_unknown'],
      ['success', 'the secret was rolled'],
    ]);
  });

  test('what was too old when it came is too old for ever, whoever accepts it', async () => {
    const { clock, deliver, only, accept, store } = open();
    const signed = stripeDelivery(clock, 'evt_1');
    clock.advance(6 * MINUTE_MS);
    await deliver(signed.body, KNOWN, signed.headers);

    expect(await accept([STRIPE_SECRET], await only())).toEqual({ outcome: 'rejected', reason: 'timestamp_too_old' });
    expect(await store.find('stripe:evt_1')).toEqual([]);
  });

  test('one that somebody changed where it is kept does not open', async () => {
    const { keepSigned, accept } = open();
    const rejected = await keepSigned('evt_1', STRIPE_SECRET);
    const bytes = Uint8Array.from(rejected.payload.bytes, (byte, index) => (index === 40 ? byte ^ 1 : byte));

    await expect(
      accept([STRIPE_SECRET], { ...rejected, payload: { ...rejected.payload, bytes } }),
    ).rejects.toMatchObject({ code: 'seal_broken' });
    await expect(accept([STRIPE_SECRET], { ...rejected, rejectedAt: rejected.rejectedAt + 1 })).rejects.toMatchObject({
      code: 'seal_broken',
    });
  });
});
