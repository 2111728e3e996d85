/** Reconciliation of a home: what its providers list, against what it has stored. The same in both homes. */
import type { Alerts } from '../core/ports/alerts.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { Logger } from '../core/ports/logger.ts';
import type { ReconcileMetrics } from '../core/ports/metrics.ts';
import type { ConfiguredProvider } from '../core/ports/provider.ts';
import type { Randomness } from '../core/ports/randomness.ts';
import type { ReconcileCheckpoints } from '../core/ports/reconcile-checkpoints.ts';
import { createPaymentMapping } from '../payments/map-webhook.ts';
import type { ProviderMapping } from '../payments/mapping.ts';
import type { StoreEventsDeps } from '../receive/receive.ts';
import { createReconcileEvent } from './reconcile-event.ts';
import { createReconcileSource, type RunInput, type RunReport } from './reconcile-source.ts';
import { reportOutcome, reportRun } from './report-run.ts';
import { wantedTypesOf } from './wanted-types.ts';

export interface ReconcileDeps extends StoreEventsDeps {
  /** The configured providers by name. */
  readonly providers: ReadonlyMap<string, ConfiguredProvider>;
  readonly mappings: readonly ProviderMapping[];
  /** Which types are recovered, by provider. @default all but those that say nothing of payments */
  readonly eventTypes: Readonly<Record<string, readonly string[] | undefined>>;
  readonly checkpoints: ReconcileCheckpoints;
  readonly alerts: Alerts;
  readonly logger: Logger;
  readonly metrics: ReconcileMetrics;
  readonly clock: Clock;
  readonly randomness: Pick<Randomness, 'id'>;
}

export type Reconcile = (input: Omit<RunInput, 'configured'>) => Promise<RunReport>;

/** Returns `reconcile(input)`: one run over one list, told to log, metrics and alerts. Throws what the ports throw. */
export const createReconcile = (deps: ReconcileDeps): Reconcile => {
  const now = (): number => deps.clock.now();
  const mapping = createPaymentMapping(deps.mappings, (provider) => deps.providers.get(provider)?.settings);
  const onOutcome = reportOutcome.bind(null, deps.logger);
  const byProvider = new Map(
    [...deps.providers].map(([name, configured]) => {
      const ofProvider = deps.mappings.find(({ provider }) => provider === name);
      const isWanted = wantedTypesOf(deps.eventTypes[name], ofProvider);
      const reconcileEvent = createReconcileEvent({ ...deps, mapping, isWanted, newId: deps.randomness.id, now });
      return [name, { configured, run: createReconcileSource({ ...deps, reconcileEvent, onOutcome, now }) }] as const;
    }),
  );
  return async (input) => {
    const found = byProvider.get(input.source.provider);
    if (found === undefined) throw new TypeError(`provider ${input.source.provider} is not configured`);
    const report = await found.run({ ...input, configured: found.configured });
    if (!input.isDryRun) reportRun(deps, report, now());
    return report;
  };
};
