import { describe, expect, test } from 'vitest';
import { seededInput } from '../../test/support/sample-input.ts';
import { createDraw, detailDraw, identityDraw } from './sample-draw.ts';
import { cardFee, decimalText, drawOrder } from './sample-order.ts';

describe('createDraw', () => {
  test('gives whole numbers within both bounds, and the bounds themselves', () => {
    const low = createDraw((count) => new Uint8Array(count));
    const high = createDraw((count) => new Uint8Array(count).fill(255));

    expect(low.integer(3, 7)).toBe(3);
    expect([0, 1, 2, 3, 4].map((rest) => createDraw(() => Uint8Array.of(0, 0, 0, rest)).integer(3, 7))).toEqual([
      3, 4, 5, 6, 7,
    ]);
    expect(high.integer(0, 9)).toBeLessThanOrEqual(9);
  });

  test('reads a number out of bytes that are a part of a larger buffer', () => {
    const draw = createDraw((count) => Uint8Array.of(9, 9, 9, 9, 0, 0, 0, 5).subarray(4, 4 + count));

    expect(draw.integer(0, 99)).toBe(5);
  });

  test('marks UUIDs as version 4', () => {
    const uuid = createDraw((count) => new Uint8Array(count).fill(255)).uuid();

    expect(uuid).toBe('ffffffff-ffff-4fff-bfff-ffffffffffff');
  });

  test('draws something new each time', () => {
    const draw = detailDraw(seededInput('draw'));

    expect(draw.base62(24)).not.toBe(draw.base62(24));
  });
});

describe('identityDraw', () => {
  test('depends on the event id alone', () => {
    const first = identityDraw({ eventId: 'a' });
    const again = identityDraw({ eventId: 'a' });

    expect([again.base62(40), again.uuid()]).toEqual([first.base62(40), first.uuid()]);
    expect(identityDraw({ eventId: 'b' }).base62(40)).not.toBe(identityDraw({ eventId: 'a' }).base62(40));
  });
});

describe('drawOrder', () => {
  test('adds up, and the card stays valid for a while', () => {
    for (let seed = 0; seed < 50; seed += 1) {
      const order = drawOrder(detailDraw(seededInput(String(seed))), 2026);

      expect(order.subtotal).toBe(order.item.unitAmount * order.item.quantity);
      expect(order.total).toBe(order.subtotal + order.tax + order.shipping);
      expect(order.card.expYear).toBeGreaterThan(2026);
      expect(cardFee(order.total)).toBeLessThan(order.total);
    }
  });
});

describe('decimalText', () => {
  test.each([
    [0, '0.00'],
    [5, '0.05'],
    [1450, '14.50'],
    [-49, '-0.49'],
  ])('writes %i minor units as %s', (minorUnits, text) => {
    expect(decimalText(minorUnits)).toBe(text);
  });
});
