/** Webhooks and audit entries as the command line shows them: the one place where they become JSON. Stable. */
import { type AuditEntry, readRecord } from '../audit/audit.ts';
import { causeOf } from '../core/cause.ts';
import { type EpochMs, TIMESTAMP_UNKNOWN, type WebhookSummary } from '../core/webhook.ts';

/** ISO 8601, UTC, milliseconds. */
export const timeText = (at: EpochMs): string => new Date(at).toISOString();
const timeOrNull = (at: EpochMs | null): string | null => (at === null ? null : timeText(at));

/** Times are ISO 8601 text; `timestamp` is null when the provider stated none. */
export const webhookJson = (webhook: WebhookSummary): Record<string, unknown> => ({
  webhookId: webhook.webhookId,
  status: webhook.status,
  provider: webhook.provider,
  eventType: webhook.eventType,
  providerEventId: webhook.providerEventId,
  timestamp: webhook.timestamp === TIMESTAMP_UNKNOWN ? null : timeText(webhook.timestamp),
  receivedAt: timeText(webhook.receivedAt),
  mode: webhook.mode,
  isSimulated: webhook.isSimulated,
  synthetic: webhook.synthetic ?? null,
  account: webhook.account,
  objectId: webhook.objectId,
  parentIds: webhook.parentIds,
  attempts: webhook.attempts,
  lastError: webhook.lastError,
  cause: causeOf(webhook)?.cause ?? null,
  nextAttemptAt: timeOrNull(webhook.nextAttemptAt),
  changedAt: timeText(webhook.changedAt),
  changedBy: webhook.changedBy,
  payloadBytes: webhook.payloadBytes,
  bodySha256: webhook.bodySha256,
  cardData: webhook.cardData,
  secretId: webhook.secretId,
  traceId: webhook.traceId,
  revision: webhook.revision,
  expiresAt: timeText(webhook.expiresAt),
});

/** An audit entry with its place and hash. */
export const auditJson = (entry: AuditEntry): Record<string, unknown> => ({
  position: entry.position,
  ...readRecord(entry),
  hash: entry.hash,
});

/** One audit entry as a line for a person. */
export const auditLine = (entry: AuditEntry): string[] => {
  const { ts, event, actor, outcome, reason, change, resource, count } = readRecord(entry);
  const what = change === null ? '' : `${change.from ?? 'new'} → ${change.to}`;
  return [
    String(entry.position),
    ts,
    event,
    outcome,
    `${actor.type}:${actor.id}`,
    resource.id,
    [what, reason === null ? '' : `reason: ${reason}`, count > 1 ? `× ${count}` : '']
      .filter((part) => part !== '')
      .join(' '),
  ];
};

export const AUDIT_HEADER = ['#', 'TIME', 'EVENT', 'OUTCOME', 'ACTOR', 'RESOURCE', 'CHANGE'] as const;
