/** The whole engine over memory adapters and a clock that tests move: what the homes compose, without a process. */
import { createMemoryDataKeySource } from '../../src/adapters/memory/memory-data-key-source.ts';
import { createMemoryDigestAnchor, createMemoryDigestSigner } from '../../src/adapters/memory/memory-digest-keys.ts';
import { createMemoryHome, type MemoryHome } from '../../src/adapters/memory/memory-home.ts';
import { createMemoryOperatorStore } from '../../src/adapters/memory/memory-operator-store.ts';
import { createMemoryAlerts, createMemoryLogger } from '../../src/adapters/memory/memory-recorders.ts';
import { createMemorySecretSource } from '../../src/adapters/memory/memory-secret-source.ts';
import { createCheckAudit } from '../../src/audit/check.ts';
import { createCloseDigests } from '../../src/audit/digests.ts';
import type { Provider, SignedDelivery } from '../../src/core/ports/provider.ts';
import type { EventSource } from '../../src/core/ports/provider-events.ts';
import type { SettleClaims } from '../../src/core/ports/queue.ts';
import { createEncryptPayload, createSeal } from '../../src/core/seal.ts';
import { DAY_MS, HOUR_MS } from '../../src/core/time.ts';
import { createCallHandlers } from '../../src/handlers/call-handlers.ts';
import type { Handler } from '../../src/handlers/handler.ts';
import { createHandlerCircuits } from '../../src/handlers/handler-circuits.ts';
import type { EventHandler } from '../../src/handlers/on.ts';
import { createOperators } from '../../src/operators/operators.ts';
import { createPaymentMapping } from '../../src/payments/map-webhook.ts';
import type { Confirm, FetchData } from '../../src/process/act.ts';
import { createActOnWebhook, type WantedEvents } from '../../src/process/act-on-webhook.ts';
import { type AloneLane, createAloneLane } from '../../src/process/alone.ts';
import { createProcess, type ProcessDeps, type ProcessOutcome } from '../../src/process/process.ts';
import { createRedrive, createReplay } from '../../src/process/replay.ts';
import { createUnknownTypes } from '../../src/process/unknown-types.ts';
import { MAPPINGS } from '../../src/providers/mappings.ts';
import { providerNamed } from '../../src/providers/providers.ts';
import type { StripeSettings } from '../../src/providers/stripe/settings.ts';
import { createReceive, type ReceiveOutcome } from '../../src/receive/receive.ts';
import { createTurnedAway } from '../../src/receive/turned-away.ts';
import { createAskPresent } from '../../src/reconcile/ask-present.ts';
import { createTestClock, type TestClock } from './clock.ts';
import { createTestRandomness } from './randomness.ts';

export const LEASE_MS = 60_000;
export const STRIPE_SECRET = 'whsec_canary_of_the_signing_secret';

const providerSettings: StripeSettings = { toleranceSeconds: 300 };

export interface TestHomeOptions {
  /** Called with every webhook. */
  readonly handler?: Handler | null;
  /** Made by `on(…)`, by name. */
  readonly handlers?: Readonly<Record<string, EventHandler>>;
  readonly destinations?: readonly WantedEvents[];
  /** @default everything may be acted on */
  readonly confirm?: Confirm;
  /** @default nothing is fetched */
  readonly fetchData?: FetchData;
  /** What Stripe is asked for present states with, which may be nothing. @default it is not asked */
  readonly presentWith?: () => readonly EventSource[];
  readonly attemptsMax?: number;
  /** Wraps or replaces the stateful ports. */
  readonly ports?: (home: MemoryHome) => MemoryHome;
  readonly clock?: TestClock;
  readonly mode?: 'live' | 'test' | null;
  /** Of Stripe. */
  readonly secrets?: readonly string[];
}

export const stripe = providerNamed('stripe') as Provider;

export const createTestHome = (options: TestHomeOptions = {}) => {
  const clock = options.clock ?? createTestClock();
  const randomness = createTestRandomness();
  const memory = createMemoryHome(clock);
  const { store, queue, auditLog, payments, destinations } = options.ports?.(memory) ?? memory;
  const operatorStore = createMemoryOperatorStore();
  const operators = createOperators({ store: operatorStore, user: { type: 'operator', id: 'alice' }, auditLog, clock });
  const alerts = createMemoryAlerts();
  const logger = createMemoryLogger();
  const signer = createMemoryDigestSigner();
  const anchor = createMemoryDigestAnchor();
  const seal = createSeal({
    dataKeys: createMemoryDataKeySource(randomness),
    clock,
    encrypt: createEncryptPayload(randomness),
  });
  const providers = new Map([['stripe', { provider: stripe, settings: providerSettings }]]);
  const mapping = createPaymentMapping(MAPPINGS, () => undefined);
  const receive = createReceive({
    providers,
    secrets: createMemorySecretSource(new Map([['stripe', options.secrets ?? [STRIPE_SECRET]]])),
    certificates: { fetch: async () => ({ outcome: 'unavailable', reason: 'no network in tests' }) },
    seal,
    store,
    queue,
    clock,
    alerts,
    retentionMs: 400 * DAY_MS,
  });
  const actDeps = {
    payments,
    mapping,
    destinations: options.destinations ?? [],
    outbox: destinations,
    clock,
    confirm: options.confirm,
    fetchData: options.fetchData,
    askPresent: createAskPresent({
      toAskPresent: options.presentWith === undefined ? [] : ['stripe'],
      sourcesOf: async () => options.presentWith?.() ?? [],
      adviceFor: (name) => `set the credential of ${name}`,
      providers,
      mapping,
      alerts,
      clock,
      randomness,
    }),
    noteUnknownType: createUnknownTypes({ alerts, metrics: { unknownType: () => undefined } }),
    callHandlers: createCallHandlers({
      handlers: {
        webhookHandler: options.handler ?? null,
        eventHandlers: Object.entries(options.handlers ?? {}).map(([name, handler]) => ({ ...handler, name })),
      },
      handlerMsMax: 1000,
      clock,
      circuits: createHandlerCircuits({ clock, randomness }),
      logger,
      stopping: new AbortController().signal,
    }),
  };
  const act = createActOnWebhook(actDeps);
  const processDeps: ProcessDeps = {
    store,
    queue,
    seal,
    act,
    mode: options.mode ?? null,
    retryPolicy: {
      giveUpAfterMs: 72 * HOUR_MS,
      attemptsMax: options.attemptsMax ?? 5,
      backoffBaseMs: 1000,
      backoffCapMs: 60_000,
    },
    alone: createAloneLane(8),
    clock,
    randomness,
    alerts,
  };
  /** `process` over another queue: on AWS each batch has its own, and its own lane. */
  const processOn = (queueOfBatch: SettleClaims, alone: AloneLane = processDeps.alone) =>
    createProcess({ ...processDeps, queue: queueOfBatch, alone });
  const process = processOn(queue);

  const deliver = ({ body, headers }: SignedDelivery): Promise<ReceiveOutcome> =>
    receive({
      providerName: 'stripe',
      delivery: {
        body,
        headers: new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), [value]])),
        method: 'POST',
        query: '',
        publicUrl: null,
      },
      receivedAt: clock.now(),
      traceId: randomness.id(),
    });

  /** One round of the worker: claims everything due and processes it, one after the other. */
  const work = async (): Promise<readonly ProcessOutcome[]> => {
    const outcomes: ProcessOutcome[] = [];
    for (const claim of await queue.claim(100, LEASE_MS)) outcomes.push(await process(claim));
    return outcomes;
  };

  return {
    clock,
    randomness,
    memory,
    store,
    queue,
    auditLog,
    payments,
    destinations,
    operatorStore,
    operators,
    alerts,
    logger,
    seal,
    receive,
    actDeps,
    processDeps,
    process,
    processOn,
    deliver,
    work,
    replay: createReplay({ store, queue, clock }),
    redrive: createRedrive({ store, queue, clock }),
    turnedAway: createTurnedAway({ auditLog, clock, logger }),
    closeDigests: createCloseDigests({ auditLog, signer, anchor, clock, logger }),
    signer,
    anchor,
    checkAudit: createCheckAudit({ auditLog: memory.auditLog, signer, anchor }),
  };
};

/** A signed Stripe event, as small as one can be and still be whole. Each is about a payment of its own unless `object` says which. */
export const stripeDelivery = (
  clock: TestClock,
  id: string,
  overrides: {
    readonly type?: string;
    /** Seconds. */
    readonly created?: number;
    readonly object?: Record<string, unknown>;
    readonly secret?: string;
    readonly body?: Uint8Array;
  } = {},
): SignedDelivery => {
  const event = {
    id,
    object: 'event',
    type: overrides.type ?? 'payment_intent.succeeded',
    created: overrides.created ?? 1_795_000_000,
    livemode: false,
    data: {
      object: {
        id: `pi_${id}`,
        object: 'payment_intent',
        amount: 2000,
        amount_received: 2000,
        currency: 'usd',
        ...overrides.object,
      },
    },
  };
  return stripe.sign({
    body: overrides.body ?? Buffer.from(JSON.stringify(event, null, 2)),
    secret: overrides.secret ?? STRIPE_SECRET,
    settings: providerSettings,
    now: clock.now(),
    publicUrl: null,
    deliveryId: 'delivery-1',
    certificate: null,
  });
};
