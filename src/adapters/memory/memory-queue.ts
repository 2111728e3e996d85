/** The queue in memory. Shares its state with the webhook store, which puts and settles entries in the same step. */
import type { Clock } from '../../core/ports/clock.ts';
import type { Claim, Queue, QueueEntry, SettleOutcome } from '../../core/ports/queue.ts';
import { type EpochMs, keyText } from '../../core/webhook.ts';
import { isDue } from './is-due.ts';
import type { MemoryState, QueueItem } from './memory-state.ts';

/** Puts the entry on the queue, due at once; one that is there is reset: whoever holds a claim has lost it. */
export const putOnQueue = (state: MemoryState, entry: QueueEntry, enqueuedAt: EpochMs, dueAt = enqueuedAt): void => {
  const { webhookId, timestamp, provider, traceId } = entry;
  state.queue.set(keyText(entry), {
    entry: { webhookId, timestamp, provider, traceId },
    enqueuedAt,
    dueAt,
    receipt: null,
    claimedTimes: 0,
  });
};

const claimedItem = (state: MemoryState, claim: Claim): QueueItem | undefined => {
  const item = state.queue.get(keyText(claim.entry));
  return item?.receipt === claim.receipt ? item : undefined;
};

export const completeClaim = (state: MemoryState, claim: Claim): SettleOutcome => {
  if (claimedItem(state, claim) === undefined) return 'lost';
  state.queue.delete(keyText(claim.entry));
  return 'settled';
};

/** Due again at `dueAt`; its claims are counted anew, or go on being counted. */
export const rescheduleClaim = (
  state: MemoryState,
  claim: Claim,
  dueAt: EpochMs,
  count: 'anew' | 'on' = 'anew',
): SettleOutcome => {
  const item = claimedItem(state, claim);
  if (item === undefined) return 'lost';
  item.dueAt = dueAt;
  if (count === 'anew') item.claimedTimes = 0;
  return 'settled';
};

export const createMemoryQueue = (state: MemoryState, clock: Clock): Queue => ({
  enqueue: async (entry, delayMs = 0) => {
    if (state.queue.has(keyText(entry))) return;
    const now = clock.now();
    putOnQueue(state, entry, now, now + delayMs);
  },
  claim: async (limit, leaseMs) => {
    const now = clock.now();
    const due = [...state.queue.values()].filter(({ dueAt }) => isDue(dueAt, now)).sort((a, b) => a.dueAt - b.dueAt);
    return due.slice(0, limit).map((item): Claim => {
      state.claims += 1;
      const receipt = String(state.claims);
      item.receipt = receipt;
      item.dueAt = now + leaseMs;
      item.claimedTimes += 1;
      return { entry: { ...item.entry }, receipt, enqueuedAt: item.enqueuedAt, claimedTimes: item.claimedTimes };
    });
  },
  complete: async (claim) => completeClaim(state, claim),
  deadLetter: async (claim) => completeClaim(state, claim),
  retryIn: async (claim, delayMs) => rescheduleClaim(state, claim, clock.now() + delayMs),
  putBack: async (claim, delayMs) => rescheduleClaim(state, claim, clock.now() + delayMs, 'on'),
  depth: async () => {
    const now = clock.now();
    const items = [...state.queue.values()];
    const ready = items.filter((item) => item.dueAt <= now).length;
    const oldestEnqueuedAt = items.length === 0 ? null : Math.min(...items.map((item) => item.enqueuedAt));
    return { ready, waiting: items.length - ready, oldestEnqueuedAt };
  },
});
