/**
 * The keys of webhooks in an index, newest first, a few at a time. An index is spread over partitions, which are read
 * side by side and merged by time.
 */
import assert from 'node:assert/strict';
import { type DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import { ATTENTION_INDEX, RECEIVED_INDEX } from '../../config/aws-names.ts';
import type { WebhookFilter } from '../../core/ports/webhook-store.ts';
import type { EpochMs, WebhookKey } from '../../core/webhook.ts';
import { storeError } from './dynamodb-errors.ts';
import { type Item, number, numberOf, text, textOf } from './dynamodb-values.ts';
import { INDEX_SHARDS } from './dynamodb-webhook-items.ts';

export interface DynamodbIndexKeysDeps {
  readonly client: DynamoDBClient;
  readonly tableName: string;
}

export interface DynamodbIndexKeys {
  /** The next newest, at most `max`; none when there are no more. */
  next(max: number): Promise<readonly WebhookKey[]>;
  /** How many were handed out so far. */
  count(): number;
}

interface IndexKey extends WebhookKey {
  readonly receivedAt: EpochMs;
}

/** One partition: keys that were read and not handed out yet, newest first. */
interface Shard {
  readonly keys: IndexKey[];
  readonly fill: () => Promise<void>;
}

const KEYS_PAGE = 100;

/** Keys of webhooks received within the filter's time; the index knows of no status but those that need attention. */
export const createDynamodbIndexKeys = (
  deps: DynamodbIndexKeysDeps,
  filter: Pick<WebhookFilter, 'status' | 'since' | 'until'>,
): DynamodbIndexKeys => {
  const shards = Array.from({ length: INDEX_SHARDS }, (_, shard) => openShard(deps, filter, shard));
  let count = 0;
  return {
    async next(max) {
      const newest: WebhookKey[] = [];
      while (newest.length < max) {
        await Promise.all(shards.map((shard) => shard.fill()));
        const key = takeNewest(shards);
        if (key === undefined) break;
        newest.push(key);
      }
      count += newest.length;
      return newest;
    },
    count: () => count,
  };
};

const takeNewest = (shards: readonly Shard[]): WebhookKey | undefined => {
  const open = shards.filter(({ keys }) => keys.length > 0);
  if (open.length === 0) return undefined;
  return open.reduce((a, b) => ((a.keys[0]?.receivedAt ?? 0) >= (b.keys[0]?.receivedAt ?? 0) ? a : b)).keys.shift();
};

const openShard = (
  { client, tableName }: DynamodbIndexKeysDeps,
  { status, since = 0, until = Number.MAX_SAFE_INTEGER }: Pick<WebhookFilter, 'status' | 'since' | 'until'>,
  shard: number,
): Shard => {
  const isAttention = status === 'retrying' || status === 'dead_lettered';
  const [index, name, value] = isAttention
    ? [ATTENTION_INDEX, 'attention', text(`${status}#${shard}`)]
    : [RECEIVED_INDEX, 'listShard', number(shard)];
  const keys: IndexKey[] = [];
  let startKey: Item | undefined;
  let isRead = since >= until;
  return {
    keys,
    async fill() {
      while (keys.length === 0 && !isRead) {
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
        isRead = last === undefined;
      }
    },
  };
};

const indexKeyOf = (item: Item): IndexKey => {
  const webhookId = textOf(item, 'webhookId');
  const [timestamp, receivedAt] = [numberOf(item, 'timestamp'), numberOf(item, 'receivedAt')];
  assert(webhookId !== undefined && timestamp !== undefined && receivedAt !== undefined, 'an index holds whole keys');
  return { webhookId, timestamp, receivedAt };
};
