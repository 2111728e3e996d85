/**
 * Work that waits. Entries point at a stored webhook and carry no payload. At least once: an entry can be claimed twice
 * (a lease that ran out), so processing asks the store before it acts.
 */
import type { EpochMs, WebhookKey } from '../webhook.ts';

export interface QueueEntry extends WebhookKey {
  readonly provider: string;
  readonly traceId: string;
}

export interface Claim {
  readonly entry: QueueEntry;
  /** Proves which claim this is; a later claim of the same entry has another. */
  readonly receipt: string;
  readonly enqueuedAt: EpochMs;
  /**
   * How many times the entry was claimed since it was put on the queue or given back by `retryIn`, this time included;
   * approximately where several machines count (SQS). More than one: whoever claimed it before died, or put it back
   * because it may be the one that takes down what it runs in.
   */
  readonly claimedTimes: number;
}

/** What a queue holds. */
export interface WorkDepth {
  /** Entries that could be claimed now. */
  readonly ready: number;
  /** Entries that wait for their time or are claimed. */
  readonly waiting: number;
  /** When the oldest entry was enqueued; null when the queue is empty or does not tell (SQS). */
  readonly oldestEnqueuedAt: EpochMs | null;
}

/** `lost`: the lease ran out and the entry belongs to somebody else; nothing was changed. */
export type SettleOutcome = 'settled' | 'lost';

/** The side of whoever stores webhooks or puts them back. */
export interface Enqueue {
  /**
   * Puts an entry of a stored webhook on the queue, durably once this resolves, claimable after `delayMs`. Enqueuing a webhook that is
   * there already is harmless: the adapter may merge the two or deliver twice. Throws `queue_unavailable`, or a
   * store code where the queue lives in the store.
   */
  enqueue(entry: QueueEntry, delayMs?: number): Promise<void>;
}

/** The side of a home's worker. On AWS, Lambda hands claims out. */
export interface WorkClaims {
  /**
   * Up to `limit` entries that are due, oldest due first as far as the technology keeps order. Each is hidden from other claims for
   * `leaseMs`; then, unless settled, it is claimable again: work whose worker died is picked up. Empty when there is
   * nothing to do; never waits.
   */
  claim(limit: number, leaseMs: number): Promise<readonly Claim[]>;
}

/** The side of processing: what becomes of a claim. */
export interface SettleClaims {
  /** Removes the entry: its webhook has ended or is gone. */
  complete(claim: Claim): Promise<SettleOutcome>;

  /**
   * Removes the entry: its webhook was given up on. A queue with a place of its own for such entries (SQS: the
   * dead-letter queue) puts it there, where operators look for it; then possibly twice. `revision` is the webhook's as
   * dead letter: when the entry is put back from that place, it tells whether the webhook still is that dead letter.
   */
  deadLetter(claim: Claim, revision: number): Promise<SettleOutcome>;

  /** Gives the entry back, claimable after `delayMs`. Its claims are counted anew. */
  retryIn(claim: Claim, delayMs: number): Promise<SettleOutcome>;

  /** Gives the entry back as if its lease had ended after `delayMs`: it was not worked on to an end, and the claim counts. */
  putBack(claim: Claim, delayMs: number): Promise<SettleOutcome>;
}

/** The side of whoever watches. */
export interface QueueDepth {
  depth(): Promise<WorkDepth>;
}

/** All sides, where one adapter has them. */
export type Queue = Enqueue & WorkClaims & SettleClaims & QueueDepth;
