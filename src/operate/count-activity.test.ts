import { describe, expect, test } from 'vitest';
import { createTestHome, stripeDelivery } from '../../test/support/test-home.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../core/time.ts';
import { type ActivityBucket, createCountActivity } from './count-activity.ts';

/** At the beginning of an hour; one a minute, every fifth of them given up. */
const open = async (count: number) => {
  const home = createTestHome({
    handler: ({ webhookId }) => {
      if (webhookId.endsWith('0') || webhookId.endsWith('5')) throw new Error('down');
    },
    attemptsMax: 1,
  });
  for (let n = 1; n <= count; n += 1) {
    await home.deliver(stripeDelivery(home.clock, `evt_${n}`));
    await home.work();
    home.clock.advance(MINUTE_MS);
  }
  return home;
};

const sums = (buckets: readonly ActivityBucket[]) =>
  (['received', 'processed', 'failed', 'waiting'] as const).map((name) =>
    buckets.reduce((sum, bucket) => sum + bucket[name], 0),
  );

const received = (buckets: readonly ActivityBucket[]): number => sums(buckets)[0] ?? 0;

describe('activity', () => {
  test('counts what came in each minute of an hour, and what became of it by now', async () => {
    const { store, clock, deliver } = await open(10);
    await deliver(stripeDelivery(clock, 'evt_waits'));

    const { buckets, bucketMs, isShortened, since, until } = await createCountActivity({ store, clock })(HOUR_MS);

    expect([bucketMs, isShortened, since, until]).toEqual([MINUTE_MS, false, clock.now() - HOUR_MS, clock.now()]);
    expect(sums(buckets)).toEqual([11, 8, 2, 1]);
    expect(buckets.filter(({ received }) => received > 0)).toHaveLength(11);
    expect(buckets.every(({ from }, index) => index === 0 || from - (buckets[index - 1]?.from ?? 0) === bucketMs)).toBe(
      true,
    );
  });

  test('has longer steps for a longer time', async () => {
    const { store, clock } = await open(1);
    const count = createCountActivity({ store, clock });

    expect([(await count(DAY_MS)).bucketMs, (await count(7 * DAY_MS)).bucketMs]).toEqual([30 * MINUTE_MS, 3 * HOUR_MS]);
    expect((await count(15 * MINUTE_MS)).bucketMs).toBe(15 * SECOND_MS);
    expect((await count(365 * DAY_MS)).bucketMs).toBe(DAY_MS);
  });

  test('shows a shorter time, whole, where more came than are looked at', async () => {
    const { store, clock } = await open(10);

    const { buckets, isShortened, since, bucketMs } = await createCountActivity({ store, clock, lookAtMax: 4 })(
      HOUR_MS,
    );

    expect(isShortened).toBe(true);
    expect(since).toBeGreaterThan(clock.now() - 5 * MINUTE_MS);
    expect(received(buckets)).toBe(3);
    expect(buckets[0]?.from).toBe(since);
    expect(bucketMs).toBe(5 * SECOND_MS);
  });

  test('is of one mode where one is asked for', async () => {
    const { store, clock } = await open(2);
    const count = createCountActivity({ store, clock });

    expect(received((await count(HOUR_MS, 'live')).buckets) + received((await count(HOUR_MS, 'test')).buckets)).toBe(2);
    expect(sums((await count(HOUR_MS, 'unknown')).buckets)).toEqual([0, 0, 0, 0]);
  });
});
