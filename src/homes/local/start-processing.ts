/**
 * What happens behind the edge of the local home: one worker loop that processes webhooks, and one loop for each
 * destination that sends payment events on.
 */
import type { PrometheusMetrics } from '../../adapters/prometheus/prometheus-metrics.ts';
import type { NamedDestination } from '../../config/destinations-of.ts';
import type { Settings } from '../../config/load-config.ts';
import { type Circuit, createCircuit } from '../../core/circuit.ts';
import type { Alerts } from '../../core/ports/alerts.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Logger } from '../../core/ports/logger.ts';
import type { ConfiguredProvider } from '../../core/ports/provider.ts';
import type { WebhookStore } from '../../core/ports/webhook-store.ts';
import { HOUR_MS } from '../../core/time.ts';
import type { EpochMs } from '../../core/webhook.ts';
import type { DestinationOutbox } from '../../destinations/destination-queue.ts';
import { createLoadMessage } from '../../destinations/load-message.ts';
import { createRecentMessages, type RecentMessages } from '../../destinations/recent-messages.ts';
import { createSendClaims } from '../../destinations/send-claims.ts';
import { type SendsState, watchSends } from '../../destinations/watched-sends.ts';
import type { CallHandlers } from '../../handlers/call-handlers.ts';
import { createPaymentMapping, type PaymentMapping } from '../../payments/map-webhook.ts';
import type { ProviderMapping } from '../../payments/mapping.ts';
import { type ActOnWebhookDeps, createActOnWebhook } from '../../process/act-on-webhook.ts';
import { createAloneLane } from '../../process/alone.ts';
import { createAttemptClaim } from '../../process/attempt-claim.ts';
import { createInsertProcessed } from '../../process/insert-processed.ts';
import { createProcess, type ProcessDeps } from '../../process/process.ts';
import { createUnknownTypes } from '../../process/unknown-types.ts';
import { type DestinationLoop, startDestinationLoop } from './destination-loop.ts';
import type { LocalHome } from './home.ts';
import { openAsking } from './open-asking.ts';
import { openDestination } from './open-destinations.ts';
import { startWorkerLoop, type WorkerLoop } from './worker-loop.ts';

export interface ProcessingInput {
  readonly settings: Settings;
  readonly home: LocalHome;
  readonly providers: ReadonlyMap<string, ConfiguredProvider>;
  readonly mappings: readonly ProviderMapping[];
  /** Aborted when the home stops. */
  readonly stopping: AbortController;
  readonly callHandlers: CallHandlers;
  readonly alerts: Alerts;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: PrometheusMetrics;
  readonly isReceivingBusy: () => boolean;
  readonly isReceivingLate: () => boolean;
}

/** A lease outlives the longest handler, or request, by this much: its result is still written under the claim. */
const LEASE_MARGIN_MS = 30_000;
export interface Processing extends WorkerLoop {
  /** Stores a webhook, and processes it with that where there is nobody to tell; otherwise it is processed soon. */
  readonly insert: WebhookStore['insert'];
  /** How each destination is doing, as far as this process knows. */
  destinations(): readonly DestinationState[];
}

export interface DestinationState extends SendsState {
  readonly name: string;
  readonly circuit: ReturnType<Circuit['state']>;
  readonly nextProbeAt: EpochMs | null;
}

/** Starts everything. `wake` tells that a webhook has arrived; `stop` first ends processing, then sending. */
export const startProcessing = (input: ProcessingInput): Processing => {
  const { settings, home } = input;
  const recentMessages = createRecentMessages();
  const mapping = createPaymentMapping(input.mappings, (provider) => settings.providerSettings.get(provider));
  const loops = new Map(
    settings.destinations.map(
      (destination) => [destination.name, startSending(input, destination, mapping, recentMessages)] as const,
    ),
  );
  const outbox: DestinationOutbox = {
    async put(entries, at) {
      await home.destinations.put(entries, at);
      for (const { destination } of entries) loops.get(destination)?.wake();
    },
  };
  const actDeps = actDepsOf(input, outbox, mapping, recentMessages);
  const processDeps = processDepsOf(input, actDeps);
  const worker = startWorker(input, processDeps);
  return {
    insert: openInsert(input, actDeps, processDeps, worker),
    wake: worker.wake,
    underway: worker.underway,
    destinations: () => [...loops.values()].map((loop) => loop.state()),
    async stop(waitMsMax) {
      await worker.stop(waitMsMax);
      await Promise.all([...loops.values()].map((loop) => loop.stop(waitMsMax)));
    },
  };
};

const actDepsOf = (
  input: ProcessingInput,
  outbox: DestinationOutbox,
  mapping: PaymentMapping,
  recentMessages: RecentMessages,
): ActOnWebhookDeps => {
  const { settings, home, metrics, clock, callHandlers, alerts } = input;
  return {
    payments: home.payments,
    recordAndChange: home.recordAndChange,
    mapping,
    destinations: settings.destinations,
    outbox,
    recentMessages,
    clock,
    ...openAsking({ ...input, mapping, randomness: home.randomness }),
    noteUnknownType: createUnknownTypes({ alerts, metrics }),
    callHandlers,
    hasHandlers: settings.handlersPath !== null,
  };
};

/**
 * With the one whose turn it is half of the places, so that the other half goes on. Fewer would be put back again and again:
 * a server that is killed ten times under load leaves hundreds.
 */
const aloneWaitingMaxOf = (concurrency: number): number => Math.max(0, Math.floor(concurrency / 2) - 1);

const processDepsOf = ({ settings, home, clock, alerts }: ProcessingInput, actDeps: ActOnWebhookDeps): ProcessDeps => ({
  store: home.store,
  queue: home.queue,
  seal: home.seal,
  act: createActOnWebhook(actDeps),
  mode: settings.config.mode ?? null,
  retryPolicy: settings.retryPolicy,
  alone: createAloneLane(aloneWaitingMaxOf(settings.config.processing.concurrency)),
  clock,
  randomness: home.randomness,
  alerts,
});

const startWorker = (input: ProcessingInput, processDeps: ProcessDeps): WorkerLoop => {
  const { settings, home, logger, metrics, clock } = input;
  const { handlerMsMax, concurrency } = settings.config.processing;
  return startWorkerLoop({
    queue: home.queue,
    attemptClaim: createAttemptClaim({
      process: createProcess(processDeps),
      queue: home.queue,
      clock,
      logger,
      metrics,
      randomness: home.randomness,
    }),
    logger,
    concurrency,
    isReceivingBusy: input.isReceivingBusy,
    leaseMs: handlerMsMax + LEASE_MARGIN_MS,
  });
};

/** With handlers or destinations, something has to be done about a webhook that is stored before its end is known. */
const openInsert = (
  { settings, home, logger, metrics, clock, isReceivingLate }: ProcessingInput,
  actDeps: ActOnWebhookDeps,
  processDeps: ProcessDeps,
  worker: WorkerLoop,
): WebhookStore['insert'] => {
  const { insertAndEnd, store } = home;
  const insert: WebhookStore['insert'] = async (insertion) => {
    const outcome = await store.insert(insertion);
    if (outcome.outcome === 'inserted') worker.wake();
    return outcome;
  };
  const isSomebodyTold = settings.handlersPath !== null || settings.destinations.length > 0;
  if (insertAndEnd === undefined || isSomebodyTold) return insert;
  const act = createActOnWebhook({ ...actDeps, noteUnknownType: () => undefined });
  const insertProcessed = createInsertProcessed({
    process: { ...processDeps, store: { ...store, insert }, act },
    insertAndEnd,
    clock,
    isReceivingLate,
    logger,
    metrics,
  });
  // No delivery waits for the API of its provider.
  const { toConfirm, toAskPresent } = settings.askedApis;
  const asked = new Set([...toConfirm, ...toAskPresent]);
  return (insertion) => (asked.has(insertion.webhook.provider) ? insert(insertion) : insertProcessed(insertion));
};

const startSending = (
  input: ProcessingInput,
  configured: NamedDestination,
  mapping: PaymentMapping,
  recentMessages: RecentMessages,
): DestinationLoop & { state(): DestinationState } => {
  const { settings, home, logger, metrics, clock, alerts } = input;
  const { randomness } = home;
  const destination = openDestination({ settings, clock }, configured);
  const isHttp = configured.kind === 'http';
  const circuit = createCircuit({
    concurrencyMax: isHttp ? configured.concurrencyMax : 1,
    requestsPerSecondMax: isHttp ? (configured.requestsPerSecondMax ?? null) : null,
    clock,
    randomness,
  });
  const sends = watchSends(
    createSendClaims({
      destination,
      circuit,
      loadMessage: createLoadMessage({
        store: home.store,
        seal: home.seal,
        mapping,
        recentMessages,
      }),
      clock,
      randomness,
      retryPolicy: settings.retryPolicy,
      giveUpAfterMs: configured.giveUpAfterHours * HOUR_MS,
      alerts,
      logger,
      metrics,
    }),
    clock,
  );
  const loop = startDestinationLoop({
    queue: home.destinations,
    destination,
    circuit,
    sendClaims: sends.sendClaims,
    clock,
    logger,
    isReceivingBusy: input.isReceivingBusy,
    leaseMs: (isHttp ? configured.timeoutMs : 0) + LEASE_MARGIN_MS,
  });
  const { name } = configured;
  return {
    ...loop,
    state: () => ({ name, circuit: circuit.state(), nextProbeAt: circuit.opensAt(), ...sends.state() }),
  };
};
