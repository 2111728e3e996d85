/** The keys of webhooks in an index, newest first, a few at a time. */

import assert from 'node:assert/strict';
import { ATTENTION_INDEX, RECEIVED_INDEX } from '../../../config/aws-names.ts';
import type { WebhookFilter } from '../../../core/ports/webhook-store.ts';
import type { EpochMs, WebhookKey } from '../../../core/webhook.ts';
import { createIndexShards } from '../dynamodb/index-shards.ts';
import { type Item, number, numberOf, text, textOf } from '../dynamodb/values.ts';
import type { DynamodbCalls } from '../service-calls.ts';
import { attentionText } from './write-item.ts';

export interface DynamodbIndexKeysDeps {
  readonly client: DynamodbCalls;
  readonly tableName: string;
}

export interface DynamodbIndexKeys {
  /** The next newest, at most `max`; none when there are no more. */
  next(max: number): Promise<readonly WebhookKey[]>;
  /** How many were handed out so far. */
  count(): number;
}

export interface IndexKey extends WebhookKey {
  readonly receivedAt: EpochMs;
}

/** Keys of webhooks received within the filter's time; the index knows of no status but those that need attention. */
export const createDynamodbIndexKeys = (
  deps: DynamodbIndexKeysDeps,
  { status, since, until }: Pick<WebhookFilter, 'status' | 'since' | 'until'>,
): DynamodbIndexKeys => {
  const index =
    status === 'retrying' || status === 'dead_lettered'
      ? {
          indexName: ATTENTION_INDEX,
          shardName: 'attention',
          shardValue: (shard: number) => text(attentionText(status, shard)),
        }
      : { indexName: RECEIVED_INDEX, shardName: 'listShard', shardValue: number };
  const nextKeys = createIndexShards<IndexKey>({
    ...deps,
    ...index,
    timeName: 'receivedAt',
    since,
    until,
    keyOf: indexKeyOf,
    timeOf: ({ receivedAt }) => receivedAt,
  });
  let count = 0;
  return {
    async next(max) {
      const newest = await nextKeys(max);
      count += newest.length;
      return newest;
    },
    count: () => count,
  };
};

export const indexKeyOf = (item: Item): IndexKey => {
  const webhookId = textOf(item, 'webhookId');
  const [timestamp, receivedAt] = [numberOf(item, 'timestamp'), numberOf(item, 'receivedAt')];
  assert(webhookId !== undefined && timestamp !== undefined && receivedAt !== undefined, 'an index holds whole keys');
  return { webhookId, timestamp, receivedAt };
};
