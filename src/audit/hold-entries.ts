/** Which audit entries legal holds leave behind. */
import type { LegalHold, LegalHoldRemoval } from '../core/ports/legal-holds.ts';
import type { Actor, EpochMs } from '../core/webhook.ts';
import { type AuditDraft, OPERATORS_CHAIN, webhookChain } from './audit.ts';
import type { ChangedWebhook } from './entries.ts';
import { stateSha256 } from './webhook-facts.ts';

type HoldEvent = 'LEGAL_HOLD_ADDED' | 'LEGAL_HOLD_REMOVED';

const SUCCESS = { outcome: 'success', change: null, count: 1 } as const;
const NO_ORIGIN = { sourceAddress: null, requestId: null, traceId: null };

const byOperator = (event: HoldEvent, what: string, by: string, at: EpochMs, reason: string): AuditDraft => ({
  ...SUCCESS,
  chainId: OPERATORS_CHAIN,
  at,
  actor: { type: 'operator', id: by },
  event,
  reason,
  origin: NO_ORIGIN,
  resource: { type: 'home', id: what },
});

export const entryForHold = ({ kind, id, reason, heldAt, heldBy }: LegalHold): AuditDraft =>
  byOperator('LEGAL_HOLD_ADDED', `${kind} ${id}`, heldBy, heldAt, reason);

export const entryForRemovedHold = ({ id, reason, removedAt, removedBy }: LegalHoldRemoval): AuditDraft =>
  byOperator('LEGAL_HOLD_REMOVED', id, removedBy, removedAt, reason);

/** Where a webhook itself says that it is held. */
export interface WebhookHold {
  /** Whether it is, from then on. */
  readonly isHeld: boolean;
  readonly at: EpochMs;
  readonly actor: Actor;
  readonly reason: string;
}

/** Nothing that the trail says of the webhook changes, but for the end of its chain. */
export const entryForWebhookHold = (found: ChangedWebhook, { isHeld, at, actor, reason }: WebhookHold): AuditDraft => {
  const held = stateSha256(found);
  return {
    ...SUCCESS,
    chainId: webhookChain(found.webhookId, found.timestamp),
    at,
    actor,
    event: isHeld ? 'LEGAL_HOLD_ADDED' : 'LEGAL_HOLD_REMOVED',
    reason,
    origin: { ...NO_ORIGIN, traceId: found.traceId },
    resource: { type: 'webhook', id: found.webhookId },
    state: { beforeSha256: held, afterSha256: held },
  };
};
