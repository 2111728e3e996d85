/** What became of a webhook in the world, as JSON: handlers, destinations, attempts. Stable. */
import type { AttemptRecord } from '../core/attempts.ts';
import type { HandlerEffect } from '../core/effects.ts';
import type { PresentState } from '../core/present-state.ts';
import type { Webhook } from '../core/webhook.ts';
import type { DestinationStatus } from '../destinations/destination-queue.ts';
import { timeText } from './webhook-json.ts';

/** The id of an event of the webhook, counted from 0. */
export const eventIdOf = ({ webhookId }: Pick<Webhook, 'webhookId'>, index: number): string =>
  index === 0 ? webhookId : `${webhookId}#${index + 1}`;

export const handlerJson = (
  webhook: Pick<Webhook, 'webhookId'>,
  { handler, event, outcome, attempts }: HandlerEffect,
) => ({
  handler,
  eventId: event === null ? webhook.webhookId : eventIdOf(webhook, event),
  outcome,
  attempts,
});

export const destinationJson = (status: DestinationStatus) => ({
  ...status,
  enqueuedAt: timeText(status.enqueuedAt),
  changedAt: timeText(status.changedAt),
});

export const presentJson = (state: PresentState) => ({ ...state, at: timeText(state.at) });

export const attemptJson = (attempt: AttemptRecord) => ({
  ...attempt,
  at: timeText(attempt.at),
});
