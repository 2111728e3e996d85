/**
 * What a sender by Standard Webhooks signs again, which it does for each try: such an event has no time of its own, and is
 * known by its id for as long as its webhook is stored.
 */
import { describe, expect, test } from 'vitest';
import { createMemoryDataKeySource } from '../../src/adapters/memory/memory-data-key-source.ts';
import { createMemoryAlerts } from '../../src/adapters/memory/memory-recorders.ts';
import { createMemorySecretSource } from '../../src/adapters/memory/memory-secret-source.ts';
import { createEncryptPayload, createSeal } from '../../src/core/seal.ts';
import { DAY_MS, MINUTE_MS } from '../../src/core/time.ts';
import { standardWebhooks } from '../../src/providers/standard-webhooks/standard-webhooks.ts';
import { createReceive, type ReceiveOutcome } from '../../src/receive/receive.ts';
import { deliveryOf, NO_CERTIFICATES, settingsWith, signInput } from '../providers/provider-inputs.ts';
import { NOW } from '../support/clock.ts';
import { createTestRandomness } from '../support/randomness.ts';
import { changeTo, type LegalHoldsHarness, type OpenLegalHolds } from './legal-holds-contract.ts';

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const BODY = '{"id":"msg_1","type":"payment.succeeded","timestamp":"2026-11-23T11:59:00Z","data":{"id":"pay_1"}}';
const RETENTION_MS = 400 * DAY_MS;
const KEY = { webhookId: 'standard-webhooks:msg_1', timestamp: 0 };

const createSendAgain = ({ store, queue, clock }: LegalHoldsHarness) => {
  const randomness = createTestRandomness();
  const seal = createSeal({
    dataKeys: createMemoryDataKeySource(randomness),
    clock,
    encrypt: createEncryptPayload(randomness),
  });
  const receive = createReceive({
    providers: new Map([['standard-webhooks', { provider: standardWebhooks, settings: settingsWith() }]]),
    secrets: createMemorySecretSource(new Map([['standard-webhooks', [SECRET]]])),
    certificates: NO_CERTIFICATES,
    alerts: createMemoryAlerts(),
    retentionMs: RETENTION_MS,
    ...{ seal, store, queue, clock },
  });
  /** Signed at this moment, whatever was signed before. */
  return (): Promise<ReceiveOutcome> => {
    const { body, headers } = standardWebhooks.sign(signInput(BODY, SECRET, { now: clock.now() }));
    const delivery = deliveryOf(body, headers);
    const traceId = randomness.id();
    return receive({ providerName: 'standard-webhooks', delivery, receivedAt: clock.now(), traceId });
  };
};

export const describeSignedAgain = (name: string, open: OpenLegalHolds): void => {
  describe(`what is signed again, on ${name}`, () => {
    /** Received, and processed once. */
    const openProcessed = async () => {
      const home = await open();
      const send = createSendAgain(home);
      expect(await send()).toMatchObject({ outcome: 'accepted', events: [KEY] });
      await home.store.change(KEY, 1, changeTo('processed', NOW + 1));
      const waiting = async () => (await home.queue.claim(10, MINUTE_MS)).map(({ entry }) => entry.webhookId);
      for (const claim of await home.queue.claim(10, MINUTE_MS)) await home.queue.complete(claim);
      return { home, send, waiting };
    };

    test('is a duplicate on each day that its webhook is stored, and nothing is processed again', async () => {
      const { home, send, waiting } = await openProcessed();
      await using _ = home;

      for (const days of [1, 90, 399]) {
        home.clock.set(NOW + days * DAY_MS);
        await home.removeExpired();
        expect(await send(), `day ${days}`).toMatchObject({ outcome: 'duplicate', events: [{ status: 'processed' }] });
      }
      expect(await waiting()).toEqual([]);
    });

    test('is new once retention has removed it, under the id that handlers had for it before', async () => {
      const { home, send, waiting } = await openProcessed();
      await using _ = home;
      home.clock.set(NOW + RETENTION_MS + DAY_MS);
      await home.removeExpired();

      expect(await send()).toMatchObject({ outcome: 'accepted', events: [{ ...KEY, status: 'received' }] });
      expect(await send()).toMatchObject({ outcome: 'duplicate' });
      expect(new Set(await waiting())).toEqual(new Set([KEY.webhookId]));
    });

    test('is a duplicate for as long as its webhook is held', async () => {
      const { home, send, waiting } = await openProcessed();
      await using _ = home;
      const hold = { kind: 'webhook', id: KEY.webhookId, reason: 'the sender keeps sending', heldAt: NOW } as const;
      await home.legalHolds.add({ ...hold, heldBy: 'alice' });
      home.clock.set(NOW + 3 * RETENTION_MS);
      await home.removeExpired();

      expect(await send()).toMatchObject({ outcome: 'duplicate', events: [{ status: 'processed' }] });
      expect(await waiting()).toEqual([]);
    });
  });
};
