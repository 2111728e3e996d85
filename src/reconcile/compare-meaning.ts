/** What an event says about money, as it was delivered and as its provider lists it now. */
import type { Seal } from '../core/seal.ts';
import type { Webhook } from '../core/webhook.ts';
import { readExactJson } from '../payments/exact-json.ts';
import type { PaymentMapping } from '../payments/map-webhook.ts';
import type { WebhookToMap } from '../payments/mapping.ts';
import { formatMoney, type Money } from '../payments/money.ts';
import type { PaymentEvent } from '../payments/payment-event.ts';

/** A stored webhook that says something else than its provider's list. Nothing is changed by it: a person has to look. */
export interface Finding {
  readonly webhookId: string;
  readonly eventType: string;
  readonly delivered: string;
  readonly listed: string;
}

const isMoney = (value: unknown): value is Money => typeof value === 'object' && value !== null && 'minor' in value;

/** `payment.succeeded amount 12.30 USD`: types and amounts of all events, without names and times. */
const textOfEvent = (event: PaymentEvent): string =>
  [
    event.type,
    ...Object.entries(event).flatMap(([name, value]) => (isMoney(value) ? [`${name} ${formatMoney(value)}`] : [])),
  ].join(' ');

export const textOfEvents = (events: readonly PaymentEvent[]): string => events.map(textOfEvent).join('; ');

/** What a payload of a webhook means: events and amounts, or why it gives none. */
const meaningOf = (mapping: PaymentMapping, webhook: WebhookToMap, payload: Uint8Array): string => {
  const events = eventsIn(mapping, webhook, payload);
  return typeof events === 'string' ? events : textOfEvents(events);
};

/** The payment events in a payload; the reason as a code where it gives none. */
export const eventsIn = (
  mapping: PaymentMapping,
  webhook: WebhookToMap,
  payload: Uint8Array,
): readonly PaymentEvent[] | string => {
  const read = readExactJson(payload);
  if (read.outcome === 'unreadable') return read.reason;
  const mapped = mapping.map(webhook, read.value);
  switch (mapped.outcome) {
    case 'events':
      return mapped.events;
    case 'ignored':
      return mapped.reason;
    case 'needs_fetch':
    case 'shape_unexpected':
      return mapped.outcome;
    default:
      return mapped satisfies never;
  }
};

/** Null when both say the same. Throws what opening a payload throws. */
export const compareMeaning = async (
  { mapping, seal }: { readonly mapping: PaymentMapping; readonly seal: Pick<Seal, 'open'> },
  webhook: Webhook,
  listedBody: Uint8Array,
): Promise<Finding | null> => {
  const delivered = meaningOf(mapping, webhook, await seal.open(webhook.payload, webhook));
  const listed = meaningOf(mapping, webhook, listedBody);
  const { webhookId, eventType } = webhook;
  return delivered === listed ? null : { webhookId, eventType, delivered, listed };
};
