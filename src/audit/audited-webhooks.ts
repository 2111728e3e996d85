/**
 * The stored webhooks as a check of the trail looks at them, and whatever else a home keeps that the trail does not name.
 * Read only; both look at a home that may be at work meanwhile.
 */
import type { EpochMs, Webhook } from '../core/webhook.ts';
import type { ChainLink } from './audit.ts';
import type { AuditProblem } from './problem.ts';

export type AuditedWebhook =
  | {
      readonly outcome: 'read';
      readonly chainId: string;
      readonly webhook: Webhook;
      /** The last entry of its chain, as the webhook itself says. */
      readonly head: ChainLink;
      /** Grows in the order in which webhooks were stored; null where the home keeps no order. */
      readonly place: number | null;
    }
  /** There is a webhook of this chain, and nothing of Payhook's can have written it as it is. */
  | { readonly outcome: 'unreadable'; readonly chainId: string }
  /** The home removed it when its time had ended; `lastPosition` is the last entry of its chain until then. */
  | { readonly outcome: 'removed'; readonly chainId: string; readonly lastPosition: number };

export interface AuditedWebhooks {
  /**
   * The stored webhooks of these chains, as of now: no change that was told to anybody is missing. Chains without a webhook
   * are left out. At most `LIMITS.auditPageMax` chains at a time.
   */
  ofChains(chainIds: readonly string[]): Promise<readonly AuditedWebhook[]>;
  /** Whether the home removed a webhook whose chain ended with this hash, so that the chain may begin anew. */
  wasRemoved(chainId: string, endHash: string): Promise<boolean>;
  /**
   * Whether the home may have removed a webhook with this expiry by itself; null when its entry does not say, because it
   * was written before version 0.2.
   */
  mayBeGone(expiresAt: EpochMs | null): boolean;
}

/** What a home keeps beside webhooks and trail, and webhooks that no entry leads to. */
export interface KeptState {
  /**
   * What Payhook did not write or what is missing, each named, at most `limit`. What is being written meanwhile is never
   * taken for a problem. Bounded in memory, whatever is stored.
   */
  problems(limit: number): Promise<readonly AuditProblem[]>;
}
