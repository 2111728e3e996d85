/** When the events of a payment came to us, and what they were to us: the other clock beside the one of its provider. */
import { LIMITS } from '../core/limits.ts';
import type { PaymentView } from '../payments/payment.ts';
import { eventIdOf } from './effect-json.ts';
import { createListWebhooks, type ListWebhooksDeps } from './list-webhooks.ts';
import { timeText } from './webhook-json.ts';

/** One for each event of its history whose webhook is still there. */
export type ArrivalJson = Awaited<ReturnType<ReturnType<typeof createFindArrivals>>>[number];

/** A payment has `LIMITS.paymentEventsMax` events at most: all of their webhooks are on one page. */
export const createFindArrivals = (deps: ListWebhooksDeps) => {
  const list = createListWebhooks(deps);
  return async ({ provider, paymentId, history }: PaymentView) => {
    const { items } = await list({ payment: paymentId, provider, limit: LIMITS.listLimitMax });
    const known = new Set(history.map(({ eventId }) => eventId));
    return items.flatMap((webhook) =>
      webhook.effects.events
        .map(({ news }, index) => ({ eventId: eventIdOf(webhook, index), news }))
        .filter(({ eventId }) => known.has(eventId))
        .map(({ eventId, news }) => ({
          eventId,
          news,
          webhookId: webhook.webhookId,
          receivedAt: timeText(webhook.receivedAt),
          status: webhook.status,
        })),
    );
  };
};
