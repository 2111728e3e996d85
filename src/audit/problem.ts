/** What a check of the audit trail found. */

export type AuditProblemKind =
  | 'edited'
  | 'removed'
  | 'reordered'
  | 'truncated'
  | 'added'
  | 'digest_forged'
  | 'digest_missing'
  | 'anchor_missing'
  /** A webhook went from one state to the next by something that left no entry. */
  | 'unexplained_change'
  | 'webhook_edited'
  | 'webhook_removed'
  | 'webhook_added'
  /** Something else that a home keeps: a payment, a queue entry, a key, the schema. */
  | 'state_edited'
  | 'state_removed'
  | 'state_added';

export interface AuditProblem {
  readonly kind: AuditProblemKind;
  /** Position of the entry concerned; null when the problem is with no entry. */
  readonly position: number | null;
  readonly chainId: string | null;
  readonly digestNumber: number | null;
  /** One sentence for a person, which names what is concerned, what was expected and what was found. */
  readonly message: string;
}

export const problem = (
  kind: AuditProblemKind,
  message: string,
  at: { position?: number; chainId?: string | undefined; digestNumber?: number } = {},
): AuditProblem => ({
  kind,
  message,
  position: at.position ?? null,
  chainId: at.chainId ?? null,
  digestNumber: at.digestNumber ?? null,
});
