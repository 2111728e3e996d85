/** Stored webhooks as the check of the trail looks at them: items with the head of their chain, read consistently. */
import type { AuditedWebhook, AuditedWebhooks } from '../../../audit/audited-webhooks.ts';
import { PayhookError } from '../../../core/errors.ts';
import type { Clock } from '../../../core/ports/clock.ts';
import { keyText, type WebhookKey } from '../../../core/webhook.ts';
import { BATCH_MAX } from '../dynamodb/batch-get.ts';
import { type DynamodbWebhookListDeps, getStoredWebhooks } from '../webhooks/list.ts';
import { keyOfChain } from './chains.ts';

export interface DynamodbAuditedWebhooksDeps extends DynamodbWebhookListDeps {
  readonly clock: Clock;
}

export const createDynamodbAuditedWebhooks = (deps: DynamodbAuditedWebhooksDeps): AuditedWebhooks => ({
  async ofChains(chainIds) {
    const keys = chainIds.flatMap((chainId) => keyOfChain(chainId) ?? []);
    const found: AuditedWebhook[] = [];
    for (let from = 0; from < keys.length; from += BATCH_MAX) {
      found.push(...(await readBatch(deps, keys.slice(from, from + BATCH_MAX))));
    }
    return found;
  },
  // The entry of its removal says so.
  wasRemoved: async () => false,
  // An entry of before version 0.2 does not say when its webhook expired: time to live may have removed it.
  mayBeGone: (expiresAt) => expiresAt === null || expiresAt <= deps.clock.now(),
});

const readBatch = async (
  deps: DynamodbAuditedWebhooksDeps,
  keys: readonly WebhookKey[],
): Promise<readonly AuditedWebhook[]> => {
  try {
    return (await getStoredWebhooks(deps, keys)).map(({ webhook, head }) => {
      return { outcome: 'read', chainId: keyText(webhook), webhook, head, place: null };
    });
  } catch (error) {
    if (!(error instanceof PayhookError) || error.code !== 'store_damaged') throw error;
    const [first, ...others] = keys;
    if (first === undefined) return [];
    if (others.length === 0) return [{ outcome: 'unreadable', chainId: keyText(first) }];
    // One item among them is not ours: each is asked for alone, so that it can be named.
    const alone = await Promise.all(keys.map((key) => readBatch(deps, [key])));
    return alone.flat();
  }
};
