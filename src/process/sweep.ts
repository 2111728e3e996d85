/**
 * Finds what waits and does not move, and queues it again: the queue had lost it, because sending it failed, its message
 * expired, or nobody took it for days. Where the queue lives in the store nothing can be lost like this, and nothing sweeps.
 */
import { LIMITS } from '../core/limits.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { Logger } from '../core/ports/logger.ts';
import type { Enqueue, QueueDepth } from '../core/ports/queue.ts';
import type { WaitingWebhooks } from '../core/ports/waiting-webhooks.ts';
import type { WebhookStore } from '../core/ports/webhook-store.ts';
import { isWaiting } from '../core/status.ts';
import type { Actor, EpochMs, Webhook, WebhookKey } from '../core/webhook.ts';

export interface SweepDeps {
  readonly waiting: WaitingWebhooks;
  readonly store: Pick<WebhookStore, 'get' | 'change'>;
  readonly queue: Enqueue & QueueDepth;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly onQueuedAgain: () => void;
}

export type SweepOutcome =
  /** `isComplete`: everything that waits was looked at, as far as one sweep goes. */
  | { readonly outcome: 'swept'; readonly queuedAgain: number; readonly isComplete: boolean }
  /** So much is ready to be claimed that what does not move may simply wait for its turn. */
  | { readonly outcome: 'backlog'; readonly ready: number };

const SWEEPER: Actor = { type: 'component', id: 'sweeper' };

/** Why, in the audit trail. */
const QUEUED_AGAIN = 'queued_again';

const isSwept = ({ changedBy }: Pick<Webhook, 'changedBy'>): boolean =>
  changedBy.type === SWEEPER.type && changedBy.id === SWEEPER.id;

/**
 * The rule. One that was queued again and still does not move is not the queue's to mend: it is left alone for as long as
 * it had waited by then, so that it is queued a few times in days and not every few minutes.
 */
export const isStuck = (
  webhook: Pick<Webhook, 'status' | 'receivedAt' | 'changedAt' | 'changedBy' | 'nextAttemptAt' | 'effects'>,
  now: EpochMs,
): boolean => {
  if (!isWaiting(webhook.status)) return false;
  const { receivedAt, changedAt, nextAttemptAt, effects } = webhook;
  const dueAt = Math.max(changedAt, nextAttemptAt ?? 0);
  const waitedMs = isSwept(webhook) ? dueAt - (effects.round.startedAt ?? receivedAt) : 0;
  return now - dueAt >= Math.max(LIMITS.stuckMs, waitedMs);
};

/**
 * Returns `sweep()`. Each webhook is written before it is queued, under its revision: of two sweeps only one queues it, and the
 * trail says so. Throws what store and queue throw; the next sweep goes on where this one stopped.
 */
export const createSweep = (deps: SweepDeps) => async (): Promise<SweepOutcome> => {
  const { ready } = await deps.queue.depth();
  if (ready >= LIMITS.sweepBacklogMin) return { outcome: 'backlog', ready };
  const seconds = deps.clock.stopwatch();
  let queuedAgain = 0;
  for await (const page of deps.waiting.walk(deps.clock.now() - LIMITS.stuckMs + 1)) {
    for (let first = 0; first < page.length; first += LIMITS.sweepAtOnceMax) {
      const keys = page.slice(first, first + LIMITS.sweepAtOnceMax);
      const queued = await Promise.all(keys.map((key) => queueIfStuck(deps, key)));
      queuedAgain += queued.filter(Boolean).length;
    }
    if (seconds() * 1000 >= LIMITS.sweepMsMax) return { outcome: 'swept', queuedAgain, isComplete: false };
  }
  return { outcome: 'swept', queuedAgain, isComplete: true };
};

const queueIfStuck = async (deps: SweepDeps, key: WebhookKey): Promise<boolean> => {
  const now = deps.clock.now();
  const webhook = await deps.store.get(key);
  if (webhook === undefined || !isStuck(webhook, now)) return false;
  const { webhookId, timestamp, provider, traceId, attempts, lastError, effects } = webhook;
  const changed = await deps.store.change(webhook, webhook.revision, {
    status: 'retrying',
    attempts,
    lastError,
    nextAttemptAt: now,
    effects,
    changedAt: now,
    actor: SWEEPER,
    reason: QUEUED_AGAIN,
  });
  // It moved after all.
  if (changed.outcome !== 'changed') return false;
  await deps.queue.enqueue({ webhookId, timestamp, provider, traceId });
  deps.onQueuedAgain();
  deps.logger.warn('webhook.queued_again', {
    webhook_id: webhookId,
    provider,
    status: webhook.status,
    trace_id: traceId,
  });
  return true;
};
