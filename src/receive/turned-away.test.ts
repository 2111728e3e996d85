import { beforeEach, describe, expect, test } from 'vitest';
import { createTestClock, NOW } from '../../test/support/clock.ts';
import type { AuditDraft } from '../audit/audit.ts';
import { LIMITS } from '../core/limits.ts';
import { MINUTE_MS } from '../core/time.ts';
import { createTurnedAway, type TurnedAwayDelivery } from './turned-away.ts';

const delivery = (overrides: Partial<TurnedAwayDelivery> = {}): TurnedAwayDelivery => ({
  provider: 'stripe',
  reason: 'signature_mismatch',
  outcome: 'rejected',
  sourceAddress: '203.0.113.7',
  requestId: 'request-1',
  ...overrides,
});

const open = () => {
  const clock = createTestClock();
  const appends: (readonly AuditDraft[])[] = [];
  let isBroken = false;
  const turnedAway = createTurnedAway({
    clock,
    auditLog: {
      append: async (drafts) => {
        if (isBroken) throw new Error('the trail cannot be written');
        appends.push(drafts);
      },
    },
  });
  return {
    ...turnedAway,
    clock,
    appends,
    drafts: () => appends.flat(),
    breakTrail: () => {
      isBroken = true;
    },
    recordMany: async (count: number, overrides: Partial<TurnedAwayDelivery> = {}): Promise<void> => {
      for (let n = 0; n < count; n += 1) await turnedAway.record(delivery(overrides));
    },
  };
};

let trail: ReturnType<typeof open>;
beforeEach(() => {
  trail = open();
});

const SINGLES = LIMITS.turnedAwayAuditedPerMinuteMax;

describe('a delivery that is turned away', () => {
  test('has an entry with who, what, when, why and from where', async () => {
    await trail.record(delivery());

    expect(trail.drafts()).toEqual([
      {
        chainId: 'rejections',
        at: NOW,
        actor: { type: 'provider', id: 'stripe' },
        event: 'REJECTED_SIGNATURE',
        outcome: 'failure',
        reason: 'signature_mismatch',
        origin: { sourceAddress: '203.0.113.7', requestId: 'request-1', traceId: null },
        resource: { type: 'delivery', id: 'stripe' },
        change: null,
        count: 1,
      },
    ]);
  });

  test.each([
    ['refused', 'rate_exceeded', 'REFUSED_AT_EDGE'],
    ['rejected', 'signature_missing', 'REJECTED_SIGNATURE'],
    ['rejected', 'certificate_expired', 'REJECTED_SIGNATURE'],
    ['rejected', 'timestamp_too_old', 'REJECTED_REPLAY'],
    ['rejected', 'timestamp_too_new', 'REJECTED_REPLAY'],
    ['rejected', 'transmission_conflict', 'REJECTED_REPLAY'],
  ] as const)('that is %s for %s is called %s', async (outcome, reason, event) => {
    await trail.record(delivery({ outcome, reason }));

    expect(trail.drafts()).toMatchObject([{ event, reason }]);
  });

  test('fails when it cannot be audited, so that the sender is not told that it was', async () => {
    trail.breakTrail();

    await expect(trail.record(delivery())).rejects.toThrow('the trail cannot be written');
  });
});

describe('a flood', () => {
  test('has an entry each for as many as a minute may have, and is counted from then on', async () => {
    await trail.recordMany(SINGLES + 5);

    expect(trail.drafts()).toHaveLength(SINGLES);
    await trail.flush();
    expect(trail.drafts().slice(SINGLES)).toMatchObject([{ reason: 'signature_mismatch', count: 5 }]);
  });

  test('is counted by provider and reason, written together, without the address of any one of them', async () => {
    await trail.recordMany(SINGLES);
    await trail.recordMany(2);
    await trail.recordMany(3, { provider: 'square' });
    await trail.recordMany(4, { reason: 'rate_exceeded', outcome: 'refused' });

    await trail.flush();

    const counted = trail.appends.at(-1);
    expect(counted).toMatchObject([
      { actor: { id: 'stripe' }, event: 'REJECTED_SIGNATURE', count: 2 },
      { actor: { id: 'square' }, event: 'REJECTED_SIGNATURE', count: 3 },
      { actor: { id: 'stripe' }, event: 'REFUSED_AT_EDGE', count: 4 },
    ]);
    for (const { origin } of counted ?? []) {
      expect(origin).toEqual({ sourceAddress: null, requestId: null, traceId: null });
    }
  });

  test('that ends with one more than the minute may have keeps that one’s address: it stands for itself', async () => {
    await trail.recordMany(SINGLES);
    await trail.record(delivery({ sourceAddress: '198.51.100.9', requestId: 'the last' }));

    await trail.flush();

    expect(trail.appends.at(-1)).toMatchObject([
      { count: 1, origin: { sourceAddress: '198.51.100.9', requestId: 'the last' } },
    ]);
  });

  test('is told one by one again in the next minute', async () => {
    await trail.recordMany(SINGLES + 1);
    trail.clock.advance(MINUTE_MS);

    await trail.record(delivery({ requestId: 'of the next minute' }));

    expect(trail.drafts().at(-1)).toMatchObject({ count: 1, origin: { requestId: 'of the next minute' } });
  });

  test('loses none between two writes', async () => {
    await trail.recordMany(SINGLES + 3);
    await trail.flush();
    await trail.recordMany(4);
    await trail.flush();

    expect(trail.drafts().reduce((sum, { count }) => sum + count, 0)).toBe(SINGLES + 7);
  });

  test('of more groups than there can be is counted all the same, in one group more', async () => {
    await trail.recordMany(SINGLES);
    for (let n = 0; n < LIMITS.turnedAwayGroupsMax + 50; n += 1)
      await trail.record(delivery({ provider: `made-up-${n}` }));

    await trail.flush();

    const counted = trail.appends.at(-1) ?? [];
    expect(counted).toHaveLength(LIMITS.turnedAwayGroupsMax + 1);
    expect(counted.reduce((sum, { count }) => sum + count, 0)).toBe(LIMITS.turnedAwayGroupsMax + 50);
  });
});

test('nothing is written when nothing was counted', async () => {
  await trail.flush();

  expect(trail.appends).toEqual([]);
});
