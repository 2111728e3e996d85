/** Everything about one webhook but its payload, as JSON. Stable. */
import { webhookChain } from '../audit/audit.ts';
import type { AuditReader } from '../audit/audit-log.ts';
import { createFindDigest } from '../audit/digest-of-entry.ts';
import { LIMITS } from '../core/limits.ts';
import type { Webhook } from '../core/webhook.ts';
import type { DestinationReader } from '../destinations/destination-queue.ts';
import { attemptJson, destinationJson, eventIdOf, handlerJson, presentJson } from './effect-json.ts';
import { auditJson, webhookJson } from './webhook-json.ts';

export interface WebhookDetailDeps {
  readonly auditLog: Pick<AuditReader, 'chain' | 'digests' | 'lastDigest' | 'start'>;
  readonly destinations: Pick<DestinationReader, 'ofWebhook'>;
}

export const webhookDetail = async ({ auditLog, destinations }: WebhookDetailDeps, webhook: Webhook) => {
  const [entries, statuses, digestOf] = await Promise.all([
    auditLog.chain(webhookChain(webhook.webhookId, webhook.timestamp), LIMITS.listLimitMax),
    destinations.ofWebhook(webhook),
    createFindDigest(auditLog),
  ]);
  const audit = [];
  for (const entry of entries) audit.push({ ...auditJson(entry), digest: await digestOf(entry.position) });
  const { events, handlers, history = [], present } = webhook.effects;
  return {
    ...webhookJson(webhook),
    headers: webhook.headers,
    events: events.map(({ destinations: _, ...event }, index) => ({ eventId: eventIdOf(webhook, index), ...event })),
    handlers: handlers.map((effect) => handlerJson(webhook, effect)),
    destinations: statuses.map(destinationJson),
    ...(present === undefined ? {} : { present: present.map(presentJson) }),
    history: history.map(attemptJson),
    audit,
  };
};
