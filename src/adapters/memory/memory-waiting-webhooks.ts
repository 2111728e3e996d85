/** Webhooks that wait, looked for in any store: for a store in memory whose queue is kept apart from it. */
import { LIMITS } from '../../core/limits.ts';
import type { WaitingWebhooks } from '../../core/ports/waiting-webhooks.ts';
import type { WebhookStore } from '../../core/ports/webhook-store.ts';
import { isWaiting } from '../../core/status.ts';
import { type EpochMs, keyText, type WebhookKey } from '../../core/webhook.ts';

const PAGE_MAX = 100;

/** Looks at everything that is stored, which nothing but memory can afford; `LIMITS.listLimitMax` webhooks at most. */
export const createMemoryWaitingWebhooks = (
  store: Pick<WebhookStore, 'list'>,
  pageMax: number = PAGE_MAX,
): WaitingWebhooks => {
  /** Pages that were finished and are not looked at again until all were. */
  const finished = new Set<string>();
  return {
    async *walk(until: EpochMs) {
      const { items: webhooks } = await store.list({ until, limit: LIMITS.listLimitMax });
      const waiting = webhooks
        .filter((webhook) => isWaiting(webhook.status) && !finished.has(keyText(webhook)))
        .map(({ webhookId, timestamp }): WebhookKey => ({ webhookId, timestamp }));
      while (waiting.length > 0) {
        const page = waiting.splice(0, pageMax);
        yield page;
        for (const key of page) finished.add(keyText(key));
      }
      finished.clear();
    },
  };
};
