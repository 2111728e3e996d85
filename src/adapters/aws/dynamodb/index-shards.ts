/**
 * The keys of an index, newest first, a few at a time. Our indexes hold keys only and are spread over partitions: one
 * takes 1000 writes a second, and an index that is throttled throttles its table. They are read side by side and merged
 * by time.
 */
import { type AttributeValue, type DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import type { EpochMs } from '../../../core/webhook.ts';
import { INDEX_SHARDS } from '../webhooks/write-item.ts';
import { storeError } from './errors.ts';
import { type Item, number } from './values.ts';

export interface IndexRange<Key> {
  readonly client: DynamoDBClient;
  readonly tableName: string;
  readonly indexName: string;
  /** The index's partition key, and its value for each partition. */
  readonly shardName: string;
  readonly shardValue: (shard: number) => AttributeValue;
  /** The index's sort key: a time. */
  readonly timeName: string;
  readonly since: EpochMs | undefined;
  readonly until: EpochMs | undefined;
  /** Throws for an item that the index cannot hold. */
  readonly keyOf: (item: Item) => Key;
  readonly timeOf: (key: Key) => EpochMs;
}

/** One partition: keys that were read and not handed out yet, newest first. */
interface Shard<Key> {
  readonly keys: Key[];
  readonly fill: () => Promise<void>;
}

const KEYS_PAGE = 100;

/** Returns `next(max)`: the next newest, at most so many; fewer when there are no more. */
export const createIndexShards = <Key>(range: IndexRange<Key>): ((max: number) => Promise<readonly Key[]>) => {
  const shards = Array.from({ length: INDEX_SHARDS }, (_, shard) => openShard(range, shard));
  return async (max) => {
    const newest: Key[] = [];
    while (newest.length < max) {
      await Promise.all(shards.map((shard) => shard.fill()));
      const key = takeNewest(shards, range.timeOf);
      if (key === undefined) break;
      newest.push(key);
    }
    return newest;
  };
};

const takeNewest = <Key>(shards: readonly Shard<Key>[], timeOf: (key: Key) => EpochMs): Key | undefined => {
  let newest: { readonly keys: Key[]; readonly at: EpochMs } | undefined;
  for (const { keys } of shards) {
    const [key] = keys;
    if (key !== undefined && (newest === undefined || timeOf(key) > newest.at)) newest = { keys, at: timeOf(key) };
  }
  return newest?.keys.shift();
};

const openShard = <Key>(range: IndexRange<Key>, shard: number): Shard<Key> => {
  const { client, tableName, since = 0, until = Number.MAX_SAFE_INTEGER } = range;
  const keys: Key[] = [];
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
              IndexName: range.indexName,
              KeyConditionExpression: '#shard = :shard AND #time BETWEEN :since AND :last',
              ExpressionAttributeNames: { '#shard': range.shardName, '#time': range.timeName },
              ExpressionAttributeValues: {
                ':shard': range.shardValue(shard),
                ':since': number(since),
                ':last': number(until - 1),
              },
              ScanIndexForward: false,
              Limit: KEYS_PAGE,
              ExclusiveStartKey: startKey,
            }),
          )
          .catch(storeError(tableName));
        keys.push(...items.map(range.keyOf));
        startKey = last;
        isRead = last === undefined;
      }
    },
  };
};
