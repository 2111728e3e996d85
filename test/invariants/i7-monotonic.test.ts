/** Neither a payment nor a webhook goes back to an older state; what comes too late is kept, and recorded as stale. */

import { describe, expect, test } from 'vitest';
import { NO_EFFECTS } from '../../src/core/effects.ts';
import { createTestHome, stripeDelivery } from '../support/test-home.ts';

describe('I7 monotonic', () => {
  test('a writer with an older view of a webhook never overwrites a newer one', async () => {
    const home = createTestHome();
    await home.deliver(stripeDelivery(home.clock, 'evt_1'));
    const [old] = await home.store.find('stripe:evt_1');
    await home.work();

    const late = await home.store.change(old!, old!.revision, {
      status: 'dead_lettered',
      attempts: 9,
      lastError: 'late',
      nextAttemptAt: null,
      effects: NO_EFFECTS,
      changedAt: home.clock.now(),
      actor: { type: 'component', id: 'processor' },
      reason: 'late',
    });

    expect(late).toEqual({ outcome: 'stale' });
    expect((await home.store.find('stripe:evt_1'))[0]).toMatchObject({ status: 'processed', revision: 2 });
  });

  test('the event time of the provider is kept, not the time of arrival, so that order can be told', async () => {
    const home = createTestHome();
    await home.deliver(stripeDelivery(home.clock, 'evt_1'));
    home.clock.advance(86_400_000);
    await home.deliver(stripeDelivery(home.clock, 'evt_2'));

    const stored = (await home.store.list({ limit: 10 })).items;

    expect(stored.map(({ timestamp, ordering }) => [timestamp, ordering?.value ?? timestamp])).toEqual([
      [1_795_000_000_000, 1_795_000_000_000],
      [1_795_000_000_000, 1_795_000_000_000],
    ]);
  });

  test('an older event never overwrites newer payment state, and is recorded as stale', async () => {
    const home = createTestHome();
    const deliver = (id: string, type: string, created: number, received: number) =>
      home.deliver(
        stripeDelivery(home.clock, id, { type, created, object: { id: 'pi_1', amount_received: received } }),
      );
    await deliver('evt_paid', 'payment_intent.succeeded', 1_795_000_020, 2000);
    await home.work();
    const [paid] = await home.payments.find('pi_1');

    await deliver('evt_failed', 'payment_intent.payment_failed', 1_795_000_010, 0);
    await deliver('evt_created', 'payment_intent.created', 1_795_000_000, 0);
    await home.work();

    const [after] = await home.payments.find('pi_1');
    expect(after?.payment).toMatchObject({ status: 'succeeded', captured: paid?.payment.captured });
    expect(after?.payment.history.map(({ type }) => type)).toEqual([
      'payment.created',
      'payment.failed',
      'payment.succeeded',
    ]);
    for (const id of ['stripe:evt_failed', 'stripe:evt_created']) {
      expect((await home.store.find(id))[0]).toMatchObject({
        status: 'processed',
        effects: { events: [{ news: 'stale' }] },
      });
    }
  });
});
