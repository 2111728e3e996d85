/** SQL of wrapped data keys. They are never deleted: old payloads must stay readable. */
import type { DatabaseSync } from 'node:sqlite';
import type { EpochMs } from '../../core/webhook.ts';

export interface WrappedDataKey {
  readonly keyId: string;
  readonly wrapped: Uint8Array;
  readonly createdAt: EpochMs;
}

export interface DataKeyOperations {
  dataKeyKeep(key: WrappedDataKey): void;
  dataKeyGet(keyId: string): WrappedDataKey | undefined;
}

export const createDataKeyOperations = (db: DatabaseSync): DataKeyOperations => {
  const insert = db.prepare('INSERT INTO data_keys (key_id, wrapped, created_at) VALUES (?, ?, ?)');
  const get = db.prepare('SELECT key_id AS keyId, wrapped, created_at AS createdAt FROM data_keys WHERE key_id = ?');
  return {
    dataKeyKeep: (key) => void insert.run(key.keyId, key.wrapped, key.createdAt),
    dataKeyGet: (keyId) => get.get(keyId) as unknown as WrappedDataKey | undefined,
  };
};
