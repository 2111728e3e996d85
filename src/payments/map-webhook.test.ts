import { describe, expect, test } from 'vitest';
import { eventOf, mapBody, paymentMapping, sampleObject, stripeEvent } from '../../test/payments/webhooks.ts';
import { MAPPINGS } from '../providers/mappings.ts';
import { samplesOf } from '../samples/samples.ts';
import type { WebhookToMap } from './mapping.ts';

const webhook: WebhookToMap = {
  webhookId: 'stripe:evt_1',
  provider: 'stripe',
  eventType: 'payout.paid',
  timestamp: 5,
  account: null,
  mode: 'live',
  isSimulated: false,
  ordering: null,
};

const PROVIDERS = ['stripe', 'paypal', 'square', 'adyen'] as const;

describe('mapWebhook', () => {
  const samples = PROVIDERS.flatMap((provider) =>
    samplesOf(provider).map(({ eventType }) => ({ provider, eventType })),
  );
  const mapped = samples.filter(({ eventType }) => !/^(v1\.|webhooks\.|BATCH)/.test(eventType));

  test.each(mapped)(
    'gives the sample $provider $eventType an event that its row promises',
    ({ provider, eventType }) => {
      const row = MAPPINGS.find((mapping) => mapping.provider === provider)?.rows.find(
        ({ providerType }) => providerType === eventType,
      );

      expect(row?.gives).toContain(eventOf(provider, sampleObject(provider, eventType)).type);
    },
  );

  test('gives the items of a batch as webhooks of their own', () => {
    expect(mapBody('adyen', sampleObject('adyen', 'BATCH'))).toMatchObject({
      events: [{ type: 'payment.authorized' }],
    });
  });

  test('ignores a type that no row names', () => {
    expect(mapBody('stripe', stripeEvent('customer.invented_tomorrow', { id: 'cus_1' }))).toEqual({
      outcome: 'ignored',
      reason: 'unknown_type',
    });
    expect(mapBody('stripe', stripeEvent('constructor', {}))).toMatchObject({ reason: 'unknown_type' });
  });

  test('ignores a provider without a mapping', () => {
    const other = { ...webhook, provider: 'standard-webhooks' };

    expect(paymentMapping.map(other, {})).toEqual({ outcome: 'ignored', reason: 'provider_not_mapped' });
  });

  test.each([null, 5, 'text', [{}]])('does not expect %j to be a payload', (payload) => {
    expect(paymentMapping.map(webhook, payload)).toEqual({
      outcome: 'shape_unexpected',
      path: '',
      problem: 'not_an_object',
    });
  });

  test('says what a thin event of Stripe asks to be fetched', () => {
    const event = sampleObject('stripe', 'v1.billing.meter.error_report_triggered');

    expect(mapBody('stripe', event)).toEqual({
      outcome: 'needs_fetch',
      fetch: {
        eventPath: `/v2/core/events/${event.id}`,
        object: { id: event.related_object.id, type: 'billing.meter', path: event.related_object.url },
      },
    });
    expect(mapBody('stripe', { ...event, related_object: null })).toMatchObject({ fetch: { object: null } });
  });

  test('takes a thin event for thin whatever its type is called', () => {
    const event = sampleObject('stripe', 'v1.billing.meter.error_report_triggered');

    expect(mapBody('stripe', { ...event, type: 'payout.paid' }).outcome).toBe('needs_fetch');
  });

  test.each(['https://attacker.example/v1/x', '//attacker.example/x', '/\\attacker.example/x', 'v1/x', ''])(
    'does not ask to fetch %j, which is no path of the API',
    (url) => {
      const event = sampleObject('stripe', 'v1.billing.meter.error_report_triggered');
      const result = mapBody('stripe', { ...event, related_object: { ...event.related_object, url } });

      expect(result).toMatchObject({ outcome: 'shape_unexpected', path: 'related_object.url' });
    },
  );

  test('has no time where the provider gives none', () => {
    const payload = { data: { object: { id: 'po_1', amount: 5, currency: 'usd' } } };
    const at = (timestamp: number, ordering: WebhookToMap['ordering']) =>
      paymentMapping.map({ ...webhook, timestamp, ordering }, payload);

    expect(at(0, null)).toMatchObject({ events: [{ occurredAt: null }] });
    expect(at(0, { by: 'version', value: 7 })).toMatchObject({ events: [{ occurredAt: null }] });
    expect(at(0, { by: 'time', value: 7 })).toMatchObject({ events: [{ occurredAt: 7 }] });
    expect(at(5, { by: 'time', value: 7 })).toMatchObject({ events: [{ occurredAt: 5 }] });
  });
});

describe('the mappings of all providers', () => {
  test('names each type once per provider, and what it gives', () => {
    for (const { provider, rows } of MAPPINGS.filter((one) => one.rows.length > 0)) {
      const types = rows.map(({ providerType }) => providerType);

      expect(PROVIDERS).toContain(provider);
      expect(types.length).toBeGreaterThan(20);
      expect(new Set(types).size).toBe(types.length);
    }
  });
});
