/** Operator actions on stored webhooks: process one again (`replay`), put a dead letter back on the queue (`redrive`). */

import assert from 'node:assert/strict';
import { type Effects, FIRST_ROUND, NO_EFFECTS } from '../core/effects.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { Enqueue } from '../core/ports/queue.ts';
import type { WebhookStore } from '../core/ports/webhook-store.ts';
import { screenText } from '../core/screen-text.ts';
import { isTransitionAllowed } from '../core/status.ts';
import { type Actor, UNPARSABLE_EVENT_TYPE, type Webhook } from '../core/webhook.ts';

export interface ReplayDeps {
  readonly store: WebhookStore;
  readonly queue: Enqueue;
  readonly clock: Pick<Clock, 'now'>;
}

export type ReplayOutcome =
  | { readonly outcome: 'queued'; readonly from: Webhook['status'] }
  /** It waits on the queue already, with attempts to go. */
  | { readonly outcome: 'waiting_already'; readonly status: Webhook['status'] }
  | { readonly outcome: 'not_dead_lettered'; readonly status: Webhook['status'] }
  | { readonly outcome: 'unparsable' }
  | { readonly outcome: 'missing' }
  /** Somebody changed it at the same moment. */
  | { readonly outcome: 'changed_meanwhile' };

/**
 * Returns `replay(webhook, actor, reason, only)`: the webhook goes back to `received` with no attempts used and its age
 * counted anew, and onto the queue. Audited with who and why. All handlers are called again and destinations get its events again, or `only` the
 * handler of that name. Payment state is still applied once (I4): everybody sees the same idempotency ids.
 */
export const createReplay = (deps: ReplayDeps) => {
  const putBack = createPutBack(deps);
  return (webhook: Webhook, actor: Actor, reason: string | null, only: string | null = null): Promise<ReplayOutcome> =>
    putBack(webhook, actor, reason, only === null ? undone(webhook.effects) : withoutHandler(webhook.effects, only));
};

/** What was tried stays known, that what it says is so, and whose it is; what could not be said is asked again. */
const undone = ({ history, confirmedAt, present }: Effects): Effects => ({
  ...NO_EFFECTS,
  ...(history === undefined ? {} : { history }),
  ...(confirmedAt === undefined ? {} : { confirmedAt }),
  ...attributionIn(present),
});

const attributionIn = (present: Effects['present'] = []): Pick<Effects, 'present'> => {
  const kept = present.filter(({ outcome }) => outcome === 'attributed');
  return kept.length === 0 ? {} : { present: kept };
};

const withoutHandler = (effects: Effects, only: string): Effects => ({
  ...effects,
  handlers: effects.handlers.filter(({ handler }) => handler !== only),
  only,
});

const createPutBack =
  (deps: ReplayDeps) =>
  async (webhook: Webhook, actor: Actor, reason: string | null, effects: Effects): Promise<ReplayOutcome> => {
    // No replay can make sense of a body that was not understood.
    if (webhook.eventType === UNPARSABLE_EVENT_TYPE) return { outcome: 'unparsable' };
    const { webhookId, timestamp, provider, traceId } = webhook;
    const entry = { webhookId, timestamp, provider, traceId };
    if (webhook.status === 'received') {
      // Heals an earlier replay that was cut off between store and queue; harmless when the entry is there.
      await deps.queue.enqueue(entry);
      return { outcome: 'waiting_already', status: webhook.status };
    }
    assert(isTransitionAllowed(webhook.status, 'received'), `a webhook that is ${webhook.status} may be replayed`);
    const changedAt = deps.clock.now();
    const result = await deps.store.change(webhook, webhook.revision, {
      status: 'received',
      attempts: 0,
      lastError: webhook.lastError,
      nextAttemptAt: null,
      effects: { ...effects, round: { ...FIRST_ROUND, startedAt: changedAt } },
      changedAt,
      actor,
      // The operator's words, in an entry that nobody can take back.
      reason: reason === null ? null : screenText(reason),
    });
    if (result.outcome === 'missing') return { outcome: 'missing' };
    if (result.outcome === 'stale') return { outcome: 'changed_meanwhile' };
    if (!result.isSettled) await deps.queue.enqueue(entry);
    return { outcome: 'queued', from: webhook.status };
  };

/** For dead letters only. What has succeeded is not done again: handlers that did their part are not called, nothing is delivered twice. */
export const createRedrive = (deps: ReplayDeps) => {
  const putBack = createPutBack(deps);
  return async (webhook: Webhook, actor: Actor, reason: string | null): Promise<ReplayOutcome> =>
    webhook.status === 'dead_lettered'
      ? putBack(webhook, actor, reason, webhook.effects)
      : { outcome: 'not_dead_lettered', status: webhook.status };
};
