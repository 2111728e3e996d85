/** Has a running server reconcile by itself, where there are credentials; one list after the other, for as long as it runs. */
import { createCallApi } from '../../adapters/http/call-api.ts';
import { endpointSourcesOf } from '../../config/endpoint-sources.ts';
import { eventSourcesOf, withoutCredential } from '../../config/event-sources.ts';
import type { Settings } from '../../config/load-config.ts';
import { asPayhookError } from '../../core/errors.ts';
import { LIMITS } from '../../core/limits.ts';
import type { EventSource } from '../../core/ports/provider-events.ts';
import { catchUp, RECONCILER } from '../../reconcile/catch-up.ts';
import { createWatchEndpoints } from '../../reconcile/endpoints/watch-endpoints.ts';
import { createReconcile, type Reconcile, type ReconcileDeps } from '../../reconcile/reconcile.ts';
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
  const { settings, clock, stopping, logger } = deps;
  const { isAutomatic, eventTypes, endpointUrls } = settings.config.reconcile;
  const call = createCallApi({ clock, stopping: stopping.signal });
  const sources = isAutomatic ? eventSourcesOf(settings, { call, clock }) : [];
  tellWhatIsOff(deps);
  if (sources.length === 0) return { stop: async () => {} };
  const store = { ...deps.store, find: oneEachTurn(deps.store.find) };
  const reconcile = createReconcile({ ...deps, store, eventTypes, retentionMs: settings.retentionMs });
  const endpoints = endpointSourcesOf(settings, { call, clock });
  const watchEndpoints = createWatchEndpoints({ ...deps, eventTypes, endpointUrls });

  const round = async (): Promise<void> => {
    for (const source of sources) {
      if (stopping.signal.aborted) return;
      await runOnce(deps, source, () => reconcileOnce(deps, reconcile, source));
    }
    for (const source of endpoints) {
      if (stopping.signal.aborted) return;
      await runOnce(deps, source, () => watchEndpoints(source));
    }
  };
  let underway: Promise<void> | undefined;
  const begin = (): void => {
    underway ??= round().finally(() => {
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

/** A store that does not answer now is no reason to stop: the next round goes on where this one came to. */
const runOnce = async (
  { logger }: ReconcileLoopDeps,
  { provider }: Pick<EventSource, 'provider'>,
  work: () => Promise<void>,
): Promise<void> => {
  try {
    await work();
  } catch (thrown) {
    const { code, message } = asPayhookError(thrown);
    logger.error('reconcile.failed', { provider, code, message });
  }
};

const reconcileOnce = async (
  { stopping, wake, load }: ReconcileLoopDeps,
  reconcile: Reconcile,
  source: EventSource,
): Promise<void> => {
  const isStopping = (): boolean => stopping.signal.aborted;
  const makeRoom = createMakeRoom(load, stopping.signal);
  const reports = await catchUp(reconcile, {
    source,
    recoveredBy: RECONCILER,
    isDryRun: false,
    since: null,
    rest: (tookMs) => makeRoom(tookMs, 0),
    isStopping,
  });
  if (reports.some(({ tally }) => tally.recovered > 0)) wake();
};

const tellWhatIsOff = ({ settings, logger }: ReconcileLoopDeps): void => {
  const missing = withoutCredential(settings);
  if (!settings.config.reconcile.isAutomatic) logger.info('reconcile.off', { reason: 'not_automatic' });
  else if (missing.length > 0) {
    const variables = missing.map(({ variable }) => variable).join(', ');
    logger.info('reconcile.off', { reason: 'no_credential', count: missing.length, message: `not set: ${variables}` });
  }
};
