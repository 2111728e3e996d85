/**
 * Recording the events of a webhook and writing its end in one, for a home that has payments and webhooks in one place and
 * nobody to tell of a payment in between. Elsewhere each is written by itself: `PaymentStore`, then `WebhookStore`.
 */
import type {
  ChangeOutcome,
  Insertion,
  InsertOutcome,
  StatusChange,
  WebhookStore,
} from '../core/ports/webhook-store.ts';
import type { Changes } from './map-webhook.ts';
import type { PaymentEvent } from './payment-event.ts';

/** What is still to be recorded of a webhook. */
export interface Recording {
  /** Of the webhook, in order. */
  readonly events: readonly Pick<PaymentEvent, 'id' | 'type'>[];
  readonly changes: Changes;
}

export type RecordAndChangeOutcome =
  | ChangeOutcome
  /** As `PaymentStore.apply` says it. The webhook was not changed. */
  | { readonly outcome: 'too_many_events' };

/**
 * As `PaymentStore.apply` and `applyToSubject` for each change, then `WebhookStore.change` with what came of them as the
 * events among its effects; durable once this resolves. What is recorded stays so where the webhook is not changed, as
 * when it is written first.
 */
export type RecordAndChange = (
  recording: Recording,
  ...change: Parameters<WebhookStore['change']>
) => Promise<RecordAndChangeOutcome>;

export interface InsertAndEndOutcome {
  /** As `WebhookStore.insert` says it. */
  readonly inserted: InsertOutcome;
  /** Whether it was stored as it is after the change. Otherwise it is what it was, or waits on the queue as if inserted alone. */
  readonly isEnded: boolean;
}

/**
 * As `WebhookStore.insert` of what is `received`, then `RecordAndChange` with a change that ends it, in one write that
 * leaves the audit entries of both behind. Where it is not inserted, or its payment has too many events, nothing is recorded.
 */
export type InsertAndEnd = (
  insertion: Insertion,
  recording: Recording,
  change: StatusChange,
) => Promise<InsertAndEndOutcome>;
