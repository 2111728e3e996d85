import { expect, test } from 'vitest';
import { createTestClock } from '../../../test/support/clock.ts';
import { insertionOf } from '../../../test/support/insertion.ts';
import { createMemoryHome } from '../../adapters/memory/memory-home.ts';
import type { InsertOutcome, WebhookStore } from '../../core/ports/webhook-store.ts';
import { createReceivingLoad } from './receiving-load.ts';

/** A store whose inserts end when they are told to. */
const open = () => {
  const clock = createTestClock();
  const pending: PromiseWithResolvers<InsertOutcome>[] = [];
  const store: WebhookStore = {
    ...createMemoryHome(clock).store,
    insert: () => {
      const insert = Promise.withResolvers<InsertOutcome>();
      pending.push(insert);
      return insert.promise;
    },
  };
  return { clock, pending, load: createReceivingLoad(store, clock) };
};

test('receiving is busy while the oldest insert waits for too long, however many there are', async () => {
  const { clock, pending, load } = open();
  const inserts = Array.from({ length: 100 }, () => load.store.insert(insertionOf()));
  expect(load.isBusy()).toBe(false);

  clock.advance(13);
  expect(load.isBusy()).toBe(true);
  expect(load.isLate()).toBe(false);
  clock.advance(67);
  expect(load.isLate()).toBe(false);
  clock.advance(1);
  expect(load.isLate()).toBe(true);

  for (const { resolve } of pending) resolve({ outcome: 'inserted', isQueued: true });
  await Promise.all(inserts);
  expect([load.isBusy(), load.isLate()]).toEqual([false, false]);
});

test('deliveries come for a quarter of a second after the last one was stored', async () => {
  const { clock, pending, load } = open();
  expect(load.isReceiving()).toBe(false);
  const insert = load.store.insert(insertionOf());
  pending[0]?.resolve({ outcome: 'inserted', isQueued: true });
  await insert;

  clock.advance(250);
  expect(load.isReceiving()).toBe(true);
  clock.advance(1);
  expect(load.isReceiving()).toBe(false);
});

test('an insert that failed does not count', async () => {
  const { clock, pending, load } = open();
  const insert = load.store.insert(insertionOf());
  clock.advance(13);

  pending[0]?.reject(new Error('the disk is full'));

  await expect(insert).rejects.toThrow('the disk is full');
  expect(load.isBusy()).toBe(false);
});
