/** What every webhook store keeps: the sentences of the port, as tests: how webhooks are stored. See `webhook-change-contract.ts`, `webhook-read-contract.ts`. */
import { describe, expect } from 'vitest';
import { LIMITS } from '../../src/core/limits.ts';
import type { Insertion } from '../../src/core/ports/webhook-store.ts';
import type { ReceivedWebhook } from '../../src/core/webhook.ts';
import { NOW } from '../support/clock.ts';
import { insertionOf } from '../support/insertion.ts';
import { type ContractOptions, type ContractTest, defineContract } from './contract-tests.ts';
import { asStored, getStored, insertQueued, type OpenHome } from './homes.ts';

const LEASE_MS = LIMITS.leaseMs;

/** Differs from the factory's webhook in every field, and has what databases like to lose. */
const everyFieldFull: ReceivedWebhook = {
  webhookId: 'paypal:WH-äöü-日本-🧾-"quoted"-\n-\u0000-@-end',
  timestamp: 1_799_999_999_999,
  provider: 'paypal',
  providerEventId: "WH-'1'; DROP TABLE payment_webhooks; --",
  eventType: 'PAYMENT.CAPTURE.COMPLETED',
  mode: 'live',
  isSimulated: true,
  synthetic: 'passed_on',
  account: 'merchant:42',
  objectId: 'object/1',
  parentIds: ['parent-1', 'parent-2', ''],
  ordering: { by: 'version', value: 2 ** 53 - 1 },
  payload: { keyId: 'key-2', bytes: new Uint8Array([9, 8, 7]) },
  payloadBytes: 1_048_576,
  bodySha256: '0123456789abcdef'.repeat(4),
  contentHash: '0123456789'.repeat(4),
  headers: { 'paypal-transmission-id': 'ä b', 'user-agent': '' },
  secretId: 'paypal#2',
  cardData: { cardNumbers: 1, securityCodes: 2, trackData: 3 },
  receivedAt: NOW + 17,
  traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
  expiresAt: NOW + 123_456_789_012,
};

const everyFieldEmpty: Partial<ReceivedWebhook> = {
  timestamp: 0,
  providerEventId: null,
  account: null,
  objectId: null,
  mode: 'unknown',
  parentIds: [],
  ordering: null,
  headers: {},
  payloadBytes: 0,
};

const everyByte = (bytes: number): Uint8Array => Uint8Array.from({ length: bytes }, (_, index) => (index * 167) & 0xff);

const PAYLOADS: readonly { readonly title: string; readonly bytes: Uint8Array }[] = [
  { title: 'of zero bytes 0x00', bytes: new Uint8Array(64) },
  { title: 'of bytes 0xff, which are no UTF-8', bytes: new Uint8Array(64).fill(0xff) },
  { title: 'that is empty', bytes: new Uint8Array(0) },
  { title: 'of 300 KB with every byte value', bytes: everyByte(300 * 1024) },
  { title: 'that is a view into a larger buffer', bytes: everyByte(100).subarray(10, 20) },
];

const defineInsertTests = (test: ContractTest, open: OpenHome): void => {
  for (const count of [2, 50]) {
    test(`stores a webhook once when ${count} inserts race`, async () => {
      await using home = await open();
      const racing = Array.from({ length: count }, (_, index) => insertionOf({ traceId: `trace-${index}` }));

      const results = await Promise.all(racing.map((insertion) => home.store.insert(insertion)));

      const outcomes = results.map((result) => result.outcome);
      expect(outcomes.filter((outcome) => outcome === 'inserted')).toHaveLength(1);
      expect(outcomes.filter((outcome) => outcome === 'duplicate')).toHaveLength(count - 1);
      await home.settle?.();
      expect(await home.store.find('stripe:evt_1')).toHaveLength(1);
      const stored = await getStored(home, insertionOf().webhook);
      expect(stored.traceId).toBe(racing[outcomes.indexOf('inserted')]?.webhook.traceId);
    });
  }

  for (const { title, bytes } of PAYLOADS) {
    test(`returns a payload ${title} byte for byte`, async () => {
      await using home = await open();
      const insertion = insertionOf({ payload: { keyId: 'key-1', bytes } });

      await home.store.insert(insertion);

      const stored = await getStored(home, insertion.webhook);
      expect(Buffer.compare(stored.payload.bytes, bytes)).toBe(0);
    });
  }

  test('returns every field as it was received', async () => {
    await using home = await open();
    const insertion = insertionOf(everyFieldFull, { actor: { type: 'operator', id: 'müller' } });

    await home.store.insert(insertion);

    expect(await getStored(home, insertion.webhook)).toEqual(asStored(insertion));
    expect(await home.store.find(insertion.webhook.webhookId)).toEqual([asStored(insertion)]);
  });

  test('keeps absent fields absent, not empty', async () => {
    await using home = await open();
    const insertion = insertionOf(everyFieldEmpty);

    await home.store.insert(insertion);

    expect(await getStored(home, insertion.webhook)).toEqual(asStored(insertion));
  });

  test('stores a webhook that cannot be processed as a dead letter that is not on the queue', async () => {
    await using home = await open();
    const lastError = 'body_not_json: the signed body is no JSON';
    const insertion = insertionOf({ eventType: 'unparsable' }, { status: 'dead_lettered', lastError });

    await insertQueued(home, insertion);

    expect(await getStored(home, insertion.webhook)).toEqual(asStored(insertion));
    expect(await home.queue.claim(10, LEASE_MS)).toEqual([]);
  });

  test('puts a received webhook on the queue, or leaves that to the caller', async () => {
    await using home = await open();

    await insertQueued(home, insertionOf({ traceId: 'trace-7' }));

    const claims = await home.queue.claim(10, LEASE_MS);
    expect(claims.map((claim) => claim.entry)).toEqual([
      { webhookId: 'stripe:evt_1', timestamp: NOW - 5000, provider: 'stripe', traceId: 'trace-7' },
    ]);
  });

  test('keeps its own copy of what was inserted', async () => {
    await using home = await open();
    const bytes = new Uint8Array([1, 2, 3]);
    const insertion = insertionOf({ payload: { keyId: 'key-1', bytes } });

    await home.store.insert(insertion);
    bytes.fill(9);

    expect([...(await getStored(home, insertion.webhook)).payload.bytes]).toEqual([1, 2, 3]);
  });
};

const defineDuplicateTests = (test: ContractTest, open: OpenHome): void => {
  test('keeps two webhooks with one id and two timestamps apart', async () => {
    await using home = await open();
    const older = insertionOf({ timestamp: NOW - 2000, objectId: 'older' });
    const newer = insertionOf({ timestamp: NOW - 1000, objectId: 'newer' });

    expect((await home.store.insert(older)).outcome).toBe('inserted');
    expect((await home.store.insert(newer)).outcome).toBe('inserted');

    expect((await getStored(home, older.webhook)).objectId).toBe('older');
    expect((await getStored(home, newer.webhook)).objectId).toBe('newer');
  });

  test('changes nothing for a duplicate, whatever it carries', async () => {
    await using home = await open();
    const first = insertionOf();
    const { webhookId, timestamp } = first.webhook;
    await insertQueued(home, first);
    const entriesBefore = await home.auditLog.latest(100);

    const result = await home.store.insert(
      insertionOf({ ...everyFieldFull, webhookId, timestamp }, { status: 'dead_lettered', lastError: 'other' }),
    );

    expect(result).toMatchObject({ outcome: 'duplicate', status: 'received' });
    expect(await getStored(home, first.webhook)).toEqual(asStored(first));
    expect(await home.auditLog.latest(100)).toEqual(entriesBefore);
  });

  test('tells the stored status of a webhook that has ended, and leaves it off the queue', async () => {
    await using home = await open();
    const insertion = insertionOf({}, { status: 'dead_lettered' });
    await home.store.insert(insertion);
    await home.settle?.();

    const result = await home.store.insert(insertionOf());

    expect(result).toMatchObject({ outcome: 'duplicate', status: 'dead_lettered' });
    expect(await home.queue.claim(10, LEASE_MS)).toEqual([]);
  });

  test('tells what the stored webhook says, for a duplicate to be compared with; nothing of one that has no hash', async () => {
    await using home = await open();
    const hashed = insertionOf({ webhookId: 'stripe:evt_hashed', contentHash: 'ab'.repeat(20) });
    await home.store.insert(hashed);
    await home.store.insert(insertionOf());

    const result = await home.store.insert(
      insertionOf({ webhookId: 'stripe:evt_hashed', contentHash: 'cd'.repeat(20) }),
    );

    expect(result).toMatchObject({ outcome: 'duplicate', contentHash: 'ab'.repeat(20) });
    expect(await home.store.insert(insertionOf())).not.toHaveProperty('contentHash', expect.anything());
    expect(await getStored(home, hashed.webhook)).toMatchObject({ contentHash: 'ab'.repeat(20) });
  });

  test('stores a webhook that is not to be acted on with its reason, and leaves it off the queue', async () => {
    await using home = await open();
    const insertion = insertionOf({}, { status: 'ignored', lastError: 'delivery_too_old' });

    await home.store.insert(insertion);
    await home.settle?.();

    expect(await getStored(home, insertion.webhook)).toMatchObject({
      status: 'ignored',
      lastError: 'delivery_too_old',
    });
    expect(await home.queue.claim(10, LEASE_MS)).toEqual([]);
  });

  test('puts a waiting webhook without a queue entry back on the queue when a duplicate arrives', async () => {
    await using home = await open();
    const insertion = insertionOf();
    await insertQueued(home, insertion);
    const [lost] = await home.queue.claim(1, LEASE_MS);
    if (lost !== undefined) await home.queue.complete(lost);

    await insertQueued(home, insertion);

    const claims = await home.queue.claim(10, LEASE_MS);
    expect(claims.map((claim) => claim.entry.webhookId)).toEqual(['stripe:evt_1']);
  });

  test('leaves the queue entry of a waiting webhook as it is when a duplicate arrives', async () => {
    await using home = await open();
    await insertQueued(home, insertionOf());
    const [claim] = await home.queue.claim(1, LEASE_MS);

    await home.store.insert(insertionOf());

    expect(await home.queue.claim(1, LEASE_MS)).toEqual([]);
    expect(claim && (await home.queue.complete(claim))).toBe('settled');
  });
};

const defineTransmissionTests = (test: ContractTest, open: OpenHome): void => {
  const sent = (webhook: Partial<ReceivedWebhook>): Insertion =>
    insertionOf({ provider: 'paypal', ...webhook }, { transmission: { id: 'transmission-1' } });
  const original = sent({ webhookId: 'paypal:WH-1', bodySha256: 'a'.repeat(64) });

  for (const webhookId of ['paypal:WH-1', 'paypal:WH-2']) {
    test(`stores nothing when a transmission comes again with another body, as ${webhookId}`, async () => {
      await using home = await open();
      await home.store.insert(original);
      const forged = sent({ webhookId, bodySha256: 'b'.repeat(64), objectId: 'forged' });

      expect(await home.store.insert(forged)).toEqual({ outcome: 'conflict' });

      expect(await getStored(home, original.webhook)).toEqual(asStored(original));
      expect((await home.store.list({ limit: 10 })).items).toHaveLength(1);
      expect(await home.auditLog.latest(10)).toHaveLength(1);
    });
  }

  test('takes a transmission that comes again with the same body as a duplicate', async () => {
    await using home = await open();
    await home.store.insert(original);

    expect((await home.store.insert(original)).outcome).toBe('duplicate');
  });

  test('takes the second event out of one transmission', async () => {
    await using home = await open();
    await home.store.insert(original);

    expect((await home.store.insert(sent({ webhookId: 'paypal:WH-2' }))).outcome).toBe('inserted');
  });

  test('keeps transmissions of two providers with one id apart', async () => {
    await using home = await open();
    await home.store.insert(original);
    const other = sent({ webhookId: 'other:WH-1', provider: 'other', bodySha256: 'b'.repeat(64) });

    expect((await home.store.insert(other)).outcome).toBe('inserted');
  });

  test('stores one of two bodies of a transmission when they race', async () => {
    await using home = await open();
    const bodies = ['a', 'b'].map((letter) =>
      sent({ webhookId: `paypal:${letter}`, bodySha256: letter.repeat(64), traceId: letter }),
    );

    const results = await Promise.all(bodies.map((insertion) => home.store.insert(insertion)));

    expect(results.map((result) => result.outcome).sort()).toEqual(['conflict', 'inserted']);
    await home.settle?.();
    expect((await home.store.list({ limit: 10 })).items).toHaveLength(1);
  });
};

/** Runs the suite against stores that `open` makes, each fresh and empty. */
export const describeWebhookStore = (name: string, open: OpenHome, options: ContractOptions = {}): void => {
  describe(`WebhookStore: ${name}`, () => {
    defineContract(options, (test) => {
      defineInsertTests(test, open);
      defineDuplicateTests(test, open);
      defineTransmissionTests(test, open);
    });
  });
};
