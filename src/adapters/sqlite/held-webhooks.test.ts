import { describe, expect, test } from 'vitest';
import { NOW } from '../../../test/support/clock.ts';
import { insertionOf } from '../../../test/support/insertion.ts';
import { LIMITS } from '../../core/limits.ts';
import { createHeldWebhooks, type HeldWebhooks } from './held-webhooks.ts';

const LEASE_MS = 60_000;
const HELD_UNTIL = NOW + LIMITS.heldMsMax;
const numbered = (number: number, bytes = 7) =>
  insertionOf({ webhookId: `stripe:evt_${number}`, payloadBytes: bytes, receivedAt: NOW });

const take = (held: HeldWebhooks, number: number) => held.take(numbered(number), `${number}.-1`, HELD_UNTIL + number);

/** With the first `count` of them, all stored. */
const holding = (count: number) => {
  const held = createHeldWebhooks();
  for (let number = 1; number <= count; number += 1) {
    held.reserve(numbered(number));
    take(held, number);
  }
  return held;
};

const receiptsOf = (claims: readonly { readonly receipt: string }[]) => claims.map(({ receipt }) => receipt);

describe('webhooks that are held in memory', () => {
  test('are claimed in the order in which they came, each once', () => {
    const held = holding(3);

    const claims = [...held.claim(2, NOW + LEASE_MS), ...held.claim(2, NOW + LEASE_MS)];

    expect(claims.map(({ entry }) => entry.webhookId)).toEqual(['stripe:evt_1', 'stripe:evt_2', 'stripe:evt_3']);
    expect([held.unclaimed(), held.unclaimedCount()]).toEqual([[], 0]);
  });

  test('can be claimed and read only once they are stored', () => {
    const held = createHeldWebhooks();
    held.reserve(numbered(1));
    expect([held.get(numbered(1).webhook), held.claim(1, NOW + LEASE_MS)]).toEqual([undefined, []]);

    take(held, 1);

    expect(held.get(numbered(1).webhook)).toMatchObject({ status: 'received', attempts: 0, revision: 1 });
    expect(held.claim(1, NOW + LEASE_MS)).toHaveLength(1);
  });

  test('have one place each, and none once it was given up', () => {
    const held = holding(1);
    expect(held.reserve(numbered(1))).toBe(false);

    held.release(numbered(1).webhook);

    expect(held.get(numbered(1).webhook)).toBeUndefined();
    expect(held.reserve(numbered(1))).toBe(true);
  });

  test('are bounded in number and in bytes, and make room when they go', () => {
    const many = holding(LIMITS.heldWebhooksMax);
    expect(many.reserve(numbered(LIMITS.heldWebhooksMax + 1))).toBe(false);
    many.release(numbered(1).webhook);
    expect(many.reserve(numbered(LIMITS.heldWebhooksMax + 1))).toBe(true);

    const large = createHeldWebhooks();
    expect(large.reserve(numbered(1, LIMITS.heldBytesMax))).toBe(true);
    expect(large.reserve(numbered(2, 1))).toBe(false);
    large.release(numbered(1).webhook);
    expect(large.reserve(numbered(2, 1))).toBe(true);
  });

  test('are overdue when a claim has had its time', () => {
    const held = holding(2);
    held.claim(1, NOW + LEASE_MS);

    expect(held.overdue(NOW + LEASE_MS - 1)).toEqual([]);
    expect(receiptsOf(held.overdue(NOW + LEASE_MS))).toEqual(['1.-1']);
  });

  test('are told by when their entries come due, as long as nobody has claimed them', () => {
    const held = holding(3);
    held.claim(1, NOW + LEASE_MS);

    expect(receiptsOf(held.unclaimed(HELD_UNTIL + 2))).toEqual(['2.-1']);
    expect(receiptsOf(held.unclaimed())).toEqual(['2.-1', '3.-1']);
  });
});
