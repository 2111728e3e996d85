/** The keys of webhooks in an index, newest first, a few at a time. */

import assert from 'node:assert/strict';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { ATTENTION_INDEX, RECEIVED_INDEX } from '../../../config/aws-names.ts';
import { CAUSED, statusesOf } from '../../../core/match-webhook.ts';
import { cursorOf, notACursor, readCursor } from '../../../core/page.ts';
import type { WebhookFilter } from '../../../core/ports/webhook-store.ts';
import type { EpochMs, WebhookKey } from '../../../core/webhook.ts';
import { createIndexShards, type IndexPlace } from '../dynamodb/index-shards.ts';
import { type Item, number, numberOf, text, textOf } from '../dynamodb/values.ts';
import type { DynamodbCalls } from '../service-calls.ts';
import { attentionText, INDEX_SHARDS, keyItem } from './write-item.ts';

export interface DynamodbIndexKeysDeps {
  readonly client: DynamodbCalls;
  readonly tableName: string;
}

export interface IndexKey extends WebhookKey {
  readonly receivedAt: EpochMs;
}

/** A key with the cursor that leads on behind it. */
export interface ListedKey extends IndexKey {
  readonly cursor: string;
}

/** One partition of an index, with a name for cursors. */
interface Partition {
  readonly name: string;
  readonly value: AttributeValue;
}

interface Partitions {
  readonly indexName: string;
  readonly shardName: string;
  readonly list: readonly Partition[];
}

const SHARDS = Array.from({ length: INDEX_SHARDS }, (_, shard) => shard);

/** The index knows of no status but those that need attention. */
const partitionsOf = (filter: Pick<WebhookFilter, 'status' | 'cause'>): Partitions => {
  const statuses = statusesOf(filter) ?? (filter.cause === undefined ? undefined : CAUSED);
  const attention = statuses?.filter((status) => status === 'retrying' || status === 'dead_lettered') ?? [];
  if (statuses === undefined || attention.length < statuses.length) {
    const list = SHARDS.map((shard) => ({ name: String(shard), value: number(shard) }));
    return { indexName: RECEIVED_INDEX, shardName: 'listShard', list };
  }
  const names = attention.flatMap((status) => SHARDS.map((shard) => attentionText(status, shard)));
  return {
    indexName: ATTENTION_INDEX,
    shardName: 'attention',
    list: names.map((name) => ({ name, value: text(name) })),
  };
};

const LIST = 'webhooks';

const placeAfter = (cursor: string, { shardName, list }: Partitions): IndexPlace => {
  const kinds = ['number', 'string', 'string', 'number'] as const;
  const [at, name, webhookId, timestamp] = readCursor(LIST, cursor, kinds);
  const shard = list.findIndex((partition) => partition.name === name);
  const partition = list[shard];
  if (partition === undefined) throw notACursor(cursor);
  const startKey = { ...keyItem({ webhookId, timestamp }), receivedAt: number(at), [shardName]: partition.value };
  return { at, shard, startKey };
};

/**
 * Returns `next(max)`: the next newest keys of webhooks received within the filter's time and after its cursor, at most `max`;
 * fewer when there are no more.
 */
export const createDynamodbIndexKeys = (
  deps: DynamodbIndexKeysDeps,
  filter: Pick<WebhookFilter, 'status' | 'cause' | 'since' | 'until' | 'after'>,
): ((max: number) => Promise<readonly ListedKey[]>) => {
  const partitions = partitionsOf(filter);
  const { indexName, shardName, list } = partitions;
  const { since, until, after } = filter;
  return createIndexShards<ListedKey>({
    ...deps,
    indexName,
    shardName,
    shards: list.length,
    shardValue: (shard) => partitionAt(list, shard).value,
    timeName: 'receivedAt',
    since,
    until,
    after: after === undefined ? undefined : placeAfter(after, partitions),
    keyOf: (item, shard) => {
      const key = indexKeyOf(item);
      const { receivedAt, webhookId, timestamp } = key;
      return { ...key, cursor: cursorOf(LIST, receivedAt, partitionAt(list, shard).name, webhookId, timestamp) };
    },
    timeOf: ({ receivedAt }) => receivedAt,
  });
};

const partitionAt = (list: readonly Partition[], shard: number): Partition => {
  const partition = list[shard];
  assert(partition !== undefined, 'an index is asked about the partitions that it has');
  return partition;
};

export const indexKeyOf = (item: Item): IndexKey => {
  const webhookId = textOf(item, 'webhookId');
  const [timestamp, receivedAt] = [numberOf(item, 'timestamp'), numberOf(item, 'receivedAt')];
  assert(webhookId !== undefined && timestamp !== undefined && receivedAt !== undefined, 'an index holds whole keys');
  return { webhookId, timestamp, receivedAt };
};
