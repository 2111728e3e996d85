/**
 * Recording the events of a webhook and writing its end in one, for a home that has payments and webhooks in one place and
 * nobody to tell of a payment in between. Elsewhere each is written by itself: `PaymentStore`, then `WebhookStore`.
 */
import type { ChangeOutcome, WebhookStore } from '../core/ports/webhook-store.ts';
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
