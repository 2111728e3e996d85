/**
 * Errors that leave a handler by another way than its promise: a promise that nobody awaits, a throw in a timer or in an
 * event. They would end the process; here each is told to the call that it came from.
 */
import { AsyncLocalStorage } from 'node:async_hooks';

/** `rejection`: of a promise that nobody awaits. `exception`: thrown where nobody can catch it; what was under way there is cut off. */
export type EscapedBy = 'rejection' | 'exception';

/** What may be logged of one: its message may quote a payload. */
export interface EscapedError {
  readonly by: EscapedBy;
  /** Whose code it was; null where it cannot be told. */
  readonly handler: string | null;
  readonly errorClass: string;
}

export type Ran<T> =
  | { readonly outcome: 'returned'; readonly value: T }
  | { readonly outcome: 'escaped'; readonly by: EscapedBy; readonly error: unknown }
  | { readonly outcome: 'timed_out' };

interface AttributedCall {
  readonly handler: string;
  /** False when the call is over: too late to change how it went. */
  take(by: EscapedBy, error: unknown): boolean;
}

/** Node keeps it in timers, events and promises, and still has it when their errors come out at the top. */
const callUnderWay = new AsyncLocalStorage<AttributedCall>();

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/**
 * Runs a handler so that what escapes from it is its own failure, until it has ended or `timedOut` is resolved. An escaped
 * rejection counts when the handler itself has ended; after an exception nobody waits for it, for it may never end. A
 * handler that has returned is watched for one more turn of the event loop, in which a promise that it did not await may
 * fail. Rejects with what `run` throws.
 */
export const runAttributed = async <T>(
  handler: string,
  run: () => T | Promise<T>,
  timedOut: Promise<unknown>,
): Promise<Ran<Awaited<T>>> => {
  let escaped: { readonly by: EscapedBy; readonly error: unknown } | undefined;
  let isOver = false;
  const { promise: cutOff, resolve: onCutOff } = Promise.withResolvers<void>();
  const call: AttributedCall = {
    handler,
    take(by, error) {
      if (isOver) return false;
      escaped ??= { by, error };
      if (by === 'exception') onCutOff();
      return true;
    },
  };
  const attempt = async (): Promise<Ran<Awaited<T>>> => {
    const value = await run();
    await nextTurn();
    return { outcome: 'returned', value };
  };
  const given: Promise<Ran<Awaited<T>>> = Promise.race([cutOff, timedOut]).then(() => ({ outcome: 'timed_out' }));
  try {
    const ran = await Promise.race([callUnderWay.run(call, attempt), given]);
    return escaped === undefined ? ran : { outcome: 'escaped', ...escaped };
  } finally {
    isOver = true;
  }
};

export interface WatchEscapedErrors {
  /** Of no call under way: from the code of a module, or of a call that had ended before. */
  readonly onUnattributed: (escaped: EscapedError) => void;
  /** After each exception, attributed or not: what the process still has in its hands may be half done. @default nothing */
  readonly onException?: () => void;
}

/** From here on no error ends the process. Disposing of it takes the listeners away. */
export const watchEscapedErrors = ({ onUnattributed, onException }: WatchEscapedErrors): Disposable => {
  const take = (by: EscapedBy, error: unknown): void => {
    const call = callUnderWay.getStore();
    if (call?.take(by, error) === true) return;
    onUnattributed({ by, handler: call?.handler ?? null, errorClass: classOf(error) });
  };
  const onRejection = (error: unknown): void => take('rejection', error);
  const onThrown = (error: unknown): void => {
    take('exception', error);
    onException?.();
  };
  process.on('unhandledRejection', onRejection);
  process.on('uncaughtException', onThrown);
  return {
    [Symbol.dispose]() {
      process.off('unhandledRejection', onRejection);
      process.off('uncaughtException', onThrown);
    },
  };
};

/** What a class may be called in code; anything else may have been made out of data. */
const CLASS_NAME = /^[A-Za-z_$][\w$]{0,63}$/;

const classOf = (error: unknown): string => {
  if (typeof error !== 'object' || error === null) return typeof error;
  try {
    const { name } = error.constructor;
    return CLASS_NAME.test(name) ? name : 'Error';
  } catch {
    // An object without a constructor, or one that throws when it is looked at.
    return 'object';
  }
};
