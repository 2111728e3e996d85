import { createHmac } from 'node:crypto';
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
import type { Verified } from '../../core/ports/provider.ts';
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

const isTaken = (signed: JsonObject): boolean => {
  const verification = verifyBody(notification(signed));
  return 'outcome' in verification && verification.outcome === 'verified';
};

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

  test('accepts absent references as empty, an amount as text and success as a boolean', () => {
    const sparse = item({
      originalReference: undefined,
      merchantReference: null,
      amount: { currency: 'EUR', value: '5' },
      success: true,
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
    const shifted = { ...genuine, merchantReference: 'a', amount: { value: 1, currency: 'EUR:REFUND:1000:EUR' } };

    expect(verifyBody(notification(shifted))).toEqual(rejectedFor('signed_field_malformed'));
  });

  test.each([
    ['no JSON', '{', 'signature_missing'],
    ['no items', '{"notificationItems":[],"x":"hmacSignature"}', 'signature_missing'],
    ['items that are none', '{"notificationItems":[{"x":{"hmacSignature":""}}]}', 'signature_missing'],
    ['a member named twice', '{"notificationItems":[],"notificationItems":[],"hmacSignature":1}', 'signature_missing'],
    ['another shape', '{"type":"x"}', 'signature_missing'],
    [
      'a signature that is no base64',
      notification(item({ additionalData: { hmacSignature: 'x' } })),
      'signature_malformed',
    ],
  ])('rejects a body with %s', (_, body, reason) => {
    expect(verifyBody(body)).toEqual(rejectedFor(reason));
  });

  test.each<[string, JsonObject]>([
    ['a reference as a number', { pspReference: 8835296650153317 }],
    ['no reference', { pspReference: undefined }],
    ['an empty reference', { pspReference: '' }],
    ['a merchant account as a number', { merchantAccountCode: 7 }],
    ['no merchant account', { merchantAccountCode: '' }],
    ['no event code', { eventCode: '' }],
    ['an event code as a list', { eventCode: ['CAPTURE'] }],
    ['a merchant reference as a number', { merchantReference: 12 }],
    ['an original reference as a boolean', { originalReference: true }],
    ['a currency as a number', { amount: { currency: 1, value: 1000 } }],
    ['an amount that is text', { amount: '1000:EUR' }],
    ['an amount with a fraction', { amount: { currency: 'EUR', value: 10.5 } }],
    ['an amount that loses digits', { amount: { currency: 'EUR', value: 1e21 } }],
    ['an amount in other digits', { amount: { currency: 'EUR', value: '１０００' } }],
    ['an amount with a zero in front', { amount: { currency: 'EUR', value: '01000' } }],
    ['success as a number', { success: 1 }],
    ['no success', { success: undefined }],
    ['half a character, which is signed like another', { merchantReference: 'a\ud800' }],
    ['a colon in the reference of money', { pspReference: 'PSP:1' }],
    ['a reference that begins like a body', { pspReference: '{PSP1' }],
  ])('refuses %s, whatever is signed', (_, overrides) => {
    const unsigned = item(overrides);
    const text = (value: unknown): string => (value === undefined || value === null ? '' : String(value));
    const amount = (typeof unsigned.amount === 'object' ? unsigned.amount : {}) as JsonObject;
    const signedText = [unsigned.pspReference, unsigned.originalReference, unsigned.merchantAccountCode]
      .concat([unsigned.merchantReference, amount.value, amount.currency, unsigned.eventCode, unsigned.success])
      .map(text)
      .join(':');
    const hmacSignature = createHmac('sha256', Buffer.from(KEY, 'hex')).update(signedText).digest('base64');

    expect(verifyBody(notification({ ...unsigned, additionalData: { hmacSignature } }))).toEqual(
      rejectedFor('signed_field_malformed'),
    );
  });

  test('refuses more items than one delivery may have', () => {
    const [signed] = itemsIn(signedNotification([item({ additionalData: {} })])) as unknown as JsonObject[];
    const slim = { ...signed, eventDate: undefined, originalReference: undefined };
    const items = Array.from({ length: LIMITS.eventsPerDeliveryMax + 1 }, () => slim as JsonObject);

    expect(verifyBody(notification(...items))).toEqual(rejectedFor('body_not_expected'));
  });

  test('takes a genuine report whose name holds colons, and reads its signed text in one way only', () => {
    const pspReference = 'merchant_report_2022-11-01T00:00:00_2022-11-30T23:59:59.csv';
    const report = { pspReference, originalReference: undefined, eventCode: 'REPORT_AVAILABLE' };
    const genuine = item({ ...report, merchantReference: 'ref:1', amount: { currency: 'EUR', value: 0 } });
    const hmacSignature = sdk.calculateHmac(genuine as unknown as Item, KEY);
    const signed = { ...genuine, additionalData: { hmacSignature } };

    expect(verifyBody(notification(signed))).toEqual(VERIFIED);
    expect(eventsOf(adyen, notification(signed))).toMatchObject([
      { objectId: pspReference, eventType: 'REPORT_AVAILABLE', account: 'ShopEU' },
    ]);

    const fields = [pspReference, '', 'ShopEU', 'ref:1'].join(':').split(':');
    let readings = 0;
    for (let first = 1; first < fields.length - 2; first += 1) {
      for (let second = first + 1; second < fields.length - 1; second += 1) {
        for (let third = second + 1; third < fields.length; third += 1) {
          const shifted = {
            ...signed,
            pspReference: fields.slice(0, first).join(':'),
            originalReference: fields.slice(first, second).join(':'),
            merchantAccountCode: fields.slice(second, third).join(':'),
            merchantReference: fields.slice(third).join(':'),
          };
          readings += isTaken(shifted) ? 1 : 0;
        }
      }
    }
    expect(readings).toBe(1);
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

describe('adyen.verify of one scheme in the shape of the other', () => {
  const headerOver = (body: string) => ({ hmacsignature: sdk.calculateHmac(body, KEY) });

  test('refuses the signature of an item in the header over its joined fields', () => {
    const [signed] = itemsIn(signedNotification([item({ originalReference: undefined })]));
    const joined = 'PSP1::ShopEU:order:1/\\x:1000:EUR:CAPTURE:true';
    const hmacsignature = signed?.additionalData?.hmacSignature ?? '';
    expect(sdk.validateHMACSignature(KEY, hmacsignature, joined)).toBe(true);

    expect(verifyBody(joined, [KEY], { hmacsignature })).toEqual(rejectedFor('body_not_expected'));
  });

  test('refuses a notification of items that is signed in the header', () => {
    for (const body of [notification(item()), signedNotification([item()])]) {
      expect(verifyBody(body, [KEY], headerOver(body))).toEqual(rejectedFor('body_not_expected'));
    }
  });

  test('refuses the signature of a body in an item whose fields join to it', () => {
    const body = '{"data":{"a":"b:c"},"x":1,"type":true';
    const hmacSignature = sdk.calculateHmac(body, KEY);
    const forged = {
      pspReference: '{"data"',
      originalReference: '{"a"',
      merchantAccountCode: '"b',
      merchantReference: 'c"},"x"',
      amount: { value: 1, currency: ',"type"' },
      eventCode: 'true',
      success: true,
      additionalData: { hmacSignature },
    };

    expect(verifyBody(notification(forged))).toEqual(rejectedFor('signed_field_malformed'));
  });
});

describe('adyen.verify before anything is proven', () => {
  const filled = (part: string, count: number): string => `[${part.repeat(count).slice(0, -1)}]`;
  const named = (count: number): string => Array.from({ length: count }, (_, index) => `"${index}":0`).join(',');

  test.each([
    ['121,829 names', `{"hmacSignature":1,"notificationItems":[],${named(121_829)}}`.slice(0, LIMITS.bodyBytesMax)],
    ['empty lists', `{"hmacSignature":1,"notificationItems":${filled('[],', 340_000)}}`],
    ['empty objects', `{"hmacSignature":1,"notificationItems":${filled('{},', 340_000)}}`],
    ['lists 64 deep', `{"hmacSignature":1,"notificationItems":${filled(`${'['.repeat(60)}${']'.repeat(60)},`, 8000)}}`],
    ['plain numbers', `{"hmacSignature":1,"notificationItems":${filled('0,', 500_000)}}`],
    ['as many members as are read', `{"hmacSignature":1,"notificationItems":[],${named(4000)}}`],
    ['more members than are read', `{"hmacSignature":1,"notificationItems":[],${named(9000)}}`],
    ['escapes up to the size that is read', `{"hmacSignature":"${'\\u0041'.repeat(21_000)}"}`],
    ['no signature in a mebibyte', `{"notificationItems":[],${named(90_000)}}`],
  ])('spends less than 50 ms on %s', (_, body) => {
    const bytes = Buffer.from(body);
    const times = Array.from({ length: 5 }, () => {
      const before = process.cpuUsage();
      expect(adyen.verify(verifyInput(deliveryOf(bytes, {}), [KEY]))).toMatchObject({ outcome: 'rejected' });
      const { user, system } = process.cpuUsage(before);
      return (user + system) / 1000;
    });

    expect(Math.min(...times)).toBeLessThan(50);
  });

  test('reads no body that holds no signature, and none that is larger than a batch of Adyen', () => {
    const genuine = signedNotification([item({ additionalData: { x: 'x'.repeat(LIMITS.unverifiedJsonBytesMax) } })]);

    expect(verifyBody(notification(item()))).toEqual(rejectedFor('signature_missing'));
    expect(verifyBody(genuine)).toEqual(rejectedFor('body_not_expected'));
  });

  test('takes a batch of six items with all the additional data that an account can switch on', () => {
    const additionalData = Object.fromEntries(
      Array.from({ length: 150 }, (_, index) => [`retry.attempt${index}.acquirerAccount`, 'x'.repeat(40)]),
    );
    const items = Array.from({ length: 6 }, (_, index) => item({ pspReference: `PSP${index}`, additionalData }));

    expect(verifyBody(signedNotification(items))).toEqual(VERIFIED);
  });
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
    expect(eventsOf(adyen, signedNotification([item()]))).toMatchObject([
      {
        dedupeKey: 'ShopEU:PSP1:CAPTURE:true',
        providerEventId: null,
        eventType: 'CAPTURE',
        eventAt: null,
        objectId: 'PSP1',
        parentIds: ['ORIG1', 'order:1/\\x'],
        account: 'ShopEU',
        mode: 'unknown',
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

  test('takes the mode from the secret that verified, never from the unsigned live', () => {
    const modesOf = (key: string, body: string) => {
      const verification = adyen.verify(verifyInput(deliveryOf(body, {}), [key])) as Verified;
      return eventsOf(adyen, body, {}, verification).map(({ mode }) => mode);
    };
    const sayingLive = (live: string) => signedNotification([item()]).replace('"live":"false"', `"live":"${live}"`);

    expect(modesOf(KEY, sayingLive('false'))).toEqual(['unknown']);
    expect(modesOf(KEY, sayingLive('true'))).toEqual(['unknown']);
    expect(modesOf(`live:${KEY}`, sayingLive('false'))).toEqual(['live']);
    expect(modesOf(`test:${KEY}`, sayingLive('true'))).toEqual(['test']);
  });

  test('tells no mode of a batch that secrets of both modes signed', () => {
    const old = itemsIn(signedNotification([item({ pspReference: 'OLD' })], OTHER_KEY)) as unknown as JsonObject[];
    const recent = itemsIn(signedNotification([item()])) as unknown as JsonObject[];
    const body = notification(...recent, ...old);

    expect(verifyBody(body, [`live:${KEY}`, `test:${OTHER_KEY}`])).toEqual(VERIFIED);
  });

  test('reads the signed environment of a banking webhook', () => {
    const modeOf = (body: object) => eventsOf(adyen, JSON.stringify(body))[0]?.mode;

    expect(modeOf({ type: 't', environment: 'live', data: { id: 'x' } })).toBe('live');
    expect(modeOf({ type: 't' })).toBe('unknown');
  });

  test('reads a webhook of classic platforms, which say eventType, eventDate and live', () => {
    const body = {
      eventType: 'ACCOUNT_HOLDER_PAYOUT',
      eventDate: '2026-03-01T13:34:56+01:00',
      live: 'true',
      pspReference: 'PSPREFERENCE0001',
      executingUserKey: 'Scheduler',
      content: { accountHolderCode: 'seller-1', amounts: [] },
    };
    const eventIn = (changes: object) => eventsOf(adyen, JSON.stringify({ ...body, ...changes }))[0];

    expect(eventIn({})).toMatchObject({
      eventType: 'ACCOUNT_HOLDER_PAYOUT',
      eventAt: Date.UTC(2026, 2, 1, 12, 34, 56),
      objectId: 'PSPREFERENCE0001',
      mode: 'live',
    });
    expect(eventIn({ live: false })).toMatchObject({ mode: 'test' });
    expect(eventIn({ live: 'perhaps' })).toMatchObject({ mode: 'unknown' });
  });

  test('orders the webhooks of a transfer as Adyen counts them', () => {
    const orderingOf = (sequenceNumber: unknown) =>
      eventsOf(
        adyen,
        JSON.stringify({ type: 't', timestamp: '2026-03-01T12:00:00Z', data: { id: 'T1', sequenceNumber } }),
      )[0]?.ordering;

    expect(orderingOf(3)).toEqual({ by: 'version', value: 3 });
    expect(orderingOf(-1)).toEqual({ by: 'time', value: Date.UTC(2026, 2, 1, 12) });
    expect(orderingOf('3')).toEqual({ by: 'time', value: Date.UTC(2026, 2, 1, 12) });
  });

  test('keeps an item as itself: nothing that stood beside it, and what is signed as the signed text says it', () => {
    const spoiled = item({ success: true, amount: { currency: 'EUR', value: '5' }, eventDate: 'soon', reason: 7 });
    const body = JSON.parse(signedNotification([spoiled]));
    body.note = 'written by anybody';
    body.live = { written: 'by anybody' };
    body.notificationItems[0].note = 'written by anybody';

    const [event] = eventsOf(adyen, JSON.stringify(body));

    const kept = Buffer.from(event?.payload ?? []).toString();
    expect(Object.keys(JSON.parse(kept))).toEqual(['notificationItems']);
    expect(kept).not.toContain('by anybody');
    expect(itemsIn(kept)).toMatchObject([{ success: 'true', amount: { value: 5 }, pspReference: 'PSP1' }]);
    expect(itemsIn(kept)[0]).not.toHaveProperty('eventDate');
    expect(itemsIn(kept)[0]).not.toHaveProperty('reason');
    expect(verifyBody(kept)).toEqual(VERIFIED);
  });

  test('says the same of two deliveries of one item whose unsigned fields differ, and another thing of another amount', () => {
    const contentOf = (overrides: JsonObject) => eventsOf(adyen, signedNotification([item(overrides)]))[0]?.content;

    expect(contentOf({ eventDate: '2026-03-02T12:00:00+01:00', reason: 'newer' })).toEqual(contentOf({}));
    expect(contentOf({ amount: { currency: 'EUR', value: 1 } })).not.toEqual(contentOf({}));
    expect(contentOf({ additionalData: { 'modification.action': 'refund' } })).not.toEqual(
      contentOf({ additionalData: { 'modification.action': 'cancel' } }),
    );
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

  test.each([`"${KEY}"`, '0'.repeat(64), `sandbox:${KEY}`, 'live:'])('refuses %j', (key) => {
    expect(adyen.checkSecret(key)).toContain('64 hex characters');
  });
});
