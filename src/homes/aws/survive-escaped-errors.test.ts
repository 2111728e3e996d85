import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createMemoryLogger } from '../../adapters/memory/memory-recorders.ts';
import { runAttributed } from '../../handlers/escaped-errors.ts';
import { surviveEscapedErrors } from './survive-escaped-errors.ts';

const EVENTS = ['unhandledRejection', 'uncaughtException'] as const;
const ESCAPES: Readonly<Record<string, () => void>> = {
  rejection: () => void Promise.reject(new RangeError('canary 4242424242424242')),
  exception: () => void setTimeout(() => throwCanary(), 0),
};
const throwCanary = (): never => {
  throw new RangeError('canary 4242424242424242');
};

/** What ends an execution environment on Lambda; here it is only counted. */
let ended: number;
let listeners: Map<(typeof EVENTS)[number], unknown[]>;
let watch: Disposable | undefined;

beforeEach(() => {
  listeners = new Map(EVENTS.map((event) => [event, process.listeners(event as 'exit')]));
  ended = 0;
  for (const event of EVENTS) {
    process.removeAllListeners(event);
    process.on(event, () => {
      ended += 1;
    });
  }
});

afterEach(() => {
  watch?.[Symbol.dispose]();
  for (const [event, before] of listeners) {
    process.removeAllListeners(event);
    for (const listener of before) process.on(event, listener as () => void);
  }
});

const turns = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setTimeout(resolve, 0));
};

describe('surviveEscapedErrors', () => {
  for (const [by, letEscape] of Object.entries(ESCAPES)) {
    test(`takes an escaped ${by} from the runtime, which would end the environment, and logs it without its message`, async () => {
      const logger = createMemoryLogger();
      watch = surviveEscapedErrors(logger);

      letEscape();
      await turns(3);

      expect(ended).toBe(0);
      expect(logger.lines).toMatchObject([
        { event: 'handler.error_escaped', fields: { reason: by, kind: 'RangeError' } },
      ]);
      expect(JSON.stringify(logger.lines)).not.toContain('canary');
    });

    test(`tells an escaped ${by} to the call that it came from, and says nothing of it`, async () => {
      const logger = createMemoryLogger();
      watch = surviveEscapedErrors(logger);

      const ran = await runAttributed(
        'ledger',
        async () => {
          letEscape();
          await turns(2);
        },
        new Promise(() => {}),
      );

      expect(ran).toMatchObject({ outcome: 'escaped', by, error: { message: expect.stringContaining('canary') } });
      expect(ended).toBe(0);
      expect(logger.lines).toEqual([]);
    });
  }

  test('names the handler of a call that had ended before', async () => {
    const logger = createMemoryLogger();
    watch = surviveEscapedErrors(logger);

    await runAttributed('ledger', () => void setTimeout(throwCanary, 20), new Promise(() => {}));
    await expect.poll(() => logger.lines).toMatchObject([{ fields: { handler: 'ledger', reason: 'exception' } }]);

    expect(ended).toBe(0);
  });
});
