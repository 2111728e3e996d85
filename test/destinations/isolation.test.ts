import { describe, expect, test } from 'vitest';
import { PayhookError } from '../../src/core/errors.ts';
import { createScriptedDestination, DELIVERED, failedWith, type ScriptedDestination } from './scripted-destination.ts';
import { createSending, GIVE_UP_AFTER_MS, messageFor, until } from './sending.ts';

describe('what fails holds back nothing else', () => {
  test('one destination is down while another gets everything', async () => {
    await using sending = createSending();
    const down = createScriptedDestination('ledger', () => failedWith('not_reachable'));
    const up = createScriptedDestination('archive');
    await sending.fill('ledger', 100);
    const ids = await sending.fill('archive', 100);

    const { circuit } = sending.start(down);
    sending.start(up);
    await until(async () => (await sending.waiting('archive')) === 0);
    await until(() => circuit.state() === 'open');

    expect(up.delivered).toEqual(ids);
    expect(down.sent).toHaveLength(5);
    expect(await sending.waiting('ledger')).toBe(100);
  });

  test('a message that is refused backs off alone, and the circuit stays closed', async () => {
    await using sending = createSending();
    const refused = failedWith('answered_4xx', { isDestinationDown: false });
    const ledger = createScriptedDestination('ledger', ({ id }) => (id === 'stripe:evt_1' ? refused : DELIVERED));
    const ids = await sending.fill('ledger', 100);
    const { loop, circuit } = sending.start(ledger);
    await until(async () => (await sending.waiting('ledger')) === 1);
    expect(ledger.sent.filter((id) => id === 'stripe:evt_1')).toHaveLength(1);

    for (let attempt = 2; attempt <= 8; attempt += 1) {
      sending.clock.advance(1000 * 2 ** attempt);
      loop.wake();
      await until(async () => (await sending.stateOf('ledger', 1))?.failures === attempt);
    }

    expect(circuit.state()).toBe('closed');
    expect(ledger.delivered).toEqual(ids.slice(1));
    expect(ledger.sent).toHaveLength(99 + 8);
    expect((await sending.stateOf('ledger', 1))?.lastError).toBe('answered_4xx: the destination said answered_4xx');
  });

  test('a slow request does not hold back the ones beside it', async () => {
    await using sending = createSending({ concurrencyMax: 4 });
    const { promise: slow, resolve: endSlow } = Promise.withResolvers<typeof DELIVERED>();
    const ledger = createScriptedDestination('ledger', ({ id }) => (id === 'stripe:evt_3' ? slow : DELIVERED));
    await sending.fill('ledger', 200);

    sending.start(ledger);
    await until(() => ledger.delivered.length === 199);
    endSlow(DELIVERED);
    await until(async () => (await sending.waiting('ledger')) === 0);

    expect(ledger.delivered.at(-1)).toBe('stripe:evt_3');
  });

  test('an entry that we cannot load for now goes back, and only it', async () => {
    let isBroken = true;
    await using sending = createSending({
      loadMessage: async (entry) => {
        if (isBroken && entry.eventId === 'stripe:evt_1') throw new PayhookError('data_key_unavailable', 'no key 1');
        return messageFor(entry);
      },
    });
    const ledger = createScriptedDestination('ledger');
    await sending.fill('ledger', 50);

    const { loop } = sending.start(ledger);
    await until(async () => (await sending.waiting('ledger')) === 1);
    expect(ledger.delivered).toHaveLength(49);
    expect(await sending.stateOf('ledger', 1)).toMatchObject({ state: 'waiting', failures: 0 });
    isBroken = false;
    sending.clock.advance(30_000);
    loop.wake();
    await until(() => ledger.delivered.length === 50);

    expect(sending.logger.lines.filter(({ level }) => level === 'error')).toMatchObject([
      { event: 'destination.broken', fields: { event_id: 'stripe:evt_1', code: 'data_key_unavailable' } },
    ]);
  });

  test('a fault of our own that stays backs off like any failure', async () => {
    await using sending = createSending({
      loadMessage: async (entry) => {
        if (entry.eventId === 'stripe:evt_1') throw new RangeError('out of range');
        return messageFor(entry);
      },
    });
    const ledger = createScriptedDestination('ledger');
    await sending.fill('ledger', 50);

    sending.start(ledger);
    await until(async () => (await sending.waiting('ledger')) === 1);

    expect(await sending.stateOf('ledger', 1)).toMatchObject({ failures: 1, lastError: 'internal: RangeError' });
  });

  test('what fails after 72 hours is given up, with an alert, and not before', async () => {
    await using sending = createSending();
    const refused = failedWith('answered_4xx', { isDestinationDown: false });
    const ledger = createScriptedDestination('ledger', () => refused);
    await sending.fill('ledger', 1);
    const { loop } = sending.start(ledger);
    await until(async () => (await sending.stateOf('ledger', 1))?.failures === 1);

    sending.clock.advance(GIVE_UP_AFTER_MS - 10);
    loop.wake();
    await until(async () => (await sending.stateOf('ledger', 1))?.failures === 2);
    expect(sending.alerts.raised).toEqual([]);
    sending.clock.advance(60 * 60 * 1000);
    loop.wake();
    await until(async () => (await sending.stateOf('ledger', 1))?.state === 'given_up');

    expect((await sending.stateOf('ledger', 1))?.lastError).toMatch(
      /^given up: not delivered within 7[23] h; answered_4xx/,
    );
    expect(sending.alerts.raised).toMatchObject([{ kind: 'destination_gave_up', webhookId: 'stripe:evt_1' }]);
    expect(sending.metrics.counted).toEqual(['ledger failed', 'ledger failed', 'ledger given_up']);
  });

  test('a queue that is broken is said once a failure, and sending goes on afterwards', async () => {
    const isBroken = { claim: true };
    await using sending = createSending({
      queue: (queue) => ({
        ...queue,
        claim: async (...asked) => {
          if (!isBroken.claim) return queue.claim(...asked);
          isBroken.claim = false;
          throw new PayhookError('store_busy', 'the database is locked');
        },
      }),
    });
    const ledger = createScriptedDestination('ledger');
    await sending.fill('ledger', 10);

    sending.start(ledger);
    await until(async () => (await sending.waiting('ledger')) === 0);

    expect(sending.logger.lines.filter(({ level }) => level === 'error')).toMatchObject([
      { event: 'destination.claim_failed', fields: { destination: 'ledger', code: 'store_busy' } },
    ]);
  });

  test('a probe whose return cannot be told to the queue does not stop sending', async () => {
    await using sending = createSending({
      queue: (queue) => ({ ...queue, hasten: () => Promise.reject(new PayhookError('store_busy', 'locked')) }),
    });
    const ledger = createScriptedDestination('ledger', () => failedWith('not_reachable'));
    await sending.fill('ledger', 20);
    const { loop, circuit } = sending.start(ledger);
    await until(() => circuit.state() === 'open');
    ledger.answer = () => DELIVERED;

    sending.clock.advance(60_000);
    loop.wake();

    await until(async () => (await sending.waiting('ledger')) === 0);
    expect(new Set(ledger.delivered).size).toBe(20);
  });

  test('results that cannot be written are written later: nothing is sent twice', async () => {
    const isBroken = { settle: true };
    await using sending = createSending({
      queue: (queue) => ({
        ...queue,
        settle: async (...asked) => {
          if (!isBroken.settle) return queue.settle(...asked);
          isBroken.settle = false;
          throw new PayhookError('store_busy', 'the database is locked');
        },
      }),
    });
    const ledger = createScriptedDestination('ledger');
    const ids = await sending.fill('ledger', 10);

    sending.start(ledger);
    await until(async () => (await sending.waiting('ledger')) === 0);

    expect(ledger.sent).toEqual(ids);
    expect(sending.logger.lines.filter(({ event }) => event === 'destination.not_settled')).toHaveLength(1);
  });
});

describe('stopping in the middle', () => {
  test('loses nothing: every entry is delivered, or waits and can be claimed at once', async () => {
    await using sending = createSending({ concurrencyMax: 4 });
    const ledger = createScriptedDestination('ledger', async () => {
      await new Promise((resolve) => setImmediate(resolve));
      return DELIVERED;
    });
    const ids = await sending.fill('ledger', 500);
    const { loop } = sending.start(ledger);
    await until(() => ledger.delivered.length >= 100);

    await loop.stop(5000);

    const delivered = [...ledger.delivered];
    const left = (await sending.queue.claim('ledger', 1000, 1)).map(({ entry }) => entry.eventId);
    expect(delivered.length).toBeLessThan(500);
    expect([...delivered, ...left].sort()).toEqual([...ids].sort());
    expect(ledger.sent).toHaveLength(delivered.length);
  });

  test('what does not end in time is cut off and waits as if it had not been tried', async () => {
    await using sending = createSending();
    const stopped = failedWith('timed_out', { isDestinationDown: false });
    const ledger = createScriptedDestination(
      'ledger',
      (_message, signal) => new Promise((resolve) => signal.addEventListener('abort', () => resolve(stopped))),
    );
    await sending.fill('ledger', 3);
    const { loop } = sending.start(ledger);
    await until(() => ledger.sent.length === 1);

    await loop.stop(10);

    expect(await sending.queue.claim('ledger', 10, 1)).toHaveLength(3);
    expect(await sending.stateOf('ledger', 1)).toMatchObject({ state: 'waiting', failures: 0 });
  });

  test('what was claimed ahead and not sent goes back at once', async () => {
    await using sending = createSending({ concurrencyMax: 4 });
    const ledger = createHangingAfter(50);
    await sending.fill('ledger', 200);
    const { loop } = sending.start(ledger);
    await until(() => ledger.sent.length === 54);

    await loop.stop(10);

    expect(ledger.sent).toHaveLength(54);
    expect(await sending.queue.claim('ledger', 1000, 1)).toHaveLength(150);
  });
});

describe('requests that hang', () => {
  test('do not keep what was claimed ahead until its lease ends', async () => {
    await using sending = createSending({ concurrencyMax: 4 });
    const ledger = createHangingAfter(50);
    await sending.fill('ledger', 100);
    const { loop } = sending.start(ledger);
    await until(() => ledger.sent.length === 54);
    expect((await sending.queue.claim('ledger', 1000, 0)).length).toBeLessThan(40);

    sending.clock.advance(10_000);
    loop.wake();

    await until(async () => (await sending.queue.claim('ledger', 1000, 0)).length >= 45);
  });
});

/** Takes some, and then answers no more until it is cut off. */
const createHangingAfter = (count: number): ScriptedDestination => {
  const stopped = failedWith('timed_out', { isDestinationDown: false });
  const ledger: ScriptedDestination = createScriptedDestination('ledger', (_message, signal) => {
    if (ledger.sent.length <= count) return DELIVERED;
    return new Promise((resolve) => signal.addEventListener('abort', () => resolve(stopped)));
  });
  return ledger;
};
