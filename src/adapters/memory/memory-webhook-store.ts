/** The webhook store in memory: insert, audit entry and queue entry are one step. */
import assert from 'node:assert/strict';
import { entriesForInsert, entryForChange } from '../../audit/entries.ts';
import { matchesFilter, statusesOf } from '../../core/match-webhook.ts';
import { cursorOf, type Page, pageOfAll, readCursor } from '../../core/page.ts';
import type { Claim } from '../../core/ports/queue.ts';
import {
  type ChangeOutcome,
  type Insertion,
  type InsertOutcome,
  type StatusChange,
  stateWhenInserted,
  type WebhookFilter,
  type WebhookStore,
} from '../../core/ports/webhook-store.ts';
import { isTransitionAllowed, isWaiting } from '../../core/status.ts';
import { keyText, type Webhook, type WebhookKey, type WebhookSummary } from '../../core/webhook.ts';
import { completeClaim, putOnQueue, rescheduleClaim } from './memory-queue.ts';
import { appendEntries, type MemoryState } from './memory-state.ts';

export const createMemoryWebhookStore = (state: MemoryState): WebhookStore => ({
  insert: async (insertion) => insert(state, insertion),
  get: async (key) => structuredClone(state.webhooks.get(keyText(key))),
  find: async (webhookId) =>
    structuredClone([...state.webhooks.values()].filter((webhook) => webhook.webhookId === webhookId)).sort(
      (a, b) => b.timestamp - a.timestamp,
    ),
  change: async (key, revision, change, claim) => changeStatus(state, key, revision, change, claim),
  list: async (filter) => list(state, filter),
  listBrief: async (filter) => list(state, filter),
});

/** Whether this transmission was seen with another body; remembers it when it is new. */
const isConflict = (state: MemoryState, { webhook, transmission }: Insertion): boolean => {
  if (transmission === null) return false;
  const name = JSON.stringify([webhook.provider, transmission.id]);
  const seen = state.transmissions.get(name);
  if (seen === undefined) state.transmissions.set(name, webhook.bodySha256);
  return seen !== undefined && seen !== webhook.bodySha256;
};

const insert = (state: MemoryState, insertion: Insertion): InsertOutcome => {
  const { webhook, status } = insertion;
  if (isConflict(state, insertion)) return { outcome: 'conflict' };

  const stored = state.webhooks.get(keyText(webhook));
  if (stored !== undefined) {
    if (isWaiting(stored.status) && !state.queue.has(keyText(webhook))) putOnQueue(state, stored, webhook.receivedAt);
    return { outcome: 'duplicate', status: stored.status, isQueued: true, contentHash: stored.contentHash };
  }

  appendEntries(state, entriesForInsert(insertion));
  const inserted: Webhook = structuredClone({ ...webhook, ...stateWhenInserted(insertion) });
  state.webhooks.set(keyText(webhook), inserted);
  if (isWaiting(status)) putOnQueue(state, inserted, webhook.receivedAt);
  return { outcome: 'inserted', isQueued: true };
};

const changeStatus = (
  state: MemoryState,
  key: WebhookKey,
  revision: number,
  change: StatusChange,
  claim: Claim | undefined,
): ChangeOutcome => {
  const stored = state.webhooks.get(keyText(key));
  if (stored === undefined) return { outcome: 'missing' };
  if (stored.revision !== revision) return { outcome: 'stale' };
  assert(
    isTransitionAllowed(stored.status, change.status),
    `a webhook that is ${stored.status} may not become ${change.status}`,
  );

  appendEntries(state, [entryForChange(stored, change)]);
  const { status, attempts, lastError, nextAttemptAt, effects, changedAt, actor } = change;
  const changed: Webhook = {
    ...stored,
    status,
    attempts,
    lastError,
    nextAttemptAt,
    effects: structuredClone(effects),
    changedAt,
    changedBy: structuredClone(actor),
    revision: revision + 1,
  };
  state.webhooks.set(keyText(key), changed);
  return { outcome: 'changed', revision: changed.revision, isSettled: settle(state, changed, claim) };
};

/** A waiting status is claimable again at its time, an ended one leaves the queue; a lost claim is left alone. */
const settle = (state: MemoryState, changed: Webhook, claim: Claim | undefined): boolean => {
  if (changed.status === 'received') putOnQueue(state, changed, changed.changedAt);
  else if (claim === undefined) return false;
  else if (changed.status === 'retrying') rescheduleClaim(state, claim, changed.nextAttemptAt ?? changed.changedAt);
  else completeClaim(state, claim);
  return true;
};

const LIST = 'webhooks';

const list = (state: MemoryState, filter: WebhookFilter): Page<WebhookSummary> => {
  const { since, until, after } = filter;
  const [afterAt, afterPlace] =
    after === undefined ? [Infinity, Infinity] : readCursor(LIST, after, ['number', 'number'] as const);
  const statuses = statusesOf(filter);
  const newestFirst = [...state.webhooks.values()]
    .map(({ payload: _, headers: __, ...item }, place) => ({
      item: item as WebhookSummary,
      at: item.receivedAt,
      place,
    }))
    .filter(
      ({ item, at, place }) =>
        (statuses === undefined || statuses.includes(item.status)) &&
        (since === undefined || at >= since) &&
        (until === undefined || at < until) &&
        (at < afterAt || (at === afterAt && place < afterPlace)),
    )
    .sort((a, b) => b.at - a.at || b.place - a.place)
    .map(({ item, at, place }) => ({ item, at, cursor: cursorOf(LIST, at, place) }));
  return structuredClone(pageOfAll(newestFirst, matchesFilter(filter), filter));
};
