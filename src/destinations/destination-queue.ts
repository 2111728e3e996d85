/**
 * What waits to be delivered to destinations, and what became of it: ports, with their contracts. Each destination has its
 * own queue: one that is down holds back nothing of the others, and nothing of receiving and processing.
 */
import type { News } from '../core/effects.ts';
import type { EpochMs, WebhookKey } from '../core/webhook.ts';

/** One payment event for one destination. Points at its webhook; carries no payload. */
export interface DestinationEntry extends WebhookKey {
  readonly destination: string;
  /** `webhookId`, or `webhookId#2` for further events of one webhook. Unique with `timestamp` and `destination`. */
  readonly eventId: string;
  readonly provider: string;
  readonly traceId: string;
  /** `news` for events that are about no payment. */
  readonly news: News;
}

export const DESTINATION_STATES = ['waiting', 'delivered', 'given_up'] as const;
export type DestinationState = (typeof DESTINATION_STATES)[number];

export interface DestinationStatus {
  readonly destination: string;
  readonly eventId: string;
  readonly state: DestinationState;
  /** Attempts that failed, the delivered one not counted. */
  readonly failures: number;
  /** Of the last failure; null when there was none. */
  readonly lastError: string | null;
  readonly enqueuedAt: EpochMs;
  readonly changedAt: EpochMs;
}

export interface DestinationDepth {
  readonly destination: string;
  readonly waiting: number;
  readonly givenUp: number;
  /** When the oldest waiting entry was put there; null when none waits or the home does not tell (SQS). */
  readonly oldestEnqueuedAt: EpochMs | null;
}

/** The side that puts: processing, and operators who send again. */
export interface DestinationOutbox {
  /**
   * Puts the entries into the queues of their destinations, durable once this resolves; when it throws, some may be there.
   * An entry that waits already is left as it is. One that was delivered or given up waits again, from its first attempt.
   */
  put(entries: readonly DestinationEntry[], at: EpochMs): Promise<void>;
}

/** The side of whoever looks. */
export interface DestinationReader {
  /** What became of a webhook's entries, ordered by event and destination; empty when it had none. */
  ofWebhook(key: WebhookKey): Promise<readonly DestinationStatus[]>;
  /** One for each of the destinations asked about, in their order; zeros for one that never had an entry. */
  depth(destinations: readonly string[]): Promise<readonly DestinationDepth[]>;
}

export interface DestinationClaim {
  readonly entry: DestinationEntry;
  readonly receipt: string;
  readonly enqueuedAt: EpochMs;
  /** Attempts that failed before. */
  readonly failures: number;
}

export type Settlement = { readonly claim: DestinationClaim } & (
  | { readonly outcome: 'delivered' }
  /** Due again at that instant. */
  | { readonly outcome: 'failed'; readonly error: string; readonly dueAt: EpochMs }
  /** Back in the queue, due again at that instant, as if it had not been claimed: it was not attempted. */
  | { readonly outcome: 'put_back'; readonly dueAt: EpochMs }
  | { readonly outcome: 'given_up'; readonly error: string }
);

/** The side that claims, in the local home. On AWS, SQS hands entries out. */
export interface DestinationQueue {
  /** Up to `limit` entries of the destination that are due, the oldest `enqueuedAt` first; hidden for `leaseMs`. */
  claim(destination: string, limit: number, leaseMs: number): Promise<readonly DestinationClaim[]>;
  /** Writes what became of claims, all or none. A claim that is somebody else's by now, its lease having ended, is left alone. */
  settle(settlements: readonly Settlement[], at: EpochMs): Promise<void>;
  /** The destination is back: entries of it that wait for their time and are not claimed are due now. */
  hasten(destination: string): Promise<void>;
}

/** All sides, where one adapter has them. */
export type DestinationQueues = DestinationOutbox & DestinationQueue & DestinationReader;
