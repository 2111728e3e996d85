import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { asStored } from '../../../../test/contract/homes.ts';
import { NOW } from '../../../../test/support/clock.ts';
import { insertionOf } from '../../../../test/support/insertion.ts';
import { NO_EFFECTS } from '../../../core/effects.ts';
import type { Insertion } from '../../../core/ports/webhook-store.ts';
import { SYNTHETIC_REACHES } from '../../../core/webhook.ts';
import type { Item } from '../dynamodb/values.ts';
import { changeableOf, itemChangeOf } from './changes.ts';
import { readStoredEvent, readStoredWebhook, storedWebhookOf } from './read-item.ts';
import { insertedItem } from './write-item.ts';

const HEAD = { seq: 1, hash: 'ab'.repeat(32) };

/** What DynamoDB counts of an item: names and values; numbers take half a byte a digit and one more. */
const sizeOf = (value: AttributeValue): number => {
  if (value.S !== undefined) return Buffer.byteLength(value.S);
  if (value.N !== undefined) return Math.ceil(value.N.length / 2) + 1;
  if (value.B !== undefined) return value.B.length;
  if (value.L !== undefined) return value.L.reduce((sum, each) => sum + 1 + sizeOf(each), 3);
  if (value.M !== undefined) return 3 + itemBytes(value.M);
  return 1;
};
const itemBytes = (item: Item): number =>
  Object.entries(item).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + sizeOf(value), 0);

/** As `compress-payload.test.ts` holds the sealed bytes of an event of 2.9 KB to. */
const PAYLOAD_BYTES = 400;

/** A Stripe event as it is received: 2.9 KB of JSON. */
const stripeInsertion = (): Insertion =>
  insertionOf({
    webhookId: 'stripe:evt_1PIjdDuV6mzrCFWdiiHR6Jsb',
    providerEventId: 'evt_1PIjdDuV6mzrCFWdiiHR6Jsb',
    objectId: 'pi_38Sp9PAmDB7FgU5O98jricE2',
    parentIds: ['cus_13F4owHc8a79Fd'],
    payload: { keyId: '01a20d9f-cd41-7278-9b5f-0ac6b4e2289a', bytes: new Uint8Array(PAYLOAD_BYTES) },
    payloadBytes: 2875,
    headers: { 'stripe-signature': `t=1795524906,v1=${'6c'.repeat(32)}` },
    traceId: '1-67891233-abcdef012345678912345678',
    expiresAt: NOW + 1,
  });

const text = fc.string({ unit: 'grapheme', maxLength: 40 });
const someText = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 });
const instant = fc.integer({ min: 0, max: 8_640_000_000_000_000 });
const count = fc.integer({ min: 0, max: 1_000_000 });
const hex = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes: Uint8Array): string => Buffer.from(bytes).toString('hex'));

const insertion: fc.Arbitrary<Insertion> = fc
  .record({
    webhook: fc.record({
      webhookId: someText,
      timestamp: fc.integer(),
      provider: someText,
      providerEventId: fc.option(text),
      eventType: text,
      mode: fc.constantFrom('live', 'test', 'unknown'),
      isSimulated: fc.boolean(),
      account: fc.option(text),
      objectId: fc.option(text),
      parentIds: fc.array(text, { maxLength: 4 }),
      ordering: fc.option(fc.record({ by: fc.constantFrom('version', 'time'), value: fc.integer() })),
      payload: fc.record({ keyId: text, bytes: fc.uint8Array({ maxLength: 50 }) }),
      payloadBytes: count,
      bodySha256: hex,
      headers: fc.dictionary(someText, text, { maxKeys: 3 }),
      secretId: text,
      cardData: fc.record({ cardNumbers: count, securityCodes: count, trackData: count }),
      receivedAt: instant,
      traceId: text,
      expiresAt: instant,
    }),
    status: fc.constantFrom('received', 'dead_lettered'),
    lastError: fc.option(text),
    actor: fc.record({ type: fc.constantFrom('provider', 'component', 'operator'), id: text }),
    transmission: fc.constant(null),
  })
  .chain((made) =>
    fc
      .constantFrom({}, ...SYNTHETIC_REACHES.map((synthetic) => ({ synthetic })))
      .map((synthetic): Insertion => ({ ...made, webhook: { ...made.webhook, ...synthetic } })),
  );

describe('insertedItem and storedWebhookOf', () => {
  test('give back every webhook as it was, whatever is in it', () => {
    fc.assert(
      fc.property(insertion, (made) => {
        const stored = storedWebhookOf(insertedItem(made, HEAD));

        // Not only equal in meaning: a dictionary of fast-check has no prototype, an item's map has one.
        expect({ ...stored.webhook, headers: { ...stored.webhook.headers } }).toEqual({
          ...asStored(made),
          headers: { ...made.webhook.headers },
        });
        expect(stored.head).toEqual(HEAD);
        expect(stored.changes).toEqual([]);
      }),
    );
  });

  test('do not share bytes with what was answered', () => {
    const item = insertedItem(stripeInsertion(), HEAD);

    storedWebhookOf(item).webhook.payload.bytes.fill(7);

    expect(storedWebhookOf(item).webhook.payload.bytes.every((byte) => byte === 0)).toBe(true);
  });

  test('tell a webhook whose id has nothing to do with an event id from one without an event id', () => {
    for (const providerEventId of [null, '', 'evt_1', 'evt_2']) {
      const item = insertedItem(insertionOf({ providerEventId }), HEAD);

      expect(storedWebhookOf(item).webhook.providerEventId).toBe(providerEventId);
    }
  });

  test('keep an event of 3 KB within one write unit, when it is received and when it is processed', () => {
    const received = insertedItem(stripeInsertion(), HEAD);
    const { set } = itemChangeOf(changeableOf(storedWebhookOf(received)), {
      status: 'processed',
      attempts: 1,
      lastError: null,
      nextAttemptAt: null,
      effects: {
        ...NO_EFFECTS,
        events: [
          {
            type: 'payment.succeeded',
            paymentId: 'pi_38Sp9PAmDB7FgU5O98jricE2',
            news: 'news',
            destinations: ['ledger'],
          },
        ],
        handlers: [{ handler: 'shipOrder', event: 0, outcome: 'done', attempts: 1 }],
      },
      changedAt: NOW + 1,
      actor: { type: 'component', id: 'processor' },
      reason: null,
    });

    expect(itemBytes(received) - PAYLOAD_BYTES).toBeLessThanOrEqual(430);
    expect(itemBytes({ ...received, ...set })).toBeLessThanOrEqual(1024);
  });
});

describe('readStoredWebhook', () => {
  const item = insertedItem(stripeInsertion(), HEAD);

  test('says which item of which table was not written by Payhook, and what to do', () => {
    for (const broken of [{ status: { S: 'paid' } }, { bodySha256: { S: 'x' } }, { receivedAt: { N: '1e20' } }]) {
      expect(() => readStoredWebhook('table-PaymentWebhooks-dev', { ...item, ...broken })).toThrow(
        expect.objectContaining({
          code: 'store_damaged',
          message: expect.stringMatching(
            /^item stripe:evt_1PIjdDuV6mzrCFWdiiHR6Jsb of table table-PaymentWebhooks-dev cannot be read: something else/,
          ),
        }),
      );
    }
  });

  test('leaves out nothing that a webhook has to have', () => {
    const optional = ['providerEventId', 'account', 'objectId', 'parentIds', 'ordering', 'headers', 'expiresAtMs'];
    const required = Object.keys(item).filter((name) => !optional.includes(name) && name !== 'listShard');
    for (const name of required) {
      const { [name]: _, ...rest } = item;

      expect(() => readStoredWebhook('t', rest), name).toThrow(expect.objectContaining({ code: 'store_damaged' }));
    }
  });

  test('needs no more than the status to tell a duplicate', () => {
    expect(readStoredEvent('t', { status: { S: 'retrying' } })).toEqual({ status: 'retrying' });
    expect(() => readStoredEvent('t', {})).toThrow(expect.objectContaining({ code: 'store_damaged' }));
  });
});
