/** Deliveries that come again after everybody has forgotten them: genuine once, and not to be acted on any more. */
import type { Delivery, Provider, ProviderEvent } from '../core/ports/provider.ts';
import type { EpochMs, WebhookKey } from '../core/webhook.ts';

/** Why such a webhook is stored as `ignored`. */
export const TOO_OLD = 'delivery_too_old';

/**
 * `old`: what is signed says so. `said_to_be_old`: what anybody could have written says so; what becomes of the event must not
 * depend on it.
 */
export type Age = 'fresh' | 'old' | 'said_to_be_old';

export interface AgedEvent {
  readonly provider: Provider;
  readonly delivery: Delivery;
  readonly event: ProviderEvent;
}

/**
 * A delivery is old that was signed, or whose event happened, longer ago than deliveries are remembered: nobody can tell any
 * more whether it is a duplicate. Providers sign each try anew, so a fresh signature alone says nothing of the event: what
 * retention has removed would be processed again when one is sent by hand. Until then dedupe takes it once, however old it
 * is. What cannot be told is fresh.
 */
export const ageOf = ({ provider, delivery, event }: AgedEvent, receivedAt: EpochMs, retentionMs: number): Age => {
  const { eventAt, ordering } = event;
  const isOld = (at: EpochMs): boolean => receivedAt - at > retentionMs;
  const told = [provider.signedAt?.(delivery) ?? null, eventAt].filter((at) => at !== null);
  if (told.length > 0) return told.some(isOld) ? 'old' : 'fresh';
  return ordering?.by === 'time' && isOld(ordering.value) ? 'said_to_be_old' : 'fresh';
};

/** What is only said to be old is kept under an id of its own, so that it never takes the place of the event itself. */
export const keyOfAge = (key: WebhookKey, age: Age): WebhookKey =>
  age === 'said_to_be_old' ? { ...key, webhookId: `${key.webhookId}~old` } : key;
