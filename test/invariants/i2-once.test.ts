import { describe, expect, test } from 'vitest';
import { createTestClock } from '../support/clock.ts';
import { detachQueue } from '../support/detached-queue.ts';
import { createTestHome, stripeDelivery } from '../support/test-home.ts';

describe('I2 once', () => {
  test.each(['one database', 'store and queue apart'])(
    '200 concurrent deliveries of one event are 1 stored, 199 duplicates, 1 processing (%s)',
    async (shape) => {
      let calls = 0;
      const clock = createTestClock();
      const home = createTestHome({
        clock,
        handler: () => {
          calls += 1;
        },
        ...(shape === 'one database' ? {} : { ports: (memory) => detachQueue(memory, clock) }),
      });
      const delivery = stripeDelivery(clock, 'evt_1');

      const outcomes = await Promise.all(Array.from({ length: 200 }, () => home.deliver(delivery)));
      await home.work();
      clock.advance(10_000);
      await home.work();

      expect(outcomes.filter((outcome) => outcome.outcome === 'accepted')).toHaveLength(1);
      expect(outcomes.filter((outcome) => outcome.outcome === 'duplicate')).toHaveLength(199);
      expect((await home.store.list({ limit: 1000 })).items).toHaveLength(1);
      expect(calls).toBe(1);
    },
  );

  test('an unsigned body that carries a known event id changes nothing', async () => {
    const home = createTestHome();
    await home.deliver(stripeDelivery(home.clock, 'evt_1'));
    const before = (await home.store.list({ limit: 10 })).items;
    const entriesBefore = await home.auditLog.read(0, 100);

    const forged = stripeDelivery(home.clock, 'evt_1', { secret: 'whsec_somebody_else', object: { amount: 1 } });
    const outcome = await home.deliver(forged);

    expect(outcome).toEqual({ outcome: 'rejected', reason: 'signature_mismatch' });
    expect((await home.store.list({ limit: 10 })).items).toEqual(before);
    expect(await home.auditLog.read(0, 100)).toEqual(entriesBefore);
  });

  test('an unsigned body that comes first does not keep the genuine one out', async () => {
    const home = createTestHome();

    await home.deliver(stripeDelivery(home.clock, 'evt_1', { secret: 'whsec_somebody_else' }));
    const genuine = await home.deliver(stripeDelivery(home.clock, 'evt_1'));

    expect(genuine.outcome).toBe('accepted');
  });

  test('a retry with a fresh signature, minutes later, is the same webhook', async () => {
    const home = createTestHome();
    await home.deliver(stripeDelivery(home.clock, 'evt_1'));
    home.clock.advance(3_600_000);

    const again = await home.deliver(stripeDelivery(home.clock, 'evt_1'));

    expect(again.outcome).toBe('duplicate');
    expect((await home.store.list({ limit: 10 })).items).toHaveLength(1);
  });

  test('a duplicate of a processed webhook does not process it again', async () => {
    const home = createTestHome();
    await home.deliver(stripeDelivery(home.clock, 'evt_1'));
    await home.work();

    const again = await home.deliver(stripeDelivery(home.clock, 'evt_1'));

    expect(again).toMatchObject({ outcome: 'duplicate', events: [{ status: 'processed' }] });
    expect(await home.work()).toEqual([]);
  });
});
