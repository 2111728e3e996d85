/**
 * What each signing secret is good for: which one verified the newest webhooks, and which may go. Told by what is stored with
 * every webhook, so that nothing is written for it, and the same in both homes.
 */
import { LIMITS } from '../core/limits.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { WebhookStore } from '../core/ports/webhook-store.ts';
import { isSecretId } from '../core/secret-id.ts';
import { DAY_MS } from '../core/time.ts';
import type { EpochMs, WebhookSummary } from '../core/webhook.ts';

/**
 * `in_use`: verified something lately, or the newest of all. `old`: did, and another one has since, for a day: safe to remove.
 * `unused`: verified nothing, while another one does: the next one of a rotation, or one that is left over. `silent`: verified
 * nothing, and no other does either. `removed`: is configured no more.
 */
export type SecretVerdict = 'in_use' | 'old' | 'unused' | 'silent' | 'removed';

export interface SecretUse {
  readonly provider: string;
  readonly secretId: string;
  readonly verdict: SecretVerdict;
  /** Of the webhooks that were looked at. */
  readonly webhooks: number;
  readonly lastVerifiedAt: EpochMs | null;
}

export interface ProviderSecretUse {
  readonly uses: readonly SecretUse[];
  /** How many were looked at, and how far back that reaches; null where there are none. */
  readonly lookedAt: number;
  readonly lookedBackTo: EpochMs | null;
}

export interface SecretUseDeps {
  readonly store: Pick<WebhookStore, 'list'>;
  readonly clock: Pick<Clock, 'now'>;
}

/** Providers sign with both secrets of a rotation for a while, Stripe for up to a day. */
const OLD_AFTER_MS = DAY_MS;

/** `configured`: the ids of the provider's secrets as they are tried. What nobody signed, or we did, counts for none. */
export const createSecretUse =
  ({ store, clock }: SecretUseDeps) =>
  async (provider: string, configured: readonly string[]): Promise<ProviderSecretUse> => {
    const { items } = await store.list({ provider, limit: LIMITS.secretUseWebhooksMax });
    const signed = items.filter(({ origin, synthetic }) => origin === undefined && synthetic === undefined);
    const newestFirst = signed.toSorted((a, b) => b.receivedAt - a.receivedAt);
    const found = newestFirst.map(({ secretId }) => secretId).filter(isSecretId);
    const ids = [...new Set([...configured, ...found])];
    const newest = newestFirst[0]?.receivedAt ?? null;
    const uses = ids.map((secretId): SecretUse => {
      const own = newestFirst.filter((webhook) => webhook.secretId === secretId);
      const lastVerifiedAt = own[0]?.receivedAt ?? null;
      const isConfigured = configured.includes(secretId);
      const verdict = isConfigured ? verdictOf(lastVerifiedAt, newest, clock.now()) : 'removed';
      return { provider, secretId, verdict, webhooks: own.length, lastVerifiedAt };
    });
    return { uses, lookedAt: items.length, lookedBackTo: oldestOf(items) };
  };

const oldestOf = (items: readonly WebhookSummary[]): EpochMs | null =>
  items.length === 0 ? null : Math.min(...items.map(({ receivedAt }) => receivedAt));

const verdictOf = (lastVerifiedAt: EpochMs | null, newest: EpochMs | null, now: EpochMs): SecretVerdict => {
  if (lastVerifiedAt === null) return newest === null ? 'silent' : 'unused';
  return lastVerifiedAt === newest || now - lastVerifiedAt < OLD_AFTER_MS ? 'in_use' : 'old';
};
