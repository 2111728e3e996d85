/** A home in the memory of a test: what it is given, and what it says. */
import type { PayhookConfig } from '../config/define-config.ts';
import type { WebhookStatus } from '../core/status.ts';
import type { EpochMs } from '../core/webhook.ts';
import type { AppliedEvent } from '../handlers/call-handlers.ts';
import type { PaymentView } from '../payments/payment.ts';
import type { PaymentEvent } from '../payments/payment-event.ts';
import type { SampleWebhook } from './sample-webhook.ts';

export interface TestHomeOptions {
  /** Your handlers module (`import * as handlers …`), or some of what it exports, by name. */
  readonly handlers: Readonly<Record<string, unknown>>;
  /** As `payhook.config.ts` exports it: time-outs, attempts, settings of providers. @default every setting's default */
  readonly config?: PayhookConfig;
  /** What the home's clock says at first. @default the time of the samples */
  readonly now?: EpochMs;
}

/** One attempt at a webhook. */
export interface TestAttempt {
  readonly at: EpochMs;
  readonly outcome: 'processed' | 'ignored' | 'retrying' | 'dead_lettered';
  /** A code such as `handler_failed`, `handler_timed_out`, `handler_asked_retry`, `handler_gave_up`; null after success. */
  readonly reason: string | null;
  /** What the handler said, as an operator reads it; null when it said nothing. */
  readonly error: string | null;
  /** The wait before the next one; null when there is none. */
  readonly retryInMs: number | null;
}

/** How one handler ended that the webhook concerns. */
export interface TestHandlerOutcome {
  /** The name that the module exports it by. */
  readonly handler: string;
  /** The type of the event; null for `handle`, which is called with the webhook. */
  readonly event: PaymentEvent['type'] | null;
  readonly outcome: 'done' | 'ignored' | 'failed' | 'given_up';
  readonly calls: number;
}

/** What became of a webhook, so far. */
export interface TestOutcome {
  readonly webhookId: string;
  readonly status: WebhookStatus;
  /** Of this call, in order. None for a webhook that had ended before. */
  readonly attempts: readonly TestAttempt[];
  /** The payment events that it meant, and how each was received. */
  readonly events: readonly Pick<AppliedEvent, 'event' | 'news'>[];
  /** By name. */
  readonly handlers: readonly TestHandlerOutcome[];
  /** Of its first event, with that event in it; null when it is about none. */
  readonly payment: PaymentView | null;
  /** As an operator reads it; null when there is nothing to explain. */
  readonly lastError: string | null;
}

export interface RunOptions {
  /** Stop after so many attempts, whatever became of it. @default until it has ended */
  readonly attemptsMax?: number;
}

export interface TestHome {
  /**
   * Receives the webhook and makes attempts at it until it has ended. Waits between them take no time; a handler's time-out
   * is real (`processing.handlerMsMax`). Throws `TypeError` for a body that is no webhook of the provider.
   */
  deliver(webhook: SampleWebhook, options?: RunOptions): Promise<TestOutcome>;
  /** The same for an event as a webhook would mean it: from `sampleEvent`, with what the test is about changed. */
  deliverEvent(event: PaymentEvent, options?: RunOptions): Promise<TestOutcome>;
}
