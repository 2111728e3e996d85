/** `payhook webhooks replay --only <destination>`: its events go to one destination again; nothing else is done again. */

import type { CompleteConfig } from '../config/schema.ts';
import { PayhookError } from '../core/errors.ts';
import type { Webhook } from '../core/webhook.ts';
import type { ActingHome } from '../homes/operator-home.ts';
import { createReplayForDestination, describeReplayFor } from '../operate/replay-for-destination.ts';
import type { CommandContext } from './command-context.ts';
import type { ExitCode } from './report-failure.ts';

export const replayForDestination = async (
  context: CommandContext,
  home: ActingHome,
  webhook: Webhook,
  destination: { readonly name: string; readonly events: readonly string[] },
  options: { readonly reason?: string; readonly json?: boolean },
): Promise<ExitCode> => {
  const { webhookId } = webhook;
  const events = await createReplayForDestination(home)(webhook, destination, home.operator, options.reason ?? null);
  const { isDone, text } = describeReplayFor(destination.name, events);
  const outcome = isDone ? 'queued' : 'no_events';
  context.print(
    options.json === true
      ? JSON.stringify({ webhookId, destination: destination.name, outcome })
      : `${webhookId} ${text}`,
  );
  return isDone ? 0 : 1;
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
