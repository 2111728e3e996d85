/** A copy of the database as of one moment, made while others write, and what such a copy holds. */
import type { AnchoredDigest } from '../../audit/digest-anchor.ts';
import { PayhookError } from '../../core/errors.ts';
import { asStoreError, openDatabase } from './sqlite-database.ts';
import type { StoredKeyFile } from './sqlite-key-file-operations.ts';

export interface CopyContent {
  /** Of the tables: the number of migrations that made them. */
  readonly databaseVersion: number;
  readonly counts: { readonly webhooks: number; readonly payments: number; readonly auditEntries: number };
  readonly lastDigest: AnchoredDigest | null;
  readonly keyFiles: readonly Pick<StoredKeyFile, 'purpose' | 'file' | 'fingerprint'>[];
}

/**
 * Writes the database at `from` to a new file. It is packed: what was deleted from the database is not in it. Nobody waits
 * for it, as readers never hold up writers; the write-ahead log grows meanwhile. Throws store codes.
 */
export const copyDatabase = (from: string, to: string): void => {
  const db = openDatabase({ path: from, isReadOnly: true });
  try {
    db.prepare('VACUUM INTO ?').run(to);
  } catch (error) {
    throw asStoreError(error, to);
  } finally {
    db.close();
  }
};

/** Reads a whole copy and changes nothing. Throws `store_damaged` when SQLite finds anything wrong with it. */
export const readCopy = (path: string): CopyContent => {
  const db = openDatabase({ path, isReadOnly: true });
  try {
    const [found] = db.prepare('PRAGMA integrity_check(1)').all();
    if (found?.integrity_check !== 'ok') {
      throw new PayhookError('store_damaged', `database ${path} is damaged: ${found?.integrity_check}`);
    }
    const numberOf = (sql: string): number => Number(Object.values(db.prepare(sql).get() ?? {})[0]);
    const lastDigest = db.prepare('SELECT number, hash FROM audit_digests ORDER BY number DESC LIMIT 1').get();
    return {
      databaseVersion: numberOf('PRAGMA user_version'),
      counts: {
        webhooks: numberOf('SELECT count(*) FROM payment_webhooks'),
        payments: numberOf('SELECT count(*) FROM payments'),
        auditEntries: numberOf('SELECT count(*) FROM audit_entries'),
      },
      lastDigest:
        lastDigest === undefined ? null : { number: Number(lastDigest.number), hash: String(lastDigest.hash) },
      keyFiles: db
        .prepare('SELECT purpose, file, fingerprint FROM key_files WHERE retired_at IS NULL ORDER BY number')
        .all() as unknown as CopyContent['keyFiles'],
    };
  } catch (error) {
    throw asStoreError(error, path);
  } finally {
    db.close();
  }
};
