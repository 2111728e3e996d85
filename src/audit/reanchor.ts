/**
 * Going on with a trail that ends before what its anchor remembers: after an older copy of the data was restored, or when
 * the anchor was lost. What is missing is given up by a person, who says why, in the trail.
 */

import type { Clock } from '../core/ports/clock.ts';
import type { Actor } from '../core/webhook.ts';
import { OPERATORS_CHAIN } from './audit.ts';
import type { AuditAppend } from './audit-log.ts';
import { type AuditCheck, type CheckAuditDeps, createCheckAudit } from './check.ts';
import type { AnchoredDigest } from './digest-anchor.ts';
import { isInTrail } from './digests.ts';

export interface ReanchorDeps extends CheckAuditDeps {
  readonly auditLog: CheckAuditDeps['auditLog'] & AuditAppend;
  readonly clock: Clock;
}

export type ReanchorOutcome =
  /** The trail has what is anchored: nothing is to be given up. */
  | { readonly outcome: 'fits' }
  /** Something else is wrong with the trail as it is. */
  | { readonly outcome: 'broken'; readonly check: Extract<AuditCheck, { outcome: 'broken' }> }
  | { readonly outcome: 'reanchored'; readonly from: AnchoredDigest | null; readonly to: AnchoredDigest };

/**
 * Anchors the last digest of a trail that is whole by itself, behind an entry with who and why. Cut off between the two, it
 * is done again. The home signs on from there.
 */
export const createReanchor =
  (deps: ReanchorDeps) =>
  async (operator: Actor, reason: string): Promise<ReanchorOutcome> => {
    const { auditLog, anchor, clock } = deps;
    const from = await anchor.read();
    const last = await auditLog.lastDigest();
    if (last === undefined || (await isInTrail(auditLog, from))) return { outcome: 'fits' };
    const to = { number: last.number, hash: last.hash };
    const check = await createCheckAudit({ ...deps, anchor: { ...anchor, read: async () => to } })();
    if (check.outcome === 'broken') return { outcome: 'broken', check };
    await auditLog.append([
      {
        chainId: OPERATORS_CHAIN,
        at: clock.now(),
        actor: operator,
        event: 'REANCHORED',
        outcome: 'success',
        reason,
        origin: { sourceAddress: null, requestId: null, traceId: null },
        resource: { type: 'home', id: 'audit-anchor' },
        change: { from: from === undefined ? null : digestText(from), to: digestText(to) },
        count: 1,
      },
    ]);
    await anchor.write(to);
    return { outcome: 'reanchored', from: from ?? null, to };
  };

const digestText = ({ number, hash }: AnchoredDigest): string => `${number}:${hash}`;
