/** Has a running server reconcile by itself, where there are credentials, for as long as it runs. */
import { createCallApi } from '../../adapters/http/call-api.ts';
import { endpointSourcesOf } from '../../config/endpoint-sources.ts';
import { eventSourcesOf, withoutCredential } from '../../config/event-sources.ts';
import type { Settings } from '../../config/load-config.ts';
import { asPayhookError } from '../../core/errors.ts';
import { LIMITS } from '../../core/limits.ts';
import { SECOND_MS } from '../../core/time.ts';
import { createWatchEndpoints } from '../../reconcile/endpoints/watch-endpoints.ts';
import { createReconcile, type ReconcileDeps } from '../../reconcile/reconcile.ts';
import type { RunReport } from '../../reconcile/reconcile-source.ts';
import { takeTurns } from '../../reconcile/take-turns.ts';
import { createMakeRoom, oneEachTurn } from './make-room.ts';
import type { ReceivingLoad } from './receiving-load.ts';

export interface ReconcileLoop {
  /** Ends what is under way at its next page; the next start goes on there. */
  stop(): Promise<void>;
}

export interface ReconcileLoopDeps extends Omit<ReconcileDeps, 'eventTypes' | 'retentionMs'> {
  readonly settings: Settings;
  /** Aborted when the home stops. */
  readonly stopping: AbortController;
  readonly load: Pick<ReceivingLoad, 'isBusy' | 'isReceiving'>;
  /** Called when something was recovered: there is work. */
  readonly wake: () => void;
}

/** The first round is at once: a server that was down has missed most just before it starts. */
export const startReconcileLoop = (deps: ReconcileLoopDeps): ReconcileLoop => {
  const { settings, clock, stopping, logger, load } = deps;
  const { isAutomatic, eventTypes, endpointUrls } = settings.config.reconcile;
  const call = createCallApi({ clock, stopping: stopping.signal });
  const sources = isAutomatic ? eventSourcesOf(settings, { call, clock }) : [];
  tellWhatIsOff(deps);
  if (sources.length === 0) return { stop: async () => {} };
  const store = { ...deps.store, find: oneEachTurn(deps.store.find) };
  const reconcile = createReconcile({ ...deps, store, eventTypes, retentionMs: settings.retentionMs });
  const endpoints = endpointSourcesOf(settings, { call, clock });
  const watchEndpoints = createWatchEndpoints({ ...deps, eventTypes, endpointUrls });

  const makeRoom = createMakeRoom(load, stopping.signal);
  const providers = [...new Set(sources.map(({ provider }) => provider))].map((provider) => ({
    provider,
    sources: sources.filter((source) => source.provider === provider),
    endpoints: endpoints.filter((source) => source.provider === provider),
  }));

  /** Resolves to whether all was asked; one that cannot be ended in its time leaves the rest to the next. */
  const round = (): Promise<boolean> => {
    const seconds = clock.stopwatch();
    const isStopping = (): boolean =>
      stopping.signal.aborted || (providers.length > 1 && seconds() * SECOND_MS >= LIMITS.reconcileEveryMs);
    const rest = (tookMs: number): Promise<void> => makeRoom(tookMs, 0);
    return takeTurns({ ...deps, reconcile, watchEndpoints, isStopping, onBroken, onReports, rest }, providers);
  };
  const onBroken = (provider: string | null, thrown: unknown): void => {
    const { code, message } = asPayhookError(thrown);
    logger.error('reconcile.failed', { ...(provider === null ? {} : { provider }), code, message });
  };
  const onReports = (reports: readonly RunReport[]): void => {
    if (reports.some(({ tally }) => tally.recovered > 0)) deps.wake();
  };

  let underway: Promise<void> | undefined;
  const goRound = async (): Promise<void> => {
    for (let isDone: boolean | undefined = false; isDone === false && !stopping.signal.aborted; ) {
      // A store that does not answer now is no reason to stop: the next round goes on where this one came to.
      isDone = await round().catch((thrown: unknown) => void onBroken(null, thrown));
    }
  };
  const begin = (): void => {
    underway ??= goRound().finally(() => {
      underway = undefined;
    });
  };
  const timer = setInterval(begin, LIMITS.reconcileEveryMs);
  begin();
  logger.info('reconcile.started', { count: sources.length });
  return {
    async stop() {
      clearInterval(timer);
      await underway;
    },
  };
};

const tellWhatIsOff = ({ settings, logger }: ReconcileLoopDeps): void => {
  const missing = withoutCredential(settings);
  if (!settings.config.reconcile.isAutomatic) logger.info('reconcile.off', { reason: 'not_automatic' });
  else if (missing.length > 0) {
    const variables = missing.map(({ variable }) => variable).join(', ');
    logger.info('reconcile.off', { reason: 'no_credential', count: missing.length, message: `not set: ${variables}` });
  }
};
