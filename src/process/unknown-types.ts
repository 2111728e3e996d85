/** Webhooks of a type that nobody had heard of: it may be about money, so each is counted, and a person is told once. */
import { LIMITS } from '../core/limits.ts';
import type { Alerts } from '../core/ports/alerts.ts';
import type { Metrics } from '../core/ports/metrics.ts';
import type { Webhook } from '../core/webhook.ts';

export interface UnknownTypesDeps {
  readonly alerts: Alerts;
  readonly metrics: Pick<Metrics, 'unknownType'>;
}

/** Returns `note(webhook)`. Each type is alarmed once by one process, and at most `LIMITS.unknownTypesMax` types are. */
export const createUnknownTypes = ({ alerts, metrics }: UnknownTypesDeps): ((webhook: Webhook) => void) => {
  const told = new Set<string>();
  return ({ provider, eventType, webhookId }) => {
    metrics.unknownType(provider);
    const type = JSON.stringify([provider, eventType]);
    if (told.has(type) || told.size >= LIMITS.unknownTypesMax) return;
    told.add(type);
    alerts.raise({
      kind: 'unknown_event_type',
      provider,
      webhookId,
      summary: `${provider} sent ${eventType}, which its catalogue did not have: see what it says, and whether it is about money (payhook webhooks list --unknown)`,
    });
  };
};
