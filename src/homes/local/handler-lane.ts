/** Keeps a process for handlers there: starts it again when it ends, the later the more often it does, and lets calls wait meanwhile. */
import { setTimeout as pause } from 'node:timers/promises';
import { LIMITS } from '../../core/limits.ts';
import type { Logger } from '../../core/ports/logger.ts';
import type { ChildCall, ChildOutcome, ChildStart, HandlerChild } from './handler-child.ts';
import { monotonicMs } from './handler-messages.ts';

export interface LaneDeps {
  readonly start: () => Promise<ChildStart>;
  readonly logger: Logger;
  /**
   * `shared`: for many calls at a time, started again at once. `alone`: for one call at a time, whose fault it is when the
   * process ends; started when there is one, and ended when there was none for a while.
   */
  readonly kind: 'shared' | 'alone';
  /** Already started. @default none */
  readonly first?: HandlerChild;
  /** Before the next start, after so many short lives and so many failed starts in a row. @default by LIMITS */
  readonly restartMs?: (shortLives: number, failedStarts: number) => number;
  /** @default LIMITS.handlersIdleMs */
  readonly idleMs?: number;
}

export interface HandlerLane {
  /** `not_begun`: not until `beginUntil`, because there is no process, or none that has time. Never rejects. */
  call(call: ChildCall): Promise<ChildOutcome>;
  /**
   * Has a fresh process take the calls from now on; the one before answers those that it has. Resolves with why there is
   * none, in which case the one before goes on; null when there is, or will be at the next call.
   */
  renew(): Promise<string | null>;
  /** How its process is. */
  state(): HandlerProcessState;
  /** Ends the process. Calls under way are not answered any more. */
  stop(): Promise<void>;
}

export interface HandlerProcessState {
  /** Takes calls now. */
  readonly isThere: boolean;
  /** Processes that ended by themselves since the start, and how the last of them did. */
  readonly ended: number;
  readonly lastEnd: string | null;
}

/** `times` in a row; the first time at once. */
const doubled = (times: number, capMs: number): number =>
  times === 0 ? 0 : Math.min(capMs, LIMITS.handlersRestartBaseMs * 2 ** Math.min(times - 1, 30));

const usualRestartMs = (shortLives: number, failedStarts: number): number =>
  Math.max(doubled(shortLives, LIMITS.handlersRestartCapMs), doubled(failedStarts, LIMITS.handlersStartFailedCapMs));

/** Undefined when the promise is not resolved by then. Without a signal to abort: every call passes here, and that costs an error. */
const before = <T>(promise: Promise<T>, beginUntil: number): Promise<T | undefined> => {
  const { promise: late, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(resolve, Math.max(0, beginUntil - monotonicMs()), undefined);
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
};

export const createHandlerLane = (deps: LaneDeps): HandlerLane => {
  const children = createChildren(deps);
  const { idleMs = LIMITS.handlersIdleMs } = deps;
  let idle: NodeJS.Timeout | undefined;
  let last: Promise<unknown> = Promise.resolve();

  const call = async (asked: ChildCall): Promise<ChildOutcome> => {
    for (;;) {
      const child = await before(children.current(), asked.beginUntil);
      if (child === undefined) return { outcome: 'not_begun' };
      const outcome = await child.call(asked);
      // The process ended before it came to this one: the next process may have it.
      if (outcome.outcome !== 'not_begun' || monotonicMs() >= asked.beginUntil) return outcome;
    }
  };
  const callAlone = async (asked: ChildCall): Promise<ChildOutcome> => {
    clearTimeout(idle);
    const outcome = await call(asked);
    idle = setTimeout(() => void children.rest(), idleMs);
    idle.unref();
    return outcome;
  };
  return {
    call(asked) {
      if (deps.kind === 'shared') return call(asked);
      const mine = last.then(() => callAlone(asked));
      last = mine;
      return mine;
    },
    renew: children.renew,
    state: children.state,
    async stop() {
      clearTimeout(idle);
      await children.stop();
    },
  };
};

/** The process that takes calls now, and its successors. */
const createChildren = ({ start, logger, kind, first, restartMs = usualRestartMs }: LaneDeps) => {
  const stopping = new AbortController();
  let child: HandlerChild | undefined;
  let starting: Promise<HandlerChild | undefined> | undefined;
  let shortLives = 0;
  let failedStarts = 0;
  let ended = 0;
  let lastEnd: string | null = null;

  const adopt = async (fresh: HandlerChild): Promise<void> => {
    child = fresh;
    failedStarts = 0;
    const bornAt = monotonicMs();
    await fresh.retired;
    const isRenewed = child !== fresh;
    if (!isRenewed) child = undefined;
    if (kind === 'shared' && !isRenewed) {
      shortLives = monotonicMs() - bornAt >= LIMITS.handlersSteadyMs ? 0 : shortLives + 1;
      void current();
    }
    const how = await fresh.ended;
    if (how === null) return;
    ended += 1;
    lastEnd = how;
    logger.error('handlers.ended', { reason: how });
  };

  const startUntilStopped = async (): Promise<HandlerChild | undefined> => {
    while (!stopping.signal.aborted) {
      await pause(restartMs(shortLives, failedStarts), undefined, { signal: stopping.signal }).catch(() => undefined);
      if (stopping.signal.aborted) return undefined;
      const started = await start();
      if (started.outcome === 'ready') {
        void adopt(started.child);
        if (!stopping.signal.aborted) return started.child;
        await started.child.stop();
        return undefined;
      }
      failedStarts += 1;
      const waitMs = restartMs(shortLives, failedStarts);
      logger.error('handlers.not_started', { message: started.problem, retry_in_ms: waitMs });
    }
    return undefined;
  };

  const current = (): Promise<HandlerChild | undefined> => {
    if (child?.isTakingCalls() === true) return Promise.resolve(child);
    starting ??= startUntilStopped().finally(() => {
      starting = undefined;
    });
    return starting;
  };

  if (first !== undefined) void adopt(first);
  return {
    current,
    state: (): HandlerProcessState => ({ isThere: child?.isTakingCalls() === true, ended, lastEnd }),
    async renew(): Promise<string | null> {
      const before = child;
      if (kind === 'shared') {
        const started = await start();
        if (started.outcome === 'not_started') return started.problem;
        void adopt(started.child);
      }
      before?.retire();
      return null;
    },
    /** Until the next call. */
    rest: (): Promise<void> | undefined => child?.stop(),
    async stop(): Promise<void> {
      stopping.abort();
      // One that is just being started ends as soon as it is there, or with this process.
      await child?.stop();
    },
  };
};
