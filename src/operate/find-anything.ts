/** Finds what an id leads to, whatever kind of id: first where an index knows it, then among what came last. */
import { hashedId } from '../core/hashed-id.ts';
import { LIMITS } from '../core/limits.ts';
import type { WebhookStore } from '../core/ports/webhook-store.ts';
import { SECOND_MS } from '../core/time.ts';
import type { EpochMs, Webhook, WebhookSummary } from '../core/webhook.ts';
import type { PaymentStore, StoredPayment } from '../payments/payment-store.ts';
import { findPayments } from './list-webhooks.ts';

export interface FindAnythingDeps {
  readonly store: Pick<WebhookStore, 'find' | 'list'>;
  readonly payments: Pick<PaymentStore, 'find' | 'list'>;
  /** Names of all providers: an id of an event says none. */
  readonly providers: readonly string[];
}

export interface Found {
  readonly webhooks: readonly WebhookSummary[];
  readonly payments: readonly StoredPayment[];
  /** Nothing older was looked at, for an id that no index knows; null when that was not necessary, or everything was. */
  readonly scannedUntil: EpochMs | null;
}

export const createFindAnything =
  (deps: FindAnythingDeps) =>
  async (id: string): Promise<Found> => {
    const [webhooks, payments] = await Promise.all([webhooksById(deps, id), findPayments(deps.payments, id)]);
    if (webhooks.length > 0 || payments.length > 0) return { webhooks, payments, scannedUntil: null };
    const traced = await webhooksByTrace(deps, id);
    return traced.length > 0 ? { webhooks: traced, payments: [], scannedUntil: null } : lookBack(deps, id);
  };

/** With its provider or without; what was long, odd or looked like a card number is stored as its hash. */
const webhooksById = async ({ store, providers }: FindAnythingDeps, id: string): Promise<readonly WebhookSummary[]> => {
  const colon = id.indexOf(':');
  const provider = providers.find((name) => id.startsWith(`${name}:`));
  const keys = provider === undefined ? [id, hashedId(id)] : [id.slice(colon + 1), hashedId(id.slice(colon + 1))];
  const names = provider === undefined ? providers : [provider];
  const ids = [...new Set(names.flatMap((name) => keys.map((key) => `${name}:${key}`)))];
  const found = await Promise.all(ids.map((webhookId) => store.find(webhookId)));
  return found.flat().map(summaryOf);
};

const summaryOf = ({ payload: _, headers: __, ...summary }: Webhook): WebhookSummary => summary;

/** A trace begins a moment before its webhook is received, and ends with the answer. */
const TRACE_BEFORE_MS = 2 * SECOND_MS;
const TRACE_AFTER_MS = 15 * SECOND_MS;

/** A trace id begins with its time: a UUID of version 7 in milliseconds, one of X-Ray in seconds. */
const beginOfTrace = (id: string): EpochMs | null => {
  const uuid = /^([0-9a-f]{8})-([0-9a-f]{4})-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/.exec(id);
  if (uuid !== null) return Number.parseInt(`${uuid[1]}${uuid[2]}`, 16);
  const xray = /^1-([0-9a-f]{8})-[0-9a-f]{24}$/.exec(id);
  return xray === null ? null : Number.parseInt(String(xray[1]), 16) * SECOND_MS;
};

const webhooksByTrace = async ({ store }: FindAnythingDeps, id: string): Promise<readonly WebhookSummary[]> => {
  const at = beginOfTrace(id);
  if (at === null) return [];
  const found: WebhookSummary[] = [];
  const within = { since: at - TRACE_BEFORE_MS, until: at + TRACE_AFTER_MS, limit: LIMITS.listLimitMax };
  for (let after: string | undefined, looked = 0; looked < LIMITS.listLookedAtMax; ) {
    const { items, next } = await store.list({ ...within, after });
    found.push(...items.filter(({ traceId }) => traceId === id));
    looked += items.length;
    if (next === null) break;
    after = next;
  }
  return found;
};

/** What belongs to payments, and what webhooks are about. */
const lookBack = async ({ store, payments }: FindAnythingDeps, id: string): Promise<Found> => {
  const request = { limit: LIMITS.findMax, lookAtMax: LIMITS.findLookedAtMax };
  const [related, about] = await Promise.all([
    payments.list({ ...request, related: id }),
    store.list({ ...request, objectId: id }),
  ]);
  const ends = [related.scannedUntil, about.scannedUntil].filter((end) => end !== null);
  return {
    webhooks: about.items,
    payments: related.items,
    scannedUntil: ends.length === 0 ? null : Math.max(...ends),
  };
};
