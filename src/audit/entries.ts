/** Which audit entries a change leaves behind. Every store and every change feed uses these, so both homes say the same. */

import type { Insertion, StatusChange } from '../core/ports/webhook-store.ts';
import type { WebhookStatus } from '../core/status.ts';
import { cardDataCount, type WebhookKey } from '../core/webhook.ts';
import { type AuditDraft, type AuditEvent, type AuditOrigin, webhookChain } from './audit.ts';

const originOf = (traceId: string | null): AuditOrigin => ({ sourceAddress: null, requestId: null, traceId });
/** Entries for a webhook that was just stored: one, or two when the card-data guard masked something in it. */
export const entriesForInsert = (insertion: Insertion): readonly AuditDraft[] => {
  const { webhook, actor } = insertion;
  const accepted: AuditDraft = {
    chainId: webhookChain(webhook.webhookId, webhook.timestamp),
    at: webhook.receivedAt,
    actor,
    event: 'WEBHOOK_ACCEPTED',
    outcome: 'success',
    reason: insertion.lastError,
    origin: originOf(webhook.traceId),
    resource: { type: 'webhook', id: webhook.webhookId },
    change: { from: null, to: insertion.status },
    count: 1,
  };
  const masked = cardDataCount(webhook.cardData);
  if (masked === 0) return [accepted];
  return [accepted, { ...accepted, event: 'PAN_REDACTED', reason: 'card_data_found', change: null, count: masked }];
};

const eventOf = (from: WebhookStatus, change: StatusChange): AuditEvent => {
  if (change.status !== 'received') return 'STATUS_CHANGED';
  return from === 'dead_lettered' ? 'REDRIVEN' : 'REPLAYED';
};

/** The entry for a change of status. */
export const entryForChange = (
  key: WebhookKey,
  from: WebhookStatus,
  traceId: string,
  change: StatusChange,
): AuditDraft => ({
  chainId: webhookChain(key.webhookId, key.timestamp),
  at: change.changedAt,
  actor: change.actor,
  event: eventOf(from, change),
  outcome: change.status === 'dead_lettered' || change.status === 'retrying' ? 'failure' : 'success',
  reason: change.reason,
  origin: originOf(traceId),
  resource: { type: 'webhook', id: key.webhookId },
  change: { from, to: change.status },
  count: 1,
});
