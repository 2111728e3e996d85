/** SQL of legal holds: what must stay beyond its time. */
import type { DatabaseSync } from 'node:sqlite';
import type { AuditDraft } from '../../audit/audit.ts';
import { LIMITS } from '../../core/limits.ts';
import type { LegalHold } from '../../core/ports/legal-holds.ts';

export interface LegalHoldOperations {
  /** The newest first. */
  legalHoldList(): readonly LegalHold[];
  /** With its audit entry. `full` when there are `LIMITS.legalHoldsMax`. */
  legalHoldAdd(input: { readonly hold: LegalHold; readonly draft: AuditDraft }): 'added' | 'there' | 'full';
  /** With its audit entry; false when there is none. */
  legalHoldRemove(input: { readonly id: string; readonly draft: AuditDraft }): boolean;
}

export const createLegalHoldOperations = (
  db: DatabaseSync,
  appendAudit: (drafts: readonly AuditDraft[]) => void,
): LegalHoldOperations => {
  const list = db.prepare(`SELECT kind, id, reason, held_at AS heldAt, held_by AS heldBy FROM legal_holds
    ORDER BY held_at DESC, id LIMIT ${LIMITS.legalHoldsMax}`);
  const count = db.prepare('SELECT count(*) AS n FROM legal_holds');
  const add = db.prepare(`INSERT INTO legal_holds (kind, id, reason, held_at, held_by) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT DO NOTHING`);
  const remove = db.prepare('DELETE FROM legal_holds WHERE id = ?');
  return {
    legalHoldList: () => list.all() as unknown as LegalHold[],
    legalHoldAdd({ hold: { kind, id, reason, heldAt, heldBy }, draft }) {
      if (Number(count.get()?.n) >= LIMITS.legalHoldsMax) return 'full';
      if (add.run(kind, id, reason, heldAt, heldBy).changes === 0) return 'there';
      appendAudit([draft]);
      return 'added';
    },
    legalHoldRemove({ id, draft }) {
      if (remove.run(id).changes === 0) return false;
      appendAudit([draft]);
      return true;
    },
  };
};
