import { hmacValidator } from '@adyen/api-library';
import { describe, expect, test } from 'vitest';
import {
  countingBytes,
  deliveryOf,
  deliveryOfSigned,
  eventsOf,
  rejectedFor,
  signInput,
  VERIFIED,
  verifyInput,
} from '../../../test/providers/provider-inputs.ts';
import { LIMITS } from '../../core/limits.ts';
import type { JsonObject } from '../../core/read-json.ts';
import { adyen } from './adyen.ts';

const KEY = 'A1'.repeat(32);
const OTHER_KEY = 'B2'.repeat(32);
type Item = Parameters<InstanceType<typeof hmacValidator>['validateHMAC']>[0];
const sdk = new hmacValidator();

const item = (overrides: JsonObject = {}): JsonObject => ({
  pspReference: 'PSP1',
  originalReference: 'ORIG1',
  merchantAccountCode: 'ShopEU',
  merchantReference: 'order:1/\\x',
  amount: { currency: 'EUR', value: 1000 },
  eventCode: 'CAPTURE',
  eventDate: '2026-03-01T12:00:00+01:00',
  success: 'true',
  additionalData: { cardSummary: '1111' },
  ...overrides,
});

const notification = (...items: readonly JsonObject[]): string =>
  JSON.stringify({ live: 'false', notificationItems: items.map((one) => ({ NotificationRequestItem: one })) });

const signedNotification = (items: readonly JsonObject[], key = KEY): string =>
  Buffer.from(adyen.sign(signInput(notification(...items), key)).body).toString();

const itemsIn = (body: string): Item[] =>
  JSON.parse(body).notificationItems.map((one: { NotificationRequestItem: Item }) => one.NotificationRequestItem);

const verifyBody = (body: string, keys: readonly string[] = [KEY], headers: Record<string, string | string[]> = {}) =>
  adyen.verify(verifyInput(deliveryOf(body, headers), keys));

describe('adyen.verify of a standard webhook', () => {
  test('accepts what the official library signs', () => {
    const unsigned = item();
    const hmacSignature = sdk.calculateHmac(unsigned as unknown as Item, KEY);

    expect(verifyBody(notification({ ...unsigned, additionalData: { hmacSignature } }))).toEqual(VERIFIED);
  });

  test('signs what the official library accepts', () => {
    const [signed] = itemsIn(signedNotification([item()]));

    expect(signed && sdk.validateHMAC(signed, KEY)).toBe(true);
    expect(signed && sdk.validateHMAC(signed, OTHER_KEY)).toBe(false);
  });

  test('accepts absent fields as empty and an amount as text', () => {
    const sparse = item({
      originalReference: undefined,
      merchantReference: null,
      amount: { currency: 'EUR', value: '5' },
    });

    expect(verifyBody(signedNotification([sparse]))).toEqual(VERIFIED);
  });

  test('tells which key matched, in either case of the hex digits', () => {
    expect(verifyBody(signedNotification([item()]), [OTHER_KEY, KEY.toLowerCase()])).toMatchObject({
      secretId: 'secret#2',
    });
  });

  test('accepts a batch of which some items were queued before the key was changed', () => {
    const old = itemsIn(signedNotification([item({ pspReference: 'OLD' })], OTHER_KEY)) as unknown as JsonObject[];
    const recent = itemsIn(signedNotification([item()])) as unknown as JsonObject[];

    expect(verifyBody(notification(...recent, ...old), [KEY, OTHER_KEY])).toEqual(VERIFIED);
  });

  test('rejects the whole batch when one item is not genuine', () => {
    const genuine = itemsIn(signedNotification([item()])) as unknown as JsonObject[];
    const forged = { ...genuine[0], amount: { currency: 'EUR', value: 1 } };

    expect(verifyBody(notification(...genuine, forged))).toEqual(rejectedFor('signature_mismatch'));
    expect(verifyBody(notification(...genuine, item()))).toEqual(rejectedFor('signature_missing'));
  });

  test.each([
    ['pspReference', 'PSP2'],
    ['originalReference', 'ORIG2'],
    ['merchantAccountCode', 'ShopUS'],
    ['merchantReference', 'order:2'],
    ['amount', { currency: 'EUR', value: 1001 }],
    ['amount', { currency: 'USD', value: 1000 }],
    ['eventCode', 'REFUND'],
    ['success', 'false'],
  ])('rejects a changed %s', (field, value) => {
    const [genuine] = itemsIn(signedNotification([item()])) as unknown as JsonObject[];

    expect(verifyBody(notification({ ...genuine, [field]: value }))).toEqual(rejectedFor('signature_mismatch'));
  });

  test('rejects the same signed text read as other fields, which a colon in a reference would allow', () => {
    const original = item({ merchantReference: 'a:1:EUR:REFUND' });
    const [genuine] = itemsIn(signedNotification([original])) as unknown as JsonObject[];
    const shifted = { ...genuine, merchantReference: 'a', amount: { value: '1', currency: 'EUR:REFUND:1000:EUR' } };

    expect(verifyBody(notification(shifted))).toEqual(rejectedFor('signature_malformed'));
  });

  test.each([
    ['no JSON', '{', 'signature_missing'],
    ['no items', '{"notificationItems":[]}', 'signature_missing'],
    ['items that are none', '{"notificationItems":[{}]}', 'signature_missing'],
    ['another shape', '{"type":"x"}', 'signature_missing'],
    [
      'a signature that is no base64',
      notification(item({ additionalData: { hmacSignature: 'x' } })),
      'signature_malformed',
    ],
  ])('rejects a body with %s', (_, body, reason) => {
    expect(verifyBody(body)).toEqual(rejectedFor(reason));
  });

  test('lets a key that is no hex key match nothing', () => {
    expect(verifyBody(signedNotification([item()]), ['', 'zz', KEY.slice(2)])).toEqual(
      rejectedFor('signature_mismatch'),
    );
  });
});

const BANKING = JSON.stringify({
  data: { balancePlatform: 'BP1', accountHolder: { id: 'AH1', description: '€' } },
  environment: 'test',
  timestamp: '2024-12-15T15:42:03+01:00',
  type: 'balancePlatform.accountHolder.created',
});

describe('adyen.verify of a banking webhook', () => {
  test('accepts what the official library signs, and signs what it accepts', () => {
    const hmacsignature = sdk.calculateHmac(BANKING, KEY);
    const signed = adyen.sign(signInput(BANKING, KEY));

    expect(verifyBody(BANKING, [KEY], { HmacSignature: hmacsignature })).toEqual(VERIFIED);
    expect(sdk.validateHMACSignature(KEY, signed.headers.hmacsignature ?? '', BANKING)).toBe(true);
    expect(adyen.verify(verifyInput(deliveryOfSigned(signed), [KEY]))).toEqual(VERIFIED);
  });

  test('rejects another key, another body, a repeated and a broken header', () => {
    const value = adyen.sign(signInput(BANKING, KEY)).headers.hmacsignature ?? '';

    expect(verifyBody(BANKING, [OTHER_KEY], { hmacsignature: value })).toEqual(rejectedFor('signature_mismatch'));
    expect(verifyBody(`${BANKING} `, [KEY], { hmacsignature: value })).toEqual(rejectedFor('signature_mismatch'));
    expect(verifyBody(BANKING, [KEY], { hmacsignature: [value, value] })).toEqual(rejectedFor('signature_malformed'));
    expect(verifyBody(BANKING, [KEY], { hmacsignature: '?' })).toEqual(rejectedFor('signature_malformed'));
  });

  test('does not fall back to the signatures in the items when the header is wrong', () => {
    const body = signedNotification([item()]);
    const hmacsignature = sdk.calculateHmac(body, OTHER_KEY);

    expect(verifyBody(body, [KEY], { hmacsignature })).toEqual(rejectedFor('signature_mismatch'));
  });
});

describe('adyen.parse', () => {
  test('keeps the whole body of a notification with one item', () => {
    expect(eventsOf(adyen, signedNotification([item()]))).toEqual([
      {
        dedupeKey: 'ShopEU:PSP1:CAPTURE:true',
        providerEventId: null,
        eventType: 'CAPTURE',
        eventAt: null,
        objectId: 'PSP1',
        parentIds: ['ORIG1', 'order:1/\\x'],
        account: 'ShopEU',
        mode: 'test',
        isSimulated: false,
        ordering: { by: 'time', value: Date.UTC(2026, 2, 1, 11) },
        payload: null,
      },
    ]);
  });

  test('gives each item of a batch a payload that verifies by itself', () => {
    const body = signedNotification([item(), item({ pspReference: 'PSP2', success: false })]);

    const events = eventsOf(adyen, body);

    expect(events.map((event) => event.dedupeKey)).toEqual(['ShopEU:PSP1:CAPTURE:true', 'ShopEU:PSP2:CAPTURE:false']);
    for (const event of events) {
      const alone = Buffer.from(event.payload ?? []).toString();
      expect(verifyBody(alone)).toEqual(VERIFIED);
      expect(eventsOf(adyen, alone)[0]?.dedupeKey).toBe(event.dedupeKey);
    }
  });

  test('identifies a banking webhook by its bytes', () => {
    const [first] = eventsOf(adyen, BANKING);

    expect(first).toMatchObject({
      eventType: 'balancePlatform.accountHolder.created',
      eventAt: Date.UTC(2024, 11, 15, 14, 42, 3),
      objectId: 'AH1',
      account: 'BP1',
      mode: 'test',
      payload: null,
    });
    expect(first?.dedupeKey).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(eventsOf(adyen, BANKING)[0]?.dedupeKey).toBe(first?.dedupeKey);
    expect(eventsOf(adyen, `${BANKING}\n`)[0]?.dedupeKey).not.toBe(first?.dedupeKey);
  });

  test('reads the mode from live and environment', () => {
    const modeOf = (body: object) => eventsOf(adyen, JSON.stringify(body))[0]?.mode;
    const notificationItems = [{ NotificationRequestItem: item() }];

    expect(modeOf({ live: 'true', notificationItems })).toBe('live');
    expect(modeOf({ live: true, notificationItems })).toBe('live');
    expect(modeOf({ live: false, notificationItems })).toBe('test');
    expect(modeOf({ notificationItems })).toBe('unknown');
    expect(modeOf({ type: 't', environment: 'live', data: { id: 'x' } })).toBe('live');
    expect(modeOf({ type: 't' })).toBe('unknown');
  });

  test.each([
    ['no items', '{"notificationItems":[]}', 'shape_unexpected'],
    ['an item without reference', notification(item({ pspReference: null })), 'event_id_missing'],
    ['an item without merchant account', notification(item({ merchantAccountCode: 7 })), 'event_id_missing'],
    ['an item without event code', notification(item({ eventCode: '' })), 'event_type_missing'],
    ['broken items', '{"notificationItems":{}}', 'shape_unexpected'],
    ['neither items nor type', '{"a":1}', 'event_type_missing'],
    ['a list', '[]', 'shape_unexpected'],
    ['no JSON', '{', 'body_not_json'],
    [
      'too many items',
      notification(...Array.from({ length: LIMITS.eventsPerDeliveryMax + 1 }, () => item())),
      'too_many_events',
    ],
  ])('calls a body with %s unparsable', (_, body, reason) => {
    expect(adyen.parse(deliveryOf(body, {}), VERIFIED)).toEqual({ outcome: 'unparsable', reason });
  });
});

describe('adyen.checkSecret', () => {
  test('wants exactly 64 hex characters', () => {
    expect(adyen.checkSecret(adyen.generateSecret(countingBytes))).toBeNull();
    for (const key of ['', KEY.slice(1), `${KEY}0`, `${KEY.slice(1)}g`]) {
      expect(adyen.checkSecret(key)).toContain('64 hex characters');
    }
  });
});
