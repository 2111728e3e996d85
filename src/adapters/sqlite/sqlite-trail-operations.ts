/** SQL of where the trail begins: its first digest is removed with its entries when nothing that is stored needs them. */
import type { DatabaseSync } from 'node:sqlite';
import type { AuditDigest, AuditDraft, TrailStart } from '../../audit/audit.ts';
import { LIMITS } from '../../core/limits.ts';
import type { EpochMs } from '../../core/webhook.ts';
import { DIGEST_COLUMNS } from './sqlite-audit-operations.ts';
import { retentionDraft } from './sqlite-retention-operations.ts';

export interface TrailOperations {
  trailStart(): TrailStart | undefined;
  /**
   * The first digest, when it was closed before this instant, is not the last, and covers no entry of a webhook that is
   * stored: its chain stays whole.
   */
  trailRemovable(input: { readonly closedBefore: EpochMs }): AuditDigest | undefined;
  /**
   * The trail begins behind the digest that this start names, and has it no more; its entries are there until `trailTrim`
   * takes them. Does nothing, and answers false, when that digest is not removable any more.
   */
  trailCut(input: { readonly start: TrailStart; readonly closedBefore: EpochMs }): boolean;
  /** Removes the oldest entries of before where the trail begins, a batch at most; how many there were. */
  trailTrim(): number;
}

export const createTrailOperations = (
  db: DatabaseSync,
  appendAudit: (drafts: readonly AuditDraft[]) => void,
): TrailOperations => {
  const readStart = db.prepare(`SELECT digest_number AS digestNumber, digest_hash AS digestHash,
    last_position AS lastPosition, removed_at AS removedAt, key_id AS keyId, signature FROM trail_start`);
  const putStart = db.prepare(`INSERT OR REPLACE INTO trail_start
    (id, digest_number, digest_hash, last_position, removed_at, key_id, signature) VALUES (1, ?, ?, ?, ?, ?, ?)`);
  const firstDigests = db.prepare(`SELECT ${DIGEST_COLUMNS} FROM audit_digests ORDER BY number LIMIT 2`);
  const oldestEnd = db.prepare('SELECT audit_position AS position FROM payment_webhooks ORDER BY position LIMIT 1');
  const previous = db.prepare('SELECT previous_position AS position FROM audit_entries WHERE position = ?');
  const cuts = [
    'DELETE FROM audit_digests WHERE last_position <= ?',
    // Such a chain begins anew with its next entry.
    'DELETE FROM audit_chains WHERE position <= ?',
  ].map((sql) => db.prepare(sql));
  const batch = db.prepare(`SELECT max(position) AS last, count(*) AS entries FROM (SELECT position FROM audit_entries
    WHERE position <= (SELECT last_position FROM trail_start) ORDER BY position LIMIT ${LIMITS.trailBatchMax})`);
  // A tombstone is there for as long as an entry of its webhook.
  const trims = [
    'DELETE FROM audit_entries WHERE position <= ?',
    'DELETE FROM webhook_tombstones WHERE end_position <= ?',
  ].map((sql) => db.prepare(sql));

  /** Webhooks stand in the order of their first entries, so that the first of them has the first entry that is needed. */
  const firstNeeded = (): number => {
    const end = oldestEnd.get()?.position;
    if (end === undefined) return Number.POSITIVE_INFINITY;
    let position = Number(end);
    for (;;) {
      const before = Number(previous.get(position)?.position ?? position);
      // Each entry leads to one before it, whatever somebody made of the rows.
      if (before >= position) return position;
      position = before;
    }
  };

  const trailRemovable: TrailOperations['trailRemovable'] = ({ closedBefore }) => {
    const [first, second] = firstDigests.all() as unknown as AuditDigest[];
    if (first === undefined || second === undefined || first.createdAt > closedBefore) return undefined;
    return first.lastPosition < firstNeeded() ? first : undefined;
  };

  return {
    trailStart: () => readStart.get() as unknown as TrailStart | undefined,
    trailRemovable,
    trailCut({ start, closedBefore }) {
      const digest = trailRemovable({ closedBefore });
      if (digest?.number !== start.digestNumber || digest.hash !== start.digestHash) return false;
      const { digestNumber, digestHash, lastPosition, removedAt, keyId, signature } = start;
      putStart.run(digestNumber, digestHash, lastPosition, removedAt, keyId, signature);
      for (const cut of cuts) cut.run(lastPosition);
      appendAudit([retentionDraft('audit-entries', digest.lastPosition - digest.firstPosition + 1, removedAt)]);
      return true;
    },
    trailTrim() {
      const { last, entries } = batch.get() ?? {};
      if (last === null || last === undefined) return 0;
      for (const trim of trims) trim.run(last);
      return Number(entries);
    },
  };
};
