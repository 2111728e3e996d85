/**
 * Handlers are guests: they run in a process of their own, so that whatever they do to it (an error that nobody catches, an
 * endless loop, all memory, `process.exit`) is done to nothing else. What shares a process with a webhook under suspicion
 * is nothing: there is a second process for calls that have to be alone.
 */
import { PayhookError } from '../../core/errors.ts';
import { LIMITS } from '../../core/limits.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Randomness } from '../../core/ports/randomness.ts';
import { type CalledHandlers, type CallHandlers, calledNone, planCalls } from '../../handlers/call-handlers.ts';
import { createHandlerCircuits, type HandlerCircuits, type HandlerState } from '../../handlers/handler-circuits.ts';
import { type ChildOutcome, type HandlerChildOptions, startHandlerChild } from './handler-child.ts';
import { createHandlerLane, type HandlerProcessState, type LaneDeps } from './handler-lane.ts';
import { monotonicMs } from './handler-messages.ts';

export interface HandlerProcessDeps extends HandlerChildOptions {
  readonly clock: Clock;
  readonly randomness: Pick<Randomness, 'fraction'>;
  /** @default LIMITS.handlerBeginMsMax */
  readonly beginMsMax?: number;
  /** For tests. @default those of a lane */
  readonly lane?: Pick<LaneDeps, 'restartMs' | 'idleMs'>;
}

export interface HandlerProcess {
  readonly callHandlers: CallHandlers;
  /** Reads the module again. Resolves with why it cannot be used, in which case the one before goes on; null when it can. */
  reload(): Promise<string | null>;
  /** How each handler is doing, as far as this process knows, and what they run in. */
  states(): HandlersState;
  /** Ends the processes. Calls under way are not answered any more: their webhooks come back by their leases. */
  stop(): Promise<void>;
}

export interface HandlersState {
  readonly handlers: readonly HandlerState[];
  /** Null where there are no handlers. */
  readonly process: HandlerProcessState | null;
}

/** Throws `configuration_invalid` when the module cannot be loaded or exports no handler. */
export const openHandlerProcess = async (deps: HandlerProcessDeps): Promise<HandlerProcess> => {
  const { logger, clock, beginMsMax = LIMITS.handlerBeginMsMax } = deps;
  const first = await startHandlerChild(deps);
  if (first.outcome === 'not_started') throw new PayhookError('configuration_invalid', first.problem);
  let { handlers } = first.child;
  // The module may be another one by the time that its process is started again.
  const start = async () => {
    const started = await startHandlerChild(deps);
    if (started.outcome === 'ready') handlers = started.child.handlers;
    return started;
  };
  const circuits = createHandlerCircuits(deps);
  const shared = createHandlerLane({ ...deps.lane, start, logger, kind: 'shared', first: first.child });
  const alone = createHandlerLane({ ...deps.lane, start, logger, kind: 'alone' });

  return {
    async callHandlers({ json, ...webhook }, events, before, isAlone) {
      const planned = planCalls(handlers, events, before);
      if (planned.due.length === 0) return calledNone(planned);
      const beginUntil = monotonicMs() + beginMsMax;
      // One that is alone is asked whether it ends its process: that it rests would be no answer.
      const names = isAlone ? [] : planned.due.map(({ handler }) => handler);
      const { resting, end } = beginAll(circuits, new Set(names));
      const call = { webhook, events, before, now: clock.now(), beginUntil, isAlone, resting };
      const outcome = await (isAlone ? alone : shared).call(call);
      end(outcome);
      return calledHandlersOf(outcome, isAlone);
    },
    async reload() {
      const problem = await shared.renew();
      return problem ?? alone.renew();
    },
    states: () => ({ handlers: circuits.states(), process: shared.state() }),
    async stop() {
      await Promise.all([shared.stop(), alone.stop()]);
    },
  };
};

/** Tells which handlers rest, and the circuits of the others how they ended: an end of the process says nothing about one. */
const beginAll = (circuits: HandlerCircuits, handlers: ReadonlySet<string>) => {
  const rests = [...handlers].map((handler) => [handler, circuits.begin(handler)] as const);
  const resting = new Map(rests.flatMap(([handler, restMs]) => (restMs === null ? [] : [[handler, restMs] as const])));
  const end = (outcome: ChildOutcome): void => {
    for (const name of handlers) {
      if (resting.has(name)) continue;
      const ended = outcome.outcome === 'answered' ? outcome.ended.filter(({ handler }) => handler === name) : [];
      const worst = (['failed', 'answered'] as const).find((how) => ended.some((one) => one.how === how));
      circuits.ended(name, worst ?? 'cut_off');
    }
  };
  return { resting, end };
};

const calledHandlersOf = (outcome: ChildOutcome, isAlone: boolean): CalledHandlers => {
  switch (outcome.outcome) {
    case 'answered':
      return outcome.called;
    case 'not_begun':
      throw new PayhookError(
        'handlers_unavailable',
        'the process of the handlers is not there or has no time: see the log lines before',
      );
    case 'ended': {
      if (!isAlone) throw new PayhookError('handlers_ended', `the process of the handlers ended (${outcome.how})`);
      const { effects, running } = outcome.progress;
      const error = `${whoOf(running)} the process of the handlers (${outcome.how})`;
      return { effects, outcome: { outcome: 'broken', reason: 'handler_ended_process', error } };
    }
    default:
      return outcome satisfies never;
  }
};

const whoOf = (running: readonly string[]): string => {
  const names = [...new Set(running)];
  return names.length > 1 ? `one of ${names.join(', ')} ended` : `${names[0] ?? 'one of its handlers'} ended`;
};
