/** Items by their ids, many at a time, as the table has them now. */
import { BATCH_MAX, batchGet, type DynamodbBatchGetDeps } from './batch-get.ts';
import { type Item, text, textOf } from './values.ts';

export type DynamodbGetItemsDeps = DynamodbBatchGetDeps;

export const GET_ITEMS_MAX = BATCH_MAX;

/**
 * The items of a table whose key is `id`, by id; what is not there is left out. At most `GET_ITEMS_MAX` different ids,
 * strongly consistent. Throws store codes.
 */
export const getItems = async (
  deps: DynamodbGetItemsDeps,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Item>> => {
  const keys = [...new Set(ids)].map((id) => ({ id: text(id) }));
  const found = await batchGet(deps, keys, { ConsistentRead: true });
  return new Map(found.map((item) => [textOf(item, 'id') ?? '', item]));
};
