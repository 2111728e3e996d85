/**
 * Who is asked when in a round: each provider in its turn, and of its lists the one that was asked longest ago. So one whose API
 * hangs holds up the others for no longer than its turn, and a round that ends early is gone on with by the next one.
 */
import { LIMITS } from '../core/limits.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { EndpointSource } from '../core/ports/provider-endpoints.ts';
import type { EventSource } from '../core/ports/provider-events.ts';
import type { ReconcileCheckpoints } from '../core/ports/reconcile-checkpoints.ts';
import { SECOND_MS } from '../core/time.ts';
import { catchUp, RECONCILER } from './catch-up.ts';
import { endpointsCheckpoint, type WatchEndpoints } from './endpoints/watch-endpoints.ts';
import type { Reconcile } from './reconcile.ts';
import type { RunInput, RunReport } from './reconcile-source.ts';

/** What is asked of one provider. */
export interface ProviderLists {
  readonly provider: string;
  readonly sources: readonly EventSource[];
  readonly endpoints: readonly EndpointSource[];
}

export interface TakeTurnsDeps {
  readonly checkpoints: Pick<ReconcileCheckpoints, 'get'>;
  readonly reconcile: Reconcile;
  readonly watchEndpoints: WatchEndpoints;
  readonly clock: Pick<Clock, 'stopwatch'>;
  /** No list or page is begun any more. */
  readonly isStopping: () => boolean;
  /** A list that breaks keeps no other from its turn. */
  readonly onBroken: (provider: string, thrown: unknown) => void;
  readonly onReports?: (reports: readonly RunReport[]) => void;
  readonly rest?: RunInput['rest'];
}

/** False when there is more to do of it. */
type Task = (isOver: () => boolean) => Promise<boolean>;

interface Lane {
  readonly provider: string;
  readonly tasks: Task[];
}

/** Resolves to whether all was asked. Throws what the store of checkpoints throws. */
export const takeTurns = async (deps: TakeTurnsDeps, providers: readonly ProviderLists[]): Promise<boolean> => {
  let waiting = await lanesOf(deps, providers);
  while (waiting.length > 0 && !deps.isStopping()) {
    const isAlone = waiting.length === 1;
    for (const lane of waiting) await takeTurn(deps, lane, isAlone);
    waiting = waiting.filter(({ tasks }) => tasks.length > 0);
  }
  return waiting.length === 0;
};

/** Who is alone need not hurry. */
const takeTurn = async (deps: TakeTurnsDeps, { provider, tasks }: Lane, isAlone: boolean): Promise<void> => {
  const seconds = deps.clock.stopwatch();
  const isOver = (): boolean => deps.isStopping() || (!isAlone && seconds() * SECOND_MS >= LIMITS.reconcileTurnMsMax);
  while (!isOver()) {
    const task = tasks.shift();
    if (task === undefined) return;
    try {
      const isDone = await task(isOver);
      if (!isDone && isOver()) tasks.unshift(task);
    } catch (thrown) {
      deps.onBroken(provider, thrown);
    }
  }
};

/** First the provider that was asked longest ago for anything, and of its lists the one that was. */
const lanesOf = async (deps: TakeTurnsDeps, providers: readonly ProviderLists[]): Promise<readonly Lane[]> => {
  const lanes: (Lane & { readonly lastRunAt: number })[] = [];
  for (const { provider, sources, endpoints } of providers) {
    const dated: { readonly task: Task; readonly lastRunAt: number }[] = [];
    const add = async (checkpoint: string, task: Task): Promise<void> => {
      const { lastRunAt = Number.NEGATIVE_INFINITY } = (await deps.checkpoints.get(checkpoint)) ?? {};
      dated.push({ task, lastRunAt });
    };
    for (const source of sources) await add(source.id, taskOf(deps, source));
    for (const source of endpoints) {
      await add(endpointsCheckpoint(source), () => deps.watchEndpoints(source).then(() => true));
    }
    dated.sort(byLastRun);
    const last = dated.at(-1);
    if (last !== undefined) lanes.push({ provider, tasks: dated.map(({ task }) => task), lastRunAt: last.lastRunAt });
  }
  return lanes.sort(byLastRun);
};

const byLastRun = (a: { readonly lastRunAt: number }, b: { readonly lastRunAt: number }): number =>
  a.lastRunAt === b.lastRunAt ? 0 : a.lastRunAt - b.lastRunAt;

const taskOf =
  ({ reconcile, rest, onReports }: TakeTurnsDeps, source: EventSource): Task =>
  async (isStopping) => {
    const reports = await catchUp(reconcile, {
      source,
      recoveredBy: RECONCILER,
      isDryRun: false,
      since: null,
      isStopping,
      ...(rest === undefined ? {} : { rest }),
    });
    onReports?.(reports);
    return reports.at(-1)?.end.outcome !== 'to_be_continued';
  };
