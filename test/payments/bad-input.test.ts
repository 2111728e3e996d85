/** Payloads that are wrong, hostile or huge: each has one clear outcome, and none throws. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LIMITS } from '../../src/core/limits.ts';
import { readExactJson } from '../../src/payments/exact-json.ts';
import type { WebhookToMap } from '../../src/payments/mapping.ts';
import { MAPPINGS } from '../../src/providers/mappings.ts';
import { samplesOf } from '../../src/samples/samples.ts';
import { runs } from '../support/property-runs.ts';
import {
  adyenNotification,
  bytesOf,
  eventOf,
  mapBody,
  paymentMapping,
  paypalEvent,
  sampleObject,
  squareEvent,
  stripeEvent,
} from './webhooks.ts';

const THIRTY_DIGITS = 123_456_789_012_345_678_901_234_567_890n;

/** A payment of each provider with an amount as it would write it. */
const payments = (amount: unknown, currency: unknown = 'USD') => [
  {
    provider: 'stripe',
    path: 'data.object.amount',
    currencyPath: 'data.object.currency',
    body: stripeEvent('payment_intent.created', { id: 'pi_1', amount, currency }),
  },
  {
    provider: 'paypal',
    path: 'resource.amount.value',
    currencyPath: 'resource.amount.currency_code',
    body: paypalEvent('PAYMENT.CAPTURE.COMPLETED', { id: 'C1', amount: { value: amount, currency_code: currency } }),
  },
  {
    provider: 'square',
    path: 'data.object.payment.total_money.amount',
    currencyPath: 'data.object.payment.total_money.currency',
    body: squareEvent('payment.updated', 'payment', {
      id: 'P1',
      status: 'COMPLETED',
      total_money: { amount, currency },
    }),
  },
  {
    provider: 'adyen',
    path: 'notificationItems.0.NotificationRequestItem.amount.value',
    currencyPath: 'notificationItems.0.NotificationRequestItem.amount.currency',
    body: adyenNotification('AUTHORISATION', { amount: { value: amount, currency } }),
  },
];

/** Adyen's and Stripe's parsers do not care about the amount; the outcome of mapping is what is looked at. */
const outcomes = (amount: unknown, currency?: unknown) =>
  payments(amount, currency).map(({ provider, path, currencyPath, body }) => ({
    path,
    currencyPath,
    result: mapBody(provider, body),
  }));

describe('an amount', () => {
  test('of thirty digits keeps all of them', () => {
    for (const { provider, body } of payments(THIRTY_DIGITS)) {
      const minor = provider === 'paypal' ? THIRTY_DIGITS * 100n : THIRTY_DIGITS;

      expect(eventOf(provider, body)).toMatchObject({ amount: { minor } });
    }
  });

  test('just above 2^53 keeps its last digit', () => {
    for (const { provider, body } of payments(9_007_199_254_740_993n)) {
      const minor = provider === 'paypal' ? 900_719_925_474_099_300n : 9_007_199_254_740_993n;

      expect(eventOf(provider, body)).toMatchObject({ amount: { minor } });
    }
  });

  test.each([
    ['below zero', -100, 'negative'],
    ['below zero with thirty digits', -THIRTY_DIGITS, 'negative'],
    ['missing', undefined, 'missing'],
    ['null', null, 'missing'],
    ['of fifty digits', 10n ** 50n, 'too_many_digits'],
    ['true', true, 'not_an_amount'],
    ['a list', [100], 'not_an_amount'],
    ['an object', { amount: 100 }, 'not_an_amount'],
    ['words', 'one hundred', 'not_an_amount'],
    ['infinite', 'Infinity', 'not_an_amount'],
    ['in other digits', '١٠٠', 'not_an_amount'],
    ['HTML', '<b>100</b>', 'not_an_amount'],
  ])('that is %s is told with its place', (_what, amount, problem) => {
    for (const { path, result } of outcomes(amount)) {
      expect(result).toEqual({ outcome: 'shape_unexpected', path, problem });
    }
  });

  test.each([
    ['unknown', 'XTS', 'currency_unknown'],
    ['a number', 840, 'currency_unknown'],
    ['a key of every object', 'constructor', 'currency_unknown'],
    ['null', null, 'currency_missing'],
    ['empty', '', 'currency_missing'],
  ])('in a currency that is %s is told with its place', (_what, currency, problem) => {
    for (const { currencyPath, result } of outcomes(100, currency)) {
      expect(result).toEqual({ outcome: 'shape_unexpected', path: currencyPath, problem });
    }
  });

  test.each(['12.50', '1e2', '100.00000000000000000001'])(
    'written as the number %s is no count of smallest units',
    (number) => {
      const body = JSON.stringify(stripeEvent('payout.paid', { id: 'po_1', amount: 0, currency: 'usd' })).replace(
        '"amount":0',
        `"amount":${number}`,
      );

      expect(mapBody('stripe', body)).toEqual({
        outcome: 'shape_unexpected',
        path: 'data.object.amount',
        problem: 'not_an_amount',
      });
    },
  );
});

describe('a payload', () => {
  test('with HTML in every description means the same', () => {
    const body = sampleObject('stripe', 'payment_intent.succeeded');
    const html = '<img src=x onerror="alert(1)">';
    const object = { ...body.data.object, description: html, statement_descriptor: html, metadata: { note: html } };

    expect(eventOf('stripe', { ...body, data: { object } })).toEqual(eventOf('stripe', body));
  });

  // The text of a quadratic reader would run into the test's time limit.
  test('of one MiB means the same', () => {
    const body = sampleObject('stripe', 'payment_intent.succeeded');
    const metadata: Record<string, unknown> = {};
    for (let key = 0; key < 20_000; key += 1) metadata[`key_${key}`] = `:12.5,[9007199254740993 ${key}`;
    const large = { ...body, data: { object: { ...body.data.object, metadata } } };
    const bytes = bytesOf(large);
    const event = eventOf('stripe', bytes);

    expect(bytes.byteLength).toBeGreaterThan(LIMITS.bodyBytesMax * 0.8);
    expect(event).toEqual(eventOf('stripe', body));
  });

  test('with lists as long as a body allows is read up to a bound, and no sum is made of a part', () => {
    const units = Array.from({ length: 20_000 }, () => ({ amount: { value: '1.00', currency_code: 'USD' } }));

    expect(
      eventOf('paypal', paypalEvent('CHECKOUT.ORDER.APPROVED', { id: 'O1', purchase_units: units })),
    ).toMatchObject({ type: 'payment.created', amount: null });
  });

  test('with a month 19 has no time, and is mapped', () => {
    const impossible = '2018-19-12T22:20:32.000Z';
    const body = sampleObject('paypal', 'PAYMENT.CAPTURE.REFUNDED');
    const resource = { ...body.resource, create_time: impossible, update_time: impossible };

    expect(eventOf('paypal', { ...body, create_time: impossible, resource })).toMatchObject({
      type: 'refund.succeeded',
      occurredAt: null,
      beganAt: null,
    });
  });
});

const samples = ['stripe', 'paypal', 'square', 'adyen'].flatMap((provider) =>
  samplesOf(provider).map(({ eventType }) => ({ provider, eventType })),
);

/** Names of fields that no provider has, or will have: they hold a space. */
const unknownFields = fc.dictionary(
  fc.string({ minLength: 1, maxLength: 8 }).map((name) => `x ${name}`),
  fc.jsonValue({ maxDepth: 2 }),
  { minKeys: 1, maxKeys: 4 },
);

const withExtras = (value: unknown, extras: object): unknown => {
  if (Array.isArray(value)) return value.map((item) => withExtras(item, extras));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, member]) => [key, withExtras(member, extras)] as const);
  return { ...extras, ...Object.fromEntries(entries) };
};

describe('unknown extra fields', () => {
  test('at every level of a payload change nothing', () => {
    fc.assert(
      fc.property(fc.constantFrom(...samples), unknownFields, ({ provider, eventType }, extras) => {
        const body = sampleObject(provider, eventType);

        expect(mapBody(provider, withExtras(body, extras) as object)).toEqual(mapBody(provider, body));
      }),
      runs(200),
    );
  });
});

const types = MAPPINGS.flatMap(({ provider, rows }) =>
  rows.map(({ providerType }) => [provider, providerType] as const),
);

const webhookOf = (provider: string, eventType: string): WebhookToMap => ({
  webhookId: `${provider}:1`,
  provider,
  eventType,
  timestamp: 0,
  account: null,
  mode: 'unknown',
  isSimulated: false,
  ordering: null,
});

const FIELD_NAMES = [
  'data',
  'object',
  'id',
  'amount',
  'currency',
  'status',
  'resource',
  'value',
  'links',
  'payment',
  'refund',
  'notificationItems',
  'NotificationRequestItem',
  'success',
  'charge',
];

/** Any JSON, with names that the mappings look for more often than chance has it. */
const payload = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    fc.constantFrom(null, true, 0, -1, 'usd', '12.30', '', 'paid'),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...FIELD_NAMES), tie('value'), { maxKeys: 6 }),
  ),
})).value;

/** One field of a sample replaced by something else. */
const damaged = fc
  .tuple(fc.constantFrom(...samples), fc.nat(), payload)
  .map(([{ provider, eventType }, place, value]) => {
    const body = sampleObject(provider, eventType);
    const holders: [Record<string, unknown>, string][] = [];
    const collect = (node: unknown): void => {
      if (typeof node !== 'object' || node === null) return;
      for (const [key, member] of Object.entries(node)) {
        holders.push([node as Record<string, unknown>, key]);
        collect(member);
      }
    };
    collect(body);
    const [holder, key] = holders[place % holders.length]!;
    holder[key] = value;
    return { provider, eventType, body };
  });

describe('mapWebhook', () => {
  const isOutcome = (text: string): void => {
    expect(['events', 'ignored', 'needs_fetch', 'shape_unexpected']).toContain(text);
  };

  test('has an outcome for any JSON under any type', () => {
    fc.assert(
      fc.property(fc.constantFrom(...types), payload, ([provider, eventType], value) => {
        const read = readExactJson(bytesOf(JSON.stringify(value)));
        if (read.outcome === 'read') isOutcome(paymentMapping.map(webhookOf(provider, eventType), read.value).outcome);
      }),
      runs(2000),
    );
  });

  test('has an outcome for any sample with one field damaged, and never an amount below zero', () => {
    fc.assert(
      fc.property(damaged, ({ provider, eventType, body }) => {
        const read = readExactJson(bytesOf(body));
        if (read.outcome !== 'read') return;
        const result = paymentMapping.map(webhookOf(provider, eventType), read.value);
        isOutcome(result.outcome);
        if (result.outcome !== 'events') return;
        for (const event of result.events) {
          if ('paymentNames' in event && event.amount !== null) expect(event.amount.minor >= 0n).toBe(true);
        }
      }),
      runs(2000),
    );
  });
});
