/**
 * Lists of payments, newest first, out of an index that holds keys only; the payments themselves are fetched afterwards.
 */

import { STORED_INDEX } from '../../../config/aws-names.ts';
import { LIMITS } from '../../../core/limits.ts';
import { cursorOf, type Looked, type Page, readCursor } from '../../../core/page.ts';
import type { EpochMs } from '../../../core/webhook.ts';
import { matchesPayment, paymentStatusesOf } from '../../../payments/match-payment.ts';
import type { PaymentFilter, StoredPayment } from '../../../payments/payment-store.ts';
import { damaged } from '../dynamodb/errors.ts';
import { GET_ITEMS_MAX, getItems } from '../dynamodb/get-items.ts';
import { createIndexShards, type IndexPlace } from '../dynamodb/index-shards.ts';
import { listFromIndex } from '../dynamodb/list-from-index.ts';
import { type Item, number, numberOf, text, textOf } from '../dynamodb/values.ts';
import type { DynamodbCalls } from '../service-calls.ts';
import { mayBeOfProvider, storedPaymentOf } from './items.ts';

export interface DynamodbPaymentListDeps {
  readonly client: DynamodbCalls;
  readonly tableName: string;
}

interface IndexKey {
  readonly id: string;
  readonly storedAt: EpochMs;
  readonly cursor: string;
}

const LIST = 'payments';

const placeAfter = (cursor: string): IndexPlace => {
  const [at, shard, id] = readCursor(LIST, cursor, ['number', 'number', 'string'] as const);
  return { at, shard, startKey: { id: text(id), storedAt: number(at), listShard: number(shard) } };
};

/**
 * Returns `list(filter)`. The index may be a moment behind, and knows times only: for anything else payments are looked at
 * from the newest on, and the page ends after `lookAtMax` of them.
 */
export const createDynamodbPaymentList =
  (deps: DynamodbPaymentListDeps) =>
  async (filter: PaymentFilter): Promise<Page<StoredPayment>> => {
    const { limit, lookAtMax = LIMITS.listLookedAtMax, since, until, after } = filter;
    const next = createIndexShards<IndexKey>({
      ...deps,
      indexName: STORED_INDEX,
      shardName: 'listShard',
      shardValue: number,
      timeName: 'storedAt',
      since,
      until,
      after: after === undefined ? undefined : placeAfter(after),
      keyOf: (item, shard) => indexKeyOf(deps.tableName, item, shard),
      timeOf: ({ storedAt }) => storedAt,
    });
    return listFromIndex({
      next,
      batch: GET_ITEMS_MAX,
      limit,
      lookAtMax,
      fetch: (keys) => fetchWanted(deps, keys, filter),
      placeOf: ({ cursor, storedAt }) => ({ cursor, at: storedAt }),
    });
  };

const fetchWanted = async (
  deps: DynamodbPaymentListDeps,
  newest: readonly IndexKey[],
  filter: PaymentFilter,
): Promise<readonly Looked<StoredPayment>[]> => {
  const { provider } = filter;
  const statuses = paymentStatusesOf(filter);
  const isWanted = matchesPayment(filter);
  const keys = newest.filter(({ id }) => provider === undefined || mayBeOfProvider(id, provider));
  const items = await getItems(
    deps,
    keys.map(({ id }) => id),
  );
  return keys.flatMap(({ id, cursor, storedAt: at }): readonly Looked<StoredPayment>[] => {
    const item = items.get(id);
    // Joined to another payment meanwhile.
    if (item === undefined) return [];
    // Before its events are unpacked.
    if (statuses?.some((status) => status === textOf(item, 'status')) === false) return [];
    const stored = storedPaymentOf(deps.tableName, item);
    return isWanted(stored) ? [{ item: stored, at, cursor }] : [];
  });
};

const indexKeyOf = (tableName: string, item: Item, shard: number): IndexKey => {
  const [id, storedAt] = [textOf(item, 'id'), numberOf(item, 'storedAt')];
  if (id === undefined || storedAt === undefined)
    throw damaged(tableName, id, new TypeError('an index holds whole keys'));
  return { id, storedAt, cursor: cursorOf(LIST, storedAt, shard, id) };
};
