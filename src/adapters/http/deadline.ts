/** The time that one message has, and the caller's wish to stop, as one end. */

/** Why a message was given up before its answer was there. */
export type Over = 'timed_out' | 'stopped';

export interface Deadline {
  /** Aborted once it is over. */
  readonly signal: AbortSignal;
  /** Resolves once it is over; otherwise never. */
  readonly whenOver: Promise<void>;
  /** Null while there is time. */
  readonly over: () => Over | null;
  /** To be called when the work is done: nothing of it is left behind then. */
  readonly end: () => void;
}

/** Is over after `timeoutMs` or with the caller's signal, whichever comes first. */
export const startDeadline = (timeoutMs: number, caller: AbortSignal): Deadline => {
  const controller = new AbortController();
  const { promise: whenOver, resolve } = Promise.withResolvers<void>();
  let over: Over | null = null;
  const finish = (why: Over): void => {
    over ??= why;
    controller.abort();
    resolve();
  };
  const stop = (): void => finish('stopped');
  const timer = setTimeout(finish, timeoutMs, 'timed_out');
  caller.addEventListener('abort', stop);
  if (caller.aborted) stop();
  return {
    signal: controller.signal,
    whenOver,
    over: () => over,
    end: () => {
      clearTimeout(timer);
      caller.removeEventListener('abort', stop);
    },
  };
};
