/** The events of a webhook go to one destination again; nothing else of it is done again. Audited before anything is put. */
import { OPERATORS_CHAIN } from '../audit/audit.ts';
import type { AuditAppend } from '../audit/audit-log.ts';
import { toldBefore } from '../audit/told-before.ts';
import type { Clock } from '../core/ports/clock.ts';
import { screenText } from '../core/screen-text.ts';
import type { Actor, Webhook } from '../core/webhook.ts';
import type { DestinationEntry, DestinationOutbox } from '../destinations/destination-queue.ts';
import { isWanted } from '../payments/event-patterns.ts';
import { eventIdOf } from './effect-json.ts';

export interface ReplayForDestinationDeps {
  readonly auditLog: AuditAppend;
  readonly destinations: DestinationOutbox;
  readonly clock: Pick<Clock, 'now'>;
}

/** Resolves to how many events wait again: none where the destination wants none of them. */
export const createReplayForDestination =
  ({ auditLog, destinations, clock }: ReplayForDestinationDeps) =>
  async (
    webhook: Webhook,
    destination: { readonly name: string; readonly events: readonly string[] },
    actor: Actor,
    reason: string | null,
  ): Promise<number> => {
    const { webhookId, timestamp, provider, traceId, effects } = webhook;
    const entries = effects.events.flatMap((event, index): DestinationEntry[] => {
      if (!isWanted(destination.events, event.type)) return [];
      const eventId = eventIdOf(webhook, index);
      return [{ webhookId, timestamp, destination: destination.name, eventId, provider, traceId, news: event.news }];
    });
    if (entries.length === 0) return 0;
    await toldBefore(
      { auditLog, clock },
      {
        chainId: OPERATORS_CHAIN,
        actor,
        event: 'REPLAYED',
        reason: screenText(reason ?? `only_destination_${destination.name}`),
        origin: { sourceAddress: null, requestId: null, traceId },
        resource: { type: 'webhook', id: webhookId },
        change: null,
        count: entries.length,
      },
      () => destinations.put(entries, clock.now()),
    );
    return entries.length;
  };

/** What follows the id of the webhook in a sentence. */
export const describeReplayFor = (
  destination: string,
  events: number,
): { readonly isDone: boolean; readonly text: string } =>
  events === 0
    ? { isDone: false, text: `has no event that ${destination} wants` }
    : { isDone: true, text: `waits again for ${destination}: ${events} ${events === 1 ? 'event' : 'events'}` };
