/** Handlers in their own process: what they do to it is done to nothing else, and is told in words. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createMemoryLogger } from '../../src/adapters/memory/memory-recorders.ts';
import { NO_EFFECTS } from '../../src/core/effects.ts';
import type { CalledHandlers } from '../../src/handlers/call-handlers.ts';
import {
  type HandlerProcess,
  type HandlerProcessDeps,
  openHandlerProcess,
} from '../../src/homes/local/handler-process.ts';
import { createTestClock } from '../support/clock.ts';
import { createTestFolder, type TestFolder, waitUntil } from '../support/running-server.ts';
import { KILLERS_MODULE } from './killers.ts';

const HANDLER_MS_MAX = 30_000;
const PROCESSED = { outcome: 'processed' };
/** Stands in errors of the fixture, where a payload might. */
const CARD = '4111111111111111';

let folder: TestFolder;
let logger: ReturnType<typeof createMemoryLogger>;
let opened: HandlerProcess | undefined;
let stopping: AbortController;

beforeEach(() => {
  folder = createTestFolder();
  logger = createMemoryLogger();
  stopping = new AbortController();
});

afterEach(async () => {
  await opened?.stop();
  opened = undefined;
  folder[Symbol.dispose]();
});

interface Opened {
  readonly call: (does: string, isAlone?: boolean) => Promise<CalledHandlers>;
  /** As text: whatever the logger was given. */
  readonly log: () => string;
}

const open = async (source = KILLERS_MODULE, deps: Partial<HandlerProcessDeps> = {}): Promise<Opened> => {
  const path = join(folder.path, 'handlers.mjs');
  writeFileSync(path, source);
  const process_ = await openHandlerProcess({
    path,
    handlerMsMax: HANDLER_MS_MAX,
    memoryMb: 128,
    logger,
    clock: createTestClock(1000),
    randomness: { fraction: () => 0 },
    stopping: stopping.signal,
    lane: { restartMs: () => 0 },
    ...deps,
  });
  opened = process_;
  const call = (does: string, isAlone = false): Promise<CalledHandlers> =>
    process_.callHandlers(
      { webhookId: `fixture:${does}`, provider: 'fixture', payload: Buffer.from('{"amount":1}') } as never,
      [],
      NO_EFFECTS,
      isAlone,
    );
  return { call, log: () => JSON.stringify(logger.lines) };
};

const errorOf = ({ outcome }: CalledHandlers): string =>
  outcome?.outcome === 'failed' || outcome?.outcome === 'broken' ? outcome.error : '';

describe('a handler in a process of its own', () => {
  test('answers as it would in the server’s', async () => {
    const { call } = await open();

    expect(await call('good')).toEqual({
      effects: [{ handler: 'handle', event: null, outcome: 'done', attempts: 1 }],
      outcome: PROCESSED,
    });
    expect(errorOf(await call('json'))).toBe('Error: {"amount":1}');
  });

  test('has none of the server’s own variables', async () => {
    process.env.PAYHOOK_STRIPE_SIGNING_SECRETS = 'whsec_canary';
    try {
      const { call } = await open();

      expect(errorOf(await call('env'))).toBe('Error: []');
    } finally {
      delete process.env.PAYHOOK_STRIPE_SIGNING_SECRETS;
    }
  });

  test('writes into the server’s log: so many lines, so long, and only its fields', async () => {
    const { call } = await open();

    await call('log');

    const lines = logger.lines.filter(({ event }) => event === 'shop.line');
    expect(lines).toHaveLength(100);
    expect(lines[0]?.fields).toEqual({ handler: 'ship', message: 'm'.repeat(500) });
    expect(logger.lines.at(-1)).toMatchObject({ event: 'handler.lines_left_out', fields: { count: 5 } });
  });

  test('is told when the server stops', async () => {
    const { call } = await open(
      `import { once } from 'node:events';
      export const handle = async (_, { signal }) => {
        if (!signal.aborted) await once(signal, 'abort');
        throw new Error('stopping');
      };`,
    );

    const called = call('good');
    stopping.abort();

    expect(errorOf(await called)).toBe('Error: stopping');
  });
});

describe('a handler that fails again and again', () => {
  test('rests, whatever process it runs in by then, and is no attempt', async () => {
    const { call } = await open();
    for (let times = 0; times < 5; times += 1) await call('timer');

    const { outcome, effects } = await call('good');

    expect(outcome).toMatchObject({ outcome: 'rests', reason: 'handler_rests', restMs: 500 });
    expect(effects).toEqual([{ handler: 'handle', event: null, outcome: 'failed', attempts: 0 }]);
    expect((await call('good', true)).outcome).toEqual(PROCESSED);
  });
});

describe('an error that escapes from a handler', () => {
  test.each(['unawaited', 'timer'])('is the failed attempt of that webhook, and no other notices: %s', async (does) => {
    const { call, log } = await open();

    const [slow, escaped] = await Promise.all([call('slow'), call(does)]);

    expect(escaped.outcome).toMatchObject({ outcome: 'failed', reason: 'handler_error_escaped' });
    expect(errorOf(escaped)).toContain('Error: payload 411111******1111');
    expect(slow.outcome).toEqual(PROCESSED);
    expect((await call('good')).outcome).toEqual(PROCESSED);
    expect(log()).not.toContain(CARD);
  });

  test('is one line with its class and its handler, without its text, when the handler had ended before', async () => {
    const { call, log } = await open();

    expect((await call('late')).outcome).toEqual(PROCESSED);
    await waitUntil('the error is told', () => log().includes('handler.error_escaped'));

    expect(logger.lines.at(-1)).toEqual({
      level: 'error',
      event: 'handler.error_escaped',
      fields: { handler: 'handle', reason: 'rejection', kind: 'LedgerError' },
    });
    expect(log()).not.toContain(CARD);
  });

  test('ends the process once its other calls have ended, when it was thrown: another has taken over by then', async () => {
    const { call, log } = await open();
    const pid = errorOf(await call('pid'));
    const slow = call('slow');

    await call('timer');

    expect(errorOf(await call('pid'))).not.toBe(pid);
    expect((await slow).outcome).toEqual(PROCESSED);
    expect(log()).not.toContain('handlers.ended');
  });
});

describe('what ends the process', () => {
  const KILLERS: readonly (readonly [string, string])[] = [
    ['exit', 'exit code 3'],
    ['abort', 'killed by SIGABRT'],
    ['sigkill', 'killed by SIGKILL'],
    ['heap', 'out of memory'],
    ['native', 'out of memory'],
    ['loop', 'no answer within'],
    ['close', 'its connection to the server was closed'],
    ['forge', 'something else wrote into its connection to the server'],
  ];
  const LIMITED = { handlerMsMax: 4000, graceMs: 500 };

  test('leaves nobody to blame when several webhooks shared it, and the next process goes on', async () => {
    const { call } = await open(KILLERS_MODULE, LIMITED);

    for (const [does, how] of KILLERS) {
      const [neighbour, killer] = await Promise.allSettled([call('hang'), call(does)]);

      expect(killer, does).toMatchObject({ status: 'rejected', reason: { code: 'handlers_ended', isRetryable: true } });
      expect(neighbour, does).toMatchObject({ status: 'rejected', reason: { code: 'handlers_ended' } });
      expect(String(killer.status === 'rejected' && killer.reason)).toContain(how);
      expect((await call('good')).outcome, does).toEqual(PROCESSED);
      expect(logger.lines.at(-1)).toEqual({
        level: 'error',
        event: 'handlers.ended',
        fields: { reason: expect.stringContaining(how) },
      });
    }
  });

  test('is a failed attempt of the webhook that was alone, and nothing to the others', async () => {
    const { call } = await open(KILLERS_MODULE, LIMITED);

    for (const [does, how] of KILLERS) {
      const [neighbour, killer] = await Promise.all([call('slow'), call(does, true)]);

      expect(killer, does).toEqual({
        effects: [{ handler: 'handle', event: null, outcome: 'failed', attempts: 1 }],
        outcome: {
          outcome: 'broken',
          reason: 'handler_ended_process',
          error: expect.stringContaining(how),
        },
      });
      expect(errorOf(killer)).toMatch(/^handle ended the process/);
      expect(neighbour.outcome, does).toEqual(PROCESSED);
    }
    expect((await call('good', true)).outcome).toEqual(PROCESSED);
  });

  test('is not there to be called: a process that handlers run in has no channel of Node’s own', async () => {
    const { call } = await open();

    expect(errorOf(await call('disconnect'))).toBe('TypeError: process.disconnect is not a function');
  });

  test('is not a computation of three seconds: the others wait, and go on', async () => {
    const { call } = await open();

    const [blocker, other] = await Promise.all([call('block'), call('good')]);

    expect([blocker.outcome, other.outcome]).toEqual([PROCESSED, PROCESSED]);
  });

  test('is not a handler that prints more than anybody reads', async () => {
    const { call } = await open();

    expect((await call('print')).outcome).toEqual(PROCESSED);
  });

  test('takes away from those that had not begun nothing but time', async () => {
    const { call } = await open(KILLERS_MODULE, LIMITED);
    const loop = call('loop').catch(({ code }) => code);
    await pause(300);

    expect((await call('good')).outcome).toEqual(PROCESSED);
    expect(await loop).toBe('handlers_ended');
  });
});

describe('a process that is not there', () => {
  test('is started later and later, and a call that could not begin in time is given back without blame', async () => {
    const waits: number[] = [];
    const restartMs = (shortLives: number, failedStarts: number): number => {
      waits.push(failedStarts);
      return shortLives === 0 ? 0 : 20;
    };
    const { call } = await open(KILLERS_MODULE, { beginMsMax: 700, lane: { restartMs } });
    writeFileSync(join(folder.path, 'handlers.mjs'), 'export const nothing = 1;');
    await expect(call('exit')).rejects.toMatchObject({ code: 'handlers_ended' });

    await expect(call('good')).rejects.toMatchObject({ code: 'handlers_unavailable', isRetryable: true });

    await waitUntil('three starts have failed', () => waits.includes(3));
    const failures = logger.lines.filter(({ event }) => event === 'handlers.not_started');
    expect(failures[0]?.fields.message).toContain('exports nothing: it must export handlers');
    writeFileSync(join(folder.path, 'handlers.mjs'), KILLERS_MODULE);
    await waitUntil(
      'it is there again',
      async () => (await call('good').catch(() => null))?.outcome?.outcome === 'processed',
    );
  });

  test.each<[string, string, string, number]>([
    ['that ends its process', 'process.exit(4)', 'cannot be loaded: its process ended (exit code 4)', 60_000],
    ['that computes forever', 'for (;;);', 'its process ended (it was not loaded within 700 ms)', 700],
    ['that waits forever', 'await new Promise(() => undefined)', 'it was not loaded within 700 ms', 700],
    ['that throws', 'throw new Error("no database")', 'cannot be loaded: Error: no database', 60_000],
  ])('a module %s does not start the server', async (_, source, problem, loadMsMax) => {
    await expect(open(`${source};\nexport const handle = () => undefined;`, { loadMsMax })).rejects.toMatchObject({
      code: 'configuration_invalid',
      message: expect.stringContaining(problem),
    });
  });
});

describe('the process for calls that are alone', () => {
  test('has one call at a time, and is gone when there was none for a while', async () => {
    const source = `
      let underway = 0;
      export const handle = async () => {
        underway += 1;
        if (underway > 1) throw new Error('two at a time');
        await new Promise((resolve) => setTimeout(resolve, 20));
        underway -= 1;
        throw new Error(String(process.pid));
      };`;
    const { call } = await open(source, { lane: { restartMs: () => 0, idleMs: 50 } });

    const first = (await Promise.all([call('a', true), call('b', true), call('c', true)])).map(errorOf);
    expect(new Set(first).size).toBe(1);
    expect(first[0]).not.toBe(errorOf(await call('d')));

    const pid = Number(first[0]?.replace('Error: ', ''));
    await waitUntil('its process is gone', () => !isRunning(pid));
    expect(errorOf(await call('e', true))).not.toBe(first[0]);
  });
});

const isRunning = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};
