/**
 * A genuine delivery of an event that is stored already, and says something else of it. Whoever signs has used one id for two
 * things, or somebody was first with what is not bound: a person has to look. It is kept beside the first, as a dead letter.
 */
import { LIMITS } from '../core/limits.ts';
import type { Insertion, InsertOutcome, WebhookStore } from '../core/ports/webhook-store.ts';
import type { Seal } from '../core/seal.ts';
import { isOtherContent } from './content-hash.ts';

export const DUPLICATE_DIFFERS = 'duplicate_differs';

/** The ids of what is kept beside a webhook: `stripe:evt_1~1`. No provider's own key ends so (`identify.ts`). */
const variantId = (webhookId: string, number: number): string => `${webhookId}~${number}`;

export type VariantOutcome =
  | { readonly outcome: 'kept'; readonly variant: Insertion }
  /** This variant came before. */
  | { readonly outcome: 'known'; readonly variant: Insertion }
  /** As many as are kept are there already: it is counted and alarmed, and nothing of it is stored. */
  | { readonly outcome: 'too_many' }
  | { readonly outcome: 'conflict' };

export interface KeepVariantDeps {
  readonly store: Pick<WebhookStore, 'insert'>;
  readonly seal: Seal;
}

/** Tries one place after the other; the store lets one variant have each, however many deliveries race. */
export const keepVariant = async ({ store, seal }: KeepVariantDeps, insertion: Insertion): Promise<VariantOutcome> => {
  const { webhook } = insertion;
  const payload = await seal.open(webhook.payload, webhook);
  for (let number = 1; number <= LIMITS.variantsMax; number += 1) {
    const key = { webhookId: variantId(webhook.webhookId, number), timestamp: webhook.timestamp };
    const variant: Insertion = {
      ...insertion,
      webhook: { ...webhook, ...key, payload: await seal.seal(payload, key) },
      status: 'dead_lettered',
      lastError: DUPLICATE_DIFFERS,
    };
    const result: InsertOutcome = await store.insert(variant);
    if (result.outcome === 'conflict') return { outcome: 'conflict' };
    if (result.outcome === 'inserted') return { outcome: 'kept', variant };
    if (!isOtherContent(result.contentHash, webhook.contentHash)) return { outcome: 'known', variant };
  }
  return { outcome: 'too_many' };
};
