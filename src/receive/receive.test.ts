import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { createTestClock, NOW } from '../../test/support/clock.ts';
import { createTestRandomness } from '../../test/support/randomness.ts';
import { createScriptedProvider, providerEvent, verifiedBy } from '../../test/support/scripted-provider.ts';
import { createMemoryDataKeySource } from '../adapters/memory/memory-data-key-source.ts';
import { createMemoryHome } from '../adapters/memory/memory-home.ts';
import { createMemoryAlerts } from '../adapters/memory/memory-recorders.ts';
import { createMemorySecretSource } from '../adapters/memory/memory-secret-source.ts';
import { PayhookError } from '../core/errors.ts';
import { LIMITS } from '../core/limits.ts';
import type { Delivery, Provider, ProviderEvent, VerifyInput } from '../core/ports/provider.ts';
import type { QueueEntry } from '../core/ports/queue.ts';
import type { InsertOutcome } from '../core/ports/webhook-store.ts';
import { createEncryptPayload, createSeal } from '../core/seal.ts';
import { secretIdOf } from '../core/secret-id.ts';
import { DAY_MS } from '../core/time.ts';
import { createReceive } from './receive.ts';
import { SYNTHETIC_HEADER, syntheticMark } from './synthetic-mark.ts';

const BODY = '{"id":"evt_1"}';
const PAN = '4242424242424242';

interface Options {
  readonly provider?: Partial<Provider>;
  readonly secrets?: readonly string[];
  /** What the store says instead of storing. */
  readonly insertOutcome?: InsertOutcome;
  readonly enqueue?: (entry: QueueEntry) => Promise<void>;
}

const open = ({ provider = {}, secrets = ['secret'], insertOutcome, enqueue }: Options = {}) => {
  const clock = createTestClock();
  const memory = createMemoryHome(clock);
  const alerts = createMemoryAlerts();
  const randomness = createTestRandomness();
  const seal = createSeal({
    dataKeys: createMemoryDataKeySource(randomness),
    clock,
    encrypt: createEncryptPayload(randomness),
  });
  const enqueued: QueueEntry[] = [];
  const receive = createReceive({
    providers: new Map([['acme', { provider: createScriptedProvider(provider), settings: { url: 'configured' } }]]),
    secrets: createMemorySecretSource(new Map([['acme', [...secrets]]])),
    certificates: { fetch: async () => ({ outcome: 'unavailable', reason: 'no network in tests' }) },
    seal,
    store: insertOutcome === undefined ? memory.store : { ...memory.store, insert: async () => insertOutcome },
    queue: { enqueue: enqueue ?? (async (entry) => void enqueued.push(entry)) },
    clock,
    alerts,
    retentionMs: 400 * DAY_MS,
  });
  return {
    ...memory,
    clock,
    alerts,
    seal,
    enqueued,
    deliver: (delivery: Partial<Delivery> = {}, providerName = 'acme') =>
      receive({
        providerName,
        delivery: {
          body: Buffer.from(BODY),
          headers: new Map(),
          method: 'POST',
          query: '',
          publicUrl: null,
          ...delivery,
        },
        receivedAt: NOW - 3,
        traceId: 'trace-1',
      }),
  };
};

const parsing = (...events: readonly Partial<ProviderEvent>[]): Partial<Provider> => ({
  parse: () => ({ outcome: 'parsed', events: events.map((event) => providerEvent(event)) }),
});

const INSERTED_ELSEWHERE: InsertOutcome = { outcome: 'inserted', isQueued: false };

describe('a delivery for nobody', () => {
  test('is for a provider that is not configured', async () => {
    expect(await open().deliver({}, 'somebody')).toEqual({ outcome: 'provider_unknown' });
  });

  test('is for a provider that has no secret: nothing could be verified', async () => {
    const verify = (): never => {
      throw new Error('it must not be asked');
    };

    expect(await open({ secrets: [], provider: { verify } }).deliver()).toEqual({ outcome: 'provider_unknown' });
  });
});

describe('verifying', () => {
  const seenBy = async (options: Options, delivery: Partial<Delivery> = {}): Promise<VerifyInput> => {
    const seen: VerifyInput[] = [];
    const verify = (input: VerifyInput) => {
      seen.push(input);
      return verifiedBy();
    };
    await open({ ...options, provider: { ...options.provider, verify } }).deliver(delivery);
    const [input] = seen;
    if (input === undefined) throw new Error('verify was not called');
    return input;
  };

  test('is given every secret of the provider, its settings and the time of now', async () => {
    expect(await seenBy({ secrets: ['new', 'old'] })).toMatchObject({
      secrets: [{ value: 'new' }, { value: 'old' }],
      settings: { url: 'configured' },
      now: NOW,
    });
  });

  test('is given the URL that is configured, and where none is, the one that the home knows', async () => {
    const configuredUrl = (settings: unknown): string | null => (settings as { readonly url: string }).url;
    const known = { publicUrl: 'https://known.example/webhook/acme' };

    expect((await seenBy({ provider: { configuredUrl } }, known)).delivery.publicUrl).toBe('configured');
    expect((await seenBy({ provider: { configuredUrl: () => null } }, known)).delivery).toMatchObject(known);
    expect((await seenBy({}, known)).delivery).toMatchObject(known);
  });

  test.each([
    { outcome: 'rejected', reason: 'signature_mismatch' },
    { outcome: 'unavailable', reason: 'certificate_unavailable' },
  ] as const)('that ends as $outcome ends the delivery, and leaves nothing behind', async (verification) => {
    const home = open({ provider: { verify: () => verification } });

    expect(await home.deliver()).toEqual(verification);
    expect((await home.store.list({ limit: 10 })).items).toEqual([]);
    expect(home.enqueued).toEqual([]);
    expect(home.alerts.raised).toEqual([]);
  });
});

describe('a genuine delivery', () => {
  test('is stored with everything that is known of it, for as long as it is kept', async () => {
    const home = open();

    const outcome = await home.deliver({ headers: new Map([['user-agent', ['Acme/1.0']]]) });

    const key = { webhookId: 'acme:evt_1', timestamp: 1_795_000_000_000 };
    expect(outcome).toEqual({
      outcome: 'accepted',
      secretId: secretIdOf('acme', 'secret'),
      events: [{ ...key, eventType: 'payment.made', status: 'received', isDuplicate: false, cardDataCount: 0 }],
    });
    expect(await home.store.get(key)).toMatchObject({
      ...key,
      provider: 'acme',
      status: 'received',
      lastError: null,
      objectId: 'pay_1',
      bodySha256: createHash('sha256').update(BODY).digest('hex'),
      payloadBytes: BODY.length,
      headers: { 'user-agent': 'Acme/1.0' },
      secretId: secretIdOf('acme', 'secret'),
      receivedAt: NOW - 3,
      traceId: 'trace-1',
      expiresAt: NOW - 3 + 400 * DAY_MS,
      changedBy: { type: 'provider', id: 'acme' },
    });
  });

  test('is sealed as it came, and opens under its own key only', async () => {
    const home = open();
    await home.deliver();
    const [webhook] = await home.store.find('acme:evt_1');
    if (webhook === undefined) throw new Error('nothing stored');

    expect(Buffer.from(await home.seal.open(webhook.payload, webhook)).toString()).toBe(BODY);
    await expect(home.seal.open(webhook.payload, { ...webhook, webhookId: 'acme:evt_2' })).rejects.toMatchObject({
      code: 'seal_broken',
    });
  });

  test('keeps the headers that its provider asks for and no other, repeats joined, cut to what a value may have', async () => {
    const home = open({ provider: { storedHeaders: ['user-agent', 'acme-event', 'acme-missing'] } });
    await home.deliver({
      headers: new Map([
        ['user-agent', ['x'.repeat(LIMITS.storedHeaderCharsMax + 1)]],
        ['acme-event', ['one', 'two']],
        ['authorization', ['Bearer canary']],
      ]),
    });

    const [webhook] = await home.store.find('acme:evt_1');

    expect(webhook?.headers).toEqual({
      'user-agent': 'x'.repeat(LIMITS.storedHeaderCharsMax),
      'acme-event': 'one, two',
    });
  });

  test('is a duplicate the second time, with the status that the first one has by now', async () => {
    const home = open();
    await home.deliver();

    expect(await home.deliver()).toMatchObject({
      outcome: 'duplicate',
      events: [{ webhookId: 'acme:evt_1', status: 'received', isDuplicate: true }],
    });
    expect(await home.store.find('acme:evt_1')).toHaveLength(1);
  });
});

describe('a delivery with the mark of a synthetic webhook', () => {
  const marked = (secret: string): Partial<Delivery> => {
    const bodySha256 = createHash('sha256').update(BODY).digest('hex');
    const mark = syntheticMark({ provider: createScriptedProvider(), bodySha256 }, secret, 'kept');
    return { headers: new Map([[SYNTHETIC_HEADER, [mark]]]) };
  };

  test('is stored as one, and as simulated: it is money nowhere', async () => {
    const home = open();
    await home.deliver(marked('secret'));

    expect(await home.store.find('acme:evt_1')).toMatchObject([{ synthetic: 'kept', isSimulated: true }]);
  });

  test('is the provider’s where the mark was not made with the secret that verified it: nobody else makes it disappear', async () => {
    const home = open({ secrets: ['secret', 'the one that is rolled'] });
    await home.deliver(marked('the one that is rolled'));

    const [webhook] = await home.store.find('acme:evt_1');
    expect(webhook).toMatchObject({ isSimulated: false });
    expect(webhook).not.toHaveProperty('synthetic');
  });

  test('is turned away like any other where its signature is wrong', async () => {
    const rejected = { outcome: 'rejected', reason: 'signature_mismatch' } as const;
    const home = open({ provider: { verify: () => rejected } });

    expect(await home.deliver(marked('secret'))).toEqual(rejected);
    expect((await home.store.list({ limit: 1 })).items).toEqual([]);
  });
});

describe('the queue', () => {
  const POINTER = { webhookId: 'acme:evt_1', timestamp: 1_795_000_000_000, provider: 'acme', traceId: 'trace-1' };

  test('gets a pointer where the store has none of its own', async () => {
    const home = open({ insertOutcome: INSERTED_ELSEWHERE });

    await home.deliver();

    expect(home.enqueued).toEqual([POINTER]);
  });

  test('gets none from us where the store has put it there with the webhook', async () => {
    const home = open({ insertOutcome: { outcome: 'inserted', isQueued: true } });

    await home.deliver();

    expect(home.enqueued).toEqual([]);
  });

  test.each(['received', 'retrying'] as const)(
    'gets a duplicate that is %s once more: the first delivery may have died before it got there',
    async (status) => {
      const home = open({ insertOutcome: { outcome: 'duplicate', status, isQueued: false } });

      await home.deliver();

      expect(home.enqueued).toEqual([POINTER]);
    },
  );

  test.each(['processed', 'ignored', 'dead_lettered'] as const)('gets no duplicate that is %s', async (status) => {
    const home = open({ insertOutcome: { outcome: 'duplicate', status, isQueued: false } });

    await home.deliver();

    expect(home.enqueued).toEqual([]);
  });

  test('that is broken keeps the delivery from being acknowledged, and the next one is taken for it', async () => {
    let isBroken = true;
    const home = open({
      insertOutcome: INSERTED_ELSEWHERE,
      enqueue: async () => {
        if (isBroken) throw new PayhookError('queue_unavailable', 'the queue is down');
      },
    });

    await expect(home.deliver()).rejects.toMatchObject({ code: 'queue_unavailable' });
    isBroken = false;
    expect(await home.deliver()).toMatchObject({ outcome: 'accepted' });
  });
});

describe('a batch', () => {
  test('is a webhook for each event, with its own part of the body', async () => {
    const home = open({
      provider: parsing(
        { dedupeKey: 'a', payload: Buffer.from('{"n":1}') },
        { dedupeKey: 'b', payload: Buffer.from('{"n":2}') },
      ),
    });

    expect(await home.deliver()).toMatchObject({
      outcome: 'accepted',
      events: [{ webhookId: 'acme:a' }, { webhookId: 'acme:b' }],
    });
    for (const [id, payload] of [
      ['acme:a', '{"n":1}'],
      ['acme:b', '{"n":2}'],
    ] as const) {
      const [webhook] = await home.store.find(id);
      if (webhook === undefined) throw new Error(`${id} is not stored`);
      expect(Buffer.from(await home.seal.open(webhook.payload, webhook)).toString()).toBe(payload);
    }
  });

  test('of which part was stored before is accepted, and is a duplicate only when all of it was', async () => {
    let events = [{ dedupeKey: 'a' }];
    const home = open({
      provider: { parse: () => ({ outcome: 'parsed', events: events.map((event) => providerEvent(event)) }) },
    });
    await home.deliver();
    events = [{ dedupeKey: 'a' }, { dedupeKey: 'b' }];

    expect(await home.deliver()).toMatchObject({
      outcome: 'accepted',
      events: [{ isDuplicate: true }, { isDuplicate: false }],
    });
    expect(await home.deliver()).toMatchObject({ outcome: 'duplicate' });
  });
});

describe('what comes in and needs somebody’s attention', () => {
  test('is a card number: it is masked before it is sealed, counted, and told', async () => {
    const home = open({ provider: parsing({ payload: Buffer.from(`{"note":"${PAN}"}`) }) });

    const outcome = await home.deliver();

    expect(outcome).toMatchObject({ outcome: 'accepted', events: [{ cardDataCount: 1 }] });
    const [webhook] = await home.store.find('acme:evt_1');
    if (webhook === undefined) throw new Error('nothing stored');
    expect(webhook.cardData).toEqual({ cardNumbers: 1, securityCodes: 0, trackData: 0 });
    expect(Buffer.from(await home.seal.open(webhook.payload, webhook)).toString()).not.toContain(PAN);
    expect(home.alerts.raised).toEqual([
      {
        kind: 'card_data_found',
        provider: 'acme',
        webhookId: 'acme:evt_1',
        summary: '1 card values were masked before the webhook was stored',
      },
    ]);
  });

  test('is told once: a duplicate finds nothing new', async () => {
    const home = open({ provider: parsing({ payload: Buffer.from(`{"note":"${PAN}"}`) }) });
    await home.deliver();

    expect(await home.deliver()).toMatchObject({ outcome: 'duplicate', events: [{ cardDataCount: 0 }] });

    expect(home.alerts.raised).toHaveLength(1);
  });

  test('is a signed body that is not understood: kept with its bytes as a dead letter, and never queued', async () => {
    const home = open({ provider: { parse: () => ({ outcome: 'unparsable', reason: 'event_id_missing' }) } });

    expect(await home.deliver()).toMatchObject({ outcome: 'accepted', events: [{ status: 'dead_lettered' }] });

    const [webhook] = (await home.store.list({ limit: 1 })).items;
    expect(webhook).toMatchObject({
      status: 'dead_lettered',
      lastError: 'event_id_missing',
      eventType: 'unparsable',
      payloadBytes: BODY.length,
    });
    expect(home.enqueued).toEqual([]);
    expect(home.alerts.raised).toMatchObject([{ kind: 'signed_body_unparsable', webhookId: webhook?.webhookId }]);
  });

  test('is one transmission with two bodies: rejected, told, and nothing of it is stored', async () => {
    let body = BODY;
    let dedupeKey = 'evt_1';
    const home = open({
      provider: {
        verify: () => verifiedBy({ transmission: { id: 'transmission-1' } }),
        parse: () => ({ outcome: 'parsed', events: [providerEvent({ dedupeKey })] }),
      },
    });
    await home.deliver({ body: Buffer.from(body) });
    [body, dedupeKey] = ['{"id":"evt_2"}', 'evt_2'];

    expect(await home.deliver({ body: Buffer.from(body) })).toEqual({
      outcome: 'rejected',
      reason: 'transmission_conflict',
    });

    expect(await home.store.find('acme:evt_2')).toEqual([]);
    expect(home.alerts.raised).toMatchObject([{ kind: 'transmission_conflict', provider: 'acme' }]);
  });
});

describe('a payload that is larger than a webhook may be once it is sealed', () => {
  /** Nothing that compresses. */
  const large = createTestRandomness('large').bytes(LIMITS.sealedBytesMax);

  test('is refused with its size, and nothing is stored', async () => {
    const home = open({ provider: parsing({ payload: large }) });

    const outcome = await home.deliver();

    expect(outcome).toEqual({ outcome: 'too_large', sealedBytes: expect.any(Number) });
    expect(outcome.outcome === 'too_large' && outcome.sealedBytes).toBeGreaterThan(LIMITS.sealedBytesMax);
    expect((await home.store.list({ limit: 1 })).items).toEqual([]);
  });

  test('takes the rest of its batch with it: half of a delivery is never acknowledged', async () => {
    const home = open({ provider: parsing({ dedupeKey: 'small' }, { dedupeKey: 'large', payload: large }) });

    expect((await home.deliver()).outcome).toBe('too_large');
    expect((await home.store.list({ limit: 1 })).items).toEqual([]);
  });
});
