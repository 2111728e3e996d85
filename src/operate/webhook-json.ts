/** Webhooks and audit entries as JSON, for `--json` and for the console: the one place where they become it. Stable. */
import { type AuditEntry, readRecord } from '../audit/audit.ts';
import { causeOf } from '../core/cause.ts';
import { type EpochMs, TIMESTAMP_UNKNOWN, type WebhookSummary } from '../core/webhook.ts';

/** ISO 8601, UTC, milliseconds. */
export const timeText = (at: EpochMs): string => new Date(at).toISOString();
export const timeOrNull = (at: EpochMs | null): string | null => (at === null ? null : timeText(at));

/** Times are ISO 8601 text; `timestamp` is null when the provider stated none. */
export const webhookJson = (webhook: WebhookSummary) => ({
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
  origin: webhook.origin ?? 'delivery',
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

/** An audit entry with its place and hash. What the hash is over, byte for byte, is in an export of the trail. */
export const auditJson = (entry: AuditEntry) => {
  const { received, ...record } = readRecord(entry);
  return {
    position: entry.position,
    ...record,
    ...(received === undefined ? {} : { received: { ...received, expiresAt: timeText(received.expiresAt) } }),
    hash: entry.hash,
  };
};
