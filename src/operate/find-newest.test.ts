import { expect, test } from 'vitest';
import { createTestClock } from '../../test/support/clock.ts';
import { insertionOf } from '../../test/support/insertion.ts';
import { createMemoryHome } from '../adapters/memory/memory-home.ts';
import { LIMITS } from '../core/limits.ts';
import type { WebhookFilter } from '../core/ports/webhook-store.ts';
import { createFindNewest } from './find-newest.ts';

const open = () => {
  const clock = createTestClock();
  const { store } = createMemoryHome(clock);
  const asked: WebhookFilter[] = [];
  const find = createFindNewest({
    clock,
    store: {
      list: (filter) => {
        asked.push(filter);
        return store.list(filter);
      },
    },
  });
  const insert = (webhookId: string): Promise<unknown> =>
    store.insert(insertionOf({ webhookId, provider: webhookId.split(':')[0] ?? '', receivedAt: clock.now() }));
  return { clock, asked, find, insert };
};

test('a provider is asked about once as a whole, and then only since it was', async () => {
  const { clock, asked, find, insert } = open();
  await insert('stripe:evt_1');
  const firstAt = clock.now();

  expect(await find('stripe')).toEqual({ newestAt: firstAt, scannedUntil: null });
  expect(await find('paypal')).toEqual({ newestAt: null, scannedUntil: null });
  clock.advance(LIMITS.newestAgainMs * 2);
  expect([await find('stripe'), await find('paypal')]).toEqual([
    { newestAt: firstAt, scannedUntil: null },
    { newestAt: null, scannedUntil: null },
  ]);
  await insert('paypal:evt_2');
  expect(await find('paypal')).toEqual({ newestAt: clock.now(), scannedUntil: null });

  expect(asked.map(({ provider, since }) => [provider, since])).toEqual([
    ['stripe', undefined],
    ['paypal', undefined],
    ['stripe', firstAt - LIMITS.newestAgainMs],
    ['paypal', firstAt - LIMITS.newestAgainMs],
    ['paypal', firstAt + LIMITS.newestAgainMs],
  ]);
});

test('of one that was not found among so many is said how far was looked, and that stays so', async () => {
  const { clock, find, insert } = open();
  const firstAt = clock.now();
  for (let number = 0; number <= LIMITS.newestLookedAtMax; number += 1) {
    await insert(`stripe:evt_${number}`);
    clock.advance(1);
  }

  expect(await find('paypal')).toEqual({ newestAt: null, scannedUntil: firstAt + 1 });
  clock.advance(LIMITS.newestAgainMs * 2);
  expect(await find('paypal')).toEqual({ newestAt: null, scannedUntil: firstAt + 1 });
});

test('a clock that was set back asks about everything again', async () => {
  const { clock, asked, find } = open();
  await find('stripe');
  clock.advance(-1000);
  await find('stripe');

  expect(asked.map(({ since }) => since)).toEqual([undefined, undefined]);
});
