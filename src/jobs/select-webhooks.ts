/** Which webhooks a job is about, and what can be done with each. */
import { LIMITS } from '../core/limits.ts';
import { checkWebhookFilter, matchesFilter, wasPutFor } from '../core/match-webhook.ts';
import type { WebhookStore } from '../core/ports/webhook-store.ts';
import { screenText } from '../core/screen-text.ts';
import { type BriefWebhook, type EpochMs, UNPARSABLE_EVENT_TYPE, type WebhookSummary } from '../core/webhook.ts';
import type { DestinationReader } from '../destinations/destination-queue.ts';
import { createListBrief } from '../operate/list-webhooks.ts';
import type { PaymentStore } from '../payments/payment-store.ts';
import type { Impossible, JobFilter, JobWork } from './job.ts';

export interface SelectDeps {
  readonly store: Pick<WebhookStore, 'list' | 'listBrief' | 'find'>;
  readonly payments: Pick<PaymentStore, 'find'>;
  readonly destinations: Pick<DestinationReader, 'ofWebhook'>;
}

export interface Selected {
  readonly webhook: BriefWebhook;
  /** Of a resend: the events that were given up. */
  readonly eventIds?: readonly string[];
}

export interface Selection {
  readonly impossible: readonly Impossible[];
  readonly scannedUntil: EpochMs | null;
}

/** Webhooks whose entries are looked up at a time. */
const AT_ONCE_MAX = 25;

/**
 * Newest first, `LIMITS.jobWebhooksMax` at most. What something can be done with is handed to `take`, page by page. Throws
 * `usage_wrong` for a filter that nothing can meet.
 */
export const createSelectWebhooks =
  (deps: SelectDeps) =>
  async (
    work: JobWork,
    { ids, ...filter }: JobFilter,
    take: (some: readonly Selected[]) => Promise<void>,
  ): Promise<Selection> => {
    const impossible = new Map<Impossible['why'], Impossible>();
    const leaveOut = (why: Impossible['why'], webhookId: string): void => {
      const { webhooks, examples } = impossible.get(why) ?? { webhooks: 0, examples: [] };
      const shown = examples.length < LIMITS.jobExamplesMax ? [...examples, screenText(webhookId)] : examples;
      impossible.set(why, { why, webhooks: webhooks + 1, examples: shown });
    };
    const judgeAll = async (webhooks: readonly BriefWebhook[]): Promise<void> => {
      const possible: Selected[] = [];
      for (const [index, one] of (await judgePage(deps, work, webhooks)).entries()) {
        if (typeof one !== 'string') possible.push(one);
        else leaveOut(one, webhooks[index]?.webhookId ?? '');
      }
      await take(possible);
    };
    if (ids === undefined) {
      const scannedUntil = await walk(deps, work, filter, judgeAll);
      return { impossible: [...impossible.values()], scannedUntil };
    }
    const { meant, missing, notMeant } = await lookUp(deps, filter, ids);
    for (const id of missing) leaveOut('not_there', id);
    for (const { webhookId } of notMeant) leaveOut('not_meant', webhookId);
    await judgeAll(meant);
    return { impossible: [...impossible.values()], scannedUntil: null };
  };

/** Each that was named is part of the preview, also where nothing can be done with it. */
interface Named {
  readonly meant: readonly WebhookSummary[];
  readonly missing: readonly string[];
  /** There, but not what else is asked for. */
  readonly notMeant: readonly WebhookSummary[];
}

const lookUp = async (
  { store }: SelectDeps,
  filter: Omit<JobFilter, 'ids'>,
  named: readonly string[],
): Promise<Named> => {
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
  return {
    meant: meant.toSorted((a, b) => b.receivedAt - a.receivedAt),
    missing: ids.filter((_, index) => found[index]?.length === 0),
    notMeant,
  };
};

/** Returns how far it looked; null for all. */
const walk = async (
  deps: SelectDeps,
  work: JobWork,
  filter: Omit<JobFilter, 'ids'>,
  take: (webhooks: readonly BriefWebhook[]) => Promise<void>,
): Promise<EpochMs | null> => {
  const list = createListBrief(deps);
  const isMeant = (webhook: BriefWebhook): boolean => work.kind !== 'resend' || wasPutFor(work.destination, webhook);
  let left = LIMITS.jobWebhooksMax;
  let lastAt: EpochMs | null = null;
  for (let after: string | undefined; ; ) {
    const { items, next, scannedUntil } = await list({ ...filter, limit: LIMITS.listLimitMax, after });
    const meant = items.filter(isMeant);
    const taken = meant.slice(0, left);
    await take(taken);
    left -= taken.length;
    lastAt = taken.at(-1)?.receivedAt ?? lastAt;
    if (meant.length > taken.length) return lastAt;
    if (next === null || scannedUntil !== null) return scannedUntil;
    after = next;
  }
};

const judgePage = async (
  { destinations }: SelectDeps,
  work: JobWork,
  webhooks: readonly BriefWebhook[],
): Promise<readonly (Selected | Impossible['why'])[]> => {
  if (work.kind !== 'resend') return webhooks.map((webhook) => judge(work, webhook));
  const judged: (Selected | Impossible['why'])[] = [];
  for (let at = 0; at < webhooks.length; at += AT_ONCE_MAX) {
    const some = webhooks.slice(at, at + AT_ONCE_MAX);
    judged.push(...(await Promise.all(some.map((webhook) => judgeResend(destinations, work.destination, webhook)))));
  }
  return judged;
};

const judge = (work: Exclude<JobWork, { kind: 'resend' }>, webhook: BriefWebhook): Selected | Impossible['why'] => {
  if (webhook.eventType === UNPARSABLE_EVENT_TYPE) return 'unparsable';
  if (work.kind === 'redrive') return { webhook };
  if (webhook.status === 'received') return 'waits_already';
  return work.only === null || webhook.effects.handlers.some(({ handler }) => handler === work.only)
    ? { webhook }
    : 'not_given_to_handler';
};

const judgeResend = async (
  destinations: SelectDeps['destinations'],
  name: string,
  webhook: BriefWebhook,
): Promise<Selected | Impossible['why']> => {
  const eventIds = (await destinations.ofWebhook(webhook))
    .filter(({ destination, state }) => destination === name && state === 'given_up')
    .map(({ eventId }) => eventId);
  return eventIds.length === 0 ? 'none_given_up' : { webhook, eventIds };
};
