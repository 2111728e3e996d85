/**
 * Store and queue of a process that receives and processes: what it has just stored it claims and reads in memory. Both
 * keep the contracts of the store and the queue in the database, which they stand before, and where every webhook that
 * waits has its entry: this is a shortcut to it, and may be forgotten at any time.
 */
import { LIMITS } from '../../core/limits.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Claim, Queue, SettleOutcome } from '../../core/ports/queue.ts';
import type { Insertion, InsertOutcome, WebhookStore } from '../../core/ports/webhook-store.ts';
import { isWaiting } from '../../core/status.ts';
import type { InsertAndEnd, RecordAndChange } from '../../payments/record-and-change.ts';
import { createHeldWebhooks, type HeldWebhooks } from './held-webhooks.ts';
import type { SqliteExecutor } from './sqlite-executor.ts';
import { createSqliteQueue } from './sqlite-queue.ts';
import { createSqliteWebhookStore } from './sqlite-webhook-store.ts';

export interface HandOver {
  readonly store: WebhookStore;
  readonly queue: Queue;
  readonly recordAndChange: RecordAndChange;
  readonly insertAndEnd: InsertAndEnd;
  /** Makes what nobody has claimed due on the queue in the database: for a process that stops. */
  release(): Promise<void>;
}

/** While there is enough in memory, what is due on the queue in the database is looked for with every so many claims. */
const LOOK_EVERY_CLAIMS = 16;

interface Parts {
  readonly executor: SqliteExecutor;
  readonly clock: Clock;
  readonly held: HeldWebhooks;
  readonly store: WebhookStore;
  readonly queue: Queue;
  /** Claims since the database was asked; as many as make it be asked when something may be due there. */
  claimsSinceLook: number;
}

export const createSqliteHandOver = (executor: SqliteExecutor, clock: Clock): HandOver => {
  const parts: Parts = {
    executor,
    clock,
    held: createHeldWebhooks(),
    store: createSqliteWebhookStore(executor),
    queue: createSqliteQueue(executor, clock),
    claimsSinceLook: LOOK_EVERY_CLAIMS,
  };
  const { held, store, queue } = parts;
  return {
    store: {
      ...store,
      insert: (insertion) => insert(parts, insertion),
      get: async (key) => held.get(key) ?? store.get(key),
      async change(key, ...input) {
        const outcome = await store.change(key, ...input);
        held.release(key);
        if (isWaiting(input[1].status)) lookSoon(parts);
        return outcome;
      },
    },
    queue: {
      enqueue(entry, delayMs) {
        lookSoon(parts);
        return queue.enqueue(entry, delayMs);
      },
      claim: (limit, leaseMs) => claim(parts, limit, leaseMs),
      complete: (of) => settle(parts, of, queue.complete(of)),
      deadLetter: (of, revision) => settle(parts, of, queue.deadLetter(of, revision)),
      retryIn: (of, delayMs) => giveBack(parts, of, queue.retryIn(of, delayMs)),
      putBack: (of, delayMs) => giveBack(parts, of, queue.putBack(of, delayMs)),
      async depth() {
        const stored = await queue.depth();
        const unclaimed = held.unclaimedCount();
        return { ...stored, ready: stored.ready + unclaimed, waiting: Math.max(0, stored.waiting - unclaimed) };
      },
    },
    async recordAndChange(recording, { webhookId, timestamp }, revision, change, claim) {
      const key = { webhookId, timestamp };
      const outcome = await executor.run('webhookRecordAndChange', { recording, of: { key, revision, change, claim } });
      held.release(key);
      if (isWaiting(change.status)) lookSoon(parts);
      return outcome;
    },
    async insertAndEnd(insertion, recording, change) {
      const outcome = await executor.run('webhookInsertAndEnd', { insertion, recording, change });
      if (!outcome.isEnded) lookSoon(parts);
      return outcome;
    },
    release: () => giveUp(parts, held.unclaimed()),
  };
};

const lookSoon = (parts: Parts): void => {
  parts.claimsSinceLook = LOOK_EVERY_CLAIMS;
};

const insert = async (parts: Parts, insertion: Insertion): Promise<InsertOutcome> => {
  const { executor, held, clock } = parts;
  if (insertion.status !== 'received' || !held.reserve(insertion)) {
    lookSoon(parts);
    return parts.store.insert(insertion);
  }
  const heldUntil = clock.now() + LIMITS.heldMsMax;
  let receipt: string | undefined;
  try {
    const { heldReceipt, ...outcome } = await executor.run('webhookInsert', { ...insertion, heldUntil });
    receipt = heldReceipt;
    return outcome;
  } finally {
    if (receipt === undefined) held.release(insertion.webhook);
    else held.take(insertion, receipt, heldUntil);
  }
};

const settle = async ({ held }: Parts, of: Claim, settling: Promise<SettleOutcome>): Promise<SettleOutcome> => {
  const outcome = await settling;
  held.release(of.entry);
  return outcome;
};

const giveBack = (parts: Parts, of: Claim, settling: Promise<SettleOutcome>): Promise<SettleOutcome> => {
  lookSoon(parts);
  return settle(parts, of, settling);
};

/** What has been on the queue in the database the longest comes first; a peak must not keep it waiting. */
const claim = async (parts: Parts, limit: number, leaseMs: number): Promise<readonly Claim[]> => {
  const { clock, held, queue } = parts;
  const now = clock.now();
  for (const each of held.overdue(now)) await giveBack(parts, each, queue.putBack(each, 0));
  // Their entries would come due before such a claim has had its time.
  await giveUp(parts, held.unclaimed(now + leaseMs));
  parts.claimsSinceLook += 1;
  if (parts.claimsSinceLook < LOOK_EVERY_CLAIMS && held.unclaimedCount() > 0) return held.claim(limit, now + leaseMs);
  const stored = await queue.claim(limit, leaseMs);
  parts.claimsSinceLook = stored.length === 0 ? 0 : LOOK_EVERY_CLAIMS;
  return [...stored, ...held.claim(limit - stored.length, now + leaseMs)];
};

const giveUp = async (parts: Parts, claims: readonly Claim[]): Promise<void> => {
  await Promise.all(claims.map((each) => giveBack(parts, each, parts.queue.retryIn(each, 0))));
};
