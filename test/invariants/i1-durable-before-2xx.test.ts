import { describe, expect, test } from 'vitest';
import { createTestClock } from '../support/clock.ts';
import { detachQueue } from '../support/detached-queue.ts';
import { createTestHome, stripeDelivery } from '../support/test-home.ts';

describe('I1 durable before 2xx', () => {
  test('answers only after the store has said that the webhook is durable', async () => {
    const stored = Promise.withResolvers<void>();
    const home = createTestHome({
      ports: (memory) => ({
        ...memory,
        store: {
          ...memory.store,
          insert: async (insertion) => stored.promise.then(() => memory.store.insert(insertion)),
        },
      }),
    });
    let answered = false;

    const receiving = home.deliver(stripeDelivery(home.clock, 'evt_1')).then((outcome) => {
      answered = true;
      return outcome;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(answered).toBe(false);
    stored.resolve();

    expect((await receiving).outcome).toBe('accepted');
  });

  test('answers only after the queue has said that the work is durable, where store and queue are apart', async () => {
    const clock = createTestClock();
    const queued = Promise.withResolvers<void>();
    const home = createTestHome({
      clock,
      ports: (memory) => {
        const detached = detachQueue(memory, clock);
        return {
          ...detached,
          queue: {
            ...detached.queue,
            enqueue: async (entry) => queued.promise.then(() => detached.queue.enqueue(entry)),
          },
        };
      },
    });
    let answered = false;

    const receiving = home.deliver(stripeDelivery(clock, 'evt_1')).then((outcome) => {
      answered = true;
      return outcome;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(answered).toBe(false);
    queued.resolve();

    expect((await receiving).outcome).toBe('accepted');
  });

  test('a crash between store and queue is healed by the next delivery of the same event', async () => {
    const clock = createTestClock();
    let failures = 1;
    const home = createTestHome({
      clock,
      ports: (memory) => {
        const detached = detachQueue(memory, clock);
        const enqueue: typeof detached.queue.enqueue = async (entry, delayMs) => {
          if (failures-- > 0) throw new Error('the queue is away');
          return detached.queue.enqueue(entry, delayMs);
        };
        return { ...detached, queue: { ...detached.queue, enqueue } };
      },
    });
    const delivery = stripeDelivery(clock, 'evt_1');

    await expect(home.deliver(delivery)).rejects.toThrow('the queue is away');
    expect((await home.queue.depth()).ready).toBe(0);
    expect((await home.deliver(delivery)).outcome).toBe('duplicate');

    expect((await home.work()).map((outcome) => outcome.outcome)).toEqual(['processed']);
  });
});
