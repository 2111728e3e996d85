/** What was put into the queue of one destination, and what became of it. The same in both homes: the webhooks lead to it. */
import { checkWebhookFilter } from '../core/match-webhook.ts';
import { cursorOf, type Page, readCursor } from '../core/page.ts';
import type { WebhookFilter, WebhookStore } from '../core/ports/webhook-store.ts';
import type { EpochMs, WebhookKey } from '../core/webhook.ts';
import type { DestinationReader, DestinationState, DestinationStatus } from '../destinations/destination-queue.ts';
import { type WalkedWebhook, walkWebhooks } from './walk-webhooks.ts';

export interface ListEntriesDeps {
  readonly store: Pick<WebhookStore, 'list'>;
  readonly destinations: Pick<DestinationReader, 'ofWebhook'>;
}

export interface EntriesQuery extends WebhookFilter {
  readonly destination: string;
  readonly state?: readonly DestinationState[] | undefined;
}

export interface ListedEntry extends DestinationStatus, WebhookKey {
  readonly provider: string;
  readonly eventType: string;
  readonly receivedAt: EpochMs;
}

const LIST = 'entries';

/** Of the newest webhooks first, within one in the order of its events. Throws `usage_wrong` for a query that nothing can meet. */
export const createListDestinationEntries =
  ({ store, destinations }: ListEntriesDeps) =>
  async ({ state, after, ...query }: EntriesQuery): Promise<Page<ListedEntry>> => {
    checkWebhookFilter(query);
    // An entry is found again by the webhook before its own, and by its event.
    const [before, lastEvent] = after === undefined ? ['', ''] : readCursor(LIST, after, ['string', 'string'] as const);
    const start = before === '' ? undefined : before;
    const itemsOf = async ({ webhook, before: place = '' }: WalkedWebhook) => {
      const entries = (await destinations.ofWebhook(webhook)).filter((one) => one.destination === query.destination);
      const seen = place === before ? entries.findIndex(({ eventId }) => eventId === lastEvent) + 1 : 0;
      const { webhookId, timestamp, provider, eventType, receivedAt } = webhook;
      return entries
        .slice(seen)
        .filter((entry) => state?.includes(entry.state) !== false)
        .map((entry) => ({
          item: { ...entry, webhookId, timestamp, provider, eventType, receivedAt },
          at: receivedAt,
          cursor: cursorOf(LIST, place, entry.eventId),
        }));
    };
    return walkWebhooks({
      list: (request) => store.list({ ...query, ...request }),
      request: { ...query, after: start },
      itemsOf,
      cursorOf: (cursor) => cursorOf(LIST, cursor, ''),
    });
  };
