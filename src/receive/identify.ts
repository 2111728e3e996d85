/** Which webhooks a verified delivery holds, and under which key each is stored. */
import { hashedId } from '../core/hashed-id.ts';
import { LIMITS } from '../core/limits.ts';
import type { Delivery, Provider, ProviderEvent, Verified } from '../core/ports/provider.ts';
import type { UnparsableReason } from '../core/read-json.ts';
import { TIMESTAMP_UNKNOWN, UNPARSABLE_EVENT_TYPE, type WebhookKey } from '../core/webhook.ts';

/** What will be stored: an event that the provider's file understood, or the whole body when it did not. */
export interface IdentifiedEvent {
  readonly key: WebhookKey;
  readonly event: ProviderEvent;
  readonly unparsable: UnparsableReason | null;
}

/** The events of the delivery, at least one; for a signed body that is not understood one stand-in for all of it. */
export const identifyEvents = (
  provider: Provider,
  delivery: Delivery,
  verification: Verified,
  bodySha256: string,
): readonly IdentifiedEvent[] => {
  const parsed = provider.parse(delivery, verification);
  if (parsed.outcome === 'parsed' && parsed.events.length <= LIMITS.eventsPerDeliveryMax) {
    return parsed.events.map((event) => ({ key: keyOf(provider, event), event, unparsable: null }));
  }
  const unparsable = parsed.outcome === 'parsed' ? 'too_many_events' : parsed.reason;
  const event = unparsableEvent(bodySha256, verification.isSimulated);
  return [
    { key: { webhookId: `${provider.name}:${event.dedupeKey}`, timestamp: TIMESTAMP_UNKNOWN }, event, unparsable },
  ];
};

const unparsableEvent = (bodySha256: string, isSimulated: boolean): ProviderEvent => ({
  dedupeKey: `sha256-${bodySha256}`,
  providerEventId: null,
  eventType: UNPARSABLE_EVENT_TYPE,
  eventAt: null,
  objectId: null,
  parentIds: [],
  account: null,
  mode: 'unknown',
  isSimulated,
  ordering: null,
  payload: null,
});

const keyOf = (provider: Provider, event: ProviderEvent): WebhookKey => ({
  webhookId: `${provider.name}:${boundedKey(event.dedupeKey)}`,
  timestamp: event.eventAt ?? TIMESTAMP_UNKNOWN,
});

/** How keys look that Payhook makes: the hash of another key or of a body, a webhook kept beside one that says something else. */
const OURS = /^sha256-|~(?:\d+|old)$/;

/**
 * Ids of any length and any characters become keys of bounded length that print on one line. An id that looks like a key of
 * ours becomes one: nobody takes the place of another's.
 */
const boundedKey = (dedupeKey: string): string =>
  dedupeKey.length <= LIMITS.dedupeKeyCharsMax && /^[\x21-\x7e]+$/.test(dedupeKey) && !OURS.test(dedupeKey)
    ? dedupeKey
    : hashedId(dedupeKey);
