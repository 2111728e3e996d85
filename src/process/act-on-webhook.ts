/**
 * What a webhook does once it is its turn: it becomes payment events, these change the payment, are put into the queues of the
 * destinations, and the team's handlers are called. In this order: what is written here can be written again, a handler
 * may not be as careful.
 */
import type { Acted, ActOutcome, Confirmation, Effects, Fetched } from '../core/effects.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { PresentState } from '../core/present-state.ts';
import { type JsonValue, readJson } from '../core/read-json.ts';
import type { Webhook } from '../core/webhook.ts';
import type { DestinationEntry, DestinationOutbox } from '../destinations/destination-queue.ts';
import { messageOf } from '../destinations/message.ts';
import type { RecentMessages } from '../destinations/recent-messages.ts';
import type { AppliedEvent, CallHandlers } from '../handlers/call-handlers.ts';
import type { HandledWebhook } from '../handlers/handler.ts';
import { isWanted } from '../payments/event-patterns.ts';
import { readExactJson } from '../payments/exact-json.ts';
import type { MapOutcome, PaymentMapping } from '../payments/map-webhook.ts';
import type { PaymentEvent } from '../payments/payment-event.ts';
import type { PaymentStore } from '../payments/payment-store.ts';
import {
  eventEffectOf,
  notePayment,
  noteSubject,
  type ReceivedEvent,
  type ReceivedEvents,
  receivedOf,
} from '../payments/received-event.ts';
import type { RecordAndChange } from '../payments/record-and-change.ts';
import { type Act, type AskPresent, type Confirm, type FetchData, tooManyEvents } from './act.ts';

export interface WantedEvents {
  readonly name: string;
  readonly events: readonly string[];
}

export interface ActOnWebhookDeps {
  readonly callHandlers: CallHandlers;
  /** False where there are none: nobody is told of a payment before its webhook, or its entries, are written. @default true */
  readonly hasHandlers?: boolean;
  /** Of a home that has it: without handlers and destinations, events are recorded with the end of their webhook. */
  readonly recordAndChange?: RecordAndChange | undefined;
  readonly payments: PaymentStore;
  readonly mapping: PaymentMapping;
  readonly destinations: readonly WantedEvents[];
  readonly outbox: DestinationOutbox;
  readonly clock: Clock;
  /** Where what some providers deliver has to be confirmed. @default everything may be acted on */
  readonly confirm?: Confirm | undefined;
  /** Where what some events name is fetched for handlers. @default nothing is */
  readonly fetchData?: FetchData | undefined;
  /** Where some providers are asked for the present state of what they deliver. @default none is */
  readonly askPresent?: AskPresent | undefined;
  /** Called for a webhook of a type that the provider's catalogue did not have. */
  readonly noteUnknownType: (webhook: Webhook) => void;
  /** Where the sender runs in the same process. @default none */
  readonly recentMessages?: Pick<RecentMessages, 'keep'>;
}

const givenUp = (reason: string, error: string, effects: Effects): Acted => ({
  outcome: { outcome: 'given_up', reason, error },
  effects,
});

export const createActOnWebhook =
  (deps: ActOnWebhookDeps): Act =>
  async (webhook, payload, isAlone) => {
    const mapped = mapPayload(deps.mapping, webhook, payload);
    if (mapped.outcome === 'shape_unexpected') {
      return givenUp('shape_unexpected', describeShape(webhook, mapped), webhook.effects);
    }
    if (mapped.outcome === 'ignored' && mapped.reason === 'unknown_type') deps.noteUnknownType(webhook);
    if (webhook.synthetic === 'kept') return { outcome: outcomeWithoutHandlers(mapped), effects: webhook.effects };
    const asked = await askFirst(deps, webhook, mapped);
    if ('outcome' in asked) return asked;
    const { before, fetched } = asked;
    const mappedEvents = mapped.outcome === 'events' ? mapped.events : [];
    if (deps.recordAndChange !== undefined && isRecordedLater(deps, webhook, mappedEvents, isAlone)) {
      const recording = { events: mappedEvents, changes: deps.mapping.changesOf(mappedEvents) };
      const recordAndChange = deps.recordAndChange.bind(null, recording);
      return {
        outcome: outcomeWithoutHandlers(mapped),
        effects: { ...before, only: null },
        recordAndChange,
        recording,
      };
    }
    const applied = await applyAll(deps, webhook, mappedEvents);
    if (applied === 'too_many_events') return tooManyEvents(before);
    const destinations = await putOnce(deps, webhook, applied);
    const called = await deps.callHandlers(handledWebhook(webhook, payload, fetched), applied, before, isAlone);
    const outcome = called.outcome ?? outcomeWithoutHandlers(mapped);
    const events = applied.map(({ event, ...received }, index) =>
      eventEffectOf(event.type, received, destinations[index] ?? []),
    );
    const effects = { ...before, events, handlers: called.effects };
    const last = await askLast(deps, { ...webhook, effects }, outcome, applied);
    const isOver = last.outcome.outcome === 'processed' || last.outcome.outcome === 'ignored';
    return { outcome: last.outcome, effects: { ...last.effects, only: isOver ? null : before.only } };
  };

/** What is known before anything is done about a webhook. */
interface Asked {
  readonly before: Effects;
  readonly fetched: Fetched | null;
}

/** What a provider's API has to say first, where it is asked; an outcome where it does not say it now, or says otherwise. */
const askFirst = async (deps: ActOnWebhookDeps, webhook: Webhook, mapped: MapOutcome): Promise<Asked | Acted> => {
  const { confirm, fetchData, hasHandlers = true, clock } = deps;
  const before = webhook.effects;
  if (mapped.outcome === 'events') {
    const confirmation = confirm === undefined ? NOT_NEEDED : await confirm(webhook, mapped.events);
    if (confirmation.outcome === 'not_needed') return askWhose(deps, webhook, mapped.events);
    if (confirmation.outcome !== 'confirmed') return { outcome: confirmation, effects: before };
    return askWhose(deps, { ...webhook, effects: { ...before, confirmedAt: clock.now() } }, mapped.events);
  }
  if (mapped.outcome === 'needs_fetch' && fetchData !== undefined && hasHandlers) {
    const fetching = await fetchData(webhook, mapped.fetch);
    if (fetching.outcome === 'fetched') return { before, fetched: fetching.fetched };
    return fetching.outcome === 'not_wanted' ? { before, fetched: null } : { outcome: fetching, effects: before };
  }
  return { before, fetched: null };
};

const NOT_NEEDED: Confirmation = { outcome: 'not_needed' };

/**
 * Of whose payment events are that name none. Once a payment is named the attempt ends and is made again: what the events say is
 * stored before anybody is told of it, so that they say the same whenever they are read.
 */
const askWhose = async (
  { askPresent }: ActOnWebhookDeps,
  webhook: Webhook,
  events: readonly PaymentEvent[],
): Promise<Asked | Acted> => {
  const { effects } = webhook;
  if (askPresent?.isAsked(webhook.provider) !== true) return { before: effects, fetched: null };
  const presence = await askPresent.attribute(webhook, events);
  if (presence.outcome !== 'said') return { outcome: presence, effects };
  const before = withPresent(effects, presence.states);
  const named = presence.states.find(({ outcome }) => outcome === 'attributed');
  if (named === undefined) return { before, fetched: null };
  const error = `its provider names the payment of ${named.kind} ${named.id}: kept, and acted on in the next attempt`;
  return { outcome: { outcome: 'rests', reason: 'attributed_by_api', error, restMs: 0 }, effects: before };
};

const withPresent = (effects: Effects, states: readonly PresentState[]): Effects =>
  states.length === 0 ? effects : { ...effects, present: [...(effects.present ?? []), ...states] };

/** Nobody waits for what is asked about a contradiction; where it is not said now, only that is left to be done. */
const askLast = async (
  { askPresent }: ActOnWebhookDeps,
  webhook: Webhook,
  outcome: ActOutcome,
  applied: readonly Applied[],
): Promise<Acted> => {
  const { effects, provider } = webhook;
  if (outcome.outcome !== 'processed' || askPresent?.isAsked(provider) !== true) return { outcome, effects };
  const presence = await askPresent.compare(webhook, applied);
  return presence.outcome === 'said'
    ? { outcome, effects: withPresent(effects, presence.states) }
    : { outcome: presence, effects };
};

const mapPayload = (mapping: PaymentMapping, webhook: Webhook, payload: Uint8Array): MapOutcome => {
  const read = readExactJson(payload);
  // A provider that we map sends objects; one that we do not map may send what it likes.
  return mapping.map(webhook, read.outcome === 'read' ? read.value : null);
};

const describeShape = (
  webhook: Webhook,
  { path, problem }: { readonly path: string; readonly problem: string },
): string =>
  `${webhook.provider} ${webhook.eventType}: ${problem} at ${path === '' ? 'the top of the payload' : path}; its shape is not the documented one, so nothing was guessed`;

interface Applied extends AppliedEvent, ReceivedEvent {}

/** Where nobody is called and nothing is put into a queue. What is processed again keeps what was done before. */
const isRecordedLater = (
  { hasHandlers = true, destinations, askPresent }: ActOnWebhookDeps,
  { effects, provider }: Webhook,
  events: readonly PaymentEvent[],
  isAlone: boolean,
): boolean =>
  !hasHandlers &&
  !isAlone &&
  destinations.length === 0 &&
  effects.events.length === 0 &&
  events.length > 0 &&
  askPresent?.isAsked(provider) !== true;

/** Each event with what became of it, in the order of the webhook. */
const applyAll = async (
  { payments, mapping, clock, hasHandlers = true, askPresent }: ActOnWebhookDeps,
  { provider }: Webhook,
  events: readonly PaymentEvent[],
): Promise<readonly Applied[] | 'too_many_events'> => {
  const received: ReceivedEvents = new Map();
  const isPaymentWanted = hasHandlers || askPresent?.isAsked(provider) === true;
  const changes = mapping.changesOf(events);
  for (const change of changes.payments) {
    const options = { isDurableLater: !hasHandlers, isPaymentWanted };
    const result = await payments.apply(change, clock.now(), options);
    if (result.outcome === 'too_many_events') return 'too_many_events';
    notePayment(received, result);
  }
  for (const change of changes.subjects) {
    noteSubject(received, change, await payments.applyToSubject(change, clock.now()));
  }
  return events.map((event) => ({ event, ...receivedOf(received, event.id) }));
};

/**
 * In the first attempt that gets this far, and again after a replay: not with each retry of a handler. Tells which
 * destinations each event was put into the queues of.
 */
const putOnce = async (
  deps: ActOnWebhookDeps,
  webhook: Webhook,
  applied: readonly AppliedEvent[],
): Promise<readonly (readonly string[])[]> => {
  const { events, only } = webhook.effects;
  if (events.length > 0 || only !== null) return events.map(({ destinations = [] }) => destinations);
  const entries = applied.map((one) => entriesOf(deps, webhook, one));
  if (entries.some(({ length }) => length > 0)) await deps.outbox.put(entries.flat(), deps.clock.now());
  return entries.map((ofEvent) => ofEvent.map(({ destination }) => destination));
};

const entriesOf = (deps: ActOnWebhookDeps, webhook: Webhook, { event, news }: AppliedEvent): DestinationEntry[] => {
  const { webhookId, timestamp, provider, traceId, receivedAt } = webhook;
  const entries = deps.destinations
    .filter(({ events }) => isWanted(events, event.type))
    .map(({ name }) => ({ webhookId, timestamp, destination: name, eventId: event.id, provider, traceId, news }));
  const [first] = entries;
  if (first !== undefined) deps.recentMessages?.keep(first, messageOf(event, { receivedAt, news }));
  return entries;
};

const outcomeWithoutHandlers = (mapped: Exclude<MapOutcome, { readonly outcome: 'shape_unexpected' }>): ActOutcome => {
  switch (mapped.outcome) {
    case 'events':
      return { outcome: 'processed' };
    case 'ignored':
      return { outcome: 'ignored', reason: mapped.reason, detail: null };
    case 'needs_fetch':
      return {
        outcome: 'ignored',
        reason: 'needs_fetch',
        detail: `needs_fetch: the event carries no data; a handler called handle can fetch ${mapped.fetch.eventPath}, or be given it (areThinEventsFetched)`,
      };
    default:
      return mapped satisfies never;
  }
};

const handledWebhook = (webhook: Webhook, payload: Uint8Array, fetched: Fetched | null): HandledWebhook => ({
  webhookId: webhook.webhookId,
  provider: webhook.provider,
  providerEventId: webhook.providerEventId,
  eventType: webhook.eventType,
  timestamp: webhook.timestamp,
  mode: webhook.mode,
  isSimulated: webhook.isSimulated,
  account: webhook.account,
  objectId: webhook.objectId,
  receivedAt: webhook.receivedAt,
  payload,
  fetched,
  json: (): JsonValue => {
    const read = readJson(payload);
    if (read.outcome === 'unreadable') throw new TypeError(`payload is not JSON: ${read.reason}`);
    return read.value;
  },
});
