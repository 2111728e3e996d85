/** SQL of the audit log. Appending reads the last links inside the transaction, so several processes may append. */
import assert from 'node:assert/strict';
import type { DatabaseSync } from 'node:sqlite';
import {
  type AuditDigest,
  type AuditDraft,
  type AuditEntry,
  type AuditRun,
  type ChainEnd,
  linkEntry,
} from '../../audit/audit.ts';
import type { ChainHead } from '../../audit/audit-log.ts';
import { PayhookError } from '../../core/errors.ts';
import type { NextPositions } from './sqlite-next-positions.ts';
import { isOfBefore, type RowMacs } from './sqlite-row-macs.ts';

/** Appends one entry after `end`; the caller keeps the end that is returned. */
export type AppendAfter = (draft: AuditDraft, end: ChainEnd | undefined) => ChainEnd;

export interface AuditOperations {
  /** See `RowMacs`. */
  auditUseKeys(input: { keys: readonly Uint8Array[] }): void;
  auditAppend(drafts: readonly AuditDraft[]): void;
  auditRead(input: { afterPosition: number; limit: number }): readonly AuditEntry[];
  auditRun(input: { afterPosition: number; limit: number }): AuditRun | undefined;
  auditChain(input: { chainId: string; limit: number; beforePosition?: number | undefined }): readonly AuditEntry[];
  auditLatest(input: { limit: number; beforePosition: number }): readonly AuditEntry[];
  auditDigests(input: { afterNumber: number; limit: number }): readonly AuditDigest[];
  auditLastDigest(): AuditDigest | undefined;
  auditAppendDigest(digest: AuditDigest): boolean;
  auditHeads(input: { afterPosition: number; limit: number }): readonly ChainHead[];
}

const ENTRY = 'position, chain_id AS chainId, text, hash';
export const AUDIT_CHAIN_END_SQL = {
  webhook: 'SELECT audit_position AS position FROM payment_webhooks WHERE webhook_id = ? AND timestamp = ?',
  other: 'SELECT position, seq, hash FROM audit_chains WHERE chain_id = ?',
} as const;
export const AUDIT_CHAINED_SQL = `SELECT ${ENTRY}, previous_position AS previousPosition FROM audit_entries WHERE position = ?`;
export const AUDIT_LATEST_SQL = `SELECT ${ENTRY} FROM audit_entries WHERE position < ? ORDER BY position DESC LIMIT ?`;
export const DIGEST_COLUMNS = `number, first_position AS firstPosition, last_position AS lastPosition, entry_hashes AS entryHashes,
  previous_hash AS previousHash, created_at AS createdAt, hash, key_id AS keyId, signature`;

export const createAppendAfter = (db: DatabaseSync, macs: RowMacs, positions: NextPositions): AppendAfter => {
  const nextPosition = positions.of('audit_entries');
  const insertEntry = db.prepare(
    'INSERT INTO audit_entries (position, chain_id, text, hash, previous_position, mac) VALUES (?, ?, ?, ?, ?, ?)',
  );
  return (draft, end) => {
    const { seq, hash, text } = linkEntry(draft, end);
    const position = nextPosition();
    const previousPosition = end?.position ?? null;
    const mac = macs.of('audit_entries', position, draft.chainId, hash, previousPosition);
    insertEntry.run(position, draft.chainId, text, hash, previousPosition, mac);
    return { seq, hash, position };
  };
};

interface StoredEntry extends AuditEntry {
  readonly previousPosition: number | null;
  readonly storedMac: string | null;
}

const isVouchedFor = (macs: RowMacs, { position, chainId, hash, previousPosition, storedMac }: StoredEntry): boolean =>
  macs.fits(storedMac, 'audit_entries', position, chainId, hash, previousPosition);

/** Says of each entry whether it carries the home's code. */
const createReadVouched = (db: DatabaseSync, macs: RowMacs) => {
  const read = db.prepare(`SELECT ${ENTRY}, previous_position AS previousPosition, mac AS storedMac FROM audit_entries
    WHERE position > ? ORDER BY position LIMIT ?`);
  return ({ afterPosition, limit }: { afterPosition: number; limit: number }): readonly AuditEntry[] =>
    (read.all(afterPosition, limit) as unknown as StoredEntry[]).map((stored): AuditEntry => {
      const { previousPosition: _, storedMac, ...entry } = stored;
      if (!macs.hasKeys()) return entry;
      if (storedMac === null) return { ...entry, mac: 'missing' };
      return { ...entry, mac: isVouchedFor(macs, stored) ? 'fits' : 'wrong' };
    });
};

/** What is to be signed next. An entry that somebody else appended must not get our signature. */
const createReadRun = (db: DatabaseSync, macs: RowMacs) => {
  const readRun = db.prepare(`SELECT position, chain_id AS chainId, hash, previous_position AS previousPosition,
    mac AS storedMac, substr(text, 1, 7) AS text FROM audit_entries WHERE position > ? ORDER BY position LIMIT ?`);
  const textBefore = db.prepare('SELECT substr(text, 1, 7) AS text FROM audit_entries WHERE position = ?');
  return ({ afterPosition, limit }: { afterPosition: number; limit: number }): AuditRun | undefined => {
    const rows = readRun.all(afterPosition, limit) as unknown as StoredEntry[];
    const last = rows.at(-1);
    if (last === undefined) return undefined;
    let areOfBefore = isOfBefore(String(textBefore.get(afterPosition)?.text ?? rows[0]?.text));
    for (const row of macs.hasKeys() ? rows : []) {
      areOfBefore &&= isOfBefore(row.text);
      if (areOfBefore || isVouchedFor(macs, row)) continue;
      throw new PayhookError(
        'store_damaged',
        `entry ${row.position} of the audit trail was not written by Payhook, so no digest is signed any more: run payhook audit verify, and see docs/runbooks/audit.md`,
      );
    }
    return { lastPosition: last.position, entryHashes: rows.map((row) => row.hash).join('') };
  };
};

export const createAuditOperations = (db: DatabaseSync, macs: RowMacs, appendAfter: AppendAfter): AuditOperations => {
  const chainEnd = db.prepare(AUDIT_CHAIN_END_SQL.other);
  const webhookEnd = db.prepare(AUDIT_CHAIN_END_SQL.webhook);
  const keepEnd = db.prepare(`INSERT INTO audit_chains (chain_id, position, seq, hash) VALUES (?, ?, ?, ?)
    ON CONFLICT (chain_id) DO UPDATE SET position = excluded.position, seq = excluded.seq, hash = excluded.hash`);
  const readLatest = db.prepare(AUDIT_LATEST_SQL);
  const readOne = db.prepare(AUDIT_CHAINED_SQL);
  const readDigests = db.prepare(
    `SELECT ${DIGEST_COLUMNS} FROM audit_digests WHERE number > ? ORDER BY number LIMIT ?`,
  );
  const readLastDigest = db.prepare(`SELECT ${DIGEST_COLUMNS} FROM audit_digests ORDER BY number DESC LIMIT 1`);
  const insertDigest = db.prepare(`INSERT INTO audit_digests
    (number, first_position, last_position, entry_hashes, previous_hash, created_at, hash, key_id, signature)
    SELECT ?, ?, ?, ?, ?, ?, ?, ?, ? WHERE ? = (SELECT coalesce(max(number), 0) + 1 FROM audit_digests)`);
  const readHeads = db.prepare(`SELECT webhook_id || '@' || timestamp AS chainId, audit_position AS position,
    audit_hash AS hash FROM payment_webhooks WHERE audit_position > ? ORDER BY audit_position LIMIT ?`);
  const readChainHeads = db.prepare(
    'SELECT chain_id AS chainId, position, hash FROM audit_chains WHERE position > ? ORDER BY position LIMIT ?',
  );

  /** A webhook's chain ends where its row says; the chain id is `{webhookId}@{timestamp}`. */
  const endPosition = (chainId: string): number | undefined => {
    const at = chainId.lastIndexOf('@');
    const row = at < 0 ? chainEnd.get(chainId) : webhookEnd.get(chainId.slice(0, at), Number(chainId.slice(at + 1)));
    return row === undefined ? undefined : Number(row.position);
  };

  const positionBefore = (chainId: string, position: number): number | undefined => {
    const row = readOne.get(position);
    return row?.chainId === chainId && row.previousPosition !== null ? Number(row.previousPosition) : undefined;
  };

  return {
    auditAppend(drafts) {
      for (const draft of drafts) {
        assert(!draft.chainId.includes('@'), 'chains of webhooks are written with the webhook');
        const end = chainEnd.get(draft.chainId) as unknown as ChainEnd | undefined;
        const { position, seq, hash } = appendAfter(draft, end);
        keepEnd.run(draft.chainId, position, seq, hash);
      }
    },
    auditUseKeys: ({ keys }) => macs.useKeys(keys),
    auditRead: createReadVouched(db, macs),
    auditRun: createReadRun(db, macs),
    auditLatest: ({ limit, beforePosition }) => readLatest.all(beforePosition, limit) as unknown as AuditEntry[],
    auditChain({ chainId, limit, beforePosition }) {
      const entries: AuditEntry[] = [];
      let position = beforePosition === undefined ? endPosition(chainId) : positionBefore(chainId, beforePosition);
      while (position !== undefined && entries.length < limit) {
        const row = readOne.get(position);
        if (row === undefined) break;
        const { previousPosition, ...entry } = row as unknown as AuditEntry & { previousPosition: number | null };
        entries.push(entry);
        position = previousPosition ?? undefined;
      }
      return entries.reverse();
    },
    auditDigests: ({ afterNumber, limit }) => readDigests.all(afterNumber, limit) as unknown as AuditDigest[],
    auditLastDigest: () => readLastDigest.get() as unknown as AuditDigest | undefined,
    auditAppendDigest: (d) =>
      insertDigest.run(
        d.number,
        d.firstPosition,
        d.lastPosition,
        d.entryHashes,
        d.previousHash,
        d.createdAt,
        d.hash,
        d.keyId,
        d.signature,
        d.number,
      ).changes === 1,
    auditHeads({ afterPosition, limit }) {
      const webhooks = readHeads.all(afterPosition, limit) as unknown as ChainHead[];
      const chains = readChainHeads.all(afterPosition, limit) as unknown as ChainHead[];
      return [...webhooks, ...chains].sort((a, b) => a.position - b.position).slice(0, limit);
    },
  };
};
