/**
 * Lists of webhooks, newest first, out of two indexes that hold keys only. The keys of all partitions of an index are
 * merged by time; the webhooks themselves are fetched afterwards.
 */

import { LIMITS } from '../../../core/limits.ts';
import { matchesFilter } from '../../../core/match-webhook.ts';
import type { Looked, Page } from '../../../core/page.ts';
import type { WebhookFilter } from '../../../core/ports/webhook-store.ts';
import { keyText, type Webhook, type WebhookKey, type WebhookSummary } from '../../../core/webhook.ts';
import { BATCH_MAX, batchGet } from '../dynamodb/batch-get.ts';
import { listFromIndex } from '../dynamodb/list-from-index.ts';
import type { DynamodbCalls } from '../service-calls.ts';
import { createDynamodbIndexKeys, type ListedKey } from './index-keys.ts';
import { readStoredWebhook, type StoredWebhook } from './read-item.ts';
import { keyItem } from './write-item.ts';

export interface DynamodbWebhookListDeps {
  readonly client: DynamodbCalls;
  readonly tableName: string;
}

/**
 * Returns `list(filter)`. Reads little more than it lists, unless what is asked for is rare and no index knows it. Then it
 * looks at webhooks from the newest on, and the page ends after `lookAtMax` of them.
 */
export const createDynamodbWebhookList =
  (deps: DynamodbWebhookListDeps) =>
  async (filter: WebhookFilter): Promise<Page<WebhookSummary>> => {
    const { limit, lookAtMax = LIMITS.listLookedAtMax } = filter;
    const next = createDynamodbIndexKeys(deps, filter);
    return listFromIndex({
      next,
      batch: BATCH_MAX,
      limit,
      lookAtMax,
      fetch: (keys) => fetchWanted(deps, keys, filter),
      placeOf: ({ cursor, receivedAt }) => ({ cursor, at: receivedAt }),
    });
  };

/** An index may lag behind the table, so the webhook itself is asked. */
const fetchWanted = async (
  deps: DynamodbWebhookListDeps,
  keys: readonly ListedKey[],
  filter: WebhookFilter,
): Promise<readonly Looked<WebhookSummary>[]> => {
  const cursors = new Map(keys.map((key) => [keyText(key), key.cursor]));
  const isWanted = matchesFilter(filter);
  const stored = await getStoredWebhooks(deps, keys.filter(isOfProvider(filter)));
  return stored
    .map(({ webhook }) => summaryOf(webhook))
    .filter(isWanted)
    .map((item) => ({ item, at: item.receivedAt, cursor: cursors.get(keyText(item)) ?? '' }));
};

const summaryOf = ({ payload: _, headers: __, ...summary }: Webhook): WebhookSummary => summary;

/** Ids begin with their provider: most of the others need not be fetched. */
const isOfProvider =
  ({ provider }: WebhookFilter) =>
  ({ webhookId }: WebhookKey): boolean =>
    provider === undefined || webhookId.startsWith(`${provider}:`);

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
