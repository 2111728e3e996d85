/** Pages out of what only a look-up for each webhook of a list can tell: a few at a time, and no more than a bound. */
import { LIMITS } from '../core/limits.ts';
import { type Looked, type Page, type PageRequest, pageOf } from '../core/page.ts';
import type { WebhookSummary } from '../core/webhook.ts';

export interface WalkedWebhook {
  readonly webhook: WebhookSummary;
  readonly cursor: string;
}

export interface Walk<Item> {
  readonly list: (request: PageRequest) => Promise<Page<WebhookSummary>>;
  /** `after` is a cursor of `list`. */
  readonly request: PageRequest;
  /** What the page begins with, before anything is listed. */
  readonly begun?: readonly Looked<Item>[];
  readonly itemsOf: (walked: WalkedWebhook) => Promise<readonly Looked<Item>[]>;
  /** The cursor of a page that ends behind a webhook. */
  readonly cursorOf: (cursor: string) => string;
}

/** Webhooks that are looked up at a time. */
const AT_ONCE_MAX = 25;

export const walkWebhooks = async <Item>(walk: Walk<Item>): Promise<Page<Item>> => {
  const { list, request, begun = [], itemsOf, cursorOf } = walk;
  const { limit, lookAtMax = LIMITS.entriesLookedAtMax } = request;
  const found: Looked<Item>[] = [...begun];
  let after = request.after;
  for (let lookedAt = 0; ; ) {
    const { items, cursors, next, scannedUntil } = await list({
      limit: Math.min(AT_ONCE_MAX, lookAtMax - lookedAt),
      after,
    });
    const walked = items.map((webhook, index) => itemsOf({ webhook, cursor: cursors[index] ?? '' }));
    found.push(...(await Promise.all(walked)).flat());
    lookedAt += items.length;
    if (found.length > limit || next === null) return pageOf(found, limit, null);
    const at = scannedUntil ?? items.at(-1)?.receivedAt;
    if (at !== undefined && (scannedUntil !== null || lookedAt >= lookAtMax)) {
      return pageOf(found, limit, { cursor: cursorOf(next), at });
    }
    after = next;
  }
};
