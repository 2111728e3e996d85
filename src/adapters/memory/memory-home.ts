/**
 * Every stateful port in memory, sharing one state: for tests and for trying an idea. Says and refuses the same as the
 * SQLite adapters; nothing survives the process.
 */
import assert from 'node:assert/strict';
import { type AuditDigest, type AuditDraft, type AuditEntry, type ChainLink, linkEntry } from '../../core/audit.ts';
import { entriesForInsert, entryForChange } from '../../core/audit-entries.ts';
import type { AuditLog } from '../../core/ports/audit-log.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Claim, Queue, QueueEntry, SettleResult } from '../../core/ports/queue.ts';
import type { ChangeResult, Insertion, InsertResult, WebhookStore } from '../../core/ports/webhook-store.ts';
import { isTransitionAllowed, isWaiting } from '../../core/status.ts';
import { type EpochMs, keyText, type Webhook, type WebhookSummary } from '../../core/webhook.ts';

interface ChainEnd extends ChainLink {
  readonly position: number;
}

interface QueueItem {
  readonly entry: QueueEntry;
  readonly enqueuedAt: EpochMs;
  dueAt: EpochMs;
  claims: number;
}

interface MemoryState {
  readonly webhooks: Map<string, Webhook>;
  readonly transmissions: Map<string, string>;
  readonly queue: Map<string, QueueItem>;
  readonly entries: AuditEntry[];
  readonly ends: Map<string, ChainEnd>;
  readonly digests: AuditDigest[];
}

export interface MemoryHome {
  readonly store: WebhookStore;
  readonly queue: Queue;
  readonly auditLog: AuditLog;
}

/** A fresh, empty home. Calls take effect at once, in order; results are copies that callers cannot change. */
export const createMemoryHome = (clock: Clock): MemoryHome => {
  const state: MemoryState = {
    webhooks: new Map(),
    transmissions: new Map(),
    queue: new Map(),
    entries: [],
    ends: new Map(),
    digests: [],
  };
  return {
    store: createMemoryWebhookStore(state),
    queue: createMemoryQueue(state, clock),
    auditLog: createMemoryAuditLog(state),
  };
};

const append = (state: MemoryState, draft: AuditDraft): void => {
  const { seq, hash, text } = linkEntry(draft, state.ends.get(draft.chainId));
  const position = state.entries.length + 1;
  state.entries.push({ position, chainId: draft.chainId, text, hash });
  state.ends.set(draft.chainId, { seq, hash, position });
};

const put = (state: MemoryState, webhook: Webhook, at: EpochMs): void => {
  const { webhookId, timestamp, provider, traceId } = webhook;
  const claims = (state.queue.get(keyText(webhook))?.claims ?? -1) + 1;
  state.queue.set(keyText(webhook), {
    entry: { webhookId, timestamp, provider, traceId },
    enqueuedAt: at,
    dueAt: at,
    claims,
  });
};

const createMemoryWebhookStore = (state: MemoryState): WebhookStore => {
  const insert = (insertion: Insertion): InsertResult => {
    const { webhook, transmission } = insertion;
    if (transmission !== null) {
      const name = JSON.stringify([webhook.provider, transmission.id]);
      const seen = state.transmissions.get(name);
      if (seen !== undefined && seen !== webhook.bodySha256) return { outcome: 'conflict' };
      state.transmissions.set(name, webhook.bodySha256);
    }
    const stored = state.webhooks.get(keyText(webhook));
    if (stored !== undefined) {
      if (isWaiting(stored.status) && !state.queue.has(keyText(webhook))) put(state, stored, webhook.receivedAt);
      return { outcome: 'duplicate', status: stored.status, isQueued: true };
    }
    const inserted: Webhook = {
      ...structuredClone(webhook),
      status: insertion.status,
      attempts: 0,
      lastError: insertion.lastError,
      nextAttemptAt: null,
      changedAt: webhook.receivedAt,
      changedBy: insertion.actor,
      revision: 1,
    };
    state.webhooks.set(keyText(webhook), inserted);
    for (const draft of entriesForInsert(insertion)) append(state, draft);
    if (isWaiting(insertion.status)) put(state, inserted, webhook.receivedAt);
    return { outcome: 'inserted', isQueued: true };
  };

  return {
    insert: async (insertion) => insert(insertion),
    get: async (key) => structuredClone(state.webhooks.get(keyText(key))),
    find: async (webhookId) =>
      structuredClone([...state.webhooks.values()].filter((webhook) => webhook.webhookId === webhookId)).sort(
        (a, b) => b.timestamp - a.timestamp,
      ),
    change: async (key, revision, change, claim): Promise<ChangeResult> => {
      const stored = state.webhooks.get(keyText(key));
      if (stored === undefined) return { outcome: 'missing' };
      if (stored.revision !== revision) return { outcome: 'stale' };
      assert(
        isTransitionAllowed(stored.status, change.status),
        `a webhook that is ${stored.status} may not become ${change.status}`,
      );
      append(state, entryForChange(key, stored.status, stored.traceId, change));
      const { status, attempts, lastError, nextAttemptAt, changedAt, actor } = change;
      const changed: Webhook = {
        ...stored,
        status,
        attempts,
        lastError,
        nextAttemptAt,
        changedAt,
        changedBy: actor,
        revision: revision + 1,
      };
      state.webhooks.set(keyText(key), changed);
      if (status === 'received') put(state, changed, changedAt);
      else if (claim !== undefined && status === 'retrying') reschedule(state, claim, nextAttemptAt ?? changedAt);
      else if (claim !== undefined) complete(state, claim);
      return {
        outcome: 'changed',
        revision: changed.revision,
        isSettled: status === 'received' || claim !== undefined,
      };
    },
    list: async ({ status, provider, since, until, limit }) => {
      const all = [...state.webhooks.values()].reverse().sort((a, b) => b.receivedAt - a.receivedAt);
      const wanted = all.filter(
        (webhook) =>
          (status === undefined || webhook.status === status) &&
          (provider === undefined || webhook.provider === provider) &&
          (since === undefined || webhook.receivedAt >= since) &&
          (until === undefined || webhook.receivedAt < until),
      );
      return structuredClone(
        wanted.slice(0, limit).map(({ payload: _, headers: __, ...summary }): WebhookSummary => summary),
      );
    },
  };
};

const claimedItem = (state: MemoryState, claim: Claim): QueueItem | undefined => {
  const item = state.queue.get(keyText(claim.entry));
  return item !== undefined && String(item.claims) === claim.receipt ? item : undefined;
};

const complete = (state: MemoryState, claim: Claim): SettleResult => {
  if (claimedItem(state, claim) === undefined) return 'lost';
  state.queue.delete(keyText(claim.entry));
  return 'settled';
};

const reschedule = (state: MemoryState, claim: Claim, dueAt: EpochMs): SettleResult => {
  const item = claimedItem(state, claim);
  if (item === undefined) return 'lost';
  item.dueAt = dueAt;
  return 'settled';
};

const createMemoryQueue = (state: MemoryState, clock: Clock): Queue => ({
  enqueue: async (entry, delayMs = 0) => {
    const { webhookId, timestamp, provider, traceId } = entry;
    if (state.queue.has(keyText(entry))) return;
    const now = clock.now();
    state.queue.set(keyText(entry), {
      entry: { webhookId, timestamp, provider, traceId },
      enqueuedAt: now,
      dueAt: now + delayMs,
      claims: 0,
    });
  },
  claim: async (limit, leaseMs) => {
    const now = clock.now();
    const due = [...state.queue.values()].filter((item) => item.dueAt <= now).sort((a, b) => a.dueAt - b.dueAt);
    return due.slice(0, limit).map((item): Claim => {
      item.claims += 1;
      item.dueAt = now + leaseMs;
      return { entry: { ...item.entry }, receipt: String(item.claims), enqueuedAt: item.enqueuedAt };
    });
  },
  complete: async (claim) => complete(state, claim),
  retryIn: async (claim, delayMs) => reschedule(state, claim, clock.now() + delayMs),
  depth: async () => {
    const now = clock.now();
    const items = [...state.queue.values()];
    const ready = items.filter((item) => item.dueAt <= now).length;
    const oldestEnqueuedAt = items.length === 0 ? null : Math.min(...items.map((item) => item.enqueuedAt));
    return { ready, waiting: items.length - ready, oldestEnqueuedAt };
  },
});

const createMemoryAuditLog = (state: MemoryState): AuditLog => ({
  append: async (drafts) => {
    for (const draft of drafts) append(state, draft);
  },
  read: async (afterPosition, limit) => structuredClone(state.entries.slice(afterPosition, afterPosition + limit)),
  chain: async (chainId, limit) =>
    structuredClone(state.entries.filter((entry) => entry.chainId === chainId).slice(-limit)),
  latest: async (limit) => structuredClone(state.entries.slice(-limit).reverse()),
  digests: async (afterNumber, limit) => structuredClone(state.digests.slice(afterNumber, afterNumber + limit)),
  lastDigest: async () => structuredClone(state.digests.at(-1)),
  appendDigest: async (digest) => {
    if (digest.number !== state.digests.length + 1) return false;
    state.digests.push(structuredClone(digest));
    return true;
  },
  heads: async (afterPosition, limit) =>
    [...state.ends]
      .map(([chainId, { position, hash }]) => ({ chainId, position, hash }))
      .filter((head) => head.position > afterPosition)
      .sort((a, b) => a.position - b.position)
      .slice(0, limit),
});
