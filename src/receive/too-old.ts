/** Deliveries that come again after everybody has forgotten them: genuine once, and not to be acted on any more. */
import { LIMITS } from '../core/limits.ts';
import type { Delivery, Provider, ProviderEvent } from '../core/ports/provider.ts';
import type { EpochMs } from '../core/webhook.ts';

/** Why such a webhook is stored as `ignored`. */
export const TOO_OLD = 'delivery_too_old';

/** When the delivery was signed where the signature binds it; else when the event happened, as far as it says. */
const madeAt = (provider: Provider, delivery: Delivery, { eventAt, ordering }: ProviderEvent): EpochMs | null =>
  provider.signedAt?.(delivery) ?? eventAt ?? (ordering?.by === 'time' ? ordering.value : null);

/**
 * Whether a delivery is older than what is remembered of deliveries, or than any provider sends one again: captured long
 * ago and sent by somebody else, most likely. What cannot be told is not old.
 */
export const isTooOld = (
  {
    provider,
    delivery,
    event,
  }: { readonly provider: Provider; readonly delivery: Delivery; readonly event: ProviderEvent },
  receivedAt: EpochMs,
  retentionMs: number,
): boolean => {
  const at = madeAt(provider, delivery, event);
  return at !== null && receivedAt - at > Math.min(LIMITS.deliveryAgeMsMax, retentionMs);
};
