/** What `reconciler` does by the clock: each list of each provider up to now, as far as the time of an invocation goes. */
import { asPayhookError } from '../../core/errors.ts';
import type { Logger } from '../../core/ports/logger.ts';
import type { EndpointSource } from '../../core/ports/provider-endpoints.ts';
import type { EventSource } from '../../core/ports/provider-events.ts';
import { SECOND_MS } from '../../core/time.ts';
import { catchUp, RECONCILER } from '../../reconcile/catch-up.ts';
import type { WatchEndpoints } from '../../reconcile/endpoints/watch-endpoints.ts';
import type { Reconcile } from '../../reconcile/reconcile.ts';

/** A configured provider whose API lists events. */
export interface ListingProvider {
  readonly name: string;
  /** None without a credential. Throws `secrets_unavailable`. */
  readonly sources: () => Promise<readonly EventSource[]>;
  /** With the same credentials. */
  readonly endpoints: () => Promise<readonly EndpointSource[]>;
}

export interface ReconcileRoundDeps {
  readonly providers: readonly ListingProvider[];
  readonly reconcile: Reconcile;
  readonly watchEndpoints: WatchEndpoints;
  readonly logger: Logger;
  readonly drainAlerts: () => Promise<void>;
}

interface Remaining {
  readonly getRemainingTimeInMillis: () => number;
}

/** No page is begun with less: a request may take half a minute, and its events have to be stored. */
const PAGE_MS = 75 * SECOND_MS;

/**
 * Returns the function's handler. A list that breaks keeps no other from its turn; the first error is thrown in the end, so that
 * Lambda counts it, tries again and tells of it. Nothing is lost: the next round goes on where this one came to.
 */
export const createReconcileRound = (deps: ReconcileRoundDeps) => {
  const { logger, reconcile, watchEndpoints } = deps;
  let isOffTold = false;

  const tellOff = (without: readonly string[]): void => {
    if (without.length === 0 || isOffTold) return;
    isOffTold = true;
    logger.info('reconcile.off', {
      reason: 'no_credential',
      count: without.length,
      message: `without a credential: ${without.map((name) => `payhook secrets set ${name}-api`).join(', ')}`,
    });
  };

  /** False without a credential. */
  const goThrough = async (provider: ListingProvider, isStopping: () => boolean): Promise<boolean> => {
    const lists = await provider.sources();
    for (const source of lists) {
      if (isStopping()) return true;
      await catchUp(reconcile, { source, recoveredBy: RECONCILER, isDryRun: false, since: null, isStopping });
    }
    for (const source of await provider.endpoints()) if (!isStopping()) await watchEndpoints(source);
    return lists.length > 0;
  };

  return async (_event: unknown, invocation: Remaining): Promise<void> => {
    const isStopping = (): boolean => invocation.getRemainingTimeInMillis() < PAGE_MS;
    const thrown: unknown[] = [];
    const without: string[] = [];
    try {
      for (const provider of deps.providers) {
        try {
          if (!(await goThrough(provider, isStopping))) without.push(provider.name);
        } catch (error) {
          const { code, message } = asPayhookError(error);
          logger.error('reconcile.failed', { provider: provider.name, code, message });
          thrown.push(error);
        }
      }
      tellOff(without);
      if (thrown.length > 0) throw thrown[0];
    } finally {
      await deps.drainAlerts();
    }
  };
};
