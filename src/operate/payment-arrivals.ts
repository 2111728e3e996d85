/** When the events of a payment came to us, what they were to us and what was done: the other clock beside its provider's. */
import { LIMITS } from '../core/limits.ts';
import type { PaymentView } from '../payments/payment.ts';
import { eventIdOf, handlerJson } from './effect-json.ts';
import { createListWebhooks, type ListWebhooksDeps } from './list-webhooks.ts';
import { timeText } from './webhook-json.ts';

/** One for each event of its history whose webhook is still there. */
export type ArrivalJson = Awaited<ReturnType<ReturnType<typeof createFindArrivals>>>[number];

/** Of the newest webhooks what became of their entries is looked up: each is a question of its own. */
const PASSED_ON_MAX = 50;

/** A payment has `LIMITS.paymentEventsMax` events at most: all of their webhooks are on one page. */
export const createFindArrivals = (deps: ListWebhooksDeps) => {
  const list = createListWebhooks(deps);
  return async ({ provider, paymentId, history }: PaymentView) => {
    const { items } = await list({ payment: paymentId, provider, limit: LIMITS.listLimitMax });
    const known = new Set(history.map(({ eventId }) => eventId));
    const ofEach = items.map(async (webhook, index) => {
      const { events, handlers } = webhook.effects;
      const isPassedOn = events.some(({ destinations = [] }) => destinations.length > 0);
      const entries = isPassedOn && index < PASSED_ON_MAX ? await deps.destinations.ofWebhook(webhook) : [];
      const called = handlers.map((effect) => handlerJson(webhook, effect));
      return events
        .map(({ news }, index) => ({ eventId: eventIdOf(webhook, index), news }))
        .filter(({ eventId }) => known.has(eventId))
        .map(({ eventId, news }) => ({
          eventId,
          news,
          webhookId: webhook.webhookId,
          receivedAt: timeText(webhook.receivedAt),
          status: webhook.status,
          handlers: called
            .filter((one) => one.eventId === eventId)
            .map(({ handler, outcome }) => ({ handler, outcome })),
          destinations: entries
            .filter((one) => one.eventId === eventId)
            .map(({ destination, state }) => ({ destination, state })),
        }));
    });
    return (await Promise.all(ofEach)).flat();
  };
};
