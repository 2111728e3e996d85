/** Every way in which a handler can answer, and several of them together; long, because each is a row or a sentence. */
import { describe, expect, test } from 'vitest';
import { eventOf, stripeEvent } from '../../test/payments/webhooks.ts';
import { createTestClock } from '../../test/support/clock.ts';
import { createMemoryLogger } from '../adapters/memory/memory-recorders.ts';
import { type Effects, NO_EFFECTS } from '../core/effects.ts';
import { LIMITS } from '../core/limits.ts';
import { type AppliedEvent, type CalledHandlers, createCallHandlers } from './call-handlers.ts';
import { done, giveUp, type HandledWebhook, type Handler, ignore, retryIn } from './handler.ts';
import { createHandlerCircuits } from './handler-circuits.ts';
import { type EventCall, type EventContext, type EventHandler, on } from './on.ts';
import { readHandlers } from './read-handlers.ts';

/** Long enough for every handler that ends, and for those that do not as short as a test can wait. */
const HANDLER_MS_MAX = 60_000;
const HANGING_MS_MAX = 20;

const event = eventOf(
  'stripe',
  stripeEvent('payment_intent.succeeded', {
    id: 'pi_1',
    object: 'payment_intent',
    amount: 2000,
    amount_received: 2000,
    currency: 'usd',
  }),
);
const news: AppliedEvent = { event, news: 'news', payment: null, subject: null };

const webhook = { webhookId: event.webhookId, provider: 'stripe' } as HandledWebhook;

interface Opened {
  readonly call: (events?: readonly AppliedEvent[], before?: Effects) => Promise<CalledHandlers>;
  readonly stopping: AbortController;
}

const open = (module: Readonly<Record<string, EventHandler | Handler>>, handlerMsMax = HANDLER_MS_MAX): Opened => {
  const read = readHandlers(module);
  if (read.outcome !== 'read') throw new Error(read.problem);
  const stopping = new AbortController();
  const clock = createTestClock(1000);
  const callHandlers = createCallHandlers({
    handlers: read.handlers,
    circuits: createHandlerCircuits({ clock, randomness: { fraction: () => 0 } }),
    handlerMsMax,
    clock,
    logger: createMemoryLogger(),
    stopping: stopping.signal,
  });
  return { call: (events = [news], before = NO_EFFECTS) => callHandlers(webhook, events, before, false), stopping };
};

const answering = (call: EventCall, handlerMsMax?: number): Opened =>
  open({ ship: on('payment.succeeded', call) }, handlerMsMax);

describe('which handlers are called', () => {
  const calledWith = async (handler: (call: EventCall) => EventHandler, applied: AppliedEvent): Promise<number> => {
    let calls = 0;
    const count = () => {
      calls += 1;
    };
    const result = await open({ ship: handler(count) }).call([applied]);
    expect(result.outcome).toEqual(calls === 0 ? null : { outcome: 'processed' });
    return calls;
  };
  const repeated: AppliedEvent = { ...news, news: 'repeated' };
  const stale: AppliedEvent = { ...news, news: 'stale' };

  test('those whose pattern stands for the type of the event', async () => {
    expect(await calledWith((call) => on('payment.succeeded', call), news)).toBe(1);
    expect(await calledWith((call) => on(['refund.*', 'payment.*'], call), news)).toBe(1);
    expect(await calledWith((call) => on('*', call), news)).toBe(1);
    expect(await calledWith((call) => on('payment.failed', call), news)).toBe(0);
    expect(await calledWith((call) => on('refund.*', call), news)).toBe(0);
  });

  test('those of the provider', async () => {
    expect(await calledWith((call) => on('*', { provider: 'stripe' }, call), news)).toBe(1);
    expect(await calledWith((call) => on('*', { provider: ['square', 'paypal'] }, call), news)).toBe(0);
  });

  test('for news only, unless they asked for all events', async () => {
    expect(await calledWith((call) => on('*', call), repeated)).toBe(0);
    expect(await calledWith((call) => on('*', call), stale)).toBe(0);
    expect(await calledWith((call) => on('*', { events: 'all' }, call), repeated)).toBe(1);
    expect(await calledWith((call) => on('*', { events: 'all' }, call), stale)).toBe(1);
  });

  test('with the event, its idempotency id and what else there is to know', async () => {
    const seen: { event: unknown; context: EventContext }[] = [];
    const { call, stopping } = answering((given, context) => void seen.push({ event: given, context }));

    await call();

    expect(seen).toHaveLength(1);
    expect(seen[0]?.event).toBe(event);
    expect(seen[0]?.context).toMatchObject({
      idempotencyId: event.id,
      attempt: 1,
      deadlineAt: 1000 + HANDLER_MS_MAX,
      news: 'news',
      payment: null,
      webhook,
    });
    expect(seen[0]?.context.signal.aborted).toBe(false);
    stopping.abort();
    expect(seen[0]?.context.signal.aborted).toBe(true);
  });

  test('handle with the webhook, whatever its events are', async () => {
    const seen: unknown[] = [];
    const { call } = open({
      handle: (given, { idempotencyId }) => void seen.push([given, idempotencyId]),
    });

    const result = await call([]);

    expect(seen).toEqual([[webhook, webhook.webhookId]]);
    expect(result).toEqual({
      outcome: { outcome: 'processed' },
      effects: [{ handler: 'handle', event: null, outcome: 'done', attempts: 1 }],
    });
  });
});

describe('what a handler answers', () => {
  const PROCESSED = { outcome: 'processed' };
  test.each<[string, EventCall, object, string]>([
    ['nothing', () => undefined, PROCESSED, 'done'],
    ['nothing, later', async () => undefined, PROCESSED, 'done'],
    ['done()', () => done(), PROCESSED, 'done'],
    [
      'retryIn()',
      () => retryIn(60_000, 'busy'),
      { outcome: 'failed', reason: 'handler_asked_retry', error: 'ship: busy', waitMs: 60_000 },
      'failed',
    ],
    [
      'retryIn() forever',
      () => retryIn(Number.POSITIVE_INFINITY, 'busy'),
      { outcome: 'failed', reason: 'handler_asked_retry', error: 'ship: busy', waitMs: LIMITS.retryInMsMax },
      'failed',
    ],
    [
      'giveUp()',
      async () => giveUp('no such order'),
      { outcome: 'given_up', reason: 'handler_gave_up', error: 'ship: no such order' },
      'given_up',
    ],
    [
      'an error that is thrown',
      () => {
        throw new RangeError('out of stock');
      },
      { outcome: 'failed', reason: 'handler_failed', error: 'ship: RangeError: out of stock', waitMs: null },
      'failed',
    ],
    [
      'a rejection that is no Error',
      () => Promise.reject('nope'),
      { outcome: 'failed', reason: 'handler_failed', error: 'ship: thrown value: nope', waitMs: null },
      'failed',
    ],
    [
      'something thrown that cannot even be printed',
      () => {
        throw Object.create(null);
      },
      {
        outcome: 'failed',
        reason: 'handler_failed',
        error: 'ship: thrown value: a value that cannot be described',
        waitMs: null,
      },
      'failed',
    ],
    ['null', () => null as never, PROCESSED, 'done'],
  ])('%s has one clear outcome', async (_, call, verdict, outcome) => {
    const result = await answering(call).call();

    expect(result.outcome).toEqual(verdict);
    expect(result.effects).toEqual([{ handler: 'ship', event: 0, outcome, attempts: 1 }]);
  });

  test('nothing within its time has one clear outcome', async () => {
    const result = await answering(() => new Promise(() => undefined), HANGING_MS_MAX).call();

    expect(result.outcome).toEqual({
      outcome: 'failed',
      reason: 'handler_timed_out',
      error: `ship: handler did not finish within ${HANGING_MS_MAX} ms`,
      waitMs: null,
    });
    expect(result.effects).toEqual([{ handler: 'ship', event: 0, outcome: 'failed', attempts: 1 }]);
  });

  test.each([true, 'done', 42, {}, [], { action: 'finish' }, { action: null }, () => undefined])(
    'nonsense such as %j is refused for good, because trying again cannot make it right',
    async (nonsense) => {
      const result = await answering(() => nonsense as never).call();

      expect(result.outcome).toMatchObject({ outcome: 'given_up', reason: 'handler_result_unknown' });
    },
  );

  test('the text of an error is bounded', async () => {
    const result = await answering(() => Promise.reject(new Error('x'.repeat(100_000)))).call();

    expect(result.outcome?.outcome === 'failed' && result.outcome.error.length).toBe(LIMITS.lastErrorCharsMax);
  });

  test('the signal of a handler that is too slow is aborted', async () => {
    let signal: AbortSignal | undefined;
    const { call } = answering((_event, context) => {
      signal = context.signal;
      return new Promise(() => undefined);
    }, HANGING_MS_MAX);

    await call();

    expect(signal?.aborted).toBe(true);
  });
});

describe('several handlers of one webhook', () => {
  const fail = () => {
    throw new Error('down');
  };

  test('one that fails does not keep the others from being called', async () => {
    const calls: string[] = [];
    const { call } = open({
      a: on('*', () => void calls.push('a')),
      b: on('*', fail),
      c: on('*', () => void calls.push('c')),
    });

    const result = await call();

    expect(calls).toEqual(['a', 'c']);
    expect(result.effects).toEqual([
      { handler: 'a', event: 0, outcome: 'done', attempts: 1 },
      { handler: 'b', event: 0, outcome: 'failed', attempts: 1 },
      { handler: 'c', event: 0, outcome: 'done', attempts: 1 },
    ]);
    expect(result.outcome).toMatchObject({ outcome: 'failed', error: 'b: Error: down' });
  });

  test('a retry calls only those that have not succeeded, and counts their attempts', async () => {
    const calls: string[] = [];
    let isDown = true;
    const { call } = open({
      a: on('*', () => void calls.push('a')),
      b: on('*', (_event, { attempt }) => {
        calls.push(`b${attempt}`);
        if (isDown) throw new Error('down');
      }),
    });

    const first = await call();
    isDown = false;
    const second = await call([news], { ...NO_EFFECTS, handlers: first.effects });

    expect(calls).toEqual(['a', 'b1', 'b2']);
    expect(second).toEqual({
      outcome: { outcome: 'processed' },
      effects: [
        { handler: 'a', event: 0, outcome: 'done', attempts: 1 },
        { handler: 'b', event: 0, outcome: 'done', attempts: 2 },
      ],
    });
  });

  test('one that rejects ends the webhook, whatever the others say', async () => {
    const { call } = open({ a: on('*', fail), b: on('*', () => giveUp('no')), c: on('*', () => undefined) });

    expect((await call()).outcome).toEqual({ outcome: 'given_up', reason: 'handler_gave_up', error: 'b: no' });
  });

  test('none is called again before the time that it asked for', async () => {
    const { call } = open({
      a: on('*', () => retryIn(1000, 'soon')),
      b: on('*', () => retryIn(9000, 'later')),
      c: on('*', fail),
    });

    expect((await call()).outcome).toMatchObject({ outcome: 'failed', waitMs: 9000 });
  });

  test('a webhook is ignored when handle alone looked at it and ignored it', async () => {
    const handle: Handler = () => ignore('not ours');

    expect((await open({ handle }).call()).outcome).toEqual({
      outcome: 'ignored',
      reason: 'handler_ignored',
      detail: 'not ours',
    });
    expect((await open({ handle, ship: on('*', () => undefined) }).call()).outcome).toEqual({ outcome: 'processed' });
  });

  test('only the one that an operator asked for is called', async () => {
    const calls: string[] = [];
    const { call } = open({
      a: on('*', () => void calls.push('a')),
      b: on('*', () => void calls.push('b')),
    });

    const result = await call([news], {
      ...NO_EFFECTS,
      handlers: [{ handler: 'a', event: 0, outcome: 'done', attempts: 3 }],
      only: 'b',
    });

    expect(calls).toEqual(['b']);
    expect(result.effects).toEqual([
      { handler: 'a', event: 0, outcome: 'done', attempts: 3 },
      { handler: 'b', event: 0, outcome: 'done', attempts: 1 },
    ]);
  });
});

describe('a handler that fails again and again', () => {
  const failing = (call: () => unknown) => {
    const calls: string[] = [];
    const { call: callAll } = open({
      ship: on('*', () => {
        calls.push('ship');
        return call() as undefined;
      }),
      book: on('*', () => void calls.push('book')),
    });
    return { calls, callAll };
  };

  test('is not called for a while, which is no attempt of its own, and others are', async () => {
    const { calls, callAll } = failing(() => {
      throw new Error('down');
    });
    for (let times = 0; times < 5; times += 1) await callAll();
    calls.length = 0;

    const { outcome, effects } = await callAll();

    expect(calls).toEqual(['book']);
    expect(outcome).toMatchObject({ outcome: 'rests', reason: 'handler_rests', restMs: 500 });
    expect(effects).toContainEqual({ handler: 'book', event: 0, outcome: 'done', attempts: 1 });
    expect(effects).toContainEqual({ handler: 'ship', event: 0, outcome: 'failed', attempts: 0 });
  });

  test.each<[string, () => unknown]>([
    ['asks to be called later', () => retryIn(1000, 'busy')],
    ['gives up', () => giveUp('no such order')],
    ['ignores', () => ignore('not ours')],
  ])('works as far as anybody can tell when it %s', async (_, answer) => {
    const { calls, callAll } = failing(answer);
    for (let times = 0; times < 10; times += 1) await callAll();

    expect(calls.filter((name) => name === 'ship')).toHaveLength(10);
  });
});
