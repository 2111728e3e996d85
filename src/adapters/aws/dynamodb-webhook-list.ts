/**
 * Lists of webhooks, newest first, out of two indexes that hold keys only. Each index is spread over partitions, so a list
 * reads all of them side by side and merges; the webhooks themselves are fetched afterwards.
 */
import assert from 'node:assert/strict';
import { BatchGetItemCommand, type DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import { ATTENTION_INDEX, RECEIVED_INDEX } from '../../config/aws-names.ts';
import type { WebhookFilter } from '../../core/ports/webhook-store.ts';
import { type EpochMs, keyText, type Webhook, type WebhookKey, type WebhookSummary } from '../../core/webhook.ts';
import { storeError } from './dynamodb-errors.ts';
import {
  INDEX_SHARDS,
  type Item,
  keyItem,
  number,
  numberOf,
  type StoredWebhook,
  storedWebhookOf,
  text,
} from './dynamodb-webhook-items.ts';

export interface DynamodbWebhookListDeps {
  readonly client: DynamoDBClient;
  readonly tableName: string;
}

interface IndexKey {
  readonly webhookId: string;
  readonly timestamp: EpochMs;
  readonly receivedAt: EpochMs;
}

/** Keys of one partition of an index, newest first, a page at a time. */
interface Shard {
  readonly keys: IndexKey[];
  readonly fill: () => Promise<void>;
  readonly isDone: () => boolean;
}

const KEYS_PAGE = 100;
/** As many as one call may ask for. */
export const BATCH_MAX = 100;
/** DynamoDB answers part of a batch when it is large or the table is busy; the rest is asked for again this often. */
const BATCH_TRIES_MAX = 10;

/**
 * Returns `list(filter)`. Reads no more than it needs, except for a status that no index knows (`received`, `processed`,
 * `ignored`): then it looks at webhooks from the newest on until it has enough.
 */
export const createDynamodbWebhookList =
  (deps: DynamodbWebhookListDeps) =>
  async (filter: WebhookFilter): Promise<readonly WebhookSummary[]> => {
    const shards = Array.from({ length: INDEX_SHARDS }, (_, shard) => openShard(deps, filter, shard));
    const listed: WebhookSummary[] = [];
    while (listed.length < filter.limit) {
      const keys = await newestKeys(shards, filter);
      if (keys.length === 0) break;
      const stored = await getStoredWebhooks(deps, keys);
      listed.push(
        ...stored.filter(({ webhook }) => isWanted(filter, webhook)).map(({ webhook }) => summaryOf(webhook)),
      );
    }
    return listed.slice(0, filter.limit);
  };

const summaryOf = ({ payload: _, headers: __, ...summary }: Webhook): WebhookSummary => summary;

/** An index may lag behind the table, so the webhook itself is asked. */
const isWanted = ({ status, provider }: WebhookFilter, webhook: Webhook): boolean =>
  (status === undefined || webhook.status === status) && (provider === undefined || webhook.provider === provider);

/** Keys of every webhook received at or after an instant, newest first, at most `max`. */
export const keysReceivedSince = async (
  deps: DynamodbWebhookListDeps,
  since: EpochMs,
  max: number,
): Promise<readonly WebhookKey[]> => {
  const shards = Array.from({ length: INDEX_SHARDS }, (_, shard) => openShard(deps, { since, limit: max }, shard));
  const found: WebhookKey[] = [];
  while (found.length < max) {
    const keys = await newestKeys(shards, { limit: max });
    if (keys.length === 0) break;
    found.push(...keys);
  }
  return found.slice(0, max);
};

const openShard = ({ client, tableName }: DynamodbWebhookListDeps, filter: WebhookFilter, shard: number): Shard => {
  const { status, since = 0, until = Number.MAX_SAFE_INTEGER } = filter;
  const isAttention = status === 'retrying' || status === 'dead_lettered';
  const [index, name, value] = isAttention
    ? [ATTENTION_INDEX, 'attention', text(`${status}#${shard}`)]
    : [RECEIVED_INDEX, 'listShard', number(shard)];
  const keys: IndexKey[] = [];
  let startKey: Item | undefined;
  let isDone = since >= until;
  return {
    keys,
    isDone: () => isDone && keys.length === 0,
    async fill() {
      while (keys.length === 0 && !isDone) {
        const { Items: items = [], LastEvaluatedKey: last } = await client
          .send(
            new QueryCommand({
              TableName: tableName,
              IndexName: index,
              KeyConditionExpression: '#shard = :shard AND receivedAt BETWEEN :since AND :last',
              ExpressionAttributeNames: { '#shard': name },
              ExpressionAttributeValues: { ':shard': value, ':since': number(since), ':last': number(until - 1) },
              ScanIndexForward: false,
              Limit: KEYS_PAGE,
              ExclusiveStartKey: startKey,
            }),
          )
          .catch(storeError(tableName));
        keys.push(...items.map(indexKeyOf));
        startKey = last;
        isDone = last === undefined;
      }
    },
  };
};

const indexKeyOf = (item: Item): IndexKey => {
  const key = {
    webhookId: item.webhookId?.S,
    timestamp: numberOf(item, 'timestamp'),
    receivedAt: numberOf(item, 'receivedAt'),
  };
  const { webhookId, timestamp, receivedAt } = key;
  assert(webhookId !== undefined && timestamp !== undefined && receivedAt !== undefined, 'an index holds whole keys');
  return { webhookId, timestamp, receivedAt };
};

/** The next newest keys of all shards together, at most one batch. Ids name their provider. */
const newestKeys = async (
  shards: readonly Shard[],
  { provider, limit }: WebhookFilter,
): Promise<readonly IndexKey[]> => {
  const newest: IndexKey[] = [];
  const wanted = Math.min(BATCH_MAX, limit);
  while (newest.length < wanted) {
    await Promise.all(shards.map((shard) => shard.fill()));
    const open = shards.filter((shard) => !shard.isDone());
    if (open.length === 0) break;
    const shard = open.reduce((a, b) => ((a.keys[0]?.receivedAt ?? 0) >= (b.keys[0]?.receivedAt ?? 0) ? a : b));
    const key = shard.keys.shift();
    if (key !== undefined && (provider === undefined || key.webhookId.startsWith(`${provider}:`))) newest.push(key);
  }
  return newest;
};

/** The webhooks of these keys that are still there, in the order of the keys; at most `BATCH_MAX` keys. */
export const getStoredWebhooks = async (
  { client, tableName }: DynamodbWebhookListDeps,
  keys: readonly WebhookKey[],
): Promise<readonly StoredWebhook[]> => {
  const found = new Map<string, StoredWebhook>();
  let asked: Item[] = keys.map(keyItem);
  for (let tries = 0; asked.length > 0 && tries < BATCH_TRIES_MAX; tries += 1) {
    const { Responses: responses = {}, UnprocessedKeys: rest = {} } = await client
      .send(new BatchGetItemCommand({ RequestItems: { [tableName]: { Keys: asked, ConsistentRead: true } } }))
      .catch(storeError(tableName));
    for (const item of responses[tableName] ?? []) {
      const stored = storedWebhookOf(item);
      found.set(keyText(stored.webhook), stored);
    }
    asked = rest[tableName]?.Keys ?? [];
  }
  if (asked.length > 0) storeError(tableName)(new Error(`${asked.length} webhooks of a list were not answered`));
  return keys.flatMap((key) => found.get(keyText(key)) ?? []);
};
