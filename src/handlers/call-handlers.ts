/** Calls the user's handlers for one webhook, all at the same time and under one deadline, and says how each one went. */
import type { ActOutcome, Effects, HandlerEffect, News, SubjectEffect } from '../core/effects.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { Logger } from '../core/ports/logger.ts';
import { screenedLogger } from '../core/screen-text.ts';
import type { EpochMs } from '../core/webhook.ts';
import { isWanted } from '../payments/event-patterns.ts';
import type { PaymentView } from '../payments/payment.ts';
import type { PaymentEvent } from '../payments/payment-event.ts';
import { actOutcomeOf, type CallOutcome, isHandlerDown, outcomeOfRun, outcomeOfThrown } from './call-outcome.ts';
import { runAttributed } from './escaped-errors.ts';
import type { HandledWebhook, HandlerContext } from './handler.ts';
import type { HandlerCircuits } from './handler-circuits.ts';
import type { EventContext } from './on.ts';
import {
  type HandlerList,
  type Handlers,
  type ListedHandler,
  listHandlers,
  WEBHOOK_HANDLER_NAME,
} from './read-handlers.ts';

export interface CallHandlersDeps {
  readonly handlers: Handlers;
  /** How long all handlers of a webhook may take together. */
  readonly handlerMsMax: number;
  readonly clock: Pick<Clock, 'now'>;
  readonly circuits: Pick<HandlerCircuits, 'begin' | 'ended'>;
  readonly logger: Logger;
  /** Aborted when the home stops: handlers that watch it can give up early. */
  readonly stopping: AbortSignal;
  /** Told before the first handler is called, and whenever one has ended. @default nobody */
  readonly onProgress?: (progress: CallProgress) => void;
}

/** How far a call has come: what is known should the process end now. */
export interface CallProgress {
  /** As in `CalledHandlers`; those that have not ended count as failed. */
  readonly effects: readonly HandlerEffect[];
  /** Names of the handlers that have not ended. */
  readonly running: readonly string[];
}

/** A payment event of the webhook, after it was applied. */
export interface AppliedEvent {
  readonly event: PaymentEvent;
  readonly news: News;
  readonly payment: PaymentView | null;
  /** What it changed that is no payment. */
  readonly subject: SubjectEffect | null;
}

export interface CalledHandlers {
  /** Of every handler that is concerned, those that had succeeded before included. */
  readonly effects: readonly HandlerEffect[];
  /** `ignored` only when `handle` was the only one concerned and ignored it; null when no handler is concerned. */
  readonly outcome: ActOutcome | null;
}

/**
 * Calls the handlers that are concerned by a webhook, but for those that `before` calls done. Never throws for what a
 * handler does: thrown and escaped errors, time-outs and nonsense are outcomes. Throws `PayhookError` when the process
 * that they run in is not there, or has ended under several webhooks at once. `isAlone`: no other webhook's handlers may
 * run beside it, because it is suspected of ending its process.
 */
export type CallHandlers = (
  webhook: HandledWebhook,
  events: readonly AppliedEvent[],
  before: Effects,
  isAlone: boolean,
) => Promise<CalledHandlers>;

/** A handler that is concerned by a webhook, and which of its events; null: the webhook itself. */
interface Concern {
  readonly handler: string;
  readonly event: number | null;
}

/** One handler and what it is to be called with. */
interface Call extends Concern {
  readonly idempotencyId: string;
  readonly attempt: number;
  readonly run: (context: HandlerContext) => unknown;
}

/** Of a webhook: which handlers it concerns, and which of them are to be called now. */
export interface PlannedCalls {
  readonly concerned: readonly Concern[];
  readonly due: readonly (Concern & { readonly attempt: number })[];
  /** Of handlers that are not to be called now. */
  readonly settled: readonly HandlerEffect[];
}

/** Needs to know the handlers only, not to have them. */
export const planCalls = (
  { hasWebhookHandler, eventHandlers }: HandlerList,
  events: readonly AppliedEvent[],
  before: Effects,
): PlannedCalls => {
  const concerned = [
    ...events.flatMap((applied, event) =>
      eventHandlers.filter((handler) => wants(handler, applied)).map(({ name }): Concern => ({ handler: name, event })),
    ),
    ...(hasWebhookHandler ? [{ handler: WEBHOOK_HANDLER_NAME, event: null }] : []),
  ].filter(({ handler }) => before.only === null || before.only === handler);
  const past = (call: Concern): HandlerEffect | undefined => before.handlers.find((effect) => isOf(effect, call));
  const due = concerned
    .filter((call) => !['done', 'ignored'].includes(past(call)?.outcome ?? ''))
    .map((call) => ({ ...call, attempt: (past(call)?.attempts ?? 0) + 1 }));
  const settled = before.handlers.filter((effect) => !due.some((call) => isOf(effect, call)));
  return { concerned, due, settled };
};

const isOf = (effect: Concern, { handler, event }: Concern): boolean =>
  effect.handler === handler && effect.event === event;

/** What it comes to when no handler is to be called. */
export const calledNone = ({ concerned, settled }: PlannedCalls): CalledHandlers => ({
  effects: settled,
  outcome: concerned.length === 0 ? null : { outcome: 'processed' },
});

/** Returns `callHandlers`, which runs them in the calling process, all at the same time and under one deadline. */
export const createCallHandlers = (deps: CallHandlersDeps): CallHandlers => {
  const list = listHandlers(deps.handlers);
  return async (webhook, events, before) => {
    const planned = planCalls(list, events, before);
    const { due, settled } = planned;
    if (due.length === 0) return calledNone(planned);
    const ended: (CallOutcome | undefined)[] = due.map(() => undefined);
    const effects = (): HandlerEffect[] => [
      ...settled,
      ...due.map(({ handler, event, attempt }, index): HandlerEffect => {
        const outcome = ended[index]?.outcome ?? 'failed';
        return outcome === 'rests'
          ? { handler, event, outcome: 'failed', attempts: attempt - 1 }
          : { handler, event, outcome, attempts: attempt };
      }),
    ];
    const tell = (): void => {
      const running = due.filter((_, index) => ended[index] === undefined).map(({ handler }) => handler);
      deps.onProgress?.({ effects: effects(), running });
    };
    tell();
    const calls = due.map((call) => callOf(deps.handlers, call, webhook, events));
    const outcomes = await callAll(deps, calls, (index, outcome) => {
      ended[index] = outcome;
      tell();
    });
    const named = outcomes.map((outcome, index) => ({ ...outcome, name: due[index]?.handler ?? '' }));
    return { effects: effects(), outcome: actOutcomeOf(named, planned.concerned.length) };
  };
};

const callOf = (
  { webhookHandler, eventHandlers }: Handlers,
  { handler, event, attempt }: PlannedCalls['due'][number],
  webhook: HandledWebhook,
  events: readonly AppliedEvent[],
): Call => {
  const applied = event === null ? undefined : events[event];
  const own = eventHandlers.find(({ name }) => name === handler);
  if (applied === undefined || own === undefined) {
    const run = (context: HandlerContext): unknown => webhookHandler?.(webhook, context);
    return { handler, event, attempt, idempotencyId: webhook.webhookId, run };
  }
  const { news, payment } = applied;
  return {
    handler,
    event,
    attempt,
    idempotencyId: applied.event.id,
    run: (context) => own.call(applied.event, { ...context, news, payment, webhook } satisfies EventContext),
  };
};

const wants = ({ patterns, providers, events }: ListedHandler, { event, news }: AppliedEvent): boolean =>
  isWanted(patterns, event.type) &&
  (providers === null || providers.includes(event.provider)) &&
  (events === 'all' || news === 'news');

/** One timer for all: what has not answered at the deadline has failed, whatever it answers later. */
const callAll = async (
  { handlerMsMax, clock, circuits, logger, stopping }: CallHandlersDeps,
  calls: readonly Call[],
  onEnded: (index: number, outcome: CallOutcome) => void,
): Promise<readonly CallOutcome[]> => {
  const timeout = new AbortController();
  const { promise: timedOut, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(() => {
    timeout.abort();
    resolve();
  }, handlerMsMax);
  const common = {
    deadlineAt: (clock.now() + handlerMsMax) satisfies EpochMs,
    signal: AbortSignal.any([timeout.signal, stopping]),
    // A handler is the user's code, and may log whatever it was given.
    logger: screenedLogger(logger),
  };
  const callOne = async ({ handler, run, idempotencyId, attempt }: Call): Promise<CallOutcome> => {
    try {
      const ran = await runAttributed(handler, () => run({ ...common, idempotencyId, attempt }), timedOut);
      return outcomeOfRun(ran, handlerMsMax);
    } catch (error) {
      return outcomeOfThrown(error);
    }
  };
  try {
    return await Promise.all(
      calls.map(async (call, index) => {
        const outcome = await throughCircuit(circuits, call.handler, stopping, () => callOne(call));
        onEnded(index, outcome);
        return outcome;
      }),
    );
  } finally {
    clearTimeout(timer);
  }
};

const throughCircuit = async (
  circuits: Pick<HandlerCircuits, 'begin' | 'ended'>,
  handler: string,
  stopping: AbortSignal,
  call: () => Promise<CallOutcome>,
): Promise<CallOutcome> => {
  const restMs = circuits.begin(handler);
  if (restMs !== null) return { outcome: 'rests', restMs };
  const outcome = await call();
  const howItEndedWhenDown = stopping.aborted ? 'cut_off' : 'failed';
  circuits.ended(handler, isHandlerDown(outcome) ? howItEndedWhenDown : 'answered');
  return outcome;
};
