/** SQL of wrapped data keys. They are never deleted: old payloads must stay readable. */
import type { DatabaseSync } from 'node:sqlite';
import type { EpochMs } from '../../core/webhook.ts';

export interface WrappedDataKey {
  readonly keyId: string;
  readonly wrapped: Uint8Array;
  readonly createdAt: EpochMs;
  /** The fingerprint of the payload key; null when none is known that opens it. */
  readonly wrappedBy: string | null;
}

export interface DataKeyOperations {
  dataKeyKeep(key: WrappedDataKey): void;
  dataKeyGet(keyId: string): WrappedDataKey | undefined;
  /** All of them, the newest first: about one a day. */
  dataKeyList(): readonly WrappedDataKey[];
}

const DATA_KEY = 'key_id AS keyId, wrapped, created_at AS createdAt, wrapped_by AS wrappedBy';

export const createDataKeyOperations = (db: DatabaseSync): DataKeyOperations => {
  const insert = db.prepare('INSERT INTO data_keys (key_id, wrapped, created_at, wrapped_by) VALUES (?, ?, ?, ?)');
  const get = db.prepare(`SELECT ${DATA_KEY} FROM data_keys WHERE key_id = ?`);
  const list = db.prepare(`SELECT ${DATA_KEY} FROM data_keys ORDER BY created_at DESC`);
  return {
    dataKeyKeep: (key) => void insert.run(key.keyId, key.wrapped, key.createdAt, key.wrappedBy),
    dataKeyGet: (keyId) => get.get(keyId) as unknown as WrappedDataKey | undefined,
    dataKeyList: () => list.all() as unknown as WrappedDataKey[],
  };
};
