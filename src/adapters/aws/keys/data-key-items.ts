/** Wrapped data keys as items of the webhook table: stored before the first payload is sealed under them, never removed. */

import { storeError } from '../dynamodb/errors.ts';
import { bytes, type Item } from '../dynamodb/values.ts';
import type { DynamodbCalls } from '../service-calls.ts';
import { DATA_KEY_PREFIX, keyItem } from '../webhooks/write-item.ts';
import type { DataKeyItems } from './kms-data-key-source.ts';

const itemKey = (keyId: string): Item => keyItem({ webhookId: `${DATA_KEY_PREFIX}${keyId}`, timestamp: 0 });

export const createDynamodbDataKeyItems = ({
  client,
  tableName,
}: {
  readonly client: DynamodbCalls;
  readonly tableName: string;
}): DataKeyItems => ({
  async put(keyId, wrapped) {
    // Unconditional: ids are never used twice, and a call that is repeated must not fail over its own effect.
    await client
      .putItem({ TableName: tableName, Item: { ...itemKey(keyId), wrapped: bytes(wrapped) } })
      .catch(storeError(tableName));
  },
  async get(keyId) {
    const { Item: item } = await client
      .getItem({ TableName: tableName, Key: itemKey(keyId), ConsistentRead: true })
      .catch(storeError(tableName));
    const wrapped = item?.wrapped?.B;
    return wrapped === undefined ? undefined : Uint8Array.from(wrapped);
  },
});
