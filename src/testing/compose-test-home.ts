/** Composes over memory what the homes compose over their stores: receive, process and what lies between. */
import { createMemoryDataKeySource } from '../adapters/memory/memory-data-key-source.ts';
import { createMemoryHome } from '../adapters/memory/memory-home.ts';
import { createMemoryAlerts, createMemoryLogger } from '../adapters/memory/memory-recorders.ts';
import { createMemorySecretSource } from '../adapters/memory/memory-secret-source.ts';
import type { Settings } from '../config/load-config.ts';
import type { ConfiguredProvider, ParseOutcome, Provider } from '../core/ports/provider.ts';
import { createEncryptPayload, createSeal } from '../core/seal.ts';
import { hasEnded } from '../core/status.ts';
import type { EpochMs, Webhook, WebhookKey } from '../core/webhook.ts';
import { type AppliedEvent, createCallHandlers } from '../handlers/call-handlers.ts';
import { createHandlerCircuits } from '../handlers/handler-circuits.ts';
import type { Handlers } from '../handlers/read-handlers.ts';
import { createPaymentMapping, type PaymentMapping } from '../payments/map-webhook.ts';
import type { PaymentEvent } from '../payments/payment-event.ts';
import { createActOnWebhook } from '../process/act-on-webhook.ts';
import { createAloneLane } from '../process/alone.ts';
import { type AttemptOutcome, createProcess } from '../process/process.ts';
import { MAPPINGS } from '../providers/mappings.ts';
import { PROVIDERS } from '../providers/providers.ts';
import { createReceive } from '../receive/receive.ts';
import { createSeededRandomness } from '../samples/scenarios/seeded-randomness.ts';
import { VERIFIED } from './sample-event.ts';
import type { SampleWebhook } from './sample-webhook.ts';
import { createTestClock } from './test-clock.ts';
import type { RunOptions, TestAttempt, TestHome, TestOutcome } from './test-home.ts';

const LEASE_MS = 60_000;

type Parts = ReturnType<typeof openParts>;
type Process = ReturnType<typeof createProcess>;

const openParts = (settings: Settings, startAt: EpochMs) => {
  const clock = createTestClock(startAt);
  const randomness = createSeededRandomness('test home');
  const seal = createSeal({
    dataKeys: createMemoryDataKeySource(randomness),
    clock,
    encrypt: createEncryptPayload(randomness),
  });
  return {
    ...createMemoryHome(clock),
    settings,
    clock,
    randomness,
    seal,
    alerts: createMemoryAlerts(),
    /** Events that were given as such, by the id of their webhook. */
    given: new Map<string, PaymentEvent>(),
    /** What handlers were last called with, by the id of the webhook. */
    applied: new Map<string, readonly AppliedEvent[]>(),
  };
};

export const composeTestHome = (handlers: Handlers, settings: Settings, startAt: EpochMs): TestHome => {
  const parts = openParts(settings, startAt);
  const process = composeProcess(parts, handlers);
  return {
    async deliver({ provider, body }, options = {}) {
      return runToEnd(parts, process, await receive(parts, named(provider), body), options);
    },
    async deliverEvent(event, options = {}) {
      parts.given.set(event.webhookId, event);
      const body = Buffer.from(JSON.stringify({ id: event.id, type: event.providerType }));
      return runToEnd(parts, process, await receive(parts, parsedAs(named(event.provider), event), body), options);
    },
  };
};

const composeProcess = (parts: Parts, handlers: Handlers): Process => {
  const { settings, clock, randomness, applied, given } = parts;
  const { mode = null, processing } = settings.config;
  const callHandlers = createCallHandlers({
    handlers,
    handlerMsMax: processing.handlerMsMax,
    clock,
    circuits: createHandlerCircuits({ clock, randomness }),
    logger: createMemoryLogger(),
    stopping: new AbortController().signal,
  });
  const mapping = createPaymentMapping(MAPPINGS, (provider) => settings.providerSettings.get(provider));
  return createProcess({
    ...parts,
    act: createActOnWebhook({
      ...parts,
      callHandlers(webhook, events, before, isAlone) {
        applied.set(webhook.webhookId, events);
        return callHandlers(webhook, events, before, isAlone);
      },
      mapping: withGiven(mapping, given),
      destinations: [],
      outbox: parts.destinations,
      noteUnknownType: () => undefined,
    }),
    mode,
    retryPolicy: settings.retryPolicy,
    alone: createAloneLane(8),
  });
};

/** Throws `TypeError` unless one webhook comes of it. */
const receive = async (parts: Parts, provider: Provider, body: Uint8Array): Promise<WebhookKey> => {
  const { settings, clock, randomness } = parts;
  const receiveAs = createReceive({
    ...parts,
    providers: new Map([[provider.name, unsigned(provider, settings)]]),
    secrets: createMemorySecretSource(new Map([[provider.name, ['none']]])),
    certificates: { fetch: async () => ({ outcome: 'unavailable', reason: 'a test asks nobody' }) },
    retentionMs: settings.retentionMs,
  });
  const received = await receiveAs({
    providerName: provider.name,
    delivery: { body, headers: new Map(), method: 'POST', query: '', publicUrl: null },
    receivedAt: clock.now(),
    traceId: randomness.id(),
  });
  const events = received.outcome === 'accepted' || received.outcome === 'duplicate' ? received.events : [];
  const [event, another] = events;
  if (event === undefined) throw new TypeError(`the ${provider.name} webhook is not accepted: ${received.outcome}`);
  if (another !== undefined)
    throw new TypeError(`the ${provider.name} delivery has several events: give one at a time`);
  return event;
};

/** Attempt after attempt, each as soon as it is due. It ends as every webhook does: by success, attempts or age. */
const runToEnd = async (
  parts: Parts,
  process: Process,
  key: WebhookKey,
  { attemptsMax = Number.POSITIVE_INFINITY }: RunOptions,
): Promise<TestOutcome> => {
  const { store, queue, clock } = parts;
  const attempts: TestAttempt[] = [];
  for (;;) {
    const webhook = await store.get(key);
    if (webhook === undefined) throw new TypeError(`there is no webhook ${key.webhookId}`);
    if (hasEnded(webhook.status) || attempts.length >= attemptsMax) return outcomeOf(parts, webhook, attempts);
    if (webhook.nextAttemptAt !== null) clock.moveTo(webhook.nextAttemptAt);
    for (const claim of await queue.claim(1, LEASE_MS)) {
      const at = clock.now();
      const outcome = await process(claim);
      if (outcome.outcome !== 'skipped' && outcome.webhook.webhookId === key.webhookId) {
        attempts.push(attemptOf(at, outcome));
      }
    }
  }
};

const attemptOf = (at: EpochMs, outcome: AttemptOutcome): TestAttempt => ({
  at,
  outcome: outcome.outcome,
  reason: outcome.reason,
  error: 'error' in outcome ? outcome.error : null,
  retryInMs: 'retryInMs' in outcome ? outcome.retryInMs : null,
});

const outcomeOf = ({ applied }: Parts, webhook: Webhook, attempts: readonly TestAttempt[]): TestOutcome => {
  const { webhookId, status, lastError, effects } = webhook;
  const events = applied.get(webhookId) ?? [];
  const handlers = effects.handlers.map(({ handler, event, outcome, attempts: calls }) => ({
    handler,
    event: event === null ? null : (events[event]?.event.type ?? null),
    outcome,
    calls,
  }));
  return {
    webhookId,
    status,
    attempts,
    events: events.map(({ event, news }) => ({ event, news })),
    handlers: handlers.toSorted((a, b) => (a.handler < b.handler ? -1 : 1)),
    payment: events[0]?.payment ?? null,
    lastError,
  };
};

const named = (name: SampleWebhook['provider']): Provider => {
  const provider = PROVIDERS.find((one) => one.name === name);
  if (provider !== undefined) return provider;
  throw new TypeError(`there is no provider ${name}: expected ${PROVIDERS.map((one) => one.name).join(', ')}`);
};

/** Everything of the provider but its signature. */
const unsigned = (provider: Provider, { providerSettings }: Settings): ConfiguredProvider => ({
  provider: { ...provider, verify: async () => VERIFIED },
  settings: providerSettings.get(provider.name),
});

/** The provider as if its webhook had been this event. */
const parsedAs = (provider: Provider, event: PaymentEvent): Provider => ({
  ...provider,
  parse: (): ParseOutcome => ({
    outcome: 'parsed',
    events: [
      {
        dedupeKey: event.webhookId.slice(provider.name.length + 1),
        providerEventId: null,
        eventType: event.providerType,
        eventAt: event.occurredAt,
        objectId: null,
        parentIds: [],
        account: event.account,
        mode: event.mode,
        isSimulated: event.isSimulated,
        ordering: event.ordering,
        payload: null,
      },
    ],
  }),
});

const withGiven = (mapping: PaymentMapping, given: ReadonlyMap<string, PaymentEvent>): PaymentMapping => ({
  changesOf: mapping.changesOf,
  map(webhook, payload) {
    const event = given.get(webhook.webhookId);
    return event === undefined ? mapping.map(webhook, payload) : { outcome: 'events', events: [event] };
  },
});
