/** What was put into the queue of one destination, and what became of it. The same in both homes: the webhooks lead to it. */
import { checkWebhookFilter } from '../core/match-webhook.ts';
import { cursorOf, type Looked, type Page, readCursor } from '../core/page.ts';
import type { WebhookFilter, WebhookStore } from '../core/ports/webhook-store.ts';
import type { EpochMs, WebhookKey } from '../core/webhook.ts';
import type { DestinationReader, DestinationState, DestinationStatus } from '../destinations/destination-queue.ts';
import { type WalkedWebhook, walkWebhooks } from './walk-webhooks.ts';
import { timeText } from './webhook-json.ts';

export interface ListEntriesDeps {
  readonly store: Pick<WebhookStore, 'list' | 'get'>;
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

/** As JSON, for `--json` and for the console. Stable. */
export const entryJson = ({ timestamp: _, ...entry }: ListedEntry) => ({
  ...entry,
  enqueuedAt: timeText(entry.enqueuedAt),
  changedAt: timeText(entry.changedAt),
  receivedAt: timeText(entry.receivedAt),
});

const LIST = 'entries';

/** Of the newest webhooks first, within one in the order of its events. Throws `usage_wrong` for a query that nothing can meet. */
export const createListDestinationEntries =
  ({ store, destinations }: ListEntriesDeps) =>
  async ({ state, after, ...query }: EntriesQuery): Promise<Page<ListedEntry>> => {
    checkWebhookFilter(query);
    const itemsOf = async ({ webhook, cursor }: WalkedWebhook): Promise<readonly Looked<ListedEntry>[]> => {
      const { webhookId, timestamp, provider, eventType, receivedAt } = webhook;
      return (await destinations.ofWebhook(webhook))
        .filter((entry) => entry.destination === query.destination && state?.includes(entry.state) !== false)
        .map((entry) => ({
          item: { ...entry, webhookId, timestamp, provider, eventType, receivedAt },
          at: receivedAt,
          cursor: cursorOf(LIST, cursor, webhookId, timestamp, entry.eventId),
        }));
    };
    const [cursor, webhookId, timestamp, eventId] = after === undefined ? NO_PLACE : readCursor(LIST, after, PLACE);
    const inside = eventId === '' ? undefined : await store.get({ webhookId, timestamp });
    const itsItems = inside === undefined ? [] : await itemsOf({ webhook: inside, cursor });
    return walkWebhooks({
      list: (request) => store.list({ ...query, ...request }),
      request: { ...query, after: cursor === '' ? undefined : cursor },
      begun: itsItems.filter(({ item }) => isBehind(item.eventId, eventId)),
      itemsOf,
      cursorOf: (place) => cursorOf(LIST, place, '', 0, ''),
    });
  };

/** The cursor of the webhook, and which of its events it was: a page may end inside of a webhook. */
const PLACE = ['string', 'string', 'number', 'string'] as const;
const NO_PLACE = ['', '', 0, ''] as const;

/** The first event of a webhook has its id, and others a number after it: `#10` comes after `#2`. */
const isBehind = (eventId: string, other: string): boolean =>
  eventId.length > other.length || (eventId.length === other.length && eventId > other);
