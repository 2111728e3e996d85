/**
 * Has a person told when the provider has disabled our endpoint, or has none of ours: what it does not send, no retry brings.
 * Looked at once an hour; what stays as it was is told once, over restarts too.
 */
import { LIMITS } from '../../core/limits.ts';
import type { Alerts } from '../../core/ports/alerts.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Logger } from '../../core/ports/logger.ts';
import type { ConfiguredProvider } from '../../core/ports/provider.ts';
import type { EndpointSource, RegisteredEndpoint } from '../../core/ports/provider-endpoints.ts';
import type { ReconcileCheckpoints, StoredCheckpoint } from '../../core/ports/reconcile-checkpoints.ts';
import type { EpochMs } from '../../core/webhook.ts';
import type { ProviderMapping } from '../../payments/mapping.ts';
import { driftsOf, type EndpointSettings, wantedEndpoint } from './endpoint-drift.ts';

export interface WatchEndpointsDeps extends EndpointSettings {
  readonly checkpoints: ReconcileCheckpoints;
  readonly alerts: Alerts;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly providers: ReadonlyMap<string, ConfiguredProvider>;
  readonly mappings: readonly ProviderMapping[];
}

/** Null where nothing that comes from there can be missing because of it. */
type Deaf = 'disabled' | 'thin_disabled' | 'not_registered' | null;

/** Throws what the store of checkpoints throws. */
export type WatchEndpoints = (source: EndpointSource) => Promise<void>;

const deafOf = (deps: WatchEndpointsDeps, source: EndpointSource, registered: readonly RegisteredEndpoint[]): Deaf => {
  const configured = deps.providers.get(source.provider);
  const mapping = deps.mappings.find(({ provider }) => provider === source.provider);
  if (configured === undefined || mapping === undefined) return null;
  const wanted = wantedEndpoint(configured, mapping, source, deps);
  const drift = driftsOf(wanted, registered)[0]?.drift;
  return drift === 'disabled' || drift === 'thin_disabled' || drift === 'not_registered' ? drift : null;
};

const summaryOf = (source: EndpointSource, deaf: Exclude<Deaf, null>): string =>
  deaf === 'disabled'
    ? `${source.id} has disabled our endpoint and sends nothing to it: repair what it ran into, then payhook endpoints update --provider ${source.provider} --enable`
    : deaf === 'thin_disabled'
      ? `${source.id} has disabled where it sent thin events to, and sends none: payhook doctor shows which, and what enables it`
      : `no endpoint that is registered with ${source.id} leads here: payhook doctor shows what is registered`;

/** The name of what is kept of it. */
export const endpointsCheckpoint = (source: EndpointSource): string => `${source.id} endpoints`;

export const createWatchEndpoints =
  (deps: WatchEndpointsDeps): WatchEndpoints =>
  async (source) => {
    const { checkpoints, alerts, logger, clock } = deps;
    const before = await checkpoints.get(endpointsCheckpoint(source));
    if (before !== undefined && Math.abs(clock.now() - before.lastRunAt) < LIMITS.endpointsEveryMs) return;
    const listed = await source.endpoints.list();
    const deaf = listed.outcome === 'endpoints' ? deafOf(deps, source, listed.endpoints) : null;
    const outcome = listed.outcome === 'endpoints' ? (deaf ?? 'heard') : listed.outcome;
    const { provider } = source;
    logger.info('endpoints.looked_at', { provider, message: source.id, outcome });
    // What was not seen this time is as it was. Of two instances that look at once, one tells.
    const found = listed.outcome === 'endpoints' ? outcome : (before?.lastOutcome ?? outcome);
    if (!(await checkpoints.put(checkpointOf(source, before, found, clock.now()), before?.revision ?? 0))) return;
    if (deaf === null || before?.lastOutcome === deaf) return;
    alerts.raise({ kind: 'endpoint_deaf', provider, webhookId: null, summary: summaryOf(source, deaf) });
  };

/** A checkpoint of a list that is never gone through: only when it was looked at, and what was found. */
const checkpointOf = (
  source: EndpointSource,
  before: StoredCheckpoint | undefined,
  lastOutcome: string,
  at: EpochMs,
) => ({
  source: endpointsCheckpoint(source),
  startedAt: before?.startedAt ?? at,
  checkedUntil: at,
  window: null,
  restsUntil: null,
  gap: null,
  listed: 0,
  missing: 0,
  recovered: 0,
  differing: 0,
  lastRunAt: at,
  lastOutcome,
});
