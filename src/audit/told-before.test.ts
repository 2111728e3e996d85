import { describe, expect, test } from 'vitest';
import { createTestHome } from '../../test/support/test-home.ts';
import { PayhookError } from '../core/errors.ts';
import { OPERATORS_CHAIN, readRecord } from './audit.ts';
import { toldBefore } from './told-before.ts';

const DRAFT = {
  chainId: OPERATORS_CHAIN,
  actor: { type: 'operator', id: 'alice' },
  event: 'BACKED_UP',
  reason: 'ticket 4711',
  origin: { sourceAddress: null, requestId: null, traceId: null },
  resource: { type: 'home', id: 'local' },
  change: null,
  count: 1,
} as const;

const open = () => {
  const home = createTestHome();
  return {
    ...home,
    told: async () => (await home.auditLog.latest(10)).map(readRecord).map(({ outcome, reason }) => [outcome, reason]),
  };
};

const broken = async (): Promise<never> => {
  throw new PayhookError('store_unavailable', 'the disk is full');
};

describe('what is told before it is done', () => {
  test('is told once when it is done, and before', async () => {
    const home = open();

    expect(await toldBefore(home, DRAFT, home.told)).toEqual([['success', 'ticket 4711']]);
    expect(await home.told()).toHaveLength(1);
  });

  test('is told once more, with why, when it was not done', async () => {
    const home = open();

    await expect(toldBefore(home, DRAFT, broken)).rejects.toThrow('the disk is full');

    expect(await home.told()).toEqual([
      ['failure', 'store_unavailable'],
      ['success', 'ticket 4711'],
    ]);
  });

  test('is not done where it cannot be told, and fails for its own reason where only that cannot', async () => {
    const home = open();
    let appended = 0;
    const once = {
      append: async () => {
        appended += 1;
        if (appended > 1) throw new PayhookError('audit_unavailable', 'the trail cannot be written');
      },
    };
    const done: string[] = [];

    await expect(toldBefore({ ...home, auditLog: once }, DRAFT, broken)).rejects.toThrow('the disk is full');
    const act = async () => done.push('it');
    await expect(toldBefore({ ...home, auditLog: once }, DRAFT, act)).rejects.toThrow('cannot be written');
    expect(done).toEqual([]);
  });
});
