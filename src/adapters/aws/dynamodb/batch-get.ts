/** Items by their keys, many at a time, until DynamoDB has answered all of them. */

import { setTimeout as pause } from 'node:timers/promises';
import type { KeysAndAttributes } from '@aws-sdk/client-dynamodb';
import { PayhookError } from '../../../core/errors.ts';
import type { DynamodbCalls } from '../service-calls.ts';
import { storeError } from './errors.ts';
import type { Item } from './values.ts';

export interface DynamodbBatchGetDeps {
  readonly client: DynamodbCalls;
  readonly tableName: string;
}

/** As many as one call may ask for. */
export const BATCH_MAX = 100;
/** DynamoDB answers part of a batch when it is large or the table is busy; the rest is asked for again this often. */
const TRIES_MAX = 10;
const PAUSE_MS = 20;

/** At most `BATCH_MAX` different keys, in no order; what is not there is left out. Throws store codes. */
export const batchGet = async (
  { client, tableName }: DynamodbBatchGetDeps,
  keys: readonly Item[],
  how: Omit<KeysAndAttributes, 'Keys'>,
): Promise<readonly Item[]> => {
  const found: Item[] = [];
  let asked: Item[] = [...keys];
  for (let tries = 1; asked.length > 0; tries += 1) {
    const { Responses: responses = {}, UnprocessedKeys: rest = {} } = await client
      .batchGetItem({ RequestItems: { [tableName]: { ...how, Keys: asked } } })
      .catch(storeError(tableName));
    found.push(...(responses[tableName] ?? []));
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
