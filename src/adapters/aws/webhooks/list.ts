/**
 * Lists of webhooks, newest first, out of two indexes that hold keys only. The keys of all partitions of an index are
 * merged by time; the webhooks themselves are fetched afterwards.
 */

import { PayhookError } from '../../../core/errors.ts';
import { LIMITS } from '../../../core/limits.ts';
import type { WebhookFilter } from '../../../core/ports/webhook-store.ts';
import { keyText, type Webhook, type WebhookKey, type WebhookSummary } from '../../../core/webhook.ts';
import { BATCH_MAX, batchGet } from '../dynamodb/batch-get.ts';
import type { DynamodbCalls } from '../service-calls.ts';
import { createDynamodbIndexKeys } from './index-keys.ts';
import { readStoredWebhook, type StoredWebhook } from './read-item.ts';
import { keyItem } from './write-item.ts';

export interface DynamodbWebhookListDeps {
  readonly client: DynamodbCalls;
  readonly tableName: string;
}

/**
 * Returns `list(filter)`. Reads little more than it lists, unless what is asked for is rare and no index knows it: a
 * provider, or the status `received`, `processed` or `ignored`. Then it looks at webhooks from the newest on, and throws
 * `usage_wrong` after `lookedAtMax` of them rather than leave out what it has not seen.
 */
export const createDynamodbWebhookList =
  (deps: DynamodbWebhookListDeps, lookedAtMax: number = LIMITS.listLookedAtMax) =>
  async (filter: WebhookFilter): Promise<readonly WebhookSummary[]> => {
    const keys = createDynamodbIndexKeys(deps, filter);
    const listed: WebhookSummary[] = [];
    // Almost always the first fetch is enough; where it is not, what is asked for is rare.
    let count = Math.min(BATCH_MAX, filter.limit);
    for (;;) {
      const newest = await keys.next(count);
      // An index may lag behind the table, so the webhook itself is asked.
      const wanted = (await getStoredWebhooks(deps, newest.filter(isOfProvider(filter)))).filter(isWanted(filter));
      listed.push(...wanted.map(({ webhook }) => summaryOf(webhook)));
      if (newest.length < count || listed.length >= filter.limit) return listed.slice(0, filter.limit);
      if (keys.count() > lookedAtMax) return tooRare(deps, filter, listed.length, keys.count());
      count = BATCH_MAX;
    }
  };

const summaryOf = ({ payload: _, headers: __, ...summary }: Webhook): WebhookSummary => summary;

/** Ids begin with their provider: most of the others need not be fetched. */
const isOfProvider =
  ({ provider }: WebhookFilter) =>
  ({ webhookId }: WebhookKey): boolean =>
    provider === undefined || webhookId.startsWith(`${provider}:`);

const isWanted =
  ({ status, provider, lastError }: WebhookFilter) =>
  ({ webhook }: StoredWebhook): boolean =>
    (status === undefined || webhook.status === status) &&
    (provider === undefined || webhook.provider === provider) &&
    (lastError === undefined || webhook.lastError === lastError);

const tooRare = (
  { tableName }: DynamodbWebhookListDeps,
  { limit }: WebhookFilter,
  found: number,
  of: number,
): never => {
  throw new PayhookError(
    'usage_wrong',
    `among the newest ${of} webhooks of table ${tableName} only ${found} of ${limit} were found: ask for fewer, or for a shorter time (--since, --until)`,
  );
};

/** The webhooks of these keys that are still there, in the order of the keys; at most `BATCH_MAX` keys. */
export const getStoredWebhooks = async (
  deps: DynamodbWebhookListDeps,
  keys: readonly WebhookKey[],
): Promise<readonly StoredWebhook[]> => {
  const items = await batchGet(deps, keys.map(keyItem), { ConsistentRead: true });
  const found = new Map<string, StoredWebhook>();
  for (const item of items) {
    const stored = readStoredWebhook(deps.tableName, item);
    found.set(keyText(stored.webhook), stored);
  }
  return keys.flatMap((key) => found.get(keyText(key)) ?? []);
};
