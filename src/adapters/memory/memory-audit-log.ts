/** The audit log in memory. Entries of stored webhooks are written by the webhook store, in the same step. */
import assert from 'node:assert/strict';
import type { AuditLog } from '../../audit/audit-log.ts';
import type { AuditedWebhook, AuditedWebhooks } from '../../audit/audited-webhooks.ts';
import { appendEntries, type MemoryState } from './memory-state.ts';

export const createMemoryAuditLog = (state: MemoryState): AuditLog => ({
  append: async (drafts) => {
    for (const { chainId } of drafts) {
      assert(!chainId.includes('@'), 'chains of webhooks are written with the webhook');
    }
    appendEntries(state, drafts);
  },
  read: async (afterPosition, limit) => structuredClone(state.entries.slice(afterPosition, afterPosition + limit)),
  run: async (afterPosition, limit) => {
    const entries = state.entries.slice(afterPosition, afterPosition + limit);
    const last = entries.at(-1);
    if (last === undefined) return undefined;
    return { lastPosition: last.position, entryHashes: entries.map((entry) => entry.hash).join('') };
  },
  chain: async (chainId, limit, beforePosition = Number.POSITIVE_INFINITY) =>
    structuredClone(
      state.entries.filter((entry) => entry.chainId === chainId && entry.position < beforePosition).slice(-limit),
    ),
  latest: async (limit, beforePosition = Number.POSITIVE_INFINITY) =>
    structuredClone(
      state.entries
        .filter(({ position }) => position < beforePosition)
        .slice(-limit)
        .reverse(),
    ),
  digests: async (afterNumber, limit) => structuredClone(state.digests.slice(afterNumber, afterNumber + limit)),
  lastDigest: async () => structuredClone(state.digests.at(-1)),
  appendDigest: async (digest) => {
    if (digest.number !== state.digests.length + 1) return false;
    state.digests.push(structuredClone(digest));
    return true;
  },
  start: async () => undefined,
  heads: async (afterPosition, limit) =>
    [...state.ends]
      .map(([chainId, { position, hash }]) => ({ chainId, position, hash }))
      .filter((head) => head.position > afterPosition)
      .sort((a, b) => a.position - b.position)
      .slice(0, limit),
});

export const createMemoryAuditedWebhooks = (state: MemoryState): AuditedWebhooks => ({
  ofChains: async (chainIds) =>
    chainIds.flatMap((chainId): readonly AuditedWebhook[] => {
      // The chain of a webhook is named by its key.
      const [webhook, head] = [state.webhooks.get(chainId), state.ends.get(chainId)];
      if (webhook === undefined || head === undefined) return [];
      const { seq, hash } = head;
      return [{ outcome: 'read', chainId, webhook: structuredClone(webhook), head: { seq, hash }, place: null }];
    }),
  wasRemoved: async () => false,
  mayBeGone: () => false,
});
