import { beforeEach, describe, expect, test } from 'vitest';
import { createTestClock, NOW } from '../../test/support/clock.ts';
import { createMemoryLogger } from '../adapters/memory/memory-recorders.ts';
import type { AuditDraft } from '../audit/audit.ts';
import { LIMITS } from '../core/limits.ts';
import type { Sender } from '../core/shares.ts';
import { MINUTE_MS } from '../core/time.ts';
import { createTurnedAway, type TurnedAwayDelivery } from './turned-away.ts';

const STRANGER: Sender = { address: '203.0.113.7', isLimited: true, hasReserve: false };
const PUBLISHED: Sender = { address: '3.18.12.63', isLimited: false, hasReserve: true };
/** Each call another one. */
let strangers = 0;
const stranger = (): Sender => {
  strangers += 1;
  return { ...STRANGER, address: `stranger ${strangers}` };
};

const delivery = (overrides: Partial<TurnedAwayDelivery> = {}): TurnedAwayDelivery => ({
  provider: 'stripe',
  reason: 'signature_mismatch',
  outcome: 'rejected',
  sender: STRANGER,
  requestId: 'request-1',
  ...overrides,
});

const open = () => {
  const clock = createTestClock();
  const appends: (readonly AuditDraft[])[] = [];
  let isBroken = false;
  const logger = createMemoryLogger();
  const turnedAway = createTurnedAway({
    clock,
    logger,
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
    logger,
    appends,
    drafts: () => appends.flat(),
    breakTrail: () => {
      isBroken = true;
    },
    recordMany: async (count: number, overrides: Partial<TurnedAwayDelivery> = {}) => {
      const told: boolean[] = [];
      for (let n = 0; n < count; n += 1) told.push((await turnedAway.record(delivery(overrides))) === 'told');
      return told.filter(Boolean).length;
    },
  };
};

let trail: ReturnType<typeof open>;
beforeEach(() => {
  trail = open();
});

const TOLD_MAX = LIMITS.turnedAwayToldPerMinuteMax;

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
  test('of one sender is told a few times and counted from then on', async () => {
    const told = await trail.recordMany(500);

    expect(told).toBeGreaterThan(10);
    expect(told).toBeLessThanOrEqual(TOLD_MAX / 16);
    expect(trail.drafts()).toHaveLength(told);
    await trail.flush();
    expect(trail.drafts().slice(told)).toMatchObject([{ reason: 'signature_mismatch', count: 500 - told }]);
  });

  test('of one sender does not hide what else it does', async () => {
    await trail.recordMany(500);

    expect(await trail.record(delivery({ reason: 'address_rate_exceeded', outcome: 'refused' }))).toBe('told');
  });

  test('of many senders with one trick leaves room for those who come with another reason', async () => {
    for (let n = 0; n < 3000; n += 1) await trail.record(delivery({ sender: stranger(), reason: 'rate_exceeded' }));
    const told = trail.drafts().length;

    expect(told).toBeLessThanOrEqual(TOLD_MAX / 3);
    for (let n = 0; n < 20; n += 1) expect(await trail.record(delivery({ sender: stranger() }))).toBe('told');
  });

  test('of strangers with every trick takes nothing of what published addresses are told by', async () => {
    for (let n = 0; n < 3000; n += 1) {
      const reason = (['rate_exceeded', 'overloaded', 'provider_unknown', 'request_malformed'] as const)[n % 4];
      await trail.record(delivery({ sender: stranger(), reason: reason ?? 'overloaded', outcome: 'refused' }));
    }

    const told = await trail.recordMany(TOLD_MAX - LIMITS.turnedAwayToldOfStrangersMax, { sender: PUBLISHED });

    expect(told).toBe(TOLD_MAX - LIMITS.turnedAwayToldOfStrangersMax);
  });

  test('is bounded even when everybody is a published address', async () => {
    expect(await trail.recordMany(TOLD_MAX + 5, { sender: PUBLISHED })).toBe(TOLD_MAX);
  });

  test('is counted by provider and reason, told together, without the address of any one of them', async () => {
    await trail.recordMany(TOLD_MAX, { sender: PUBLISHED });
    await trail.recordMany(2);
    await trail.recordMany(3, { provider: 'square' });
    await trail.recordMany(4, { reason: 'rate_exceeded', outcome: 'refused' });
    await trail.recordMany(5, { reason: 'certificate_unavailable', outcome: 'unavailable' });

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
    expect(trail.logger.lines.map(({ event, fields }) => [event, fields])).toEqual([
      ['delivery.rejected', { provider: 'stripe', outcome: 'rejected', reason: 'signature_mismatch', count: 2 }],
      ['delivery.rejected', { provider: 'square', outcome: 'rejected', reason: 'signature_mismatch', count: 3 }],
      ['delivery.refused', { provider: 'stripe', outcome: 'refused', reason: 'rate_exceeded', count: 4 }],
      [
        'delivery.unavailable',
        { provider: 'stripe', outcome: 'unavailable', reason: 'certificate_unavailable', count: 5 },
      ],
    ]);
  });

  test('that ends with one more than may be told keeps that one’s address: it stands for itself', async () => {
    await trail.recordMany(TOLD_MAX, { sender: PUBLISHED });
    await trail.record(delivery({ sender: { ...STRANGER, address: '198.51.100.9' }, requestId: 'the last' }));

    await trail.flush();

    expect(trail.appends.at(-1)).toMatchObject([
      { count: 1, origin: { sourceAddress: '198.51.100.9', requestId: 'the last' } },
    ]);
  });

  test('is told one by one again in the next minute', async () => {
    await trail.recordMany(TOLD_MAX);
    trail.clock.advance(MINUTE_MS);

    await trail.record(delivery({ requestId: 'of the next minute' }));

    expect(trail.drafts().at(-1)).toMatchObject({ count: 1, origin: { requestId: 'of the next minute' } });
  });

  test('loses none between two writes', async () => {
    await trail.recordMany(TOLD_MAX + 3);
    await trail.flush();
    await trail.recordMany(4);
    await trail.flush();

    expect(trail.drafts().reduce((sum, { count }) => sum + count, 0)).toBe(TOLD_MAX + 7);
  });

  test('of more groups than there can be is counted all the same, in one group more', async () => {
    await trail.recordMany(TOLD_MAX, { sender: PUBLISHED });
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
