import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { detailDraw } from '../sample-draw.ts';
import { deliveryOrder } from './delivery-order.ts';
import { createSeededRandomness } from './seeded-randomness.ts';

const drawOf = (seed: number) => detailDraw({ randomness: createSeededRandomness(String(seed)) });

/** Payments whose webhooks all are different things. */
const payments = fc
  .array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 6 })
  .map((lengths) => lengths.map((length, payment) => Array.from({ length }, (_, index) => `${payment}.${index}`)));

const sorted = (list: readonly string[]): string[] => list.toSorted();

describe('deliveryOrder', () => {
  test('as it happened, payment by payment', () => {
    const order = deliveryOrder([['a', 'b'], ['c']], { isShuffled: false, isDuplicated: false, draw: drawOf(1) });
    expect(order).toEqual([['a', 'b'], ['c']]);
  });

  test('duplicated, each one again after the one that follows it', () => {
    const order = deliveryOrder([['a', 'b', 'c']], { isShuffled: false, isDuplicated: true, draw: drawOf(1) });
    expect(order).toEqual([['a', 'b', 'a', 'c', 'b', 'c']]);
  });

  test('a payment of one webhook can only have it twice in a row', () => {
    const order = deliveryOrder([['a']], { isShuffled: false, isDuplicated: true, draw: drawOf(1) });
    expect(order).toEqual([['a', 'a']]);
  });

  test('shuffled, every webhook once or twice, and none that follows itself', () => {
    fc.assert(
      fc.property(payments, fc.boolean(), fc.integer(), (lives, isDuplicated, seed) => {
        const order = deliveryOrder(lives, { isShuffled: true, isDuplicated, draw: drawOf(seed) }).flat();
        const all = lives.flat();
        expect(sorted(order)).toEqual(sorted(isDuplicated ? [...all, ...all] : all));
        if (all.length > 1) expect(order.filter((one, index) => one === order[index - 1])).toEqual([]);
      }),
    );
  });

  test('the same seed gives the same order, another one another', () => {
    const lives = [Array.from({ length: 20 }, (_, index) => index)];
    const orderOf = (seed: number) =>
      deliveryOrder(lives, { isShuffled: true, isDuplicated: true, draw: drawOf(seed) });
    expect(orderOf(7)).toEqual(orderOf(7));
    expect(orderOf(8)).not.toEqual(orderOf(7));
  });
});
