/** Items by their keys, many at a time, as the table has them now. */
import { setTimeout as pause } from 'node:timers/promises';
import { BatchGetItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { PayhookError } from '../../../core/errors.ts';
import { storeError } from './errors.ts';
import { type Item, text, textOf } from './values.ts';

export interface DynamodbGetItemsDeps {
  readonly client: DynamoDBClient;
  readonly tableName: string;
}

/** As many as one call may ask for. */
export const GET_ITEMS_MAX = 100;
/** DynamoDB answers part of a batch when it is large or the table is busy; the rest is asked for again this often. */
const TRIES_MAX = 10;
const PAUSE_MS = 20;

/**
 * The items of a table whose key is `id`, by id; what is not there is left out. At most `GET_ITEMS_MAX` different ids,
 * strongly consistent. Throws store codes.
 */
export const getItems = async (
  { client, tableName }: DynamodbGetItemsDeps,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Item>> => {
  const found = new Map<string, Item>();
  let asked: Item[] = [...new Set(ids)].map((id) => ({ id: text(id) }));
  for (let tries = 1; asked.length > 0; tries += 1) {
    const { Responses: responses = {}, UnprocessedKeys: rest = {} } = await client
      .send(new BatchGetItemCommand({ RequestItems: { [tableName]: { Keys: asked, ConsistentRead: true } } }))
      .catch(storeError(tableName));
    for (const item of responses[tableName] ?? []) found.set(textOf(item, 'id') ?? '', item);
    asked = rest[tableName]?.Keys ?? [];
    if (asked.length === 0) break;
    if (tries >= TRIES_MAX) {
      throw new PayhookError(
        'store_busy',
        `table ${tableName} answered only part of what it was asked: try again later`,
      );
    }
    await pause(PAUSE_MS * tries);
  }
  return found;
};
