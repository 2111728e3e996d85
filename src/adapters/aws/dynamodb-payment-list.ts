/**
 * Lists of payments, newest first, out of an index that holds keys only. The keys of all partitions of the index are
 * merged by time; the payments themselves are fetched afterwards.
 */
import { type DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import { STORED_INDEX } from '../../config/aws-names.ts';
import { PayhookError } from '../../core/errors.ts';
import type { EpochMs } from '../../core/webhook.ts';
import type { PaymentFilter, StoredPayment } from '../../payments/payment-store.ts';
import { storeError } from './dynamodb-errors.ts';
import { GET_ITEMS_MAX, getItems } from './dynamodb-get-items.ts';
import { damaged, mayBeOfProvider, storedPaymentOf } from './dynamodb-payment-items.ts';
import { type Item, number, numberOf, textOf } from './dynamodb-values.ts';
import { INDEX_SHARDS } from './dynamodb-webhook-items.ts';

export interface DynamodbPaymentListDeps {
  readonly client: DynamoDBClient;
  readonly tableName: string;
}

interface IndexKey {
  readonly id: string;
  readonly storedAt: EpochMs;
}

/** One partition of the index: keys that were read and not taken yet, newest first. */
interface Shard {
  readonly keys: IndexKey[];
  readonly fill: () => Promise<void>;
}

const KEYS_PAGE = 100;
/** Payments looked at for one list: some ten seconds. What is rarer has to be asked for in a shorter time. */
const LOOKED_AT_MAX = 50_000;

/**
 * Returns `list(filter)`. The index may be a moment behind. It knows neither provider nor status: where one is asked for
 * that is rare, payments are looked at from the newest on, and `usage_wrong` is thrown after `lookedAtMax` of them rather
 * than leave out what was not seen.
 */
export const createDynamodbPaymentList =
  (deps: DynamodbPaymentListDeps, lookedAtMax = LOOKED_AT_MAX) =>
  async (filter: PaymentFilter): Promise<readonly StoredPayment[]> => {
    const shards = Array.from({ length: INDEX_SHARDS }, (_, shard) => openShard(deps, filter, shard));
    const listed: StoredPayment[] = [];
    let count = Math.min(GET_ITEMS_MAX, filter.limit);
    for (let lookedAt = 0; ; ) {
      const newest = await takeNewest(shards, count);
      listed.push(...(await fetchWanted(deps, newest, filter)));
      lookedAt += newest.length;
      if (newest.length < count || listed.length >= filter.limit) return listed.slice(0, filter.limit);
      if (lookedAt > lookedAtMax) return tooRare(deps, filter, listed.length, lookedAt);
      count = GET_ITEMS_MAX;
    }
  };

const fetchWanted = async (
  deps: DynamodbPaymentListDeps,
  newest: readonly IndexKey[],
  { provider, status }: PaymentFilter,
): Promise<readonly StoredPayment[]> => {
  const ids = newest.map(({ id }) => id).filter((id) => provider === undefined || mayBeOfProvider(id, provider));
  const items = await getItems(deps, ids);
  return ids.flatMap((id) => {
    const item = items.get(id);
    // Joined to another payment meanwhile.
    if (item === undefined) return [];
    const isWanted =
      (provider === undefined || textOf(item, 'provider') === provider) &&
      (status === undefined || textOf(item, 'status') === status);
    return isWanted ? [storedPaymentOf(deps.tableName, item)] : [];
  });
};

const tooRare = (
  { tableName }: DynamodbPaymentListDeps,
  { limit }: PaymentFilter,
  found: number,
  of: number,
): never => {
  throw new PayhookError(
    'usage_wrong',
    `among the newest ${of} payments of table ${tableName} only ${found} of ${limit} were found: ask for fewer, or for a shorter time (--since, --until)`,
  );
};

const takeNewest = async (shards: readonly Shard[], max: number): Promise<readonly IndexKey[]> => {
  const newest: IndexKey[] = [];
  while (newest.length < max) {
    await Promise.all(shards.map((shard) => shard.fill()));
    const open = shards.filter(({ keys }) => keys.length > 0);
    if (open.length === 0) break;
    const key = open.reduce((a, b) => ((a.keys[0]?.storedAt ?? 0) >= (b.keys[0]?.storedAt ?? 0) ? a : b)).keys.shift();
    if (key !== undefined) newest.push(key);
  }
  return newest;
};

const openShard = (
  { client, tableName }: DynamodbPaymentListDeps,
  { since = 0, until = Number.MAX_SAFE_INTEGER }: PaymentFilter,
  shard: number,
): Shard => {
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
              IndexName: STORED_INDEX,
              KeyConditionExpression: 'listShard = :shard AND storedAt BETWEEN :since AND :last',
              ExpressionAttributeValues: {
                ':shard': number(shard),
                ':since': number(since),
                ':last': number(until - 1),
              },
              ScanIndexForward: false,
              Limit: KEYS_PAGE,
              ExclusiveStartKey: startKey,
            }),
          )
          .catch(storeError(tableName));
        keys.push(...items.map((item) => indexKeyOf(tableName, item)));
        startKey = last;
        isRead = last === undefined;
      }
    },
  };
};

const indexKeyOf = (tableName: string, item: Item): IndexKey => {
  const [id, storedAt] = [textOf(item, 'id'), numberOf(item, 'storedAt')];
  if (id === undefined || storedAt === undefined)
    throw damaged(tableName, id, new TypeError('an index holds whole keys'));
  return { id, storedAt };
};
