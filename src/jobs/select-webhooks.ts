/** Which webhooks a job is about, and what can be done with each. */
import { LIMITS } from '../core/limits.ts';
import { checkWebhookFilter, matchesFilter, wasPutFor } from '../core/match-webhook.ts';
import type { WebhookStore } from '../core/ports/webhook-store.ts';
import { type EpochMs, UNPARSABLE_EVENT_TYPE, type WebhookSummary } from '../core/webhook.ts';
import type { DestinationReader } from '../destinations/destination-queue.ts';
import { createListWebhooks } from '../operate/list-webhooks.ts';
import type { PaymentStore } from '../payments/payment-store.ts';
import type { Impossible, JobFilter, JobWork } from './job.ts';

export interface SelectDeps {
  readonly store: Pick<WebhookStore, 'list' | 'find'>;
  readonly payments: Pick<PaymentStore, 'find'>;
  readonly destinations: Pick<DestinationReader, 'ofWebhook'>;
}

export interface Selected {
  readonly webhook: WebhookSummary;
  /** Of a resend: the events that were given up. */
  readonly eventIds?: readonly string[];
}

export interface Selection {
  readonly possible: readonly Selected[];
  readonly impossible: readonly Impossible[];
  readonly scannedUntil: EpochMs | null;
}

/** Webhooks whose entries are looked up at a time. */
const AT_ONCE_MAX = 25;

/** Newest first, `LIMITS.jobWebhooksMax` at most. Throws `usage_wrong` for a filter that nothing can meet. */
export const createSelectWebhooks =
  (deps: SelectDeps) =>
  async (work: JobWork, { ids, ...filter }: JobFilter): Promise<Selection> => {
    const { webhooks, scannedUntil, others } =
      ids === undefined ? await walk(deps, work, filter) : await lookUp(deps, filter, ids);
    const possible: Selected[] = [];
    const impossible = new Map<Impossible['why'], string[]>(others);
    for (let at = 0; at < webhooks.length; at += AT_ONCE_MAX) {
      const some = webhooks.slice(at, at + AT_ONCE_MAX);
      const judged = await Promise.all(some.map((webhook) => judge(deps, work, webhook)));
      for (const [index, one] of judged.entries()) {
        if (typeof one !== 'string') possible.push(one);
        else impossible.set(one, [...(impossible.get(one) ?? []), some[index]?.webhookId ?? '']);
      }
    }
    const reasons = [...impossible].map(
      ([why, ids]): Impossible => ({ why, webhooks: ids.length, examples: ids.slice(0, LIMITS.jobExamplesMax) }),
    );
    return { possible, impossible: reasons, scannedUntil };
  };

interface Meant {
  readonly webhooks: readonly WebhookSummary[];
  readonly scannedUntil: EpochMs | null;
  /** Named, and not to be judged: by why. */
  readonly others: readonly (readonly [Impossible['why'], string[]])[];
}

/** Each that was named is part of the preview, also where nothing can be done with it. */
const lookUp = async (
  { store }: SelectDeps,
  filter: Omit<JobFilter, 'ids'>,
  named: readonly string[],
): Promise<Meant> => {
  const asked = { ...filter, limit: 1 };
  checkWebhookFilter(asked);
  const { since = -Infinity, until } = filter;
  const ids = [...new Set(named)];
  const matches = matchesFilter(asked);
  const found = await Promise.all(ids.map((id) => store.find(id)));
  const all = found.flat().map(({ payload: _, headers: __, ...webhook }): WebhookSummary => webhook);
  const [meant = [], notMeant = []] = [true, false].map((isMeant) =>
    all.filter((one) => (one.receivedAt >= since && one.receivedAt < until && matches(one)) === isMeant),
  );
  const missing = ids.filter((_, index) => found[index]?.length === 0);
  return {
    webhooks: meant.toSorted((a, b) => b.receivedAt - a.receivedAt),
    scannedUntil: null,
    others: [
      ...(missing.length === 0 ? [] : [['not_there', missing] as const]),
      ...(notMeant.length === 0 ? [] : [['not_meant', notMeant.map(({ webhookId }) => webhookId)] as const]),
    ],
  };
};

const walk = async (deps: SelectDeps, work: JobWork, filter: Omit<JobFilter, 'ids'>): Promise<Meant> => {
  const list = createListWebhooks(deps);
  const isMeant = (webhook: WebhookSummary): boolean => work.kind !== 'resend' || wasPutFor(work.destination, webhook);
  const webhooks: WebhookSummary[] = [];
  for (let after: string | undefined; ; ) {
    const page = await list({ ...filter, limit: LIMITS.listLimitMax, after });
    webhooks.push(...page.items.filter(isMeant));
    if (webhooks.length > LIMITS.jobWebhooksMax) {
      const taken = webhooks.slice(0, LIMITS.jobWebhooksMax);
      return { webhooks: taken, scannedUntil: taken.at(-1)?.receivedAt ?? null, others: [] };
    }
    if (page.next === null || page.scannedUntil !== null)
      return { webhooks, scannedUntil: page.scannedUntil, others: [] };
    after = page.next;
  }
};

const judge = async (
  { destinations }: SelectDeps,
  work: JobWork,
  webhook: WebhookSummary,
): Promise<Selected | Impossible['why']> => {
  switch (work.kind) {
    case 'redrive':
      return webhook.eventType === UNPARSABLE_EVENT_TYPE ? 'unparsable' : { webhook };
    case 'replay':
      if (webhook.eventType === UNPARSABLE_EVENT_TYPE) return 'unparsable';
      if (webhook.status === 'received') return 'waits_already';
      return work.only === null || webhook.effects.handlers.some(({ handler }) => handler === work.only)
        ? { webhook }
        : 'not_given_to_handler';
    case 'resend': {
      const eventIds = (await destinations.ofWebhook(webhook))
        .filter(({ destination, state }) => destination === work.destination && state === 'given_up')
        .map(({ eventId }) => eventId);
      return eventIds.length === 0 ? 'none_given_up' : { webhook, eventIds };
    }
    default:
      return work satisfies never;
  }
};
