/**
 * Stage 2: one attempt at one claimed webhook. Loads and opens it, acts on it, writes what became of it. Every path ends in
 * a stored status or gives the claim back; nothing is decided by the queue alone.
 */
import assert from 'node:assert/strict';
import { type AttemptRecord, withAttempt } from '../core/attempts.ts';
import { failedHandlerOf } from '../core/cause.ts';
import type { Acted, ActOutcome, Effects, Round } from '../core/effects.ts';
import { asPayhookError, assertNever, PayhookError } from '../core/errors.ts';
import { LIMITS } from '../core/limits.ts';
import type { Alerts } from '../core/ports/alerts.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { Claim, SettleClaims } from '../core/ports/queue.ts';
import type { Randomness } from '../core/ports/randomness.ts';
import type { StatusChange, WebhookStore } from '../core/ports/webhook-store.ts';
import { reasonOfPresent } from '../core/present-state.ts';
import { backoffMs, type RetryPolicy } from '../core/retry-policy.ts';
import { screenedText } from '../core/screen-text.ts';
import type { Seal } from '../core/seal.ts';
import { hasEnded, isTransitionAllowed } from '../core/status.ts';
import { SECOND_MS } from '../core/time.ts';
import type { Actor, EpochMs, Webhook } from '../core/webhook.ts';
import { type Act, type ActedOn, tooManyEvents } from './act.ts';
import { type AloneLane, beginAlone, isBrokenTooOften, isSuspect, undoAlone } from './alone.ts';

export interface ProcessDeps {
  readonly store: WebhookStore;
  readonly queue: SettleClaims;
  readonly seal: Seal;
  readonly act: Act;
  /** Webhooks of the other mode end as ignored; null accepts both. */
  readonly mode: 'live' | 'test' | null;
  readonly retryPolicy: RetryPolicy;
  readonly alone: AloneLane;
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
  | {
      readonly outcome: 'skipped';
      readonly reason: 'ended' | 'missing' | 'changed_meanwhile' | 'runs_alone_later';
    };

/** How long an entry rests when somebody else changed its webhook: long enough for that change to be finished. */
const CHANGED_MEANWHILE_WAIT_MS = 1000;

const PROCESSOR: Actor = { type: 'component', id: 'processor' };

/**
 * Returns `process(claim)`. A webhook that waits is acted on at least once; two workers that hold one webhook may both
 * act on it, and only one of them writes the result. One that somebody claimed before and did not come back runs alone.
 * Throws what store and queue throw, and `handlers_ended`: nothing is decided then, and the webhook is tried again.
 */
export const createProcess =
  (deps: ProcessDeps) =>
  async (claim: Claim): Promise<ProcessOutcome> => {
    const webhook = await deps.store.get(claim.entry);
    if (webhook === undefined || hasEnded(webhook.status)) return skip(deps, claim, webhook);
    if (isSuspect(claim, webhook)) return processAlone(deps, claim, webhook);
    const attempt = webhook.attempts + 1;
    const seconds = deps.clock.stopwatch();
    const acted = await attemptOnce(deps, webhook, false);
    return settle(deps, claim, outcomeOf(deps, webhook, attempt, acted), seconds(), acted.recordAndChange);
  };

const processAlone = async (deps: ProcessDeps, claim: Claim, webhook: Webhook): Promise<ProcessOutcome> => {
  const attempt = webhook.attempts + 1;
  const seconds = deps.clock.stopwatch();
  if (isBrokenTooOften(webhook)) {
    return settle(deps, claim, outcomeOf(deps, webhook, attempt, brokenTooOften(webhook)), seconds());
  }
  if (!(await deps.alone.enter())) {
    await deps.queue.putBack(claim, LIMITS.aloneBackMs);
    return { outcome: 'skipped', reason: 'runs_alone_later' };
  }
  try {
    const begun = beginAlone(webhook, deps.clock.now(), PROCESSOR);
    const result = await deps.store.change(webhook, webhook.revision, begun);
    if (result.outcome !== 'changed') return await changedMeanwhile(deps, claim);
    const marked: Webhook = { ...webhook, ...begun, changedBy: PROCESSOR, revision: result.revision };
    try {
      const acted = await attemptOnce(deps, marked, true);
      return await settle(deps, claim, outcomeOf(deps, marked, attempt, acted, webhook.effects.round), seconds());
    } catch (thrown) {
      const undone = undoAlone(webhook, deps.clock.now(), PROCESSOR);
      // When this fails too, what is thrown on says that the store is broken.
      await deps.store.change(webhook, marked.revision, undone).catch(() => undefined);
      throw thrown;
    }
  } finally {
    deps.alone.leave();
  }
};

const skip = async (deps: ProcessDeps, claim: Claim, webhook: Webhook | undefined): Promise<ProcessOutcome> => {
  // A dead letter again: whoever wrote that status may have died before the entry was put where dead letters go.
  if (webhook?.status === 'dead_lettered') await deps.queue.deadLetter(claim, webhook.revision);
  else await deps.queue.complete(claim);
  return { outcome: 'skipped', reason: webhook === undefined ? 'missing' : 'ended' };
};

const brokenTooOften = ({ effects }: Webhook): Acted => {
  const error = `processing broke off ${effects.round.brokenAttempts} times with nothing beside it: out of memory, out of time, or killed`;
  return { outcome: { outcome: 'given_up', reason: 'attempts_broken', error }, effects };
};

export const attemptOnce = async (
  deps: Pick<ProcessDeps, 'mode' | 'act' | 'seal'>,
  webhook: Webhook,
  isAlone: boolean,
): Promise<ActedOn> => {
  const isOfAnyMode = webhook.mode === 'unknown' || webhook.synthetic !== undefined;
  if (deps.mode !== null && !isOfAnyMode && webhook.mode !== deps.mode) {
    return { outcome: { outcome: 'ignored', reason: 'mode_differs', detail: null }, effects: webhook.effects };
  }
  try {
    return await deps.act(webhook, await deps.seal.open(webhook.payload, webhook), isAlone);
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

/** What a provider's API said before it was processed. */
const reasonOfAsking = ({ confirmedAt, present }: Effects): string | null => {
  const codes = [confirmedAt === undefined ? null : 'confirmed_by_api', reasonOfPresent(present)];
  return codes.filter((code) => code !== null).join('+') || null;
};

type RetryDeps = Pick<ProcessDeps, 'retryPolicy' | 'clock' | 'randomness'>;

/** `roundBefore`: as it was before this attempt was written as broken, which it was not unless it says so. */
export const outcomeOf = (
  deps: RetryDeps,
  webhook: Webhook,
  attempt: number,
  acted: Acted,
  roundBefore = webhook.effects.round,
): AttemptOutcome => {
  const attempted = { webhook, attempt, effects: { ...acted.effects, round: roundAfter(webhook, acted, roundBefore) } };
  const { outcome } = acted;
  switch (outcome.outcome) {
    case 'processed':
      return {
        outcome: 'processed',
        ...attempted,
        reason: reasonOfAsking(acted.effects),
      };
    case 'ignored':
      return { outcome: 'ignored', ...attempted, reason: outcome.reason, detail: outcome.detail };
    case 'given_up':
      return { outcome: 'dead_lettered', ...attempted, reason: outcome.reason, error: outcome.error };
    case 'broken':
    case 'rests':
    case 'failed': {
      const { reason, error } = outcome;
      if (isLastAttempt(deps, attempted, outcome)) return { outcome: 'dead_lettered', ...attempted, reason, error };
      return { outcome: 'retrying', ...attempted, reason, error, retryInMs: retryInMs(deps, attempt, outcome) };
    }
    default:
      return assertNever(outcome);
  }
};

const roundAfter = (webhook: Webhook, { outcome }: Acted, roundBefore: Round): Round => {
  switch (outcome.outcome) {
    case 'broken':
      return webhook.effects.round;
    case 'rests':
      return { ...roundBefore, restedAttempts: roundBefore.restedAttempts + 1 };
    default:
      return roundBefore;
  }
};

const isLastAttempt = (
  { retryPolicy, clock }: RetryDeps,
  { webhook, attempt, effects: { round } }: Pick<Attempted, 'webhook' | 'attempt' | 'effects'>,
  { outcome }: ActOutcome,
): boolean => {
  const counted = attempt - round.restedAttempts;
  if (outcome === 'broken' && round.brokenAttempts >= LIMITS.brokenAttemptsMax) return true;
  if (counted >= retryPolicy.attemptsMax) return true;
  const isOld = clock.now() - (round.startedAt ?? webhook.receivedAt) >= retryPolicy.giveUpAfterMs;
  return isOld && (counted >= LIMITS.attemptsMin || round.restedAttempts >= LIMITS.restedAttemptsMin);
};

const retryInMs = (
  { retryPolicy, randomness }: RetryDeps,
  attempt: number,
  failure: ActOutcome & { readonly outcome: 'failed' | 'rests' | 'broken' },
): number => {
  if (failure.outcome === 'failed' && failure.waitMs !== null) return failure.waitMs;
  return Math.max(failure.outcome === 'rests' ? failure.restMs : 0, backoffMs(retryPolicy, attempt, randomness));
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

const changedMeanwhile = async (deps: ProcessDeps, claim: Claim): Promise<ProcessOutcome> => {
  await deps.queue.retryIn(claim, CHANGED_MEANWHILE_WAIT_MS);
  return { outcome: 'skipped', reason: 'changed_meanwhile' };
};

/** What stays of handlers that were not called this time, because they rest or somebody asked for another one, is no failure of it. */
const failedHandlerIn = ({ webhook, effects }: Attempted): string | null => {
  const before = webhook.effects.handlers;
  const called = effects.handlers.filter(
    ({ handler, event, attempts }) =>
      !before.some((one) => one.handler === handler && one.event === event && one.attempts === attempts),
  );
  return (failedHandlerOf({ handlers: called }) ?? failedHandlerOf(effects))?.handler ?? null;
};

/** What is kept of it with those before, also when an operator begins a new round. */
const historyAfter = (
  attempted: AttemptOutcome,
  explanation: string | null,
  at: EpochMs,
  seconds: number,
): readonly AttemptRecord[] => {
  const { webhook, outcome, reason } = attempted;
  const isOfHandler = reason?.startsWith('handler_') === true;
  return withAttempt(webhook.effects.history, {
    at,
    outcome,
    durationMs: Math.round(seconds * SECOND_MS),
    reason,
    handler: isOfHandler ? failedHandlerIn(attempted) : null,
    error: explanation === null || explanation === reason ? null : explanation.slice(0, LIMITS.attemptErrorCharsMax),
  });
};

/** What is written of the attempt. */
export const changeOf = (
  { clock }: Pick<ProcessDeps, 'clock'>,
  outcome: AttemptOutcome,
  seconds: number,
): StatusChange => {
  const { webhook, attempt, reason } = outcome;
  assert(isTransitionAllowed(webhook.status, outcome.outcome), `${webhook.status} may not become ${outcome.outcome}`);
  const changedAt = clock.now();
  const explanation = screenedExplanationOf(outcome);
  return {
    status: outcome.outcome,
    attempts: attempt,
    lastError: explanation,
    nextAttemptAt: outcome.outcome === 'retrying' ? changedAt + outcome.retryInMs : null,
    effects: { ...outcome.effects, history: historyAfter(outcome, explanation, changedAt, seconds) },
    changedAt,
    actor: PROCESSOR,
    // A code: the audit trail holds no words of the user's code.
    reason,
  };
};

const settle = async (
  deps: ProcessDeps,
  claim: Claim,
  outcome: AttemptOutcome,
  seconds: number,
  write: NonNullable<ActedOn['recordAndChange']> = deps.store.change,
): Promise<ProcessOutcome> => {
  const { webhook, attempt, reason } = outcome;
  const result = await write(webhook, webhook.revision, changeOf(deps, outcome, seconds), claim);
  if (result.outcome === 'too_many_events') {
    return settle(deps, claim, outcomeOf(deps, webhook, attempt, tooManyEvents(webhook.effects)), seconds);
  }
  if (result.outcome !== 'changed') return changedMeanwhile(deps, claim);
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
      summary: `gave up after ${attempt} ${attempt === 1 ? 'attempt' : 'attempts'} (${reason})`,
    });
  }
  return outcome;
};
