/** Composes the local home's server: edge, receive, worker, digests; starts it, and stops it without losing anything. */
import { createFileDigestAnchor } from '../../adapters/file/file-digest-anchor.ts';
import { createKeptCertificates } from '../../adapters/file/kept-certificates.ts';
import { createHttpAlerts } from '../../adapters/http/http-alerts.ts';
import { createHttpCertificateSource } from '../../adapters/http/http-certificate-source.ts';
import { createMemorySecretSource } from '../../adapters/memory/memory-secret-source.ts';
import { createPrometheusMetrics, type PrometheusMetrics } from '../../adapters/prometheus/prometheus-metrics.ts';
import { openSqliteThread } from '../../adapters/sqlite/sqlite-thread.ts';
import { systemClock } from '../../adapters/system/system-clock.ts';
import type { AuditDigest } from '../../audit/audit.ts';
import type { Settings } from '../../config/load-config.ts';
import { PayhookError } from '../../core/errors.ts';
import type { Alerts } from '../../core/ports/alerts.ts';
import type { CertificateSource } from '../../core/ports/certificate-source.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Logger } from '../../core/ports/logger.ts';
import type { ConfiguredProvider } from '../../core/ports/provider.ts';
import type { WebhookStore } from '../../core/ports/webhook-store.ts';
import { createSilenceWatch, noteInserts } from '../../operate/watch-silence.ts';
import type { ProviderMapping } from '../../payments/mapping.ts';
import { MAPPINGS } from '../../providers/mappings.ts';
import { createAnswerDelivery } from '../../receive/answer-delivery.ts';
import { createKeepRejected } from '../../receive/keep-rejected.ts';
import { createReceive, type ReceiveInput, type ReceiveOutcome } from '../../receive/receive.ts';
import { createTurnedAway } from '../../receive/turned-away.ts';
import { type AuditKeeper, startAuditKeeper } from './audit-keeper.ts';
import { type CleanUp, createCleanUp } from './clean-up.ts';
import { createCountedReceiving } from './counted-receiving.ts';
import {
  type DataDirectory,
  hasDatabase,
  lockDataDirectory,
  openDataDirectory,
  refuseHalfRestored,
  withAnchorIn,
} from './data-directory.ts';
import { withDestinationSecrets } from './destination-secrets.ts';
import { createLocalCertificateSource, readDevelopmentCertificate } from './development-certificates.ts';
import { type HomeSecrets, resolveSecrets } from './development-secrets.ts';
import { createEdgeLimits, type EdgeBounds } from './edge-limits.ts';
import { type HandlerProcess, openHandlerProcess } from './handler-process.ts';
import { createLocalHome, type LocalHome } from './home.ts';
import { type ListeningEdge, type LocalEdge, openEdge } from './open-edge.ts';
import { refuseUnusableKeys } from './open-keys.ts';
import { createReceivingLoad } from './receiving-load.ts';
import { type Background, type BackgroundDeps, startBackground } from './start-background.ts';
import { startProcessing } from './start-processing.ts';

export interface ServeInput {
  readonly settings: Settings;
  readonly logger: Logger;
  /** Told when the home can no longer work and must be stopped. */
  readonly onFatal: (error: PayhookError) => void;
  /** @default the system's clock */
  readonly clock?: Clock;
  /** Where certificates come from when they are not the development one. @default over HTTPS */
  readonly certificates?: CertificateSource;
  /** What the events of each provider mean. @default of all that Payhook knows */
  readonly mappings?: readonly ProviderMapping[];
  /** What the edge gives its clients. @default those of `LIMITS` */
  readonly edgeBounds?: Partial<EdgeBounds>;
  /** Addresses that count as a provider's. @default those that the providers publish */
  readonly publishedAddresses?: readonly string[];
  /** Starts what runs beside receiving and processing. @default `startBackground` */
  readonly background?: (deps: BackgroundDeps) => Background;
  /** Told what became of a delivery, before it is answered. Must not throw. @default nobody */
  readonly onReceived?: (received: ReceiveInput, outcome: ReceiveOutcome) => void;
}

export interface RunningServer {
  readonly host: string;
  /** The port that was given or chosen. */
  readonly port: number;
  /** The same of the address for operations, on `edge.operationsHost`. */
  readonly operationsPort: number;
  readonly directory: DataDirectory;
  readonly secrets: HomeSecrets;
  /** Reads the handlers' module again. Resolves with why it cannot be used, in which case nothing changes, or with null. */
  reloadHandlers(): Promise<string | null>;
  /** Finishes what is under way, writes out what is counted, closes everything. Calling it again waits for the first. */
  stop(reason: string): Promise<void>;
}

/** Requests and handlers under way get this long to finish when the server stops. */
const STOP_MS_MAX = 10_000;

/** Starts the server. Throws `PayhookError` with one clear sentence when something is in the way; nothing runs then. */
export const startServer = async (input: ServeInput): Promise<RunningServer> => {
  const { settings, logger, clock = systemClock } = input;
  const directory = withAnchorIn(openDataDirectory(settings.dataDirectory), settings.auditAnchorDirectory);
  refuseHalfRestored(directory);
  if (!hasDatabase(directory)) {
    // Before anything is made: what is there may say that this is no first start.
    await refuseEmptied(directory, undefined);
    refuseUnusableKeys(directory);
  }
  const cleanUp = createCleanUp();
  try {
    const lock = lockDataDirectory(directory);
    cleanUp.defer(() => lock[Symbol.dispose]());
    const metrics = createPrometheusMetrics();
    const executor = await openSqliteThread({
      path: directory.database,
      onCommit: metrics.storeCommit,
      onDeath: input.onFatal,
    });
    cleanUp.defer(() => executor.close());
    await refuseEmptied(directory, await executor.run('auditLastDigest', undefined));
    const options = { clock, isServer: true, areKeysMade: true };
    const home = await createLocalHome(directory, executor, options);
    const stopping = new AbortController();
    const handlers = await openHandlers(input, home, stopping.signal, cleanUp);
    const withSecrets = await withDestinationSecrets({ directory, executor, clock }, settings);
    const parts = { directory, metrics, home, handlers, stopping, clock, logger, cleanUp };
    return await start({ ...input, settings: withSecrets }, parts);
  } catch (error) {
    await cleanUp.close();
    throw error;
  }
};

type OpenHandlers = Pick<HandlerProcess, 'callHandlers' | 'reload' | 'states'>;

const NO_HANDLERS: OpenHandlers = {
  callHandlers: async (_webhook, _events, before) => ({ effects: before.handlers, outcome: null }),
  reload: async () => null,
  states: () => ({ handlers: [], process: null }),
};

const openHandlers = async (
  { settings, logger }: ServeInput,
  { clock, randomness }: LocalHome,
  stopping: AbortSignal,
  cleanUp: CleanUp,
): Promise<OpenHandlers> => {
  const { handlersPath, config } = settings;
  if (handlersPath === null) return NO_HANDLERS;
  const { handlerMsMax, handlerMemoryMbMax } = config.processing;
  const options = { path: handlersPath, handlerMsMax, memoryMb: handlerMemoryMbMax };
  const handlers = await openHandlerProcess({ ...options, clock, randomness, logger, stopping });
  cleanUp.defer(handlers.stop);
  return handlers;
};

/** A database that lost everything must not be taken for a new one: events that were processed would come in as new. */
const refuseEmptied = async (directory: DataDirectory, last: AuditDigest | undefined): Promise<void> => {
  const anchored = await createFileDigestAnchor(directory.auditAnchorFile).read();
  if (anchored === undefined || anchored.number === 0 || last !== undefined) return;
  throw new PayhookError(
    'store_damaged',
    `database ${directory.database} is empty, but ${directory.auditAnchorFile} says that it held ${anchored.number} audit digests: restore the database from a backup, or move the whole directory ${directory.path} away to start anew`,
  );
};

/** An older copy of the database is started, because it may have been restored on purpose; somebody has to know. */
const reportRolledBack = async (home: LocalHome, alerts: Alerts): Promise<void> => {
  const [anchored, last] = [await home.anchor.read(), await home.auditLog.lastDigest()];
  if (anchored === undefined || last === undefined || last.number >= anchored.number) return;
  const summary = `the audit trail ends with digest ${last.number}, but digest ${anchored.number} was written: the database is an older copy, or its end was cut off`;
  alerts.raise({ kind: 'audit_broken', provider: null, webhookId: null, summary });
};

interface Parts {
  readonly directory: DataDirectory;
  readonly metrics: PrometheusMetrics;
  readonly home: LocalHome;
  readonly handlers: OpenHandlers;
  /** Aborted when the home stops. */
  readonly stopping: AbortController;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly cleanUp: CleanUp;
}

const start = async (input: ServeInput, parts: Parts): Promise<RunningServer> => {
  const { settings } = input;
  const { directory, home, clock, logger, metrics, stopping, cleanUp } = parts;
  const secrets = resolveSecrets(settings, directory, home.randomness);
  const alerts = createHttpAlerts({ url: settings.config.alertsUrl ?? null, logger, clock });
  const turnedAway = createTurnedAway({ auditLog: home.auditLog, clock, logger });
  await reportRolledBack(home, alerts);
  const isStopping = (): boolean => stopping.signal.aborted;

  const silence = createSilenceWatch({ records: home.silence, clock, alerts, logger });
  const insert = noteInserts((insertion) => processing.insert(insertion), silence);
  const load = createReceivingLoad({ ...home.store, insert }, clock);
  const providers = await providersOf(input, parts, secrets);
  const keepRejected = createKeepRejected({
    providers: providers.byName,
    box: home.rejected,
    seal: home.seal,
    logger,
    keptForMs: settings.rejectedKeptForMs,
  });
  const { mappings = MAPPINGS } = input;
  const receive = composeReceive(input, parts, { store: load.store, secrets, alerts, providers });
  // This process holds the directory's lock, so every claim on the queue is one of a server that is gone.
  await home.executor.run('queueReleaseAll', { now: clock.now() });
  const limits = edgeLimits(input, clock);
  await home.executor.run('destinationReleaseAll', { now: clock.now() });
  const processing = startProcessing({
    settings,
    ...parts,
    callHandlers: parts.handlers.callHandlers,
    providers: providers.byName,
    mappings,
    alerts,
    isReceivingBusy: load.isBusy,
    isReceivingLate: load.isLate,
  });
  const counted = createCountedReceiving(clock);
  const receiveAndCount = async (delivery: ReceiveInput): Promise<ReceiveOutcome> => {
    const outcome = await receive(delivery);
    counted.count(outcome);
    input.onReceived?.(delivery, outcome);
    return outcome;
  };
  const edge = openEdge({
    settings,
    ...parts,
    deliveries: createAnswerDelivery({ receive: receiveAndCount, turnedAway, keepRejected, clock, logger, metrics }),
    limits,
    providerNames: new Set(secrets.byProvider.keys()),
    isStopping,
  });
  const keeper = startAuditKeeper(home, turnedAway, logger);
  const beside = { settings, providers: providers.byName, mappings, alerts, load, counted, processing, silence };
  const background = (input.background ?? startBackground)({ ...parts, ...beside });
  const stop = async (reason: string): Promise<void> => {
    stopping.abort();
    await edge.close(STOP_MS_MAX);
    await background.stop();
    await processing.stop(STOP_MS_MAX);
    await home.release();
    await keeper.stop(reason);
    await cleanUp.close();
  };
  const listening = await startListening(edge, keeper).catch(async (error: unknown) => {
    await stop('not_started');
    throw error;
  });

  let stopped: Promise<void> | undefined;
  return {
    host: settings.config.edge.host,
    ...listening,
    directory,
    secrets,
    reloadHandlers: parts.handlers.reload,
    stop: (reason) => {
      stopped ??= stop(reason);
      return stopped;
    },
  };
};

const startListening = async (edge: LocalEdge, keeper: AuditKeeper): Promise<ListeningEdge> => {
  const listening = await edge.listen();
  await keeper.homeStarted();
  return listening;
};

interface Providers {
  readonly byName: ReadonlyMap<string, ConfiguredProvider>;
  readonly certificates: CertificateSource;
}

/** The configured ones; those whose secret was made here trust the certificate that was made with it. */
const providersOf = async (
  { settings, certificates }: ServeInput,
  { directory, clock, logger }: Parts,
  secrets: HomeSecrets,
): Promise<Providers> => {
  const byName = new Map<string, ConfiguredProvider>();
  const pemByUrl = new Map<string, string>();
  for (const { provider } of settings.known) {
    const { name, developmentCertificate } = provider;
    const own = settings.providerSettings.get(name);
    if (own === undefined) continue;
    if (developmentCertificate === undefined || !secrets.generated.has(name)) {
      byName.set(name, { provider, settings: own });
      continue;
    }
    const { rootPem, leafPem } = await readDevelopmentCertificate(directory, name, developmentCertificate, clock);
    pemByUrl.set(developmentCertificate.url, leafPem);
    byName.set(name, { provider, settings: developmentCertificate.trusting(own, rootPem) });
  }
  const kept = createKeptCertificates(directory.certificatesFile, logger);
  return {
    byName,
    certificates: createLocalCertificateSource(pemByUrl, certificates ?? createHttpCertificateSource({ kept })),
  };
};

const composeReceive = (
  { settings }: ServeInput,
  { home, clock }: Parts,
  {
    store,
    secrets,
    alerts,
    providers,
  }: {
    readonly store: WebhookStore;
    readonly secrets: HomeSecrets;
    readonly alerts: Alerts;
    readonly providers: Providers;
  },
) =>
  createReceive({
    providers: providers.byName,
    secrets: createMemorySecretSource(secrets.byProvider),
    certificates: providers.certificates,
    seal: home.seal,
    store,
    queue: home.queue,
    clock,
    alerts,
    retentionMs: settings.retentionMs,
  });

const edgeLimits = ({ settings, logger, edgeBounds, publishedAddresses }: ServeInput, clock: Clock) =>
  createEdgeLimits({
    settings: settings.config.edge,
    publishedAddresses: new Set(
      publishedAddresses ?? settings.known.flatMap(({ provider }) => provider.publishedAddresses.addresses),
    ),
    clock,
    logger,
    bounds: edgeBounds,
  });
