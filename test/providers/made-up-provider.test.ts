/**
 * A provider that nothing in Payhook has heard of goes through every stage with what its own folder would say: no stage has
 * to be told about it.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { publishedAddressesOf, redactedHeaders } from '../../infra/stages/firewall.ts';
import { createMemorySecretSource } from '../../src/adapters/memory/memory-secret-source.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { screenCardData } from '../../src/core/card-data/card-data.ts';
import type { Provider } from '../../src/core/ports/provider.ts';
import { DAY_MS } from '../../src/core/time.ts';
import { createPaymentMapping } from '../../src/payments/map-webhook.ts';
import type { ProviderMapping } from '../../src/payments/mapping.ts';
import { createActOnWebhook } from '../../src/process/act-on-webhook.ts';
import { createAloneLane } from '../../src/process/alone.ts';
import { createProcess } from '../../src/process/process.ts';
import { createReceive } from '../../src/receive/receive.ts';
import { createTestHome, LEASE_MS } from '../support/test-home.ts';
import {
  body,
  CARD,
  type CoyoteSettings,
  configurableCoyote,
  coyote,
  coyoteMapping,
  SECRET,
  SIGNATURE,
} from './coyote-pay.ts';

const settings: CoyoteSettings = { merchant: 'M7', url: 'https://shop.example/hooks/coyote' };

const signed = (publicUrl: string | null) =>
  coyote.sign({ body, secret: SECRET, settings, now: 0, publicUrl, deliveryId: 'delivery-1', certificate: null });

const openCoyoteHome = () => {
  const home = createTestHome();
  const { store, queue, seal, clock, alerts, randomness } = home;
  const receive = createReceive({
    providers: new Map([[coyote.name, { provider: coyote as Provider, settings }]]),
    secrets: createMemorySecretSource(new Map([[coyote.name, [SECRET]]])),
    certificates: { fetch: async () => ({ outcome: 'unavailable', reason: 'no network in tests' }) },
    seal,
    store,
    queue,
    clock,
    alerts,
    retentionMs: 400 * DAY_MS,
  });
  const mapping = createPaymentMapping([coyoteMapping as ProviderMapping], () => settings);
  const process = createProcess({
    store,
    queue,
    seal,
    act: createActOnWebhook({ ...home.actDeps, mapping }),
    mode: 'live',
    alone: createAloneLane(8),
    retryPolicy: { giveUpAfterMs: 1_000_000, attemptsMax: 5, backoffBaseMs: 1000, backoffCapMs: 60_000 },
    clock,
    randomness,
    alerts,
  });
  const deliver = ({ body: bytes, headers }: ReturnType<typeof signed>) =>
    receive({
      providerName: coyote.name,
      delivery: {
        body: bytes,
        headers: new Map(Object.entries(headers).map(([name, value]) => [name, [value]])),
        method: 'POST',
        query: '',
        publicUrl: 'http://127.0.0.1:8080/webhooks/coyote-pay',
      },
      receivedAt: clock.now(),
      traceId: randomness.id(),
    });
  return { ...home, deliver, process };
};

describe('a provider that nothing has heard of', () => {
  test('is verified over the URL of its settings, stored once, and its events change payments in its own units', async () => {
    const home = openCoyoteHome();

    expect(await home.deliver(signed(settings.url))).toMatchObject({
      outcome: 'accepted',
      secretId: expect.stringMatching(/^coyote-pay#[0-9a-f]{8}$/),
      events: [{ webhookId: 'coyote-pay:C-1', eventType: 'purchase.completed', cardDataCount: 1 }],
    });
    expect(await home.deliver(signed(settings.url))).toMatchObject({ outcome: 'duplicate' });
    for (const claim of await home.queue.claim(10, LEASE_MS)) await home.process(claim);

    expect(await home.payments.find(CARD)).toMatchObject([
      { payment: { status: 'succeeded', captured: { minor: 4200n, currency: 'JPY', exponent: 2 } } },
    ]);
  });

  test('is refused when the signature is over another URL, or over nothing', async () => {
    const home = openCoyoteHome();
    const { headers: _, ...unsigned } = signed(settings.url);

    expect(await home.deliver(signed('https://elsewhere.example/'))).toEqual({
      outcome: 'rejected',
      reason: 'signature_mismatch',
    });
    expect(await home.deliver({ ...unsigned, headers: {} })).toEqual({
      outcome: 'rejected',
      reason: 'signature_missing',
    });
  });

  test('has the fields that it makes itself kept and those that people write masked', () => {
    const screened = Buffer.from(screenCardData(body, coyote.cardDataExemptions).payload).toString();

    expect(JSON.parse(screened)).toMatchObject({ purchase_ref: CARD, shout: expect.not.stringContaining(CARD) });
    expect(Buffer.from(screenCardData(body).payload).toString()).not.toContain(CARD);
  });

  test('keeps its signature out of the logs of the edge, and its own addresses out of the limit of strangers', () => {
    expect(redactedHeaders([coyote])).toContain(SIGNATURE);
    expect(publishedAddressesOf([coyote], ['coyote-pay'])).toEqual(['192.0.2.7']);
    expect(publishedAddressesOf([coyote], ['another'])).toEqual([]);
  });
});

describe('the configuration of a provider that nothing has heard of', () => {
  let cwd = '';
  beforeEach(() => {
    cwd = mkdtempSync(join(tmpdir(), 'payhook-made-up-'));
  });
  afterEach(() => rmSync(cwd, { recursive: true, force: true }));

  const load = (config: object, env: Readonly<Record<string, string>>) => {
    writeFileSync(join(cwd, 'payhook.config.ts'), `export default ${JSON.stringify(config)};`);
    return loadConfig({ cwd, env, providers: [configurableCoyote] });
  };

  test('gives the settings and the secrets that it asks for', async () => {
    const loaded = await load(
      { providers: { 'coyote-pay': { url: 'https://shop.example/hooks/coyote' } } },
      { PAYHOOK_COYOTE_MERCHANT: 'M7', PAYHOOK_COYOTE_SECRETS: `${SECRET}, coyote_second` },
    );

    expect(loaded).toMatchObject({ outcome: 'loaded' });
    if (loaded.outcome !== 'loaded') return;
    expect(loaded.settings.providerSettings.get('coyote-pay')).toEqual(settings);
    expect(loaded.settings.secrets.get('coyote-pay')).toEqual([SECRET, 'coyote_second']);
  });

  test('names what is wrong with its settings, its variables and its secrets, all together and none shown', async () => {
    const loaded = await load(
      { providers: { 'coyote-pay': { uri: 'x' } } },
      { PAYHOOK_COYOTE_MERCHANT: '7', PAYHOOK_COYOTE_SECRETS: 'roadrunner' },
    );
    const text = JSON.stringify(loaded);

    expect(loaded.outcome).toBe('invalid');
    for (const part of ['uri', 'PAYHOOK_COYOTE_MERCHANT', 'M and digits', 'does not begin with coyote_'])
      expect(text).toContain(part);
    expect(text).not.toContain('roadrunner');
  });

  test('reports what only the provider can see', async () => {
    const loaded = await load({ providers: { 'coyote-pay': {} } }, { PAYHOOK_COYOTE_SECRETS: SECRET });

    expect(loaded).toEqual({
      outcome: 'invalid',
      problems: [
        {
          where: 'environment variable PAYHOOK_COYOTE_MERCHANT',
          found: 'not set',
          expected: 'your number at Coyote Pay',
        },
      ],
    });
  });
});
