/** What operators leave in the trail when something is done to them, or is not let them do. */
import type { AuditDraft, AuditEvent } from '../audit/audit.ts';
import { OPERATORS_CHAIN } from '../audit/audit.ts';
import type { Actor, EpochMs } from '../core/webhook.ts';

export interface OperatorChange {
  readonly event: Extract<
    AuditEvent,
    'OPERATOR_ADDED' | 'OPERATOR_REMOVED' | 'OPERATOR_SIGNED_IN' | 'OPERATOR_REFUSED'
  >;
  readonly at: EpochMs;
  /** Who did it. */
  readonly actor: Actor;
  /** To whom. */
  readonly name: string;
  readonly reason: string | null;
  readonly change?: AuditDraft['change'];
  /** @default that of all operators */
  readonly chainId?: string;
}

export const entryForOperator = (told: OperatorChange): AuditDraft => {
  const { event, at, actor, name, reason, change = null, chainId = OPERATORS_CHAIN } = told;
  return {
    chainId,
    at,
    actor,
    event,
    outcome: event === 'OPERATOR_REFUSED' ? 'failure' : 'success',
    reason,
    origin: { sourceAddress: null, requestId: null, traceId: null },
    resource: { type: 'operator', id: name },
    change,
    count: 1,
  };
};
