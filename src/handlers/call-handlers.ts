/** Calls the user's handlers for one webhook, all at the same time and under one deadline, and says how each one went. */
import type { ActOutcome, Effects, HandlerEffect, News } from '../core/effects.ts';
import { LIMITS } from '../core/limits.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { Logger } from '../core/ports/logger.ts';
import { requestedWaitMs } from '../core/retry-policy.ts';
import type { EpochMs } from '../core/webhook.ts';
import { isWanted } from '../payments/event-patterns.ts';
import type { PaymentView } from '../payments/payment.ts';
import type { PaymentEvent } from '../payments/payment-event.ts';
import type { HandledWebhook, HandlerContext, HandlerOutcome } from './handler.ts';
import type { EventContext } from './on.ts';
import { type Handlers, type NamedEventHandler, WEBHOOK_HANDLER_NAME } from './read-handlers.ts';

export interface CallHandlersDeps {
  readonly handlers: Handlers;
  /** How long all handlers of a webhook may take together. */
  readonly handlerMsMax: number;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Aborted when the home stops: handlers that watch it can give up early. */
  readonly stopping: AbortSignal;
}

/** A payment event of the webhook, after it was applied. */
export interface AppliedEvent {
  readonly event: PaymentEvent;
  readonly news: News;
  readonly payment: PaymentView | null;
}

export interface CalledHandlers {
  /** Of every handler that is concerned, those that had succeeded before included. */
  readonly effects: readonly HandlerEffect[];
  /** `ignored` only when `handle` was the only one concerned and ignored it; null when no handler is concerned. */
  readonly outcome: ActOutcome | null;
}

/** One handler and what it is to be called with. */
interface Call {
  readonly handler: string;
  readonly event: number | null;
  readonly idempotencyId: string;
  readonly run: (context: HandlerContext) => unknown;
}

type CallOutcome =
  | { readonly outcome: 'done' }
  | { readonly outcome: 'ignored'; readonly detail: string }
  | { readonly outcome: 'failed'; readonly reason: string; readonly error: string; readonly waitMs: number | null }
  | { readonly outcome: 'given_up'; readonly reason: string; readonly error: string };

/**
 * Calls the handlers of one webhook. Those that `before` calls done are not called again. Never throws for what a handler
 * does: thrown values, time-outs and nonsense are outcomes. `isAlone`: no other webhook's handlers may run beside these,
 * because one of them is suspected of taking down whatever it runs in.
 */
export type CallHandlers = (
  webhook: HandledWebhook,
  events: readonly AppliedEvent[],
  before: Effects,
  isAlone: boolean,
) => Promise<CalledHandlers>;

const TIMED_OUT = Symbol('timed out');

/** Returns `callHandlers` that runs them in the calling process, whoever else runs there. */
export const createCallHandlers =
  (deps: CallHandlersDeps): CallHandlers =>
  async (webhook, events, before) => {
    const calls = callsOf(deps.handlers, webhook, events).filter(
      ({ handler }) => before.only === null || before.only === handler,
    );
    const past = (call: Call): HandlerEffect | undefined =>
      before.handlers.find(({ handler, event }) => handler === call.handler && event === call.event);
    const isSettled = (call: Call): boolean => ['done', 'ignored'].includes(past(call)?.outcome ?? '');

    const due = calls.filter((call) => !isSettled(call));
    const attempts = due.map((call) => (past(call)?.attempts ?? 0) + 1);
    const outcomes = due.length === 0 ? [] : await callAll(deps, due, attempts);
    const called = due.map(({ handler, event }, index): HandlerEffect => {
      const { outcome } = outcomes[index] ?? { outcome: 'failed' };
      return { handler, event, outcome, attempts: attempts[index] ?? 1 };
    });
    const others = before.handlers.filter(
      (effect) => !called.some(({ handler, event }) => handler === effect.handler && event === effect.event),
    );
    return { effects: [...others, ...called], outcome: calls.length === 0 ? null : actOutcomeOf(calls, due, outcomes) };
  };

const callsOf = (
  { webhookHandler, eventHandlers }: Handlers,
  webhook: HandledWebhook,
  events: readonly AppliedEvent[],
): readonly Call[] => {
  const calls = events.flatMap((applied, index) =>
    eventHandlers
      .filter((handler) => wants(handler, applied))
      .map((handler) => eventCall(handler, applied, index, webhook)),
  );
  if (webhookHandler === null) return calls;
  const run = (context: HandlerContext): unknown => webhookHandler(webhook, context);
  return [...calls, { handler: WEBHOOK_HANDLER_NAME, event: null, idempotencyId: webhook.webhookId, run }];
};

const wants = ({ patterns, providers, events }: NamedEventHandler, { event, news }: AppliedEvent): boolean =>
  isWanted(patterns, event.type) &&
  (providers === null || providers.includes(event.provider)) &&
  (events === 'all' || news === 'news');

const eventCall = (
  { name, call }: NamedEventHandler,
  { event, news, payment }: AppliedEvent,
  index: number,
  webhook: HandledWebhook,
): Call => ({
  handler: name,
  event: index,
  idempotencyId: event.id,
  run: (context) => call(event, { ...context, news, payment, webhook } satisfies EventContext),
});

/** One timer for all: what has not answered at the deadline has failed, whatever it answers later. */
const callAll = async (
  { handlerMsMax, clock, logger, stopping }: CallHandlersDeps,
  calls: readonly Call[],
  attempts: readonly number[],
): Promise<readonly CallOutcome[]> => {
  const timeout = new AbortController();
  const { promise: timedOut, resolve } = Promise.withResolvers<typeof TIMED_OUT>();
  const timer = setTimeout(() => {
    timeout.abort();
    resolve(TIMED_OUT);
  }, handlerMsMax);
  const common = {
    deadlineAt: (clock.now() + handlerMsMax) satisfies EpochMs,
    signal: AbortSignal.any([timeout.signal, stopping]),
    logger,
  };
  const callOne = async ({ run, idempotencyId }: Call, attempt: number): Promise<CallOutcome> => {
    try {
      // The async wrapper turns a handler that throws before its first await into a rejection like any other.
      const answer = await Promise.race([(async () => run({ ...common, idempotencyId, attempt }))(), timedOut]);
      if (answer !== TIMED_OUT) return outcomeOf(answer);
      const error = `handler did not finish within ${handlerMsMax} ms`;
      return { outcome: 'failed', reason: 'handler_timed_out', error, waitMs: null };
    } catch (error) {
      return { outcome: 'failed', reason: 'handler_failed', error: describeThrown(error), waitMs: null };
    }
  };
  try {
    return await Promise.all(calls.map((call, index) => callOne(call, attempts[index] ?? 1)));
  } finally {
    clearTimeout(timer);
  }
};

/** A handler is the user's code and may answer anything. */
const outcomeOf = (answer: unknown): CallOutcome => {
  if (answer === undefined || answer === null) return { outcome: 'done' };
  const result = (typeof answer === 'object' ? answer : { outcome: null }) as HandlerOutcome;
  switch (result.outcome) {
    case 'done':
      return { outcome: 'done' };
    case 'ignore':
      return { outcome: 'ignored', detail: bounded(result.reason) };
    case 'retry': {
      const { reason, afterMs } = result;
      return {
        outcome: 'failed',
        reason: 'handler_asked_retry',
        error: bounded(reason),
        waitMs: requestedWaitMs(afterMs),
      };
    }
    case 'give_up':
      return { outcome: 'given_up', reason: 'handler_gave_up', error: bounded(result.reason) };
    default:
      return {
        outcome: 'given_up',
        reason: 'handler_result_unknown',
        error: 'handler returned neither nothing nor a result: return done(), ignore(), retryIn() or giveUp()',
      };
  }
};

const bounded = (text: unknown): string => {
  try {
    return String(text).slice(0, LIMITS.lastErrorCharsMax);
  } catch {
    return 'a value that cannot be described';
  }
};

/** What a handler threw, as stored text. A handler's message may hold payload: it goes to the store, never to a log. */
const describeThrown = (thrown: unknown): string =>
  thrown instanceof Error
    ? bounded(`${bounded(thrown.name)}: ${bounded(thrown.message)}`)
    : `thrown value: ${bounded(thrown)}`;

const actOutcomeOf = (calls: readonly Call[], due: readonly Call[], outcomes: readonly CallOutcome[]): ActOutcome => {
  const named = outcomes.map((outcome, index) => ({ ...outcome, name: due[index]?.handler ?? '' }));
  const givenUp = named.find((one) => one.outcome === 'given_up');
  if (givenUp !== undefined) return { outcome: 'given_up', reason: givenUp.reason, error: errorOf(givenUp) };
  const failed = named.filter((one) => one.outcome === 'failed');
  const [first] = failed;
  if (first !== undefined) {
    const waits = failed.map(({ waitMs }) => waitMs).filter((waitMs) => waitMs !== null);
    // Nobody is called again before the time that they asked for.
    const waitMs = waits.length === 0 ? null : Math.max(...waits);
    return { outcome: 'failed', reason: first.reason, error: errorOf(first), waitMs };
  }
  const [only, another] = named;
  if (calls.length === 1 && another === undefined && only?.outcome === 'ignored') {
    return { outcome: 'ignored', reason: 'handler_ignored', detail: only.detail };
  }
  return { outcome: 'processed' };
};

/** Says which handler it was, where there may be several. */
const errorOf = ({ name, error }: { readonly name: string; readonly error: string }): string =>
  (name === WEBHOOK_HANDLER_NAME ? error : `${name}: ${error}`).slice(0, LIMITS.lastErrorCharsMax);
