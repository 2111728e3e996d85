/** Lists of webhooks by what they led to, where the list of the store cannot know it. The same in both homes. */
import { PayhookError } from '../core/errors.ts';
import { hashedId } from '../core/hashed-id.ts';
import { checkWebhookFilter, matchesFilter } from '../core/match-webhook.ts';
import {
  cursorOf,
  type Looked,
  type Page,
  type PageOfMany,
  type PageRequest,
  pageOfAll,
  readCursor,
} from '../core/page.ts';
import type { WebhookFilter, WebhookStore } from '../core/ports/webhook-store.ts';
import { type BriefWebhook, keyText, type Webhook, type WebhookSummary } from '../core/webhook.ts';
import type { DestinationReader, DestinationState, DestinationStatus } from '../destinations/destination-queue.ts';
import type { PaymentStore, StoredPayment } from '../payments/payment-store.ts';
import { webhookIdsOf } from '../payments/webhooks-of-payment.ts';
import { walkWebhooks } from './walk-webhooks.ts';

export interface ListWebhooksDeps {
  readonly store: Pick<WebhookStore, 'list' | 'find'>;
  readonly payments: Pick<PaymentStore, 'find'>;
  readonly destinations: Pick<DestinationReader, 'ofWebhook'>;
}

export interface WebhookQuery extends WebhookFilter {
  /** Any name of a payment: only webhooks whose events are part of it. */
  readonly payment?: string | undefined;
  /** What became of one of its entries for `destination`, which has to be named then. */
  readonly entryState?: DestinationState | undefined;
}

/** Throws `usage_wrong` for a query that nothing can meet, `not_found` for a payment that is not there. */
export const createListWebhooks =
  (deps: ListWebhooksDeps) =>
  async ({ entryState, payment, ...filter }: WebhookQuery): Promise<Page<WebhookSummary>> => {
    checkWebhookFilter(filter);
    const list = (request: PageRequest): Promise<Page<WebhookSummary>> =>
      payment === undefined
        ? deps.store.list({ ...filter, ...request })
        : listOfPayment(deps, { ...filter, ...request }, payment);
    const { destination } = filter;
    if (entryState === undefined) return list(filter);
    if (destination === undefined) throw new PayhookError('usage_wrong', 'name the destination too');
    const isMeant = (one: DestinationStatus): boolean => one.destination === destination && one.state === entryState;
    return walkWebhooks({
      list,
      request: filter,
      itemsOf: async ({ webhook, cursor }) =>
        (await deps.destinations.ofWebhook(webhook)).some(isMeant)
          ? [{ item: webhook, at: webhook.receivedAt, cursor }]
          : [],
      cursorOf: (cursor) => cursor,
    });
  };

/** The same webhooks, in brief: for ten thousand of them. */
export const createListBrief = (
  deps: ListWebhooksDeps & { readonly store: Pick<WebhookStore, 'listBrief'> },
): ((query: WebhookQuery) => Promise<PageOfMany<BriefWebhook>>) => {
  const list = createListWebhooks(deps);
  return async (query) => {
    if (query.entryState !== undefined || query.payment !== undefined) return list(query);
    checkWebhookFilter(query);
    return deps.store.listBrief(query);
  };
};

/** An id that looked like a card number is stored as its hash. */
export const findPayments = async (
  payments: Pick<PaymentStore, 'find'>,
  id: string,
): Promise<readonly StoredPayment[]> => {
  const asGiven = await payments.find(id);
  return asGiven.length > 0 ? asGiven : payments.find(hashedId(id));
};

/** The same; throws `not_found` when there is none. */
export const paymentsNamed = async (
  payments: Pick<PaymentStore, 'find'>,
  id: string,
): Promise<readonly StoredPayment[]> => {
  const found = await findPayments(payments, id);
  if (found.length > 0) return found;
  throw new PayhookError('not_found', `there is no payment ${id}: payhook payments list shows them`);
};

/** Webhooks of one payment that are looked up at a time. */
const AT_ONCE_MAX = 25;

/** A payment has `LIMITS.paymentEventsMax` events at most: all of their webhooks are at hand. */
const listOfPayment = async (
  { store, payments }: Pick<ListWebhooksDeps, 'store' | 'payments'>,
  query: WebhookFilter,
  payment: string,
): Promise<Page<WebhookSummary>> => {
  const found = await paymentsNamed(payments, payment);
  const ids = [...new Set(found.flatMap(({ payment: view }) => webhookIdsOf(view)))];
  const webhooks: Webhook[] = [];
  while (ids.length > 0) {
    const next = await Promise.all(ids.splice(0, AT_ONCE_MAX).map((id) => store.find(id)));
    webhooks.push(...next.flat());
  }
  return pageOfAll(newestFirst(webhooks, query), matchesFilter(query), query);
};

const LIST = 'webhooks-of-payment';

const newestFirst = (
  webhooks: readonly Webhook[],
  { since, until, after }: WebhookFilter,
): readonly Looked<WebhookSummary>[] => {
  const [afterAt, afterKey] =
    after === undefined ? [Infinity, ''] : readCursor(LIST, after, ['number', 'string'] as const);
  return webhooks
    .map(({ payload: _, headers: __, ...item }) => ({ item, at: item.receivedAt, key: keyText(item) }))
    .filter(({ at }) => (since === undefined || at >= since) && (until === undefined || at < until))
    .filter(({ at, key }) => at < afterAt || (at === afterAt && key < afterKey))
    .sort((a, b) => b.at - a.at || (a.key < b.key ? 1 : -1))
    .map(({ item, at, key }) => ({ item, at, cursor: cursorOf(LIST, at, key) }));
};
