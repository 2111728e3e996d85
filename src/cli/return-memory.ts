/**
 * A report over ten thousand webhooks leaves forty megabytes of pages behind that V8 keeps for the next one, and a console is
 * looked at now and then, beside a server that needs the memory more.
 */
import { LIMITS } from '../core/limits.ts';

/**
 * Returns what is to be called after each answer: once within `consoleReturnsMemoryMs` of it, however many there were, all that
 * can be given back to the system is. `collect` is `globalThis.gc`, which is there where Node was started with `--expose-gc`;
 * without it nothing is done.
 */
export const createMemoryReturn = (collect: NodeJS.GCFunction | undefined): (() => void) => {
  let timer: NodeJS.Timeout | undefined;
  return () => {
    if (collect === undefined || timer !== undefined) return;
    timer = setTimeout(() => {
      timer = undefined;
      // The only kind that gives back the pages which V8 would keep. Some 40 ms.
      collect({ type: 'major', flavor: 'last-resort' });
    }, LIMITS.consoleReturnsMemoryMs).unref();
  };
};
