/** Composes the local home's server: edge, receive, worker, digests; starts it, and stops it without losing anything. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createHttpAlerts } from '../adapters/http/http-alerts.ts';
import { createHttpCertificateSource } from '../adapters/http/http-certificate-source.ts';
import { createMemorySecretSource } from '../adapters/memory/memory-secret-source.ts';
import { createPrometheusMetrics, type PrometheusMetrics } from '../adapters/prometheus/prometheus-metrics.ts';
import { openSqliteThread } from '../adapters/sqlite/sqlite-thread.ts';
import { systemClock } from '../adapters/system/system-clock.ts';
import type { Settings } from '../config/load-config.ts';
import { type AuditDraft, HOME_CHAIN } from '../core/audit.ts';
import { createCloseDigests } from '../core/audit-digests.ts';
import { asPayhookError, PayhookError } from '../core/errors.ts';
import type { Alerts } from '../core/ports/alerts.ts';
import type { CertificateSource } from '../core/ports/certificate-source.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { Handler } from '../core/ports/handler.ts';
import type { Logger } from '../core/ports/logger.ts';
import type { Provider, ProviderSettings } from '../core/ports/provider.ts';
import { createProcess } from '../core/process.ts';
import { createReceive } from '../core/receive.ts';
import { createRejections, type Rejections } from '../core/rejections.ts';
import { PROVIDERS } from '../providers/providers.ts';
import { PUBLISHED_ADDRESSES } from '../providers/published-addresses.ts';
import { type DataDirectory, lockDataDirectory, openDataDirectory } from './data-directory.ts';
import { type HomeSecrets, resolveSecrets } from './development-secrets.ts';
import { createHome, type Home } from './home.ts';
import { createHttpEdge, type EdgeTimeouts } from './http-edge.ts';
import { loadHandler } from './load-handler.ts';
import { createLocalCertificateSource, readDevelopmentCertificate } from './local-certificate-source.ts';
import { createAnswerOperations } from './operations.ts';
import { createAddressRate, createTotalRate } from './rate-limits.ts';
import { startWorkerLoop, type WorkerLoop } from './worker-loop.ts';

export interface ServeInput {
  readonly settings: Settings;
  readonly logger: Logger;
  /** Told when the home can no longer work and must be stopped. */
  readonly onFatal: (error: PayhookError) => void;
  /** @default the system's clock */
  readonly clock?: Clock;
  /** Where certificates come from when they are not the development one. @default over HTTPS */
  readonly certificates?: CertificateSource;
  /** @default what the edge gives its clients */
  readonly edgeTimeouts?: EdgeTimeouts;
}

export interface RunningServer {
  readonly host: string;
  /** The port that was given or chosen. */
  readonly port: number;
  readonly directory: DataDirectory;
  readonly secrets: HomeSecrets;
  /** Finishes what is under way, writes out what is counted, closes everything. Calling it again waits for the first. */
  stop(reason: string): Promise<void>;
}

/** Requests and handlers under way get this long to finish when the server stops. */
const STOP_MS_MAX = 10_000;
/** How often counted rejections are written and runs of audit entries are closed. */
const AUDIT_INTERVAL_MS = 5_000;
/** A lease outlives the longest handler by this much: its result is still written under the claim. */
const LEASE_MARGIN_MS = 30_000;
const DAY_MS = 24 * 60 * 60 * 1000;

/** Starts the server. Throws `PayhookError` with one clear sentence when something is in the way; nothing runs then. */
export const startServer = async (input: ServeInput): Promise<RunningServer> => {
  const { settings, logger, clock = systemClock } = input;
  const directory = openDataDirectory(settings.dataDirectory);
  const cleanUp = new AsyncDisposableStack();
  try {
    cleanUp.use(lockDataDirectory(directory));
    const metrics = createPrometheusMetrics();
    const executor = await openSqliteThread({
      path: directory.database,
      onCommit: metrics.storeCommit,
      onDeath: input.onFatal,
    });
    cleanUp.defer(() => executor.close());
    const home = createHome(directory, executor, clock);
    const handler = settings.handlersPath === null ? null : await loadHandler(settings.handlersPath);
    return await start(input, { directory, metrics, home, handler, clock, logger, cleanUp });
  } catch (error) {
    await cleanUp.disposeAsync();
    throw error;
  }
};

interface Parts {
  readonly directory: DataDirectory;
  readonly metrics: PrometheusMetrics;
  readonly home: Home;
  readonly handler: Handler | null;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly cleanUp: AsyncDisposableStack;
}

const start = async (input: ServeInput, parts: Parts): Promise<RunningServer> => {
  const { settings } = input;
  const { directory, home, clock, logger, metrics, cleanUp } = parts;
  const secrets = resolveSecrets(settings, directory, home.randomness);
  const alerts = createHttpAlerts({ url: settings.config.alertsUrl ?? null, logger, clock });
  const rejections = createRejections({ auditLog: home.auditLog, clock });
  const stopping = new AbortController();

  const receive = await composeReceive(input, parts, secrets, alerts);
  // This process holds the directory's lock, so every claim on the queue is one of a server that is gone.
  await home.executor.run('queueReleaseAll', { now: clock.now() });
  const worker = startWorker(settings, parts, alerts, stopping.signal);
  const edge = createHttpEdge({
    receive,
    rejections,
    clock,
    randomness: home.randomness,
    logger,
    metrics,
    ...edgeLimits(settings, clock),
    ...(input.edgeTimeouts === undefined ? {} : { timeouts: input.edgeTimeouts }),
    providerNames: new Set(secrets.byProvider.keys()),
    onAccepted: worker.wake,
    answerOperations: createAnswerOperations({
      metrics,
      queue: home.queue,
      clock,
      probeWrite: () => home.executor.run('probeWrite', { now: clock.now() }),
      isStopping: () => stopping.signal.aborted,
    }),
  });
  const { host } = settings.config.edge;
  const keeper = startAuditKeeper(parts, rejections);
  try {
    edge.listen(settings.port, host);
    await once(edge, 'listening');
  } catch (error) {
    stopping.abort();
    await worker.stop(0);
    await keeper.stop();
    throw portError(error, host, settings.port);
  }
  await home.auditLog.append([homeEntry('HOME_STARTED', clock, null)]);
  const { port } = edge.address() as AddressInfo;

  const stop = async (reason: string): Promise<void> => {
    stopping.abort();
    const closed = once(edge, 'close');
    edge.close();
    edge.closeIdleConnections();
    const tooSlow = setTimeout(() => edge.closeAllConnections(), STOP_MS_MAX);
    await closed;
    clearTimeout(tooSlow);
    await worker.stop(STOP_MS_MAX);
    await home.auditLog.append([homeEntry('HOME_STOPPED', clock, reason)]);
    await keeper.stop();
    await cleanUp.disposeAsync();
  };
  let stopped: Promise<void> | undefined;
  return {
    host,
    port,
    directory,
    secrets,
    stop: (reason) => {
      stopped ??= stop(reason);
      return stopped;
    },
  };
};

const composeReceive = async (input: ServeInput, parts: Parts, secrets: HomeSecrets, alerts: Alerts) => {
  const { settings } = input;
  const { home, directory, clock } = parts;
  const isPaypalOurs = secrets.generated.has('paypal');
  const certificate = isPaypalOurs ? await readDevelopmentCertificate(directory, clock) : undefined;
  const overHttp = input.certificates ?? createHttpCertificateSource();
  const certificates =
    certificate === undefined ? overHttp : createLocalCertificateSource(certificate.leafPem, overHttp);

  const providers = new Map<string, { provider: Provider; settings: ProviderSettings }>();
  for (const provider of PROVIDERS) {
    const own = [...settings.providerSettings].find(([name]) => name === provider.name)?.[1];
    if (own === undefined) continue;
    const isDevelopment = provider.name === 'paypal' && certificate !== undefined;
    providers.set(provider.name, {
      provider,
      settings: isDevelopment ? { ...own, trustedRoots: [certificate.rootPem], intermediates: [] } : own,
    });
  }
  return createReceive({
    providers,
    secrets: createMemorySecretSource(secrets.byProvider),
    certificates,
    seal: home.seal,
    store: home.store,
    queue: home.queue,
    clock,
    alerts,
    retentionMs: settings.config.retentionDays * DAY_MS,
  });
};

const startWorker = (settings: Settings, parts: Parts, alerts: Alerts, stopping: AbortSignal): WorkerLoop => {
  const { home, logger, metrics, clock, handler } = parts;
  const { attemptsMax, backoffBaseMs, backoffCapMs, handlerMsMax, concurrency } = settings.config.processing;
  return startWorkerLoop({
    queue: home.queue,
    process: createProcess({
      store: home.store,
      queue: home.queue,
      seal: home.seal,
      handler,
      mode: settings.config.mode ?? null,
      retryPolicy: { attemptsMax, backoffBaseMs, backoffCapMs },
      handlerMsMax,
      clock,
      randomness: home.randomness,
      alerts,
      logger,
      stopping,
    }),
    logger,
    metrics,
    concurrency,
    leaseMs: handlerMsMax + LEASE_MARGIN_MS,
  });
};

const edgeLimits = ({ config: { edge } }: Settings, clock: Clock) => ({
  takeTotal: createTotalRate(edge.requestsPerSecond, edge.requestsBurst, clock),
  takeAddress: createAddressRate(edge.requestsPerSecondPerAddress, clock),
  exemptAddresses: new Set(
    edge.arePublishedAddressesExempt ? PUBLISHED_ADDRESSES.flatMap((published) => published.addresses) : [],
  ),
  isLoopbackExempt: edge.isLoopbackExempt,
  trustedProxyHops: edge.trustedProxyHops,
});

/** Writes counted rejections and closes runs of audit entries, every few seconds and once more on `stop`. */
const startAuditKeeper = ({ home, clock, logger }: Parts, rejections: Rejections) => {
  const { auditLog, signer, anchor } = home;
  const closeDigests = createCloseDigests({ auditLog, signer, anchor, clock, logger });
  const keep = async (): Promise<void> => {
    try {
      await rejections.flush();
      await closeDigests();
    } catch (thrown) {
      const { code, message } = asPayhookError(thrown);
      logger.error('audit.not_written', { code, message });
    }
  };
  let underway = Promise.resolve();
  const timer = setInterval(() => {
    underway = underway.then(keep);
  }, AUDIT_INTERVAL_MS);
  return {
    stop: async (): Promise<void> => {
      clearInterval(timer);
      await underway;
      await keep();
    },
  };
};

const homeEntry = (event: 'HOME_STARTED' | 'HOME_STOPPED', clock: Clock, reason: string | null): AuditDraft => ({
  chainId: HOME_CHAIN,
  at: clock.now(),
  actor: { type: 'component', id: 'server' },
  event,
  outcome: 'success',
  reason,
  origin: { sourceAddress: null, requestId: null, traceId: null },
  resource: { type: 'home', id: 'local' },
  change: null,
  count: 1,
});

const portError = (error: unknown, host: string, port: number): PayhookError => {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const where = `${host} port ${port}`;
  if (code === 'EADDRINUSE') {
    return new PayhookError(
      'configuration_invalid',
      `${where} is taken by another program: stop it, or set PAYHOOK_PORT to a free port`,
      { cause: error },
    );
  }
  if (code === 'EACCES') {
    return new PayhookError(
      'configuration_invalid',
      `${where} may not be used by this user: set PAYHOOK_PORT to 1024 or above`,
      { cause: error },
    );
  }
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    return new PayhookError(
      'configuration_invalid',
      `${host} is not an address of this machine: check edge.host in payhook.config.ts`,
      { cause: error },
    );
  }
  return asPayhookError(error);
};
