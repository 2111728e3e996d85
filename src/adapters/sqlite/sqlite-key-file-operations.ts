/** SQL of key files: the fingerprints that bind them to this database. */
import type { DatabaseSync } from 'node:sqlite';
import type { AuditDraft } from '../../audit/audit.ts';
import type { EpochMs } from '../../core/webhook.ts';
import type { WrappedDataKey } from './sqlite-data-key-operations.ts';

export interface KeyFile {
  readonly purpose: 'payload' | 'audit' | 'destination';
  /** Its name in the data directory. */
  readonly file: string;
  readonly fingerprint: string;
  readonly boundAt: EpochMs;
}

export interface StoredKeyFile extends KeyFile {
  /** Nothing needs it from then on. */
  readonly retiredAt: EpochMs | null;
  /** Of an audit key: the first digest that it may sign. */
  readonly firstDigest: number | null;
}

export type Wrapping = Pick<WrappedDataKey, 'keyId' | 'wrapped' | 'wrappedBy'>;

export interface KeyRotation {
  readonly keyFile: KeyFile;
  /** Data keys as the new payload key wraps them. */
  readonly wrappings: readonly Wrapping[];
  /** Names of files that nothing needs once these are stored. */
  readonly retired: readonly string[];
  readonly draft: AuditDraft;
}

export interface KeyFileOperations {
  /** In the order in which they were bound. */
  keyFileList(): readonly StoredKeyFile[];
  /** Binds the files, and notes whose data keys they open. A name that is bound already stays what it is. */
  keyFileBind(input: { readonly keyFiles: readonly KeyFile[]; readonly wrappings: readonly Wrapping[] }): void;
  /** All of it or nothing, with its audit entry. */
  keyFileRotate(rotation: KeyRotation): void;
  /** The last digest that names this key: what was signed. */
  keyFileSigned(keyId: string): { readonly hash: string; readonly signature: string } | undefined;
  /** Whether anything was ever stored here. */
  keyFileDataIsThere(): boolean;
}

export const createKeyFileOperations = (
  db: DatabaseSync,
  appendAudit: (drafts: readonly AuditDraft[]) => void,
): KeyFileOperations => {
  const list = db.prepare(`SELECT purpose, file, fingerprint, bound_at AS boundAt, retired_at AS retiredAt,
    first_digest AS firstDigest FROM key_files ORDER BY number`);
  const bind = db.prepare(`INSERT INTO key_files (purpose, file, fingerprint, bound_at, first_digest)
    SELECT ?1, ?2, ?3, ?4, CASE WHEN ?1 <> 'audit' THEN NULL
      WHEN EXISTS (SELECT 1 FROM key_files WHERE purpose = 'audit')
      THEN (SELECT coalesce(max(number), 0) + 1 FROM audit_digests) ELSE 1 END
    WHERE true ON CONFLICT (file) DO NOTHING`);
  const wrap = db.prepare('UPDATE data_keys SET wrapped = ?, wrapped_by = ? WHERE key_id = ?');
  const retire = db.prepare('UPDATE key_files SET retired_at = ? WHERE file = ?');
  const signed = db.prepare('SELECT hash, signature FROM audit_digests WHERE key_id = ? ORDER BY number DESC LIMIT 1');
  const dataIsThere = db.prepare(`SELECT EXISTS (SELECT 1 FROM audit_entries) OR EXISTS (SELECT 1 FROM audit_digests)
    OR EXISTS (SELECT 1 FROM data_keys) OR EXISTS (SELECT 1 FROM payment_webhooks) AS isThere`);

  const bindOne = ({ purpose, file, fingerprint, boundAt }: KeyFile): void =>
    void bind.run(purpose, file, fingerprint, boundAt);
  const wrapOne = ({ keyId, wrapped, wrappedBy }: Wrapping): void => void wrap.run(wrapped, wrappedBy, keyId);

  return {
    keyFileList: () => list.all() as unknown as StoredKeyFile[],
    keyFileBind({ keyFiles, wrappings }) {
      keyFiles.forEach(bindOne);
      wrappings.forEach(wrapOne);
    },
    keyFileRotate({ keyFile, wrappings, retired, draft }) {
      bindOne(keyFile);
      wrappings.forEach(wrapOne);
      for (const file of retired) retire.run(keyFile.boundAt, file);
      appendAudit([draft]);
    },
    keyFileSigned: (keyId) => signed.get(keyId) as unknown as { hash: string; signature: string } | undefined,
    keyFileDataIsThere: () => dataIsThere.get()?.isThere === 1,
  };
};
