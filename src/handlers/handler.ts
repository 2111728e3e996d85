/** The user's code, called with each webhook. At least once per webhook, always with the same idempotency id. */

import type { Fetched } from '../core/effects.ts';
import type { Logger } from '../core/ports/logger.ts';
import type { JsonValue } from '../core/read-json.ts';
import type { EpochMs, Mode } from '../core/webhook.ts';

/** A stored webhook as a handler sees it: verified, decrypted on demand. */
export interface HandledWebhook {
  readonly webhookId: string;
  readonly provider: string;
  readonly providerEventId: string | null;
  /** The provider's own name of what happened, for example `payment_intent.succeeded`. */
  readonly eventType: string;
  /** When it happened, by the provider's clock; 0 when the provider does not say. */
  readonly timestamp: EpochMs;
  readonly mode: Mode;
  readonly isSimulated: boolean;
  readonly account: string | null;
  readonly objectId: string | null;
  readonly receivedAt: EpochMs;
  /** The bytes as received; card data, had there been any, masked. */
  readonly payload: Uint8Array;
  /** The payload as a value. Numbers beyond 2^53 lose digits: read `payload` when that matters. */
  json(): JsonValue;
  /**
   * Of an event that carries no data (Stripe's thin events): what it names, out of the provider's API, where
   * `providers.stripe.areThinEventsFetched` is set. @default null
   */
  readonly fetched: Fetched | null;
}

export interface HandlerContext {
  /** The same for every attempt and replay of a webhook: pass it on to whatever must not happen twice. */
  readonly idempotencyId: string;
  /** 1 for the first attempt. */
  readonly attempt: number;
  /** The attempt counts as failed after this instant. */
  readonly deadlineAt: EpochMs;
  /** Aborted at the deadline and when the home stops. */
  readonly signal: AbortSignal;
  readonly logger: Logger;
}

export type HandlerOutcome =
  | { readonly outcome: 'done' }
  /** Not for us: the webhook ends as `ignored`. */
  | { readonly outcome: 'ignore'; readonly reason: string }
  /** Try again after this wait instead of the usual backoff; counts as an attempt. */
  | { readonly outcome: 'retry'; readonly afterMs: number; readonly reason: string }
  /** Trying again cannot help: dead letter at once. */
  | { readonly outcome: 'give_up'; readonly reason: string };

/** Returning nothing means `done`; throwing means *try again later*. */
export type Handler = (
  webhook: HandledWebhook,
  context: HandlerContext,
  // biome-ignore lint/suspicious/noConfusingVoidType: a handler without a return statement is the usual one.
) => HandlerOutcome | undefined | void | Promise<HandlerOutcome | undefined | void>;

export const done = (): HandlerOutcome => ({ outcome: 'done' });
export const ignore = (reason: string): HandlerOutcome => ({ outcome: 'ignore', reason });
/** Milliseconds; as a `Retry-After` would say. At most 12 hours. */
export const retryIn = (afterMs: number, reason: string): HandlerOutcome => ({ outcome: 'retry', afterMs, reason });
export const giveUp = (reason: string): HandlerOutcome => ({ outcome: 'give_up', reason });
