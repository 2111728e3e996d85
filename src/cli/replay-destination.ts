/** `payhook webhooks replay --only <destination>`: its events go to one destination again; nothing else is done again. */

import { OPERATORS_CHAIN } from '../audit/audit.ts';
import type { CompleteConfig } from '../config/schema.ts';
import { PayhookError } from '../core/errors.ts';
import { screenText } from '../core/screen-text.ts';
import type { Webhook } from '../core/webhook.ts';
import type { DestinationEntry } from '../destinations/destination-queue.ts';
import type { ActingHome } from '../homes/operator-home.ts';
import { eventIdOf } from '../operate/effect-json.ts';
import { isWanted } from '../payments/event-patterns.ts';
import type { CommandContext } from './command-context.ts';
import type { ExitCode } from './report-failure.ts';

export const replayForDestination = async (
  context: CommandContext,
  home: ActingHome,
  webhook: Webhook,
  destination: { readonly name: string; readonly events: readonly string[] },
  options: { readonly reason?: string; readonly json?: boolean },
): Promise<ExitCode> => {
  const { webhookId, timestamp, provider, traceId, effects } = webhook;
  const entries = effects.events.flatMap((event, index): DestinationEntry[] => {
    if (!isWanted(destination.events, event.type)) return [];
    const eventId = eventIdOf(webhook, index);
    return [{ webhookId, timestamp, destination: destination.name, eventId, provider, traceId, news: event.news }];
  });
  const at = context.clock.now();
  if (entries.length > 0) {
    await home.auditLog.append([
      {
        chainId: OPERATORS_CHAIN,
        at,
        actor: home.operator,
        event: 'REPLAYED',
        outcome: 'success',
        reason: screenText(options.reason ?? `only_destination_${destination.name}`),
        origin: { sourceAddress: null, requestId: null, traceId },
        resource: { type: 'webhook', id: webhookId },
        change: null,
        count: entries.length,
      },
    ]);
    await home.destinations.put(entries, at);
  }
  const outcome = entries.length > 0 ? 'queued' : 'no_events';
  const count = `${entries.length} ${entries.length === 1 ? 'event' : 'events'}`;
  const said =
    entries.length > 0
      ? `waits again for ${destination.name}: ${count}`
      : `has no event that ${destination.name} wants`;
  context.print(
    options.json === true
      ? JSON.stringify({ webhookId, destination: destination.name, outcome })
      : `${webhookId} ${said}`,
  );
  return entries.length > 0 ? 0 : 1;
};

/** Neither a handler that this webhook was given to, nor a destination. */
export const notReplayed = (
  webhook: Webhook,
  only: string,
  config: Pick<CompleteConfig, 'destinations'>,
): PayhookError => {
  const handlers = [...new Set(webhook.effects.handlers.map(({ handler }) => handler))];
  const names = [...handlers, ...Object.keys(config.destinations)];
  return new PayhookError(
    'not_found',
    `${only} is neither a handler that ${webhook.webhookId} was given to, nor a destination: use ${names.join(', ') || 'replay without --only'}`,
  );
};
