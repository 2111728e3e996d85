import { expect, test } from 'vitest';
import { LIMITS } from '../../core/limits.ts';
import { createMakeRoom, oneEachTurn, restMsOf } from './make-room.ts';

const loadOf = (isReceiving: boolean, isBusy = false) => ({ isReceiving: () => isReceiving, isBusy: () => isBusy });

test('what can wait rests in proportion to what it took while deliveries come, and no longer than while they wait', () => {
  expect(restMsOf(loadOf(true), 5, 0)).toBe(100);
  expect(restMsOf(loadOf(true), 50, 0)).toBe(1000);
  expect(restMsOf(loadOf(true), 5000, 0)).toBe(LIMITS.makeRoomBusyMs);
  expect(restMsOf(loadOf(true, true), 5, 0)).toBe(LIMITS.makeRoomBusyMs);
});

test('it rests for its least where nothing comes', () => {
  expect([restMsOf(loadOf(false), 5000, 50), restMsOf(loadOf(true), 1, 50)]).toEqual([50, 50]);
});

test('whoever stops waits for no rest', async () => {
  const stopping = new AbortController();
  const resting = createMakeRoom(loadOf(true, true), stopping.signal)(1, 0);
  stopping.abort();
  await expect(resting).resolves.toBeUndefined();
});

test('of answers that come together each has a turn of the event loop', async () => {
  const find = oneEachTurn(async (id: string) => id);
  const order: string[] = [];
  const found = ['a', 'b', 'c'].map(async (id) => order.push(await find(id)));
  const heard = Array.from({ length: 3 }, async () => {
    for (let turns = 0; turns < 2; turns += 1) await new Promise((resolve) => setImmediate(resolve));
    order.push('delivery');
  });
  await Promise.all([...found, ...heard]);

  expect(order.indexOf('delivery')).toBeLessThan(order.indexOf('c'));
  expect(order.filter((one) => one !== 'delivery')).toEqual(['a', 'b', 'c']);
});
