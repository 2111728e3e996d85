import { describe, expect, test } from 'vitest';
import { seededInput } from '../../test/support/sample-input.ts';
import { isJsonObject, type JsonObject, type JsonValue, readJson } from '../core/read-json.ts';
import { type Sample, type SampleInput, sampleBody, sampleNamed, samplesOf } from './samples.ts';

const PROVIDERS = ['stripe', 'paypal', 'square', 'adyen', 'standard-webhooks'] as const;
type ProviderName = (typeof PROVIDERS)[number];

const EVENT_TYPES_MIN: Record<ProviderName, number> = {
  stripe: 15,
  paypal: 10,
  square: 10,
  adyen: 6,
  'standard-webhooks': 3,
};

const allSamples = PROVIDERS.flatMap((provider) =>
  samplesOf(provider).map((sample) => ({ provider, eventType: sample.eventType, sample })),
);

const bodyOf = (provider: string, sample: Sample, input: SampleInput): JsonObject => {
  const result = readJson(sampleBody(provider, sample, input));
  if (result.outcome !== 'read' || !isJsonObject(result.value)) throw new Error('not a JSON object');
  return result.value;
};

const valueAt = (body: JsonValue | undefined, ...path: readonly (string | number)[]): JsonValue | undefined =>
  path.reduce<JsonValue | undefined>((value, key) => (value as Record<string | number, JsonValue>)[key], body);

/** What makes the event itself unique, per provider. */
const eventIdOf = (provider: ProviderName, body: JsonObject): JsonValue | undefined => {
  switch (provider) {
    case 'stripe':
    case 'paypal':
    case 'standard-webhooks':
      return body.id;
    case 'square':
      return body.event_id;
    case 'adyen':
      return valueAt(body, 'notificationItems', 0, 'NotificationRequestItem', 'pspReference');
  }
};

const eventTypesIn = (provider: ProviderName, body: JsonObject): readonly (JsonValue | undefined)[] => {
  switch (provider) {
    case 'stripe':
    case 'square':
    case 'standard-webhooks':
      return [body.type];
    case 'paypal':
      return [body.event_type];
    case 'adyen':
      return (body.notificationItems as readonly JsonObject[]).map((item) =>
        valueAt(item, 'NotificationRequestItem', 'eventCode'),
      );
  }
};

const EVENT_ID_SHAPES: Record<ProviderName, RegExp> = {
  stripe: /^evt_(?:test_)?[0-9A-Za-z]{24,32}$/,
  paypal: /^WH-[0-9A-Z]{17}-[0-9A-Z]{17}$/,
  square: /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  adyen: /^[0-9A-Z]{16}$/,
  'standard-webhooks': /^msg_[0-9A-Za-z]{27}$/,
};

const passesLuhn = (digits: string): boolean => {
  const sum = Array.from(digits)
    .toReversed()
    .reduce((total, digit, index) => {
      const value = Number(digit) * (index % 2 === 1 ? 2 : 1);
      return total + (value > 9 ? value - 9 : value);
    }, 0);
  return sum % 10 === 0;
};

/** Visa, Mastercard, American Express, Diners, Discover, JCB, UnionPay, Maestro. */
const ISSUER_RANGE = /^(?:4|5[0-8]|2[2-7]|3[0-9]|6)/;

/** Runs of 13 to 19 digits, written together or in groups, that could be the number of a card. */
const cardNumbersIn = (text: string): readonly string[] =>
  [...text.matchAll(/(?<![0-9])[0-9](?:[ -]?[0-9]){12,18}(?![0-9])/g)]
    .map(([run]) => run.replaceAll(/[ -]/g, ''))
    .filter((digits) => ISSUER_RANGE.test(digits) && passesLuhn(digits));

const securityCodeKeys = /"(?:cvv|cvc|cvv2|cid|csc|card_number|pan|track[12]?)":/i;

describe('samplesOf', () => {
  test.each(PROVIDERS)('has the promised number of event types for %s, each only once', (provider) => {
    const eventTypes = samplesOf(provider).map((sample) => sample.eventType);

    expect(eventTypes.length).toBeGreaterThanOrEqual(EVENT_TYPES_MIN[provider]);
    expect(new Set(eventTypes).size).toBe(eventTypes.length);
  });

  test('is empty for a provider that it does not know', () => {
    expect(samplesOf('nobody')).toEqual([]);
    expect(samplesOf('constructor')).toEqual([]);
  });

  test('has a summary of one short line for each event type', () => {
    for (const { sample } of allSamples) expect(sample.summary).toMatch(/^[^\n]{8,70}$/);
  });
});

describe('sampleNamed', () => {
  test('finds a sample by the exact name of its event type', () => {
    expect(sampleNamed('stripe', 'charge.refunded')?.eventType).toBe('charge.refunded');
    expect(sampleNamed('adyen', 'BATCH')?.eventType).toBe('BATCH');
  });

  test('finds nothing under another name or another provider', () => {
    expect(sampleNamed('stripe', 'Charge.Refunded')).toBeUndefined();
    expect(sampleNamed('square', 'charge.refunded')).toBeUndefined();
    expect(sampleNamed('nobody', 'charge.refunded')).toBeUndefined();
  });
});

describe('sampleBody', () => {
  test.each(allSamples)('$provider $eventType names its own event type', ({ provider, eventType, sample }) => {
    const inBody = eventTypesIn(provider, bodyOf(provider, sample, seededInput('type')));

    expect(inBody).toEqual(eventType === 'BATCH' ? ['AUTHORISATION', 'CAPTURE'] : [eventType]);
  });

  test.each(allSamples)('$provider $eventType takes its event id from eventId alone', ({ provider, sample }) => {
    const idFor = (seed: string, eventId: string) =>
      eventIdOf(provider, bodyOf(provider, sample, seededInput(seed, { eventId })));

    const first = idFor('a', 'one');

    expect(first).toMatch(EVENT_ID_SHAPES[provider]);
    expect(idFor('b', 'one')).toBe(first);
    expect(idFor('a', 'two')).not.toBe(first);
  });

  test.each(allSamples)('$provider $eventType repeats itself for the same input', ({ provider, sample }) => {
    const first = sampleBody(provider, sample, seededInput('same'));
    const second = sampleBody(provider, sample, seededInput('same'));
    const other = sampleBody(provider, sample, seededInput('other'));

    expect(Buffer.from(first).equals(second)).toBe(true);
    expect(Buffer.from(first).equals(other)).toBe(false);
  });

  test.each(allSamples)('$provider $eventType has a sane size', ({ provider, sample }) => {
    const bytes = sampleBody(provider, sample, seededInput('size')).byteLength;

    expect(bytes).toBeGreaterThan(150);
    expect(bytes).toBeLessThan(8000);
  });

  test('gives Stripe payments the size of real ones', () => {
    for (const eventType of ['payment_intent.succeeded', 'charge.succeeded']) {
      const sample = sampleNamed('stripe', eventType);
      const bytes = sampleBody('stripe', sample!, seededInput('size')).byteLength;

      expect(bytes).toBeGreaterThan(1500);
      expect(bytes).toBeLessThan(5000);
    }
  });

  test.each(allSamples)('$provider $eventType holds no card number and no security code', ({ provider, sample }) => {
    for (let seed = 0; seed < 40; seed += 1) {
      const text = new TextDecoder().decode(sampleBody(provider, sample, seededInput(String(seed))));

      expect(cardNumbersIn(text)).toEqual([]);
      expect(text).not.toMatch(securityCodeKeys);
    }
  });

  test('would notice a card number, so that the test above can fail', () => {
    const number = ['4242', '4242', '4242', '4242'];

    expect(cardNumbersIn(`{"a":"${number.join('')}"}`)).toHaveLength(1);
    expect(cardNumbersIn(`{"a":"${number.join(' ')}"}`)).toHaveLength(1);
  });

  test('indents Stripe bodies by two spaces and writes the others compactly', () => {
    for (const { provider, sample } of allSamples) {
      const text = new TextDecoder().decode(sampleBody(provider, sample, seededInput('format')));
      const spaces = provider === 'stripe' ? 2 : 0;

      expect(text).toBe(JSON.stringify(JSON.parse(text), null, spaces));
    }
  });

  test('states the time of the input as the time of the event', () => {
    const instantOf = (provider: string, eventType: string, key: string) =>
      bodyOf(provider, sampleNamed(provider, eventType)!, seededInput('time'))[key];

    expect(instantOf('stripe', 'charge.succeeded', 'created')).toBe(1_772_368_496);
    expect(instantOf('stripe', 'v1.billing.meter.error_report_triggered', 'created')).toBe('2026-03-01T12:34:56.789Z');
    expect(instantOf('paypal', 'PAYMENT.CAPTURE.COMPLETED', 'create_time')).toBe('2026-03-01T12:34:56.789Z');
    expect(instantOf('square', 'payment.updated', 'created_at')).toBe('2026-03-01T12:34:56.789Z');
    expect(instantOf('square', 'webhooks.test_notification', 'created_at')).toMatch(
      /^2026-03-01T12:34:56\.789[0-9]{6}Z$/,
    );
    expect(instantOf('standard-webhooks', 'payment.succeeded', 'timestamp')).toBe('2026-03-01T12:34:56.789Z');
  });
});
