import { describe, expect, test } from 'vitest';
import { createMemoryDestinationQueue } from '../../src/adapters/memory/memory-destination-queue.ts';
import { HOUR_MS, MINUTE_MS } from '../../src/core/time.ts';
import type { DestinationQueue } from '../../src/destinations/destination-queue.ts';
import { createTestClock, NOW } from '../support/clock.ts';
import { createScriptedDestination, DELIVERED, failedWith } from './scripted-destination.ts';
import { createSending, entryOf, until } from './sending.ts';

/** Entries that are made when they are claimed: the memory queue would sort all of them each time. */
const createEndlessLine = (length: number, canSettle: Promise<void> = Promise.resolve()) => {
  let [index, claimed, most] = [0, 0, 0];
  const queue: DestinationQueue = {
    ...createMemoryDestinationQueue(createTestClock()),
    async claim(destination, limit) {
      const count = Math.min(limit, length - index);
      claimed += count;
      most = Math.max(most, claimed);
      return Array.from({ length: count }, () => {
        index += 1;
        return { entry: entryOf(destination, index), receipt: String(index), enqueuedAt: NOW, failures: 0 };
      });
    },
    async settle(settlements) {
      await canSettle;
      claimed -= settlements.length;
    },
  };
  return { queue, claimedMost: () => most };
};

describe('a destination that comes back', () => {
  test('gets few attempts while it is down, and then its backlog in order of age with rising concurrency', async () => {
    await using sending = createSending({ concurrencyMax: 8 });
    const ledger = createScriptedDestination('ledger', () => failedWith('answered_5xx'));
    const ids = await sending.fill('ledger', 1000);
    const { loop, circuit } = sending.start(ledger);
    await until(() => circuit.state() === 'open');
    expect(ledger.sent).toHaveLength(5);

    // Ten minutes of outage, a second at a time.
    for (let second = 0; second < 600; second += 1) {
      sending.clock.advance(1000);
      loop.wake();
      const attempts = ledger.sent.length;
      if (circuit.state() === 'half_open')
        await until(() => ledger.sent.length > attempts && circuit.state() === 'open');
    }
    expect(ledger.sent.length).toBeLessThan(30);
    expect(ledger.delivered).toEqual([]);

    ledger.underwayAt.length = 0;
    ledger.answer = async () => {
      await new Promise((resolve) => setImmediate(resolve));
      return DELIVERED;
    };
    sending.clock.advance(MINUTE_MS);
    loop.wake();
    await until(async () => (await sending.waiting('ledger')) === 0);

    expect(ledger.delivered).toHaveLength(1000);
    // The probe may have been any entry that was due; everything after it goes by age.
    const [probe, ...others] = ledger.delivered;
    expect(others).toEqual(ids.filter((id) => id !== probe));
    expect(ledger.underwayAt.slice(0, 2)).toEqual([1, 1]);
    expect(Math.max(...ledger.underwayAt.slice(0, 4))).toBeLessThanOrEqual(2);
    expect(Math.max(...ledger.underwayAt)).toBe(8);
    expect(circuit.state()).toBe('closed');
  });

  test('one that hangs is taken for down as well', async () => {
    await using sending = createSending();
    const ledger = createScriptedDestination('ledger', () => failedWith('timed_out'));
    await sending.fill('ledger', 50);

    const { circuit } = sending.start(ledger);
    await until(() => circuit.state() === 'open');

    expect(ledger.sent).toHaveLength(5);
    await until(async () => (await sending.queue.claim('ledger', 100, 0)).length === 45);
  });

  test('the wait that it asks for is kept', async () => {
    await using sending = createSending();
    const ledger = createScriptedDestination('ledger', () => failedWith('answered_429', { retryAfterMs: MINUTE_MS }));
    await sending.fill('ledger', 50);
    const { loop, circuit } = sending.start(ledger);
    await until(() => circuit.state() === 'open');
    ledger.answer = () => DELIVERED;

    sending.clock.advance(MINUTE_MS - 1);
    loop.wake();
    expect(circuit.state()).toBe('open');
    sending.clock.advance(1);
    loop.wake();
    await until(async () => (await sending.waiting('ledger')) === 0);

    expect(ledger.sent).toHaveLength(51);
  });

  test('entries that rest go at once, and first, when it is back', async () => {
    await using sending = createSending();
    const restLong = failedWith('answered_429', { retryAfterMs: 2 * HOUR_MS });
    const ledger = createScriptedDestination('ledger', () => restLong);
    await sending.fill('ledger', 10);
    const { loop, circuit } = sending.start(ledger);
    await until(async () => circuit.state() === 'open' && (await sending.stateOf('ledger', 1))?.failures === 1);
    ledger.answer = () => DELIVERED;

    // The longest that the circuit waits; the entry itself would rest for one hour more.
    sending.clock.advance(HOUR_MS);
    loop.wake();
    await until(async () => (await sending.waiting('ledger')) === 0);

    expect(ledger.delivered.slice(0, 3)).toEqual(['stripe:evt_2', 'stripe:evt_1', 'stripe:evt_3']);
  });

  test('a backlog of 20,000 entries is not held in memory: a few hundred are claimed at a time', async () => {
    const line = createEndlessLine(20_000);
    await using sending = createSending({ concurrencyMax: 100, queue: () => line.queue });
    const ledger = createScriptedDestination('ledger');

    sending.start(ledger);
    await until(() => ledger.delivered.length === 20_000);

    expect(line.claimedMost()).toBeGreaterThan(100);
    expect(line.claimedMost()).toBeLessThanOrEqual(256 + 256 + 100);
  });

  test('nor when what became of it cannot be written', async () => {
    const { promise: canSettle, resolve: letSettle } = Promise.withResolvers<void>();
    const line = createEndlessLine(5000, canSettle);
    await using sending = createSending({ queue: () => line.queue });
    const ledger = createScriptedDestination('ledger');

    const { loop } = sending.start(ledger);
    await until(() => ledger.delivered.length > 256);
    for (let turn = 0; turn < 20; turn += 1) {
      loop.wake();
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    expect(line.claimedMost()).toBeLessThanOrEqual(2 * 256);
    letSettle();
    await until(() => ledger.delivered.length === 5000);
  });
});
