/**
 * One process that handlers run in: started, asked, and ended when it does not keep to what it may. The server never waits
 * for it without a limit, and believes nothing but well-formed answers to what it has asked.
 */
import { pid } from 'node:process';
import { LIMITS } from '../../core/limits.ts';
import type { Logger } from '../../core/ports/logger.ts';
import type { CalledHandlers, CallProgress } from '../../handlers/call-handlers.ts';
import type { HandlerList } from '../../handlers/read-handlers.ts';
import { type CallMessage, type EndedCall, type FromHandlers, monotonicMs } from './handler-messages.ts';
import { spawnHandlers } from './spawn-handlers.ts';

export interface HandlerChildOptions {
  readonly path: string;
  readonly handlerMsMax: number;
  readonly memoryMb: number;
  readonly logger: Logger;
  /** Forwarded: handlers that watch it can give up early. */
  readonly stopping: AbortSignal;
  /** @default LIMITS.handlersLoadMsMax */
  readonly loadMsMax?: number;
  /** @default LIMITS.handlerAnswerGraceMs */
  readonly graceMs?: number;
}

export type ChildCall = Omit<CallMessage, 'kind' | 'id'>;

export type ChildOutcome =
  | { readonly outcome: 'answered'; readonly called: CalledHandlers; readonly ended: readonly EndedCall[] }
  /** Not one handler was called: if the process has ended, another call had begun and ended it. */
  | { readonly outcome: 'not_begun' }
  /** `how` fits into brackets: `exit code 3`. */
  | { readonly outcome: 'ended'; readonly how: string; readonly progress: CallProgress };

export type ChildStart =
  | { readonly outcome: 'ready'; readonly child: HandlerChild }
  /** `problem` is a sentence. */
  | { readonly outcome: 'not_started'; readonly problem: string };

export interface HandlerChild {
  readonly handlers: HandlerList;
  isTakingCalls(): boolean;
  /** Never rejects. Answers within the time to begin, `handlerMsMax` and the grace together. */
  call(call: ChildCall): Promise<ChildOutcome>;
  /** Resolves when it takes no more calls: it has ended, or will when it has answered those that it has. */
  readonly retired: Promise<void>;
  /** Takes no more calls, and ends when it has answered those that it has. */
  retire(): void;
  /** Resolves with how it ended; null when it was no longer needed. */
  readonly ended: Promise<string | null>;
  /** Ends it, by force when it does not end by itself. What it has not answered is never answered. */
  stop(): Promise<void>;
}

/** Heap, and as much again of all else. */
const RESIDENT_BYTES_PER_HEAP_MB = 2 * 1024 ** 2;

interface Underway {
  readonly settle: (outcome: ChildOutcome) => void;
  /** Null while it has not said that it has begun. */
  progress: CallProgress | null;
  /** What is known of a call that never said how far it had come. */
  readonly atFirst: CallProgress;
  timer: NodeJS.Timeout;
}

/** Calls that have no answer yet, each under a limit of its own. */
const createUnderway = (msMax: number, onTooLate: () => void) => {
  const calls = new Map<number, Underway>();
  let lastId = 0;
  const limit = (ms: number): NodeJS.Timeout => setTimeout(onTooLate, ms);
  return {
    count: (): number => calls.size,
    add(beginMs: number, atFirst: CallProgress, settle: Underway['settle']): number {
      lastId += 1;
      calls.set(lastId, { settle, progress: null, atFirst, timer: limit(beginMs + msMax) });
      return lastId;
    },
    progressed(id: number, progress: CallProgress): void {
      const call = calls.get(id);
      if (call === undefined) return;
      if (call.progress === null) {
        clearTimeout(call.timer);
        call.timer = limit(msMax);
      }
      call.progress = progress;
    },
    /** An answer that nobody has asked for, or does no longer, is nobody's. */
    settle(id: number, outcome: ChildOutcome): void {
      const call = calls.get(id);
      if (call === undefined) return;
      clearTimeout(call.timer);
      calls.delete(id);
      call.settle(outcome);
    },
    /**
     * Null: they are not told. When none has said that it has begun, one of them did so all the same: it took the pipe
     * with it, or the process before a word got out.
     */
    endAll(how: string | null): void {
      const hasAnyBegun = [...calls.values()].some(({ progress }) => progress !== null);
      for (const { progress, atFirst, settle, timer } of calls.values()) {
        clearTimeout(timer);
        if (how === null) continue;
        if (progress === null && hasAnyBegun) settle({ outcome: 'not_begun' });
        else settle({ outcome: 'ended', how, progress: progress ?? atFirst });
      }
      calls.clear();
    },
  };
};

type Loaded = FromHandlers & { readonly kind: 'ready' | 'unusable' };

/** The process and the calls that it has in its hands. */
const openChild = (options: HandlerChildOptions, onLoaded: (loaded: Loaded) => void) => {
  const { handlerMsMax, memoryMb, logger, graceMs = LIMITS.handlerAnswerGraceMs } = options;
  const { promise: retired, resolve: onRetired } = Promise.withResolvers<void>();
  let isTakingCalls = true;
  let isNeeded = true;

  const process = spawnHandlers(memoryMb, (message) => take(message));
  const calls = createUnderway(handlerMsMax + graceMs, () => process.kill(`no answer within ${handlerMsMax} ms`));

  const takeNoMore = (): void => {
    isTakingCalls = false;
    onRetired();
  };
  const stop = async (): Promise<void> => {
    isNeeded = false;
    takeNoMore();
    process.end();
    const byForce = setTimeout(() => process.kill('it did not end by itself'), LIMITS.handlersEndMsMax);
    await process.ended;
    clearTimeout(byForce);
  };
  const retire = (): void => {
    takeNoMore();
    if (calls.count() === 0) void stop();
  };
  const settle = (id: number, outcome: ChildOutcome): void => {
    calls.settle(id, outcome);
    if (!isTakingCalls && calls.count() === 0) void stop();
  };
  const take = (message: FromHandlers): void => {
    switch (message.kind) {
      case 'ready':
      case 'unusable':
        onLoaded(message);
        break;
      case 'progress':
        calls.progressed(message.id, message);
        break;
      case 'answered':
        settle(message.id, { outcome: 'answered', called: message.called, ended: message.ended });
        break;
      case 'not_begun':
        settle(message.id, { outcome: 'not_begun' });
        break;
      case 'retiring':
        retire();
        break;
      case 'log':
      case 'escaped':
        report(logger, message);
        break;
      default:
        message satisfies never;
    }
  };
  const ended = process.ended.then((how) => {
    takeNoMore();
    calls.endAll(isNeeded ? how : null);
    return isNeeded ? how : null;
  });
  return { process, calls, retired, retire, ended, stop, isTakingCalls: () => isTakingCalls };
};

/** Resolves when the module is loaded, or will not be. Never rejects. */
export const startHandlerChild = async (options: HandlerChildOptions): Promise<ChildStart> => {
  const { path, handlerMsMax, memoryMb, stopping, loadMsMax = LIMITS.handlersLoadMsMax } = options;
  const { promise: loaded, resolve: onLoaded } = Promise.withResolvers<Loaded>();
  const { process, calls, retired, retire, ended, stop, isTakingCalls } = openChild(options, onLoaded);

  const residentBytesMax = memoryMb * RESIDENT_BYTES_PER_HEAP_MB;
  process.send({ kind: 'load', path, handlerMsMax, residentBytesMax, serverPid: pid });
  const onStopping = (): void => process.send({ kind: 'stopping' });
  if (stopping.aborted) onStopping();
  else stopping.addEventListener('abort', onStopping, { once: true });
  void ended.then(() => stopping.removeEventListener('abort', onStopping));

  const tooLong = setTimeout(() => process.kill(`it was not loaded within ${loadMsMax} ms`), loadMsMax);
  const first = await Promise.race([loaded, process.ended]);
  clearTimeout(tooLong);
  if (typeof first === 'string') {
    const problem = `the handlers module ${path} cannot be loaded: its process ended (${first})`;
    return { outcome: 'not_started', problem };
  }
  if (first.kind === 'unusable') {
    await stop();
    return { outcome: 'not_started', problem: first.problem };
  }
  const call: HandlerChild['call'] = (asked) => {
    if (!isTakingCalls()) return Promise.resolve({ outcome: 'not_begun' });
    return new Promise((resolve) => {
      const atFirst: CallProgress = { effects: asked.before.handlers, running: [] };
      const id = calls.add(Math.max(0, asked.beginUntil - monotonicMs()), atFirst, resolve);
      process.send({ kind: 'call', id, ...asked });
    });
  };
  return { outcome: 'ready', child: { handlers: first.handlers, isTakingCalls, call, retired, retire, ended, stop } };
};

const report = (logger: Logger, message: FromHandlers & { kind: 'log' | 'escaped' }): void => {
  if (message.kind === 'log') {
    logger[message.level](message.event, message.fields);
    return;
  }
  const { handler, by, errorClass, count } = message;
  logger.error('handler.error_escaped', {
    ...(handler === null ? {} : { handler }),
    reason: by,
    kind: errorClass,
    ...(count === 0 ? {} : { count }),
  });
};
