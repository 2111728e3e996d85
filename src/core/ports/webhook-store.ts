/**
 * Where webhooks live. The table is keyed by (`webhookId`, `timestamp`); every write is a conditional write of a single
 * webhook and leaves its audit entry behind (in the same transaction on SQLite, through the change feed on AWS).
 */
import { type Effects, type HandlerEffect, NO_EFFECTS } from '../effects.ts';
import type { Page, PageOfMany, PageRequest } from '../page.ts';
import type { WebhookStatus } from '../status.ts';
import type {
  Actor,
  BriefWebhook,
  EpochMs,
  Mode,
  ReceivedWebhook,
  Webhook,
  WebhookKey,
  WebhookSummary,
} from '../webhook.ts';
import type { Claim } from './queue.ts';

/** One transmission of a provider that signs a weak checksum of the body (PayPal). See `InsertResult.conflict`. */
export interface Transmission {
  readonly id: string;
}

export interface Insertion {
  readonly webhook: ReceivedWebhook;
  /**
   * `received`; `dead_lettered` for what nothing can process or a person has to look at; `ignored` for what is not to be
   * acted on. The reason is `lastError`. Only what is `received` is queued.
   */
  readonly status: 'received' | 'ignored' | 'dead_lettered';
  readonly lastError: string | null;
  readonly actor: Actor;
  readonly transmission: Transmission | null;
}

/** What every webhook holds at first, beside what was received. */
export const stateWhenInserted = ({ webhook, status, lastError, actor }: Insertion) => ({
  status,
  attempts: 0,
  lastError,
  nextAttemptAt: null,
  effects: NO_EFFECTS,
  changedAt: webhook.receivedAt,
  changedBy: actor,
  revision: 1,
});

/**
 * `isQueued`: the adapter put the webhook on the queue in the same step; the caller must not enqueue it again. An
 * adapter whose queue lives elsewhere answers false and the caller enqueues.
 */
export type InsertOutcome =
  | { readonly outcome: 'inserted'; readonly isQueued: boolean }
  /** The key was there before: nothing was changed. `status` is the stored one. */
  | {
      readonly outcome: 'duplicate';
      readonly status: WebhookStatus;
      readonly isQueued: boolean;
      /** The stored one, for the caller to compare; undefined when it has none. */
      readonly contentHash?: string | undefined;
    }
  /** The same transmission was stored before with another body: a forgery. Nothing was stored. */
  | { readonly outcome: 'conflict' };

/** A change of status. Fields that are not named keep their value. */
export interface StatusChange {
  readonly status: WebhookStatus;
  readonly attempts: number;
  readonly lastError: string | null;
  readonly nextAttemptAt: EpochMs | null;
  /** What processing has done, this attempt included. */
  readonly effects: Effects;
  readonly changedAt: EpochMs;
  readonly actor: Actor;
  /** Why, for the audit entry: a code such as `handler_failed` or an operator's reason. */
  readonly reason: string | null;
}

export type ChangeOutcome =
  /** `isSettled`: the adapter settled the claim in the same step (completed or rescheduled); otherwise the caller does. */
  | { readonly outcome: 'changed'; readonly revision: number; readonly isSettled: boolean }
  /** Somebody else changed the webhook after it was read; nothing was written. Read it again. */
  | { readonly outcome: 'stale' }
  | { readonly outcome: 'missing' };

/** What is listed has to meet all of it. `core/match-webhook.ts` says what each field means, and which filters are impossible. */
export interface WebhookFilter extends PageRequest {
  /** One, or any of several. */
  readonly status?: WebhookStatus | readonly WebhookStatus[] | undefined;
  readonly provider?: string | undefined;
  /** The provider's own type, or `charge.*` for all that begin with `charge.` */
  readonly eventType?: string | undefined;
  readonly mode?: Mode | undefined;
  readonly account?: string | undefined;
  /** The object that it is about, or one of `parentIds`. */
  readonly objectId?: string | undefined;
  /** A handler that was called with it and, where one is named, came to this outcome. */
  readonly handler?: { readonly name: string; readonly outcome?: HandlerEffect['outcome'] | undefined } | undefined;
  /** A destination into whose queue one of its events was put. What became of that is not the store's to know. */
  readonly destination?: string | undefined;
  /** Of `core/cause.ts`, as a whole or how it begins: `handler_failed:shipOrder`. */
  readonly cause?: string | undefined;
  /** `lastError` as a whole, which is a code for what was ignored. */
  readonly lastError?: string | undefined;
  /** The signing secret that verified it, by its id. */
  readonly secretId?: string | undefined;
  /** Whether a delivery brought it, or reconciling found it in its provider's list. */
  readonly origin?: 'delivery' | 'reconciliation' | undefined;
  /** Whether the guard masked any card data in it. */
  readonly cardData?: 'found' | 'none' | undefined;
  /** `receivedAt` at or after. */
  readonly since?: EpochMs | undefined;
  /** `receivedAt` before. */
  readonly until?: EpochMs | undefined;
}

export interface WebhookStore {
  /**
   * Stores the webhook unless its key is there. When this resolves with `inserted`, the webhook survives the death of
   * the process and of the machine. Of any number of concurrent inserts of one key exactly one is told `inserted`.
   * A duplicate changes nothing, whatever it carries; if the stored webhook still waits (`received`, `retrying`) and has
   * no queue entry, an adapter that answers `isQueued: true` has put it back on the queue.
   * Throws `store_unavailable`, `store_full`, `store_busy` when it cannot say: the webhook may or may not be stored, and
   * the same insert may be tried again safely.
   */
  insert(insertion: Insertion): Promise<InsertOutcome>;

  /** The webhook as of the last change that was told to anybody; undefined when there is none. */
  get(key: WebhookKey): Promise<Webhook | undefined>;

  /** Every webhook with this id (at most 100), newest `timestamp` first: an operator does not know the timestamp. Almost always one. */
  find(webhookId: string): Promise<readonly Webhook[]>;

  /**
   * Writes the change if the stored revision is still `revision`, and adds 1 to it. The caller has asserted that the
   * status machine allows the change; the adapter asserts it again. With a `claim`, an adapter whose queue lives in the
   * same database also settles it: a waiting status reschedules the entry at `nextAttemptAt`, an ended one removes it.
   * A change to `received` (replay, redrive) puts the webhook on the queue under the same rule.
   */
  change(key: WebhookKey, revision: number, change: StatusChange, claim?: Claim): Promise<ChangeOutcome>;

  /**
   * Newest `receivedAt` first. Times and the statuses that need attention (`retrying`, `dead_lettered`) are in an index;
   * for anything else at most `lookAtMax` of what the index gives are looked at, and the page says how far it came. Pages
   * that follow each other hold each webhook once that is there all the time and keeps meeting the filter, whatever is
   * stored meanwhile. Throws `usage_wrong` for a cursor of another list.
   */
  list(filter: WebhookFilter): Promise<Page<WebhookSummary>>;

  /** The same page, with as much of each webhook as is needed to group ten thousand of them while a person waits. */
  listBrief(filter: WebhookFilter): Promise<PageOfMany<BriefWebhook>>;
}
