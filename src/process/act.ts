/** What is done with a webhook in an attempt: between loading it and writing what became of it. */
import type { Acted, Confirmation, Effects, Fetching, Presence } from '../core/effects.ts';
import type { WebhookStore } from '../core/ports/webhook-store.ts';
import type { Webhook } from '../core/webhook.ts';
import type { AppliedEvent } from '../handlers/call-handlers.ts';
import type { FetchNeeded } from '../payments/map-webhook.ts';
import type { PaymentEvent } from '../payments/payment-event.ts';
import type { RecordAndChangeOutcome, Recording } from '../payments/record-and-change.ts';

/**
 * Acts on a webhook, as far as its `effects` say that it was not done before. At least once: whatever it does may be done
 * again when this process dies before the outcome is stored. `payload` is the opened payload. Throws what the stores
 * throw: then nothing is decided, and the attempt is made again without being counted.
 */
export type Act = (webhook: Webhook, payload: Uint8Array, isAlone: boolean) => Promise<ActedOn>;

/** Asked with the payment events of a webhook before anything is done about them, in each attempt. */
export type Confirm = (webhook: Webhook, events: readonly PaymentEvent[]) => Promise<Confirmation>;

/** Asked for what an event names that carries no data, before handlers are called with it. */
export type FetchData = (webhook: Webhook, needed: FetchNeeded) => Promise<Fetching>;

/**
 * A provider's API, where it is asked for the present state of what was delivered. What it says is kept with the webhook, and
 * asked for once.
 */
export interface AskPresent {
  isAsked(provider: string): boolean;
  /** Which payment the events are of that name none. Asked before anything is done about them, in each attempt. */
  attribute(webhook: Webhook, events: readonly PaymentEvent[]): Promise<Presence>;
  /** Whether the provider has a payment as it is here whose events contradict each other. Asked last, in each attempt. */
  compare(webhook: Webhook, received: readonly AppliedEvent[]): Promise<Presence>;
}

export interface ActedOn extends Acted {
  /** Writes the end of the webhook, with what is left to be recorded of it. @default there is nothing left: the store does */
  readonly recordAndChange?: (...input: Parameters<WebhookStore['change']>) => Promise<RecordAndChangeOutcome>;
  /** What `recordAndChange` records. */
  readonly recording?: Recording;
}

/** Its payment has more events than one may have. */
export const tooManyEvents = (effects: Effects): Acted => ({
  outcome: { outcome: 'given_up', reason: 'too_many_events', error: 'its payment has more events than one may have' },
  effects,
});
