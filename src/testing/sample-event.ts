/** Payment events as the mapping of a provider makes them out of a sample of it. */
import type { Verified } from '../core/ports/provider.ts';
import { TIMESTAMP_UNKNOWN } from '../core/webhook.ts';
import { readExactJson } from '../payments/exact-json.ts';
import { createPaymentMapping } from '../payments/map-webhook.ts';
import type { PaymentEvent, PaymentEventOf, PaymentEventType } from '../payments/payment-event.ts';
import { MAPPINGS } from '../providers/mappings.ts';
import { PROVIDERS } from '../providers/providers.ts';
import { samplesOf } from '../samples/samples.ts';
import { SCENARIOS } from '../samples/scenarios/scenarios.ts';
import { type SampleOptions, type SampleWebhook, sampleLife, sampleWebhook } from './sample-webhook.ts';

export interface SampleEventOptions extends SampleOptions {
  /** Whose event it is. @default the first provider that has such an event */
  readonly provider?: string;
}

/** What a webhook of the test counts as: nothing was signed. */
export const VERIFIED: Verified = { outcome: 'verified', secretId: 'test', isSimulated: false, transmission: null };

/**
 * An event with all fields as a provider says them; change what a test is about: `{ ...sampleEvent('payment.failed'),
 * reason: 'card_declined' }`. Throws `TypeError` that names the types of which there are samples.
 */
export const sampleEvent = <const T extends PaymentEventType>(
  type: T,
  { provider, ...options }: SampleEventOptions = {},
): PaymentEventOf<T> => {
  const seen = new Set<string>();
  for (const webhook of webhooks(provider, options)) {
    for (const event of eventsOf(webhook)) {
      if (event.type === type) return event as PaymentEventOf<T>;
      seen.add(event.type);
    }
  }
  const whose = provider === undefined ? '' : ` of ${provider}`;
  throw new TypeError(
    `there is no sample of ${type}${whose}: expected ${[...seen].toSorted().join(', ') || 'a provider'}`,
  );
};

/** Single samples first: they speak of one thing each. */
function* webhooks(provider: string | undefined, options: SampleOptions): Generator<SampleWebhook> {
  for (const { name } of PROVIDERS) {
    if (provider !== undefined && provider !== name) continue;
    for (const { eventType } of samplesOf(name)) yield sampleWebhook(name, eventType, options);
  }
  for (const { name } of SCENARIOS) {
    for (const webhook of sampleLife(name, options)) {
      if (provider === undefined || provider === webhook.provider) yield webhook;
    }
  }
}

const mapping = createPaymentMapping(MAPPINGS, () => undefined);

const eventsOf = ({ provider: name, body }: SampleWebhook): readonly PaymentEvent[] => {
  const provider = PROVIDERS.find((one) => one.name === name);
  const delivery = { body, headers: new Map(), method: 'POST', query: '', publicUrl: null };
  const parsed = provider?.parse(delivery, VERIFIED);
  if (parsed?.outcome !== 'parsed') return [];
  return parsed.events.flatMap((event) => {
    const read = readExactJson(event.payload ?? body);
    const webhook = {
      ...event,
      webhookId: `${name}:${event.dedupeKey}`,
      timestamp: event.eventAt ?? TIMESTAMP_UNKNOWN,
      provider: name,
    };
    const mapped = mapping.map(webhook, read.outcome === 'read' ? read.value : null);
    return mapped.outcome === 'events' ? mapped.events : [];
  });
};
