/** A home of three providers over the stores of a harness: receives, reconciles and processes. Deliveries are taken as genuine. */
import { createMemoryDataKeySource } from '../../src/adapters/memory/memory-data-key-source.ts';
import { createMemoryAlerts, createMemoryLogger } from '../../src/adapters/memory/memory-recorders.ts';
import { createMemorySecretSource } from '../../src/adapters/memory/memory-secret-source.ts';
import type { ReconcileCounts } from '../../src/core/ports/metrics.ts';
import type { ConfiguredProvider, Provider, Verified } from '../../src/core/ports/provider.ts';
import type { EventSource, ProviderEvents } from '../../src/core/ports/provider-events.ts';
import { createEncryptPayload, createSeal } from '../../src/core/seal.ts';
import { DAY_MS, HOUR_MS } from '../../src/core/time.ts';
import type { Actor, EpochMs } from '../../src/core/webhook.ts';
import { createCallHandlers } from '../../src/handlers/call-handlers.ts';
import type { HandledWebhook } from '../../src/handlers/handler.ts';
import { createHandlerCircuits } from '../../src/handlers/handler-circuits.ts';
import { createPaymentMapping } from '../../src/payments/map-webhook.ts';
import { createActOnWebhook, type WantedEvents } from '../../src/process/act-on-webhook.ts';
import { createAloneLane } from '../../src/process/alone.ts';
import { createProcess } from '../../src/process/process.ts';
import { createReplay } from '../../src/process/replay.ts';
import { MAPPINGS } from '../../src/providers/mappings.ts';
import { providerNamed } from '../../src/providers/providers.ts';
import { createReceive, type ReceiveOutcome } from '../../src/receive/receive.ts';
import { createAskPresent } from '../../src/reconcile/ask-present.ts';
import { createConfirmEvent } from '../../src/reconcile/confirm-event.ts';
import { createFetchThinEvent } from '../../src/reconcile/fetch-thin-event.ts';
import { createReconcile } from '../../src/reconcile/reconcile.ts';
import type { RunInput, RunReport } from '../../src/reconcile/reconcile-source.ts';
import type { LocalHarness } from '../contract/homes.ts';
import { createTestRandomness } from '../support/randomness.ts';

export const RECONCILER: Actor = { type: 'component', id: 'reconciler' };
const NAMES = ['stripe', 'paypal', 'square'] as const;
export type Name = (typeof NAMES)[number];

const VERIFIED: Verified = {
  outcome: 'verified',
  secretId: 'test#1',
  isSimulated: false,
  transmission: null,
  // What a provider does not sign, its secret says.
  label: 'test',
};

/** PayPal tells the mode by the host of its certificate. */
const SANDBOX = { 'paypal-cert-url': ['https://api.sandbox.paypal.com/v1/notifications/certs/CERT-1'] };

export const configuredOf = (name: string): ConfiguredProvider => {
  const provider = providerNamed(name) as Provider;
  return { provider: { ...provider, verify: () => VERIFIED }, settings: { notificationUrl: null } };
};

export const sourceOf = (provider: Name, events: ProviderEvents): EventSource => ({
  provider,
  id: `${provider}:test`,
  mode: 'test',
  credentialId: `${provider}-api#1`,
  events,
});

export interface ReconcileHomeOptions {
  readonly retentionMs?: number;
  readonly eventTypes?: Readonly<Record<string, readonly string[]>>;
  /** Providers whose events are confirmed. @default none */
  readonly toConfirm?: readonly Name[];
  /** Providers whose thin events are fetched. @default none */
  readonly toFetch?: readonly Name[];
  /** Providers that are asked for present states. @default none */
  readonly toAskPresent?: readonly Name[];
  /** What their APIs are asked with. @default there is no credential */
  readonly confirmWith?: () => readonly EventSource[];
  /** The same, by provider. @default `confirmWith` */
  readonly presentWith?: (provider: Name) => readonly EventSource[];
  /** Where payment events go on to. @default nowhere */
  readonly destinations?: readonly WantedEvents[];
  /** Called for each webhook, before it counts as handled. @default nothing */
  readonly handler?: (webhook: HandledWebhook) => void;
}

interface RunOptions {
  readonly since?: EpochMs | null;
  readonly isDryRun?: boolean;
  /** Who asks. @default nobody: it runs by itself */
  readonly by?: Actor;
  readonly onPage?: NonNullable<RunInput['onPage']>;
  readonly isStopping?: NonNullable<RunInput['isStopping']>;
}

export const createReconcileHome = (harness: LocalHarness, options: ReconcileHomeOptions = {}) => {
  const { queue, payments, destinations, clock } = harness;
  const randomness = createTestRandomness();
  const alerts = createMemoryAlerts();
  const logger = createMemoryLogger();
  const runs: ReconcileCounts[] = [];
  const dataKeys = createMemoryDataKeySource(randomness);
  const seal = createSeal({ dataKeys, clock, encrypt: createEncryptPayload(randomness) });
  const shared = { ...harness, seal, alerts, logger, randomness, retentionMs: options.retentionMs ?? 400 * DAY_MS };
  const providers = new Map(NAMES.map((name) => [name as string, configuredOf(name)]));
  const receive = createReceive({
    ...shared,
    providers,
    secrets: createMemorySecretSource(new Map(NAMES.map((name) => [name, ['secret']]))),
    certificates: { fetch: async () => ({ outcome: 'unavailable', reason: 'no network in tests' }) },
  });
  const reconcile = createReconcile({
    ...shared,
    providers,
    mappings: MAPPINGS,
    eventTypes: options.eventTypes ?? {},
    metrics: { reconciled: (_provider, _source, counts) => void runs.push(counts) },
  });

  /** How often each handler was called to its end, by webhook. */
  const handled = new Map<string, number>();
  const mapping = createPaymentMapping(MAPPINGS, (name) => providers.get(name)?.settings);
  const asking = {
    ...shared,
    toConfirm: options.toConfirm ?? [],
    toFetch: options.toFetch ?? [],
    toAskPresent: options.toAskPresent ?? [],
    providers,
    mapping,
    sourcesOf: async (name: string) => options.presentWith?.(name as Name) ?? options.confirmWith?.() ?? [],
    adviceFor: (name: string) => `set the credential of ${name}`,
  };
  const process = createProcess({
    ...shared,
    act: createActOnWebhook({
      payments,
      mapping,
      destinations: options.destinations ?? [],
      outbox: destinations,
      clock,
      confirm: createConfirmEvent(asking),
      fetchData: createFetchThinEvent(asking),
      askPresent: createAskPresent(asking),
      noteUnknownType: () => undefined,
      callHandlers: createCallHandlers({
        handlers: {
          webhookHandler: (webhook) => {
            const { webhookId } = webhook;
            options.handler?.(webhook);
            handled.set(webhookId, (handled.get(webhookId) ?? 0) + 1);
          },
          eventHandlers: [],
        },
        handlerMsMax: 1000,
        clock,
        circuits: createHandlerCircuits({ clock, randomness }),
        logger,
        stopping: new AbortController().signal,
      }),
    }),
    mode: null,
    retryPolicy: { giveUpAfterMs: 72 * HOUR_MS, attemptsMax: 5, backoffBaseMs: 1000, backoffCapMs: 60_000 },
    alone: createAloneLane(8),
  });

  return {
    ...shared,
    handled,
    runs,
    replay: createReplay(shared),
    deliver: (provider: Name, body: string | Uint8Array): Promise<ReceiveOutcome> =>
      receive({
        providerName: provider,
        delivery: {
          body: Buffer.from(body),
          headers: new Map(provider === 'paypal' ? Object.entries(SANDBOX) : []),
          method: 'POST',
          query: '',
          publicUrl: null,
        },
        receivedAt: clock.now(),
        traceId: randomness.id(),
      }),
    run: (
      source: EventSource,
      { since = null, isDryRun = false, by = RECONCILER, ...told }: RunOptions = {},
    ): Promise<RunReport> => reconcile({ source, recoveredBy: by, isDryRun, since, ...told }),
    /** Processes until nothing is due. */
    async work(): Promise<void> {
      for (let claims = await queue.claim(100, 60_000); claims.length > 0; claims = await queue.claim(100, 60_000))
        await Promise.all(claims.map((claim) => process(claim)));
    },
  };
};
