/**
 * Stage 2: one attempt at one claimed webhook. Loads and opens it, acts on it, writes what became of it. Every path ends in
 * a stored status or gives the claim back; nothing is decided by the queue alone.
 */
import assert from 'node:assert/strict';
import type { Acted, ActOutcome, Effects } from '../core/effects.ts';
import { asPayhookError, assertNever, PayhookError } from '../core/errors.ts';
import { LIMITS } from '../core/limits.ts';
import type { Alerts } from '../core/ports/alerts.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { Claim, SettleClaims } from '../core/ports/queue.ts';
import type { Randomness } from '../core/ports/randomness.ts';
import type { StatusChange, WebhookStore } from '../core/ports/webhook-store.ts';
import { backoffMs, type RetryPolicy } from '../core/retry-policy.ts';
import { screenedText } from '../core/screen-text.ts';
import type { Seal } from '../core/seal.ts';
import { hasEnded, isTransitionAllowed } from '../core/status.ts';
import type { Actor, Webhook } from '../core/webhook.ts';

export interface ProcessDeps {
  readonly store: WebhookStore;
  readonly queue: SettleClaims;
  readonly seal: Seal;
  readonly act: Act;
  /** Webhooks of the other mode end as ignored; null accepts both. */
  readonly mode: 'live' | 'test' | null;
  readonly retryPolicy: RetryPolicy;
  readonly clock: Clock;
  readonly randomness: Pick<Randomness, 'fraction'>;
  readonly alerts: Alerts;
}

interface Attempted {
  readonly webhook: Webhook;
  readonly attempt: number;
  /** A code; null when there is nothing to explain. */
  readonly reason: string | null;
  readonly effects: Effects;
}

/** `error` and `detail` may quote the handler: they are stored, never logged. */
export type AttemptOutcome = Attempted &
  (
    | { readonly outcome: 'processed' }
    | { readonly outcome: 'ignored'; readonly detail: string | null }
    | { readonly outcome: 'retrying'; readonly error: string; readonly retryInMs: number }
    | { readonly outcome: 'dead_lettered'; readonly error: string }
  );

export type ProcessOutcome =
  | AttemptOutcome
  /** Nothing to do: it had ended before, is gone, or somebody else changed it meanwhile. */
  | { readonly outcome: 'skipped'; readonly reason: 'ended' | 'missing' | 'changed_meanwhile' };

/** How long an entry rests when somebody else changed its webhook: long enough for that change to be finished. */
const CHANGED_MEANWHILE_WAIT_MS = 1000;

const PROCESSOR: Actor = { type: 'component', id: 'processor' };

/**
 * Returns `process(claim)`. A webhook that waits is acted on at least once; two workers that hold one webhook may both
 * act on it, and only one of them writes the result. Throws
 * what store and queue throw: the claim then ends with its lease and the webhook is tried again.
 */
export const createProcess =
  (deps: ProcessDeps) =>
  async (claim: Claim): Promise<ProcessOutcome> => {
    const webhook = await deps.store.get(claim.entry);
    if (webhook === undefined || hasEnded(webhook.status)) return skip(deps, claim, webhook);

    const attempt = webhook.attempts + 1;
    const { outcome: acted, effects } = brokenAttempts(claim, webhook) ?? (await attemptOnce(deps, webhook));
    const outcome = outcomeOf(deps, { webhook, attempt, effects }, acted);
    return settle(deps, claim, outcome);
  };

const skip = async (deps: ProcessDeps, claim: Claim, webhook: Webhook | undefined): Promise<ProcessOutcome> => {
  // A dead letter again: whoever wrote that status may have died before the entry was put where dead letters go.
  if (webhook?.status === 'dead_lettered') await deps.queue.deadLetter(claim, webhook.revision);
  else await deps.queue.complete(claim);
  return { outcome: 'skipped', reason: webhook === undefined ? 'missing' : 'ended' };
};

/** A webhook that kills whoever processes it leaves no failed attempts behind, only claims. */
const brokenAttempts = (claim: Claim, webhook: Webhook): Acted | undefined => {
  const broken = claim.claimedTimes - webhook.attempts - 1;
  if (broken < LIMITS.brokenAttemptsMax) return undefined;
  const error = `processing broke off ${broken} times without an outcome: out of memory, out of time, or killed`;
  return { outcome: { outcome: 'given_up', reason: 'attempts_broken', error }, effects: webhook.effects };
};

const attemptOnce = async (deps: ProcessDeps, webhook: Webhook): Promise<Acted> => {
  if (deps.mode !== null && webhook.mode !== 'unknown' && webhook.mode !== deps.mode) {
    return { outcome: { outcome: 'ignored', reason: 'mode_differs', detail: null }, effects: webhook.effects };
  }
  try {
    return await deps.act(webhook, await deps.seal.open(webhook.payload, webhook), false);
  } catch (thrown) {
    return { outcome: actOutcomeOfThrown(thrown), effects: webhook.effects };
  }
};

/** A machine that is broken for now is not the webhook's fault: thrown on. A fault in our code must not go on forever. */
const actOutcomeOfThrown = (thrown: unknown): ActOutcome => {
  const { isRetryable, code, message } = asPayhookError(thrown);
  if (!(thrown instanceof PayhookError)) return { outcome: 'failed', reason: code, error: message, waitMs: null };
  if (isRetryable) throw thrown;
  return { outcome: 'given_up', reason: code, error: message };
};

const outcomeOf = (
  deps: ProcessDeps,
  attempted: Pick<Attempted, 'webhook' | 'attempt' | 'effects'>,
  acted: ActOutcome,
): AttemptOutcome => {
  switch (acted.outcome) {
    case 'processed':
      return { outcome: 'processed', ...attempted, reason: null };
    case 'ignored':
      return { outcome: 'ignored', ...attempted, reason: acted.reason, detail: acted.detail };
    case 'given_up':
      return { outcome: 'dead_lettered', ...attempted, reason: acted.reason, error: acted.error };
    case 'failed': {
      const { reason, error } = acted;
      const { attempt } = attempted;
      if (attempt >= deps.retryPolicy.attemptsMax) return { outcome: 'dead_lettered', ...attempted, reason, error };
      const retryInMs = acted.waitMs ?? backoffMs(deps.retryPolicy, attempt, deps.randomness);
      return { outcome: 'retrying', ...attempted, reason, error, retryInMs };
    }
    default:
      return assertNever(acted);
  }
};

/** What an operator reads about a webhook that did not simply end well. */
const explanationOf = (outcome: AttemptOutcome): string | null => {
  switch (outcome.outcome) {
    case 'processed':
      return null;
    case 'ignored':
      return outcome.detail ?? outcome.reason;
    default:
      return outcome.error;
  }
};

/** It may quote a handler, and a handler may quote anything. */
const screenedExplanationOf = (outcome: AttemptOutcome): string | null => {
  const explanation = explanationOf(outcome);
  return explanation === null ? null : screenedText(explanation, LIMITS.lastErrorCharsMax);
};

const settle = async (deps: ProcessDeps, claim: Claim, outcome: AttemptOutcome): Promise<ProcessOutcome> => {
  const { webhook, attempt, reason } = outcome;
  assert(isTransitionAllowed(webhook.status, outcome.outcome), `${webhook.status} may not become ${outcome.outcome}`);
  const changedAt = deps.clock.now();
  const change: StatusChange = {
    status: outcome.outcome,
    attempts: attempt,
    lastError: screenedExplanationOf(outcome),
    nextAttemptAt: outcome.outcome === 'retrying' ? changedAt + outcome.retryInMs : null,
    effects: outcome.effects,
    changedAt,
    actor: PROCESSOR,
    // A code: the audit trail holds no words of the user's code.
    reason,
  };
  const result = await deps.store.change(webhook, webhook.revision, change, claim);
  if (result.outcome !== 'changed') {
    await deps.queue.retryIn(claim, CHANGED_MEANWHILE_WAIT_MS);
    return { outcome: 'skipped', reason: 'changed_meanwhile' };
  }
  if (!result.isSettled) {
    if (outcome.outcome === 'retrying') await deps.queue.retryIn(claim, outcome.retryInMs);
    else if (outcome.outcome === 'dead_lettered') await deps.queue.deadLetter(claim, result.revision);
    else await deps.queue.complete(claim);
  }
  if (outcome.outcome === 'dead_lettered') {
    deps.alerts.raise({
      kind: 'dead_letter',
      provider: webhook.provider,
      webhookId: webhook.webhookId,
      summary: `gave up after ${attempt} attempts (${reason})`,
    });
  }
  return outcome;
};

/**
 * Acts on a webhook, as far as its `effects` say that it was not done before. At least once: whatever it does may be done
 * again when this process dies before the outcome is stored. `payload` is the opened payload. Throws what the stores
 * throw: then nothing is decided, and the attempt is made again without being counted.
 */
export type Act = (webhook: Webhook, payload: Uint8Array, isAlone: boolean) => Promise<Acted>;
