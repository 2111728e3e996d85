/** Webhooks for the tests of payment events: bodies go through the provider's own parser, as they do in the product. */
import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import type { ProviderEvent } from '../../src/core/ports/provider.ts';
import { readExactJson } from '../../src/payments/exact-json.ts';
import { createPaymentMapping, type MapOutcome } from '../../src/payments/map-webhook.ts';
import type { WebhookToMap } from '../../src/payments/mapping.ts';
import type { PaymentEvent } from '../../src/payments/payment-event.ts';
import { MAPPINGS } from '../../src/providers/mappings.ts';
import { providerNamed } from '../../src/providers/providers.ts';
import { type SampleInput, sampleBody, sampleNamed } from '../../src/samples/samples.ts';
import { seededInput } from '../support/sample-input.ts';

/** JSON as a body may have it; bigints are written with all their digits. */
export type Wire = object;

const withBigints = (value: unknown): string =>
  JSON.stringify(value, (_key, member) => (typeof member === 'bigint' ? `bigint:${member}` : member)).replaceAll(
    /"bigint:(-?\d+)"/g,
    '$1',
  );

export const bytesOf = (body: Wire | string): Uint8Array =>
  new TextEncoder().encode(typeof body === 'string' ? body : withBigints(body));

/** The events that the provider's parser finds in a body. */
const parsedBody = (provider: string, body: Uint8Array): readonly ProviderEvent[] => {
  const result = providerNamed(provider)?.parse(
    { body, headers: new Map(), method: 'POST', query: '', publicUrl: null },
    { outcome: 'verified', secretId: 'test', isSimulated: false, transmission: null },
  );
  assert(result?.outcome === 'parsed', 'the body of a test has to be an event');
  return result.events;
};

const webhookOf = (provider: string, event: ProviderEvent): WebhookToMap => ({
  webhookId: `${provider}:${event.dedupeKey}`,
  provider,
  eventType: event.eventType,
  timestamp: event.eventAt ?? 0,
  account: event.account,
  mode: event.mode,
  isSimulated: event.isSimulated,
  ordering: event.ordering,
});

/** What webhooks mean where nothing is configured. */
export const paymentMapping = createPaymentMapping(MAPPINGS, () => undefined);

/** What the first event of a body means, with these settings of its provider. */
export const mapBody = (provider: string, body: Wire | Uint8Array | string, settings?: object): MapOutcome => {
  const bytes = body instanceof Uint8Array ? body : bytesOf(body);
  const [event] = parsedBody(provider, bytes);
  assert(event !== undefined);
  const read = readExactJson(event.payload ?? bytes);
  assert(read.outcome === 'read');
  const mapping = settings === undefined ? paymentMapping : createPaymentMapping(MAPPINGS, () => settings);
  return mapping.map(webhookOf(provider, event), read.value);
};

export const eventsOf = (result: MapOutcome): readonly PaymentEvent[] => {
  assert(result.outcome === 'events', `events were expected, not ${inspect(result)}`);
  return result.events;
};

/** The one payment event of a body. */
export const eventOf = (provider: string, body: Wire | Uint8Array | string): PaymentEvent => {
  const events = eventsOf(mapBody(provider, body));
  assert(events.length === 1 && events[0] !== undefined);
  return events[0];
};

/** A sample body as an object that a test may change. */
// biome-ignore lint/suspicious/noExplicitAny: tests change fields anywhere in it.
export const sampleObject = (provider: string, eventType: string, input: SampleInput = seededInput(provider)): any => {
  const sample = sampleNamed(provider, eventType);
  assert(sample !== undefined, `${provider} has no sample ${eventType}`);
  return JSON.parse(new TextDecoder().decode(sampleBody(provider, sample, input)));
};

let serial = 0;

/** An event of Stripe around an object. */
export const stripeEvent = (type: string, object: object, overrides: object = {}): Wire => {
  serial += 1;
  return {
    id: `evt_1Test${serial}`,
    object: 'event',
    api_version: '2026-10-28.endive',
    created: 1_772_368_496,
    data: { object },
    livemode: false,
    pending_webhooks: 1,
    request: null,
    type,
    ...overrides,
  };
};

/** An event of Square around an object, of a merchant. */
export const squareEvent = (type: string, kind: string, object: object): Wire => {
  serial += 1;
  return {
    merchant_id: 'MLTEST',
    type,
    event_id: `6a8f5f28-54a1-4eb0-a98a-${String(serial).padStart(12, '0')}`,
    created_at: '2026-03-01T12:34:56.789Z',
    data: { type: kind, id: 'object-1', object: { [kind]: object } },
  };
};

/** An event of PayPal around a resource. */
export const paypalEvent = (eventType: string, resource: object): Wire => {
  serial += 1;
  return {
    id: `WH-TEST-${serial}`,
    event_version: '1.0',
    create_time: '2026-03-01T12:34:56.789Z',
    event_type: eventType,
    resource,
  };
};

/** A notification of Adyen with one item. */
export const adyenNotification = (eventCode: string, fields: object = {}): Wire => ({
  live: 'false',
  notificationItems: [
    {
      NotificationRequestItem: {
        additionalData: {},
        amount: { currency: 'EUR', value: 1000 },
        eventCode,
        eventDate: '2026-03-01T13:34:56+01:00',
        merchantAccountCode: 'TestMerchant',
        merchantReference: 'order-1',
        originalReference: 'ORIGINAL00000001',
        pspReference: 'PSPREFERENCE0001',
        reason: '',
        success: 'true',
        ...fields,
      },
    },
  ],
});

/** A webhook of Adyen that says its `type` itself: of a platform, or of a stored way to pay. */
export const adyenPlatformWebhook = (type: string, data: object): Wire => ({
  type,
  environment: 'test',
  timestamp: '2026-03-01T13:34:56+01:00',
  ...(type.startsWith('recurring.') ? { createdAt: '2026-03-01T13:34:56+01:00', eventId: 'QBQQ9DLNRHHKGK38' } : {}),
  data,
});
