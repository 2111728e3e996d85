/** From a stored webhook and its payload to payment events: finds the provider's row and adds where the events come from. */
import type { EpochMs } from '../core/webhook.ts';
import { TIMESTAMP_UNKNOWN } from '../core/webhook.ts';
import { attributed } from './asked-object.ts';
import type { EventBody } from './event-bodies.ts';
import { type ExactJson, isExactObject } from './exact-json.ts';
import type { IgnoredReason, MappingRow, ProviderMapping, ThinEvents, WebhookToMap } from './mapping.ts';
import type { PaymentEvent } from './payment-event.ts';
import { noteProblem, optionalPlaceAt, type Place, problemOf, rootPlace, type ShapeProblem, textAt } from './place.ts';
import { type EventsOfPayment, paymentChangesOf } from './reduce-payment.ts';
import { type SubjectChange, subjectChangeOf } from './subject.ts';

/** What has to be fetched from the provider's API, because the event carries no data. Paths begin with a slash. */
export interface FetchNeeded {
  /** The event itself, with its data. */
  readonly eventPath: string;
  readonly object: { readonly id: string; readonly type: string; readonly path: string } | null;
}

export type MapOutcome =
  | { readonly outcome: 'events'; readonly events: readonly [PaymentEvent, ...PaymentEvent[]] }
  /** Nothing to do, and nothing wrong. */
  | { readonly outcome: 'ignored'; readonly reason: IgnoredReason }
  | { readonly outcome: 'needs_fetch'; readonly fetch: FetchNeeded }
  /** A type that we map, in a shape that we do not know: a person has to look, so it is dead-lettered. */
  | ({ readonly outcome: 'shape_unexpected' } & ShapeProblem);

const ignored = (reason: IgnoredReason): MapOutcome => ({ outcome: 'ignored', reason });

const unexpected = (problem: ShapeProblem): MapOutcome => ({ outcome: 'shape_unexpected', ...problem });

/** A thin event names what it is about and nothing else. */
const fetchOf = (payload: Place, { eventPath }: ThinEvents): MapOutcome => {
  const id = textAt(payload, 'id');
  const related = optionalPlaceAt(payload, 'related_object');
  const object =
    related === null
      ? null
      : { id: textAt(related, 'id'), type: textAt(related, 'type'), path: textAt(related, 'url') };
  // What is fetched with our credentials has to be a path of the provider's API, not an address of somebody else's.
  if (related !== null && object !== null && !/^\/(?![/\\])/.test(object.path))
    noteProblem(related, 'url', 'word_unknown');
  const problem = problemOf(payload);
  if (problem !== null) return unexpected(problem);
  return { outcome: 'needs_fetch', fetch: { eventPath: eventPath(id), object } };
};

const occurredAtOf = ({ timestamp, ordering }: WebhookToMap): EpochMs | null => {
  if (timestamp !== TIMESTAMP_UNKNOWN) return timestamp;
  return ordering?.by === 'time' ? ordering.value : null;
};

/** The source field by field: spreading a second object takes as long as reading the amounts, and this runs for every event. */
const eventOf = (body: EventBody, webhook: WebhookToMap, index: number): PaymentEvent =>
  // The compiler gives up on this many types of events.
  ({
    ...body,
    id: index === 0 ? webhook.webhookId : `${webhook.webhookId}#${index + 1}`,
    webhookId: webhook.webhookId,
    provider: webhook.provider,
    providerType: webhook.eventType,
    account: webhook.account,
    mode: webhook.mode,
    isSimulated: webhook.isSimulated,
    occurredAt: occurredAtOf(webhook),
    ordering: webhook.ordering,
  }) as PaymentEvent;

const mapRow = (row: MappingRow, webhook: WebhookToMap, payload: Place, settings: unknown): MapOutcome => {
  const mapped = row.map(payload, settings);
  const problem = problemOf(payload);
  if (problem !== null) return unexpected(problem);
  if ('ignored' in mapped) return ignored(mapped.ignored);
  const [first, ...others] = mapped;
  const said = webhook.effects?.present;
  const event = (body: EventBody, index: number): PaymentEvent => attributed(eventOf(body, webhook, index), said);
  return { outcome: 'events', events: [event(first, 0), ...others.map((body, index) => event(body, index + 1))] };
};

export interface PaymentMapping {
  /**
   * What a webhook means. `payload` is the whole payload as `readExactJson` gives it. Pure: the same webhook always gives
   * the same events with the same ids. Never throws, whatever the payload. Fields that we do not read change nothing.
   */
  map(webhook: WebhookToMap, payload: ExactJson): MapOutcome;
  /** What the events of one webhook change. */
  changesOf(events: readonly PaymentEvent[]): Changes;
}

/** Payments as the provider tells one from another; simulated events, and those of nothing that they name, change nothing. */
export interface Changes {
  readonly payments: readonly EventsOfPayment[];
  readonly subjects: readonly SubjectChange[];
}

/** `settingsOf` gives what the configuration says of a provider; undefined for one that is not configured. */
export const createPaymentMapping = (
  mappings: readonly ProviderMapping[],
  settingsOf: (provider: string) => unknown,
): PaymentMapping => {
  const byProvider = new Map(
    mappings.map((mapping) => [
      mapping.provider,
      {
        ...mapping,
        rowOf: new Map(mapping.rows.map((row) => [row.providerType, row])),
        leftOut: new Set(Object.values(mapping.leftOut).flat()),
      },
    ]),
  );
  return {
    map(webhook, payload) {
      const mapping = byProvider.get(webhook.provider);
      if (mapping === undefined || mapping.rows.length === 0) return ignored('provider_not_mapped');
      if (!isExactObject(payload)) return unexpected({ path: '', problem: 'not_an_object' });
      const place = rootPlace(payload);
      const { thinEvents, rowOf, leftOut } = mapping;
      if (thinEvents !== undefined && payload.object === thinEvents.object) return fetchOf(place, thinEvents);
      const row = rowOf.get(webhook.eventType);
      if (row !== undefined) return mapRow(row, webhook, place, settingsOf(webhook.provider));
      return ignored(leftOut.has(webhook.eventType) ? 'left_out' : 'unknown_type');
    },
    changesOf(events) {
      const isAccountInKey = byProvider.get(events[0]?.provider ?? '')?.isAccountInKey ?? true;
      return {
        payments: paymentChangesOf(events, isAccountInKey),
        subjects: events.map((event) => subjectChangeOf(event, isAccountInKey)).filter((change) => change !== null),
      };
    },
  };
};
