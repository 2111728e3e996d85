/** Which audit entries a change leaves behind. Every store and every change feed uses these, so both homes say the same. */

import { type Insertion, type StatusChange, stateWhenInserted } from '../core/ports/webhook-store.ts';
import type { WebhookStatus } from '../core/status.ts';
import { cardDataCount, type Webhook, type WebhookKey } from '../core/webhook.ts';
import { type AuditDraft, type AuditEvent, type AuditOrigin, webhookChain } from './audit.ts';
import { receivedFactsOf, type StateFacts, type StateOfWebhook, stateSha256 } from './webhook-facts.ts';

const originOf = (traceId: string | null): AuditOrigin => ({ sourceAddress: null, requestId: null, traceId });
/** Entries for a webhook that was just stored: one, or two when the card-data guard masked something in it. */
export const entriesForInsert = (insertion: Insertion): readonly AuditDraft[] => {
  const { webhook, actor, transmission } = insertion;
  const accepted: AuditDraft = {
    chainId: webhookChain(webhook.webhookId, webhook.timestamp),
    at: webhook.receivedAt,
    actor,
    event: webhook.origin === 'reconciliation' ? 'RECOVERED' : 'WEBHOOK_ACCEPTED',
    outcome: 'success',
    reason: insertion.lastError,
    origin: originOf(webhook.traceId),
    resource: { type: 'webhook', id: webhook.webhookId },
    change: { from: null, to: insertion.status },
    count: 1,
  };
  const received = receivedFactsOf(webhook, transmission?.id ?? null);
  const masked = cardDataCount(webhook.cardData);
  if (masked === 0) return [{ ...accepted, received }];
  // The last entry of a webhook says what it holds.
  const held = stateSha256(stateWhenInserted(insertion));
  const state: StateFacts = { beforeSha256: held, afterSha256: held };
  return [
    { ...accepted, received },
    { ...accepted, event: 'PAN_REDACTED', reason: 'card_data_found', change: null, count: masked, state },
  ];
};

/** As much of a stored webhook as the entry for a change of it needs. */
export interface ChangedWebhook extends WebhookKey, StateOfWebhook, Pick<Webhook, 'traceId'> {}

/** What the webhook holds after the change. */
export const stateAfter = (revision: number, change: StatusChange): StateOfWebhook => ({
  status: change.status,
  attempts: change.attempts,
  lastError: change.lastError,
  nextAttemptAt: change.nextAttemptAt,
  effects: change.effects,
  changedAt: change.changedAt,
  changedBy: change.actor,
  revision: revision + 1,
});

const eventOf = (from: WebhookStatus, change: StatusChange): AuditEvent => {
  if (change.status !== 'received') return 'STATUS_CHANGED';
  return from === 'dead_lettered' ? 'REDRIVEN' : 'REPLAYED';
};

/** The entry for a change of status of a webhook, as it was found stored. */
export const entryForChange = (found: ChangedWebhook, change: StatusChange): AuditDraft => ({
  chainId: webhookChain(found.webhookId, found.timestamp),
  at: change.changedAt,
  actor: change.actor,
  event: eventOf(found.status, change),
  outcome: change.status === 'dead_lettered' || change.status === 'retrying' ? 'failure' : 'success',
  reason: change.reason,
  origin: originOf(found.traceId),
  resource: { type: 'webhook', id: found.webhookId },
  change: { from: found.status, to: change.status },
  count: 1,
  state: { beforeSha256: stateSha256(found), afterSha256: stateSha256(stateAfter(found.revision, change)) },
});
