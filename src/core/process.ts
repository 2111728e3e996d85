/**
 * Stage 2: one attempt at one claimed webhook. Loads it, calls the handler, writes what became of it. Every path ends in
 * a stored status or gives the claim back; nothing is decided by the queue alone.
 */

import assert from 'node:assert/strict';
import { NO_EFFECTS } from './effects.ts';
import { asPayhookError, assertNever } from './errors.ts';
import { LIMITS } from './limits.ts';
import type { Alerts } from './ports/alerts.ts';
import type { Clock } from './ports/clock.ts';
import type { HandledWebhook, Handler, HandlerResult } from './ports/handler.ts';
import type { Logger } from './ports/logger.ts';
import type { Claim, Queue } from './ports/queue.ts';
import type { Randomness } from './ports/randomness.ts';
import type { StatusChange, WebhookStore } from './ports/webhook-store.ts';
import { type JsonValue, readJson } from './read-json.ts';
import { backoffMs, type RetryPolicy, requestedWaitMs } from './retry-policy.ts';
import type { Seal } from './seal.ts';
import { hasEnded, isTransitionAllowed } from './status.ts';
import type { Actor, Webhook } from './webhook.ts';

export interface ProcessDeps {
  readonly store: WebhookStore;
  readonly queue: Queue;
  readonly seal: Seal;
  /** Null: nothing of the user's is called and every webhook ends as processed. */
  readonly handler: Handler | null;
  /** Webhooks of the other mode end as ignored; null accepts both. */
  readonly mode: 'live' | 'test' | null;
  readonly retryPolicy: RetryPolicy;
  readonly handlerMsMax: number;
  readonly clock: Clock;
  readonly randomness: Pick<Randomness, 'fraction'>;
  readonly alerts: Alerts;
  readonly logger: Logger;
  /** Aborted when the home stops: handlers that watch it can give up early. */
  readonly stopping: AbortSignal;
}

interface Attempted {
  readonly webhook: Webhook;
  readonly attempt: number;
  /** A code, or for an ignored webhook the handler's own words; null when there is nothing to explain. */
  readonly reason: string | null;
}

/** `error` may quote the handler: it is stored, never logged. */
export type AttemptOutcome = Attempted &
  (
    | { readonly kind: 'processed' | 'ignored' }
    | { readonly kind: 'retrying'; readonly error: string; readonly retryInMs: number }
    | { readonly kind: 'dead_lettered'; readonly error: string }
  );

export type ProcessOutcome =
  | AttemptOutcome
  /** Nothing to do: it had ended before, is gone, or somebody else changed it meanwhile. */
  | { readonly kind: 'skipped'; readonly reason: 'ended' | 'missing' | 'changed_meanwhile' };

/** How an attempt went, before anything is written. */
type Verdict =
  | { readonly kind: 'processed' }
  | { readonly kind: 'ignored'; readonly reason: string }
  | { readonly kind: 'failed'; readonly reason: string; readonly error: string; readonly waitMs: number | null }
  | { readonly kind: 'hopeless'; readonly reason: string; readonly error: string };

/** How long an entry rests when somebody else changed its webhook: long enough for that change to be finished. */
const CHANGED_MEANWHILE_WAIT_MS = 1000;

const PROCESSOR: Actor = { type: 'component', id: 'processor' };

/**
 * Returns `process(claim)`. The handler is called at least once for each webhook that waits, with the webhook's id as
 * idempotency id; two workers that hold one webhook may both call it, and only one of them writes the result. Throws
 * what store and queue throw: the claim then ends with its lease and the webhook is tried again.
 */
export const createProcess =
  (deps: ProcessDeps) =>
  async (claim: Claim): Promise<ProcessOutcome> => {
    const webhook = await deps.store.get(claim.entry);
    if (webhook === undefined || hasEnded(webhook.status)) return skip(deps, claim, webhook);

    const attempt = webhook.attempts + 1;
    const verdict = brokenAttempts(claim, webhook) ?? (await attemptOnce(deps, webhook, attempt));
    const outcome = outcomeOf(deps, webhook, attempt, verdict);
    return settle(deps, claim, outcome);
  };

const skip = async (deps: ProcessDeps, claim: Claim, webhook: Webhook | undefined): Promise<ProcessOutcome> => {
  // A dead letter again: whoever wrote that status may have died before the entry was put where dead letters go.
  if (webhook?.status === 'dead_lettered') await deps.queue.deadLetter(claim, webhook.revision);
  else await deps.queue.complete(claim);
  return { kind: 'skipped', reason: webhook === undefined ? 'missing' : 'ended' };
};

/** A webhook that kills whoever processes it leaves no failed attempts behind, only claims. */
const brokenAttempts = (claim: Claim, webhook: Webhook): Verdict | undefined => {
  const broken = claim.claimedTimes === null ? 0 : claim.claimedTimes - webhook.attempts - 1;
  if (broken < LIMITS.brokenAttemptsMax) return undefined;
  const error = `processing broke off ${broken} times without an outcome: out of memory, out of time, or killed`;
  return { kind: 'hopeless', reason: 'attempts_broken', error };
};

const attemptOnce = async (deps: ProcessDeps, webhook: Webhook, attempt: number): Promise<Verdict> => {
  if (deps.mode !== null && webhook.mode !== 'unknown' && webhook.mode !== deps.mode) {
    return { kind: 'ignored', reason: 'mode_differs' };
  }
  if (deps.handler === null) return { kind: 'processed' };
  let handled: HandledWebhook;
  try {
    handled = handledWebhook(webhook, await deps.seal.open(webhook.payload, webhook));
  } catch (thrown) {
    const error = asPayhookError(thrown);
    if (error.isRetryable) throw error;
    return { kind: 'hopeless', reason: error.code, error: error.message };
  }
  return callHandler(deps, deps.handler, handled, attempt);
};

const handledWebhook = (webhook: Webhook, payload: Uint8Array): HandledWebhook => ({
  webhookId: webhook.webhookId,
  provider: webhook.provider,
  providerEventId: webhook.providerEventId,
  eventType: webhook.eventType,
  timestamp: webhook.timestamp,
  mode: webhook.mode,
  isSimulated: webhook.isSimulated,
  account: webhook.account,
  objectId: webhook.objectId,
  receivedAt: webhook.receivedAt,
  payload,
  json: (): JsonValue => {
    const read = readJson(payload);
    if (read.outcome === 'unreadable') throw new TypeError(`payload is not JSON: ${read.reason}`);
    return read.value;
  },
});

const TIMED_OUT = Symbol('timed out');

const callHandler = async (
  deps: ProcessDeps,
  handler: Handler,
  webhook: HandledWebhook,
  attempt: number,
): Promise<Verdict> => {
  const timeout = new AbortController();
  const { promise: timedOut, resolve } = Promise.withResolvers<typeof TIMED_OUT>();
  const timer = setTimeout(() => {
    timeout.abort();
    resolve(TIMED_OUT);
  }, deps.handlerMsMax);
  const context = {
    idempotencyId: webhook.webhookId,
    attempt,
    deadlineAt: deps.clock.now() + deps.handlerMsMax,
    signal: AbortSignal.any([timeout.signal, deps.stopping]),
    logger: deps.logger,
  };
  try {
    // The async wrapper turns a handler that throws before its first await into a rejection like any other.
    const result = await Promise.race([(async () => handler(webhook, context))(), timedOut]);
    if (result === TIMED_OUT) {
      return {
        kind: 'failed',
        reason: 'handler_timed_out',
        error: `handler did not finish within ${deps.handlerMsMax} ms`,
        waitMs: null,
      };
    }
    return verdictOf(result ?? { action: 'done' });
  } catch (error) {
    return { kind: 'failed', reason: 'handler_failed', error: describeThrown(error), waitMs: null };
  } finally {
    clearTimeout(timer);
  }
};

const verdictOf = (result: HandlerResult): Verdict => {
  switch (result.action) {
    case 'done':
      return { kind: 'processed' };
    case 'ignore':
      return { kind: 'ignored', reason: bounded(result.reason) };
    case 'retry':
      return {
        kind: 'failed',
        reason: 'handler_asked_retry',
        error: bounded(result.reason),
        waitMs: requestedWaitMs(result.afterMs),
      };
    case 'reject':
      return { kind: 'hopeless', reason: 'handler_rejected', error: bounded(result.reason) };
    default:
      // A handler is the user's code and may return anything: trying again cannot make it right.
      return {
        kind: 'hopeless',
        reason: 'handler_result_unknown',
        error: 'handler returned neither nothing nor a result: return done(), ignore(), retryIn() or reject()',
      };
  }
};

const bounded = (text: unknown): string => String(text).slice(0, LIMITS.lastErrorCharsMax);

/** What a handler threw, as stored text. A handler's message may hold payload: it goes to the store, never to a log. */
const describeThrown = (thrown: unknown): string => {
  try {
    return bounded(thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : `thrown value: ${String(thrown)}`);
  } catch {
    return 'a value that cannot be described was thrown';
  }
};

const outcomeOf = (deps: ProcessDeps, webhook: Webhook, attempt: number, verdict: Verdict): AttemptOutcome => {
  switch (verdict.kind) {
    case 'processed':
      return { kind: 'processed', webhook, attempt, reason: null };
    case 'ignored':
      return { kind: 'ignored', webhook, attempt, reason: verdict.reason };
    case 'hopeless':
      return { kind: 'dead_lettered', webhook, attempt, reason: verdict.reason, error: verdict.error };
    case 'failed': {
      const { reason, error } = verdict;
      if (attempt >= deps.retryPolicy.attemptsMax) return { kind: 'dead_lettered', webhook, attempt, reason, error };
      const retryInMs = verdict.waitMs ?? backoffMs(deps.retryPolicy, attempt, deps.randomness);
      return { kind: 'retrying', webhook, attempt, reason, error, retryInMs };
    }
    default:
      return assertNever(verdict);
  }
};

const settle = async (deps: ProcessDeps, claim: Claim, outcome: AttemptOutcome): Promise<ProcessOutcome> => {
  const { webhook, attempt, reason } = outcome;
  assert(isTransitionAllowed(webhook.status, outcome.kind), `${webhook.status} may not become ${outcome.kind}`);
  const changedAt = deps.clock.now();
  const change: StatusChange = {
    status: outcome.kind,
    attempts: attempt,
    lastError: 'error' in outcome ? outcome.error : outcome.kind === 'ignored' ? reason : null,
    nextAttemptAt: outcome.kind === 'retrying' ? changedAt + outcome.retryInMs : null,
    effects: NO_EFFECTS,
    changedAt,
    actor: PROCESSOR,
    // An ignored webhook's reason is the handler's text and is stored as such; the audit trail has codes only.
    reason: outcome.kind === 'ignored' && reason !== 'mode_differs' ? 'handler_ignored' : reason,
  };
  const result = await deps.store.change(webhook, webhook.revision, change, claim);
  if (result.outcome !== 'changed') {
    await deps.queue.retryIn(claim, CHANGED_MEANWHILE_WAIT_MS);
    return { kind: 'skipped', reason: 'changed_meanwhile' };
  }
  if (!result.isSettled) {
    if (outcome.kind === 'retrying') await deps.queue.retryIn(claim, outcome.retryInMs);
    else if (outcome.kind === 'dead_lettered') await deps.queue.deadLetter(claim, result.revision);
    else await deps.queue.complete(claim);
  }
  if (outcome.kind === 'dead_lettered') {
    deps.alerts.raise({
      kind: 'dead_letter',
      provider: webhook.provider,
      webhookId: webhook.webhookId,
      summary: `gave up after ${attempt} attempts (${reason})`,
    });
  }
  return outcome;
};
