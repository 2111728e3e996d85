/** Payment state is not kept yet; what later decides "newer" is kept, and a webhook's own state never goes back. */

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

    const stored = await home.store.list({ limit: 10 });

    expect(stored.map(({ timestamp, ordering }) => [timestamp, ordering?.value ?? timestamp])).toEqual([
      [1_795_000_000_000, 1_795_000_000_000],
      [1_795_000_000_000, 1_795_000_000_000],
    ]);
  });
});
