/**
 * Lists of payments, newest first, out of an index that holds keys only; the payments themselves are fetched afterwards.
 */

import { STORED_INDEX } from '../../../config/aws-names.ts';
import { PayhookError } from '../../../core/errors.ts';
import { LIMITS } from '../../../core/limits.ts';
import type { EpochMs } from '../../../core/webhook.ts';
import type { PaymentFilter, StoredPayment } from '../../../payments/payment-store.ts';
import { damaged } from '../dynamodb/errors.ts';
import { GET_ITEMS_MAX, getItems } from '../dynamodb/get-items.ts';
import { createIndexShards } from '../dynamodb/index-shards.ts';
import { type Item, number, numberOf, textOf } from '../dynamodb/values.ts';
import type { DynamodbCalls } from '../service-calls.ts';
import { mayBeOfProvider, ownerOf, storedPaymentOf } from './items.ts';

export interface DynamodbPaymentListDeps {
  readonly client: DynamodbCalls;
  readonly tableName: string;
}

interface IndexKey {
  readonly id: string;
  readonly storedAt: EpochMs;
}

/**
 * Returns `list(filter)`. The index may be a moment behind. It knows neither provider nor status: where one is asked for
 * that is rare, payments are looked at from the newest on, and `usage_wrong` is thrown after `lookedAtMax` of them rather
 * than leave out what was not seen.
 */
export const createDynamodbPaymentList =
  (deps: DynamodbPaymentListDeps, lookedAtMax: number = LIMITS.listLookedAtMax) =>
  async (filter: PaymentFilter): Promise<readonly StoredPayment[]> => {
    const next = createIndexShards<IndexKey>({
      ...deps,
      indexName: STORED_INDEX,
      shardName: 'listShard',
      shardValue: number,
      timeName: 'storedAt',
      since: filter.since,
      until: filter.until,
      keyOf: (item) => indexKeyOf(deps.tableName, item),
      timeOf: ({ storedAt }) => storedAt,
    });
    const listed: StoredPayment[] = [];
    let count = Math.min(GET_ITEMS_MAX, filter.limit);
    for (let lookedAt = 0; ; ) {
      const newest = await next(count);
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
      (provider === undefined || ownerOf(item)?.provider === provider) &&
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

const indexKeyOf = (tableName: string, item: Item): IndexKey => {
  const [id, storedAt] = [textOf(item, 'id'), numberOf(item, 'storedAt')];
  if (id === undefined || storedAt === undefined)
    throw damaged(tableName, id, new TypeError('an index holds whole keys'));
  return { id, storedAt };
};
