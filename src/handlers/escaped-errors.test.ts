import { EventEmitter } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type EscapedError, type Ran, runAttributed, watchEscapedErrors } from './escaped-errors.ts';

const EVENTS = ['unhandledRejection', 'uncaughtException'] as const;
const NEVER = new Promise<void>(() => undefined);

class LedgerError extends Error {}

const fail = (): Promise<never> => Promise.reject(new LedgerError('card 4111'));

let unattributed: EscapedError[];
let exceptions: number;
let watch: Disposable;
/** The test runner listens too, and would fail the run. */
let displaced: (readonly [(typeof EVENTS)[number], NodeJS.UncaughtExceptionListener])[];

beforeEach(() => {
  displaced = EVENTS.flatMap((event) =>
    process.rawListeners(event).map((listener) => [event, listener as NodeJS.UncaughtExceptionListener] as const),
  );
  for (const event of EVENTS) process.removeAllListeners(event);
  unattributed = [];
  exceptions = 0;
  watch = watchEscapedErrors({
    onUnattributed: (escaped) => unattributed.push(escaped),
    onException: () => {
      exceptions += 1;
    },
  });
});

afterEach(() => {
  watch[Symbol.dispose]();
  expect(EVENTS.map((event) => process.listenerCount(event))).toEqual([0, 0]);
  for (const [event, listener] of displaced) process.on(event, listener);
});

const run = (call: () => unknown, timedOut: Promise<unknown> = NEVER): Promise<Ran<unknown>> =>
  runAttributed('ship', call, timedOut);

const until = async (isSo: () => boolean): Promise<void> => {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve));
};

describe('what escapes from a handler', () => {
  test.each<[string, () => unknown, 'rejection' | 'exception']>([
    ['a promise that nobody awaits', () => void fail(), 'rejection'],
    ['a promise that fails while the handler still waits', () => [void fail(), pause(5)][1], 'rejection'],
    ['a promise that fails in a microtask', () => queueMicrotask(() => void fail()), 'rejection'],
    [
      'a throw in a timer',
      () =>
        new Promise(() => {
          setTimeout(() => {
            throw new LedgerError('card 4111');
          }, 1);
        }),
      'exception',
    ],
    [
      'a throw in an event',
      () =>
        new Promise(() => {
          const socket = new EventEmitter();
          setTimeout(() => socket.emit('error', new LedgerError('card 4111')), 1);
        }),
      'exception',
    ],
  ])('%s is its own failure', async (_, call, by) => {
    expect(await run(call)).toEqual({ outcome: 'escaped', by, error: new LedgerError('card 4111') });
    expect(unattributed).toEqual([]);
    expect(exceptions).toBe(by === 'exception' ? 1 : 0);
  });

  test('a rejection is not told before the handler has ended, so that no retry runs beside it', async () => {
    let hasEnded = false;

    const ran = await run(async () => {
      void fail();
      await pause(10);
      hasEnded = true;
    });

    expect(ran).toMatchObject({ outcome: 'escaped', by: 'rejection' });
    expect(hasEnded).toBe(true);
  });

  test('it is not the failure of another handler that runs at the same time', async () => {
    const other = runAttributed('book', () => pause(10, 'booked'), NEVER);

    expect(await run(() => void fail())).toMatchObject({ outcome: 'escaped' });
    expect(await other).toEqual({ outcome: 'returned', value: 'booked' });
  });

  test('a handler that throws is rejected with that, whatever has escaped before', async () => {
    const thrown = run(async () => {
      void fail();
      await pause(1);
      throw new Error('down');
    });

    await expect(thrown).rejects.toThrow('down');
    expect(unattributed).toEqual([]);
  });
});

describe('what belongs to no call under way', () => {
  test('an error after the handler has ended is told with its name and without its message', async () => {
    expect(await run(() => void pause(5).then(fail))).toEqual({ outcome: 'returned', value: undefined });
    await until(() => unattributed.length > 0);

    expect(unattributed).toEqual([{ by: 'rejection', handler: 'ship', errorClass: 'LedgerError' }]);
  });

  test('an error after the deadline is told, too', async () => {
    expect(await run(() => pause(5).then(() => void fail()), Promise.resolve())).toEqual({ outcome: 'timed_out' });
    await until(() => unattributed.length > 0);

    expect(unattributed).toMatchObject([{ handler: 'ship' }]);
  });

  test.each<[string, unknown, string]>([
    ['an error of a class', new LedgerError('x'), 'LedgerError'],
    [
      'an error whose class has no fit name',
      Object.assign(new Error('x'), { constructor: { name: '4111 1111' } }),
      'Error',
    ],
    ['text', 'card 4111', 'string'],
    ['nothing', undefined, 'undefined'],
    ['an object of nothing', Object.create(null), 'object'],
  ])('%s is named by its class', async (_, error, errorClass) => {
    void Promise.reject(error);
    await until(() => unattributed.length > 0);

    expect(unattributed).toEqual([{ by: 'rejection', handler: null, errorClass }]);
  });
});
