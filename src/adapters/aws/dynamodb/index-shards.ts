/**
 * The keys of an index in the order of time, a few at a time. Our indexes hold keys only and are spread over partitions: one
 * takes 1000 writes a second, and an index that is throttled throttles its table. They are read side by side and merged
 * by time.
 */

import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { EpochMs } from '../../../core/webhook.ts';
import type { DynamodbCalls } from '../service-calls.ts';
import { INDEX_SHARDS } from '../webhooks/write-item.ts';
import { storeError } from './errors.ts';
import { type Item, number } from './values.ts';

export interface IndexRange<Key> {
  readonly client: DynamodbCalls;
  readonly tableName: string;
  readonly indexName: string;
  /** The index's partition key, and its value for each partition. */
  readonly shardName: string;
  readonly shardValue: (shard: number) => AttributeValue;
  /** The index's sort key: a time. */
  readonly timeName: string;
  readonly since: EpochMs | undefined;
  readonly until: EpochMs | undefined;
  /** Partitions that are read. @default all of one index: `INDEX_SHARDS` */
  readonly shards?: number;
  /** @default newest first */
  readonly isOldestFirst?: boolean;
  /** Where to go on, newest first, and from which partition that key was. @default from the newest */
  readonly after?: IndexPlace | undefined;
  /** Throws for an item that the index cannot hold. */
  readonly keyOf: (item: Item, shard: number) => Key;
  readonly timeOf: (key: Key) => EpochMs;
}

export interface IndexPlace {
  readonly at: EpochMs;
  readonly shard: number;
  /** All attributes of the key in index and table. */
  readonly startKey: Item;
}

/** One partition: keys that were read and not handed out yet, in their order. */
interface Shard<Key> {
  readonly keys: Key[];
  readonly fill: () => Promise<void>;
}

const KEYS_PAGE = 100;

/** Returns `next(max)`: the next in order, at most so many; fewer when there are no more. */
export const createIndexShards = <Key>(range: IndexRange<Key>): ((max: number) => Promise<readonly Key[]>) => {
  const shards = Array.from({ length: range.shards ?? INDEX_SHARDS }, (_, shard) => openShard(range, shard));
  return async (max) => {
    const taken: Key[] = [];
    while (taken.length < max) {
      await Promise.all(shards.map((shard) => shard.fill()));
      const key = takeNext(shards, range);
      if (key === undefined) break;
      taken.push(key);
    }
    return taken;
  };
};

const takeNext = <Key>(
  shards: readonly Shard<Key>[],
  { timeOf, isOldestFirst = false }: IndexRange<Key>,
): Key | undefined => {
  let next: { readonly keys: Key[]; readonly at: EpochMs } | undefined;
  for (const { keys } of shards) {
    const [key] = keys;
    if (key === undefined) continue;
    const at = timeOf(key);
    if (next === undefined || (isOldestFirst ? at < next.at : at > next.at)) next = { keys, at };
  }
  return next?.keys.shift();
};

/** Keys of one time come in the order of the partitions, so each partition knows whether those of that time are behind it. */
const restOf = <Key>(range: IndexRange<Key>, shard: number): { readonly until: EpochMs; readonly startKey?: Item } => {
  const { after, since = 0, until = Number.MAX_SAFE_INTEGER } = range;
  if (after === undefined || after.at >= until) return { until };
  if (shard !== after.shard) return { until: shard < after.shard ? after.at : after.at + 1 };
  // DynamoDB refuses to start from outside of what it is asked for.
  return after.at < since ? { until: since } : { until, startKey: after.startKey };
};

const openShard = <Key>(range: IndexRange<Key>, shard: number): Shard<Key> => {
  const { client, tableName, since = 0 } = range;
  const { until, startKey: first } = restOf(range, shard);
  const keys: Key[] = [];
  let startKey: Item | undefined = first;
  let isRead = since >= until;
  return {
    keys,
    async fill() {
      while (keys.length === 0 && !isRead) {
        const { Items: items = [], LastEvaluatedKey: last } = await client
          .query({
            TableName: tableName,
            IndexName: range.indexName,
            KeyConditionExpression: '#shard = :shard AND #time BETWEEN :since AND :last',
            ExpressionAttributeNames: { '#shard': range.shardName, '#time': range.timeName },
            ExpressionAttributeValues: {
              ':shard': range.shardValue(shard),
              ':since': number(since),
              ':last': number(until - 1),
            },
            ScanIndexForward: range.isOldestFirst === true,
            Limit: KEYS_PAGE,
            ExclusiveStartKey: startKey,
          })
          .catch(storeError(tableName));
        keys.push(...items.map((item) => range.keyOf(item, shard)));
        startKey = last;
        isRead = last === undefined;
      }
    },
  };
};
