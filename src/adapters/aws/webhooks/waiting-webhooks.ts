/**
 * Webhooks that wait, found in the two indexes. One is sparse and holds what was changed and waits; what was only received is
 * found by when it came, once, after it should long have ended. How far that has come is kept in an item of the table.
 */
import { ATTENTION_INDEX, RECEIVED_INDEX } from '../../../config/aws-names.ts';
import { LIMITS } from '../../../core/limits.ts';
import type { WaitingWebhooks } from '../../../core/ports/waiting-webhooks.ts';
import { isWaiting, WEBHOOK_STATUSES } from '../../../core/status.ts';
import { type EpochMs, keyText, type WebhookKey } from '../../../core/webhook.ts';
import { BATCH_MAX, batchGet, type DynamodbBatchGetDeps } from '../dynamodb/batch-get.ts';
import { storeError } from '../dynamodb/errors.ts';
import { createIndexShards } from '../dynamodb/index-shards.ts';
import { type Item, number, numberOf, requiredNumber, requiredText, text, textOf } from '../dynamodb/values.ts';
import { type IndexKey, indexKeyOf } from './index-keys.ts';
import { attentionText, keyItem, SWEEP_ID } from './write-item.ts';

/** Where each walk goes on: a time by which its index is sorted. */
type WalkName = 'receivedAgain' | 'retrying' | 'receivedOnce';
type Positions = Record<WalkName, EpochMs>;

interface Walk {
  readonly name: WalkName;
  readonly indexName: string;
  readonly shardName: string;
  readonly shardValue: (shard: number) => ReturnType<typeof text>;
  /** Keys looked at by one walk. */
  readonly keysMax: number;
  /** What was looked at once has ended since, or is in the sparse index: nothing to come back to. */
  readonly isOnce: boolean;
}

const attention = (name: WalkName, status: 'received' | 'retrying'): Walk => ({
  name,
  indexName: ATTENTION_INDEX,
  shardName: 'attention',
  shardValue: (shard) => text(attentionText(status, shard)),
  keysMax: LIMITS.sweepAttentionMax,
  isOnce: false,
});

/** The last one may be long after a peak, and the others must not wait for it. */
const WALKS: readonly Walk[] = [
  attention('receivedAgain', 'received'),
  attention('retrying', 'retrying'),
  {
    name: 'receivedOnce',
    indexName: RECEIVED_INDEX,
    shardName: 'listShard',
    shardValue: number,
    keysMax: Number.MAX_SAFE_INTEGER,
    isOnce: true,
  },
];

const SWEEP_KEY = keyItem({ webhookId: SWEEP_ID, timestamp: 0 });

export const createDynamodbWaitingWebhooks = (deps: DynamodbBatchGetDeps): WaitingWebhooks => ({
  async *walk(until) {
    const positions = await readPositions(deps);
    try {
      for (const walk of WALKS) yield* walkIndex(deps, walk, positions, until);
    } finally {
      await writePositions(deps, positions);
    }
  },
});

/** Moves the position of the walk on after each page, when whoever goes through it has asked for the next. */
async function* walkIndex(
  deps: DynamodbBatchGetDeps,
  { name, keysMax, isOnce, ...index }: Walk,
  positions: Positions,
  until: EpochMs,
): AsyncGenerator<readonly WebhookKey[]> {
  const next = createIndexShards<IndexKey>({
    ...deps,
    ...index,
    timeName: 'receivedAt',
    since: positions[name],
    until,
    isOldestFirst: true,
    keyOf: indexKeyOf,
    timeOf: ({ receivedAt }) => receivedAt,
  });
  for (let count = 0; count < keysMax; ) {
    const keys = await next(BATCH_MAX);
    yield await thatWait(deps, keys);
    count += keys.length;
    positions[name] = keys.at(-1)?.receivedAt ?? positions[name];
    if (keys.length < BATCH_MAX) {
      // From the beginning the next time, or from here: what comes later has a later time.
      positions[name] = isOnce ? Math.max(positions[name], until) : 0;
      return;
    }
  }
}

/** Those that wait, as far as a read may be behind: nobody who asks has changed them lately. */
const thatWait = async (deps: DynamodbBatchGetDeps, keys: readonly IndexKey[]): Promise<readonly WebhookKey[]> => {
  const items = await batchGet(deps, keys.map(keyItem), {
    ProjectionExpression: 'webhookId, #timestamp, #status',
    ExpressionAttributeNames: { '#timestamp': 'timestamp', '#status': 'status' },
  });
  const waiting = new Set(items.filter(isOfWaiting).map((item) => keyText(keyOf(item))));
  return keys.filter((key) => waiting.has(keyText(key)));
};

const isOfWaiting = (item: Item): boolean => {
  const status = WEBHOOK_STATUSES.find((known) => known === textOf(item, 'status'));
  return status !== undefined && isWaiting(status);
};

const keyOf = (item: Item): WebhookKey => ({
  webhookId: requiredText(item, 'webhookId'),
  timestamp: requiredNumber(item, 'timestamp'),
});

const readPositions = async ({ client, tableName }: DynamodbBatchGetDeps): Promise<Positions> => {
  const { Item: item = {} } = await client
    .getItem({ TableName: tableName, Key: SWEEP_KEY, ConsistentRead: true })
    .catch(storeError(tableName));
  const at = (name: WalkName): EpochMs => numberOf(item, name) ?? 0;
  return { receivedAgain: at('receivedAgain'), retrying: at('retrying'), receivedOnce: at('receivedOnce') };
};

const writePositions = async ({ client, tableName }: DynamodbBatchGetDeps, positions: Positions): Promise<void> => {
  await client
    .updateItem({
      TableName: tableName,
      Key: SWEEP_KEY,
      UpdateExpression: 'SET receivedAgain = :receivedAgain, retrying = :retrying, receivedOnce = :receivedOnce',
      ExpressionAttributeValues: Object.fromEntries(
        Object.entries(positions).map(([name, at]) => [`:${name}`, number(at)]),
      ),
    })
    .catch(storeError(tableName));
};
