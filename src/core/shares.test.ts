import { describe, expect, test } from 'vitest';
import { createShares, type Sender } from './shares.ts';

const stranger = (address: string | number): Sender => ({
  address: String(address),
  isLimited: true,
  hasReserve: false,
});
const PUBLISHED: Sender = { address: 'published', isLimited: false, hasReserve: true };
const PROVEN: Sender = { address: 'proven', isLimited: true, hasReserve: true };

const takeAll = (shares: ReturnType<typeof createShares>, sender: Sender): number => {
  let taken = 0;
  while (shares.take(sender)) taken += 1;
  return taken;
};

describe('shares', () => {
  test('give one sender no more than its part of what is free', () => {
    const shares = createShares({ max: 100, ofStrangersMax: 100, ofFreeMax: 1 / 4 });

    expect(takeAll(shares, stranger('a'))).toBe(20);
    expect(shares.held()).toBe(20);
  });

  test('leave something for a newcomer however many senders take all they can', () => {
    const shares = createShares({ max: 10_000, ofStrangersMax: 9000, ofFreeMax: 1 / 16 });
    for (let n = 0; n < 50; n += 1) takeAll(shares, stranger(n));

    expect(shares.take(stranger('newcomer'))).toBe(true);
    expect(shares.held()).toBeLessThan(9_000);
  });

  test('keep what is set aside for those with a reserve, however many strangers come', () => {
    const shares = createShares({ max: 100, ofStrangersMax: 80, ofFreeMax: 1 / 2 });
    for (let n = 0; n < 1000; n += 1) takeAll(shares, stranger(n));

    expect(shares.held()).toBeLessThanOrEqual(80);
    expect(takeAll(shares, PUBLISHED)).toBeGreaterThanOrEqual(20);
    expect(shares.held()).toBe(100);
    expect(shares.take(PUBLISHED)).toBe(false);
  });

  test('hold a proven sender to a share of its own, reserve included', () => {
    const shares = createShares({ max: 100, ofStrangersMax: 80, ofFreeMax: 1 / 4 });
    while (shares.take({ ...PUBLISHED, hasReserve: false }));

    expect(shares.take(stranger('a'))).toBe(false);
    expect(takeAll(shares, PROVEN)).toBe(4);
  });

  test('take nothing of what is too much, and again what was given back', () => {
    const shares = createShares({ max: 100, ofStrangersMax: 100, ofFreeMax: 1 / 2 });

    expect(shares.take(stranger('a'), 51)).toBe(false);
    expect(shares.held()).toBe(0);
    expect(shares.take(stranger('a'), 50)).toBe(true);
    expect(shares.take(stranger('a'), 1)).toBe(false);
    shares.give(stranger('a'), 50);
    expect(shares.held()).toBe(0);
    expect(shares.take(stranger('a'), 50)).toBe(true);
  });

  test('are all there again when they are cleared', () => {
    const shares = createShares({ max: 10, ofStrangersMax: 10, ofFreeMax: 1 });
    takeAll(shares, stranger('a'));
    takeAll(shares, PUBLISHED);

    shares.clear();

    expect(shares.held()).toBe(0);
    expect(takeAll(shares, stranger('a'))).toBe(5);
  });
});
