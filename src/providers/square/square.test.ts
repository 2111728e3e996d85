import { createHmac } from 'node:crypto';
import { WebhooksHelper } from 'square';
import { describe, expect, test } from 'vitest';
import {
  countingBytes,
  deliveryOf,
  deliveryOfSigned,
  eventsOf,
  NOTIFICATION_URL,
  rejectedFor,
  signInput,
  VERIFIED,
  verifyInput,
} from '../../../test/providers/provider-inputs.ts';
import type { Verified } from '../../core/ports/provider.ts';
import { square } from './square.ts';

const KEY = 'asdf-1234_keyOfTheSubscription';
const BODY =
  '{"merchant_id":"M1","type":"payment.updated","event_id":"e-1","note":"€","data":{"type":"payment","id":"p1"}}';
const SIGNATURE = 'x-square-hmacsha256-signature';

const signed = () => square.sign(signInput(BODY, KEY));
const verifyWith = (headers: Record<string, string | readonly string[]>, body = BODY, secrets = [KEY]) =>
  square.verify(verifyInput(deliveryOf(body, headers), secrets));

describe('square.verify', () => {
  test('accepts its own signature and tells which key matched', () => {
    const input = verifyInput(deliveryOfSigned(signed()), ['old-key', `${KEY}\n`]);

    expect(square.verify(input)).toEqual({ ...VERIFIED, secretId: 'secret#2' });
  });

  test.each([
    ['another path', 'https://pay.example.com/webhook/square2'],
    ['a trailing slash', `${NOTIFICATION_URL}/`],
    ['upper case', 'https://PAY.example.com/webhook/square'],
    ['http', 'http://pay.example.com/webhook/square'],
  ])('rejects when the configured URL has %s', (_, publicUrl) => {
    const input = verifyInput({ ...deliveryOfSigned(signed()), publicUrl }, [KEY]);

    expect(square.verify(input)).toEqual(rejectedFor('signature_mismatch'));
  });

  test('refuses to run without the notification URL', () => {
    const input = verifyInput({ ...deliveryOfSigned(signed()), publicUrl: null }, [KEY]);

    expect(() => square.verify(input)).toThrow('publicUrl must be known');
  });

  test('rejects another key, a body that was written again, and another character set', () => {
    const { headers } = signed();

    expect(verifyWith(headers, BODY, ['other'])).toEqual(rejectedFor('signature_mismatch'));
    expect(verifyWith(headers, JSON.stringify(JSON.parse(BODY), null, 2))).toEqual(rejectedFor('signature_mismatch'));
    expect(verifyWith(headers, Buffer.from(BODY).toString('latin1'))).toEqual(rejectedFor('signature_mismatch'));
  });

  test('does not accept the older SHA-1 header, right as it may be', () => {
    const legacy = createHmac('sha1', KEY)
      .update(NOTIFICATION_URL + BODY)
      .digest('base64');

    expect(verifyWith({ 'x-square-signature': legacy })).toEqual(rejectedFor('signature_missing'));
    expect(verifyWith({ [SIGNATURE]: legacy })).toEqual(rejectedFor('signature_mismatch'));
  });

  test('rejects a missing, a repeated and a broken header', () => {
    const value = signed().headers[SIGNATURE] ?? '';

    expect(verifyWith({})).toEqual(rejectedFor('signature_missing'));
    expect(verifyWith({ [SIGNATURE]: [value, value] })).toEqual(rejectedFor('signature_malformed'));
    expect(verifyWith({ [SIGNATURE]: value.replace('=', '') })).toEqual(rejectedFor('signature_malformed'));
    expect(verifyWith({ [SIGNATURE]: '' })).toEqual(rejectedFor('signature_malformed'));
  });
});

describe('square.sign', () => {
  test('signs what the official SDK accepts', async () => {
    const signatureHeader = signed().headers[SIGNATURE] ?? '';
    const ask = (signatureKey: string) =>
      WebhooksHelper.verifySignature({
        requestBody: BODY,
        signatureHeader,
        signatureKey,
        notificationUrl: NOTIFICATION_URL,
      });

    expect(await ask(KEY)).toBe(true);
    expect(await ask('other')).toBe(false);
  });
});

const event = (data: object, overrides: object = {}): string =>
  JSON.stringify({
    merchant_id: 'M1',
    type: 'payment.updated',
    event_id: 'e-1',
    created_at: '2022-07-13T20:30:59.037339943Z',
    data,
    ...overrides,
  });
const CREATED_AT = Date.UTC(2022, 6, 13, 20, 30, 59, 37);

describe('square.parse', () => {
  test('reads a payment event', () => {
    const payment = {
      id: 'p1',
      order_id: 'o1',
      customer_id: 'c1',
      updated_at: '2022-07-13T20:31:00Z',
      version_token: 'x',
    };
    const body = event({ type: 'payment', id: 'p1', object: { payment } });

    expect(eventsOf(square, body, { 'Square-Environment': 'Production' })).toEqual([
      {
        dedupeKey: 'e-1',
        providerEventId: 'e-1',
        eventType: 'payment.updated',
        eventAt: CREATED_AT,
        objectId: 'p1',
        parentIds: ['o1', 'c1'],
        account: 'M1',
        mode: 'unknown',
        isSimulated: false,
        ordering: { by: 'time', value: Date.UTC(2022, 6, 13, 20, 31) },
        payload: null,
      },
    ]);
  });

  test('orders by version where the object counts one', () => {
    const body = event({
      type: 'refund',
      id: 'p1_r1',
      object: { refund: { id: 'p1_r1', payment_id: 'p1', version: 7 } },
    });

    expect(eventsOf(square, body)[0]).toMatchObject({
      objectId: 'p1_r1',
      parentIds: ['p1'],
      ordering: { by: 'version', value: 7 },
    });
  });

  test('takes a version below zero for none: versions count from zero', () => {
    const versioned = (version: number) =>
      eventsOf(square, event({ type: 'refund', id: 'r1', object: { refund: { id: 'r1', version } } }))[0]?.ordering;

    expect(versioned(0)).toEqual({ by: 'version', value: 0 });
    expect(versioned(-1)?.by).not.toBe('version');
  });

  test('finds the object under another name than data.type, and the disputed payment', () => {
    const dispute = { disputed_payment: { payment_id: 'p1' }, disputed_payments: [{ payment_id: 'p2' }] };
    const body = event({ type: 'dispute.state', id: 'd1', object: { dispute } });

    expect(eventsOf(square, body)[0]?.parentIds).toEqual(['p1', 'p2']);
  });

  test('takes a time without Z as UTC, and orders by it when the object has none', () => {
    const body = event({}, { created_at: '2022-04-26T10:08:40.454726' });

    expect(eventsOf(square, body)[0]).toMatchObject({
      eventAt: Date.UTC(2022, 3, 26, 10, 8, 40, 454),
      ordering: { by: 'time', value: Date.UTC(2022, 3, 26, 10, 8, 40, 454) },
    });
    expect(eventsOf(square, event({}, { created_at: 5 }))[0]?.eventAt).toBeNull();
  });

  test('marks the test button of the developer console', () => {
    const body = event({ type: 'webhooks', id: 'w1' }, { type: 'webhooks.test_notification' });

    expect(eventsOf(square, body, { 'square-environment': 'Sandbox' })[0]).toMatchObject({
      isSimulated: true,
      mode: 'unknown',
    });
  });

  test('takes the mode from the key that verified, never from the unsigned environment header', () => {
    const body = event({ type: 'payment', id: 'p1' });
    const modeOf = (key: string, environment: string) => {
      const signed = square.sign(signInput(body, key));
      const delivery = deliveryOf(body, { ...signed.headers, 'square-environment': environment });
      const verification = square.verify(verifyInput(delivery, [key])) as Verified;
      const result = square.parse(delivery, verification);
      return result.outcome === 'parsed' ? result.events[0]?.mode : result.reason;
    };
    const key = square.generateSecret(countingBytes);

    expect(modeOf(key, 'Sandbox')).toBe('unknown');
    expect(modeOf(`live:${key}`, 'Sandbox')).toBe('live');
    expect(modeOf(`test:${key}`, 'Production')).toBe('test');
  });

  test.each([
    ['{"data":{"type":"webhooks","id":"fake_id"}}', 'event_id_missing'],
    ['{"event_id":"e"}', 'event_type_missing'],
    ['null', 'shape_unexpected'],
    ['', 'body_not_json'],
  ])('calls %j unparsable', (body, reason) => {
    expect(square.parse(deliveryOf(body, {}), VERIFIED)).toEqual({ outcome: 'unparsable', reason });
  });
});

describe('square.checkSecret', () => {
  test('accepts generated keys and refuses white space within', () => {
    expect(square.checkSecret(square.generateSecret(countingBytes))).toBeNull();
    expect(square.checkSecret('a b')).toBe('contains white space');
  });

  test('takes a key that is marked with its environment', () => {
    expect(square.checkSecret(`live:${square.generateSecret(countingBytes)}`)).toBeNull();
    expect(square.checkSecret(`sandbox:${square.generateSecret(countingBytes)}`)).toContain('signature key');
  });

  test.each([
    ['"Ibxx_5AKakO-3qeNVR61Dw"', 'quotation marks'],
    ['abcdef', '16 or more'],
    ['whsec_0123456789abcdef0123', 'signature key'],
    ['sq0csp-0123456789abcdef0123456789', 'access token'],
    ['<signature-key-of-square>', 'signature key'],
    ['xxxxxxxxxxxxxxxxxxxxxx', 'signature key'],
    ['your-signature-key-from-square', 'signature key'],
  ])('refuses %j, and says what is expected', (secret, problem) => {
    expect(square.checkSecret(secret)).toContain(problem);
  });
});
