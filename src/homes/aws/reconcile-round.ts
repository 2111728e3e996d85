/** What `reconciler` does by the clock: each list of each provider up to now, as far as the time of an invocation goes. */
import { asPayhookError } from '../../core/errors.ts';
import type { Logger } from '../../core/ports/logger.ts';
import type { EndpointSource } from '../../core/ports/provider-endpoints.ts';
import type { EventSource } from '../../core/ports/provider-events.ts';
import { SECOND_MS } from '../../core/time.ts';
import { type ProviderLists, type TakeTurnsDeps, takeTurns } from '../../reconcile/take-turns.ts';

/** A configured provider whose API lists events. */
export interface ListingProvider {
  readonly name: string;
  /** None without a credential. Throws `secrets_unavailable`. */
  readonly sources: () => Promise<readonly EventSource[]>;
  /** With the same credentials. */
  readonly endpoints: () => Promise<readonly EndpointSource[]>;
}

export interface ReconcileRoundDeps
  extends Pick<TakeTurnsDeps, 'checkpoints' | 'reconcile' | 'watchEndpoints' | 'clock'> {
  readonly providers: readonly ListingProvider[];
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
  const { logger } = deps;
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

  return async (_event: unknown, invocation: Remaining): Promise<void> => {
    const isStopping = (): boolean => invocation.getRemainingTimeInMillis() < PAGE_MS;
    const thrown: unknown[] = [];
    const onBroken = (provider: string, error: unknown): void => {
      const { code, message } = asPayhookError(error);
      logger.error('reconcile.failed', { provider, code, message });
      thrown.push(error);
    };
    const lists: ProviderLists[] = [];
    try {
      for (const { name: provider, sources, endpoints } of deps.providers) {
        try {
          lists.push({ provider, sources: await sources(), endpoints: await endpoints() });
        } catch (error) {
          onBroken(provider, error);
        }
      }
      await takeTurns({ ...deps, isStopping, onBroken }, lists);
      tellOff(lists.filter(({ sources }) => sources.length === 0).map(({ provider }) => provider));
      if (thrown.length > 0) throw thrown[0];
    } finally {
      await deps.drainAlerts();
    }
  };
};
