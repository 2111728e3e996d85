/**
 * The server of the section `beside`: as `payhook serve` composes it, but retention and reconciling run when they are told to.
 * They are the product's own, with its limits; only their rounds follow each other without the hour between.
 */
import assert from 'node:assert/strict';
import { createPinoLogger } from '../src/adapters/pino/pino-logger.ts';
import { loadConfig } from '../src/config/load-config.ts';
import type { Logger } from '../src/core/ports/logger.ts';
import { DAY_MS } from '../src/core/time.ts';
import { startReconcileLoop } from '../src/homes/local/reconcile-loop.ts';
import { startRetention } from '../src/homes/local/retention.ts';
import { startServer } from '../src/homes/local/serve.ts';
import { type BackgroundDeps, startBackground } from '../src/homes/local/start-background.ts';
import type { BesideReply, BesideRequest, BesideWork } from './beside-messages.ts';

const ROUND_MS = 10;
/** `EventSource.id` of the credential that the section gives. */
const SOURCE = 'stripe:test';

interface Running {
  end(): Promise<Readonly<Record<string, number>>>;
}

const tell = (reply: BesideReply): void => void process.send?.(reply);

const beginRetention = ({ home, settings, load, logger }: BackgroundDeps): Running => {
  const counts: Record<string, number> = {};
  const counting: Logger = {
    ...logger,
    info(event, fields) {
      if (event !== 'retention.applied') return;
      const kind = String(fields?.kind);
      counts[kind] = (counts[kind] ?? 0) + Number(fields?.count);
    },
  };
  const retention = startRetention({
    ...home,
    logger: counting,
    keptMs: settings.retentionMs,
    load,
    lastKnownAt: Promise.resolve(null),
    roundMs: ROUND_MS,
  });
  return {
    async end() {
      await retention.stop();
      return counts;
    },
  };
};

/** The list begins a day ago: the first round of a new home would ask for nothing. */
const listedOf = async ({ home }: BackgroundDeps): Promise<number> => {
  const known = await home.checkpoints.get(SOURCE);
  if (known !== undefined) return known.listed;
  const startedAt = home.clock.now() - DAY_MS;
  const nothing = { listed: 0, missing: 0, recovered: 0, differing: 0 };
  const begun = { source: SOURCE, startedAt, checkedUntil: startedAt, window: null, restsUntil: null, gap: null };
  await home.checkpoints.put({ ...begun, ...nothing, lastRunAt: startedAt, lastOutcome: 'complete' }, 0);
  return 0;
};

const beginReconciling = async (deps: BackgroundDeps): Promise<Running> => {
  const before = await listedOf(deps);
  const stopping = new AbortController();
  const loop = startReconcileLoop({ ...deps.home, ...deps, stopping, wake: deps.processing.wake });
  return {
    async end() {
      stopping.abort();
      await loop.stop();
      return { events: (await listedOf(deps)) - before };
    },
  };
};

const begin = (work: BesideWork, deps: BackgroundDeps): Running | Promise<Running> =>
  work === 'retention' ? beginRetention(deps) : beginReconciling(deps);

/** Nothing reconciles but what is begun here. */
const withoutReconciling = (deps: BackgroundDeps): BackgroundDeps => {
  const { config } = deps.settings;
  const reconcile = { ...config.reconcile, isAutomatic: false };
  return { ...deps, settings: { ...deps.settings, config: { ...config, reconcile } } };
};

// A composition root: what the section has set for this process.
const loaded = await loadConfig({ env: process.env, cwd: process.cwd(), home: 'local' });
assert(loaded.outcome === 'loaded', 'the configuration of the benchmark can be read');
const opened = Promise.withResolvers<BackgroundDeps>();
const server = await startServer({
  settings: loaded.settings,
  logger: createPinoLogger({ format: 'json', level: loaded.settings.logLevel }),
  onFatal: (error) => {
    throw error;
  },
  background(deps) {
    opened.resolve(deps);
    return startBackground(withoutReconciling(deps));
  },
});
const deps = await opened.promise;
let running: Running | undefined;
process.on('message', async (request: BesideRequest) => {
  if (request.kind === 'begin') {
    running = await begin(request.work, deps);
    tell({ kind: 'begun' });
    return;
  }
  const counts = (await running?.end()) ?? {};
  running = undefined;
  tell({ kind: 'ended', counts });
});
const stop = async (): Promise<void> => {
  await running?.end();
  await server.stop('benchmark over');
  process.exit();
};
process.on('SIGTERM', () => void stop());
process.on('disconnect', () => process.exit());
tell({ kind: 'started', port: server.port });
