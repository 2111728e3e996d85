import { describe, expect, test } from 'vitest';
import { createTestClock, NOW } from '../../test/support/clock.ts';
import { createMemoryLogger } from '../adapters/memory/memory-recorders.ts';
import { PayhookError } from '../core/errors.ts';
import { LIMITS } from '../core/limits.ts';
import type { Claim } from '../core/ports/queue.ts';
import { type AttemptClaimDeps, createAttemptClaim, createWithClaim } from './attempt-claim.ts';

const claimOf = (claimedTimes: number): Claim => ({
  entry: { webhookId: 'stripe:evt_1', timestamp: 0, provider: 'stripe', traceId: 'trace-1' },
  receipt: 'receipt-1',
  enqueuedAt: NOW,
  claimedTimes,
});

const open = (overrides: Partial<AttemptClaimDeps> = {}) => {
  const clock = createTestClock();
  const logger = createMemoryLogger();
  const counts: unknown[] = [];
  const waits: number[] = [];
  const putBack: number[] = [];
  const deps: AttemptClaimDeps = {
    process: async () => ({ outcome: 'skipped', reason: 'ended' }),
    queue: {
      retryIn: async (_, delayMs) => {
        waits.push(delayMs);
        return 'settled';
      },
      putBack: async (_, delayMs) => {
        putBack.push(delayMs);
        return 'settled';
      },
    },
    clock,
    logger,
    metrics: { attempt: (...count) => void counts.push(count) },
    randomness: { fraction: () => 0.999_999 },
    ...overrides,
  };
  return { clock, logger, counts, waits, putBack, deps, attemptClaim: createAttemptClaim(deps) };
};

const broken = async () => {
  throw new Error('the table is on fire');
};

describe('attempting a claim', () => {
  test('reports the attempt with how long it took, in one line and one count', async () => {
    const { deps, clock, logger, counts, waits } = open();
    const attemptClaim = createAttemptClaim({
      ...deps,
      process: async () => {
        clock.advance(1500);
        return { outcome: 'skipped', reason: 'ended' };
      },
    });

    await attemptClaim(claimOf(1));

    expect(logger.lines).toMatchObject([
      { event: 'attempt.finished', fields: { outcome: 'skipped', duration_ms: 1500 } },
    ]);
    expect(counts).toEqual([['stripe', 'skipped', 1.5]]);
    expect(waits).toEqual([]);
  });

  test('gives the claim back when a machine breaks, with one line that says when it comes again', async () => {
    const { attemptClaim, logger, counts, waits } = open({ process: broken });

    await attemptClaim(claimOf(1));

    expect(waits).toEqual([4999]);
    expect(logger.lines).toEqual([
      {
        level: 'error',
        event: 'attempt.broken',
        fields: {
          webhook_id: 'stripe:evt_1',
          provider: 'stripe',
          code: 'internal',
          message: 'the table is on fire',
          trace_id: 'trace-1',
          retry_in_ms: 4999,
        },
      },
    ]);
    expect(counts).toEqual([]);
  });

  test('rests the longer the longer it has waited, up to a quarter of an hour', async () => {
    const { attemptClaim, clock, waits } = open({ process: broken });

    for (const seconds of [0, 4, 10, 20, 640, 900, 50_000]) {
      await attemptClaim({ ...claimOf(1), enqueuedAt: clock.now() - seconds * 1000 });
    }

    expect(waits.map((ms) => Math.ceil(ms / 1000))).toEqual([5, 5, 10, 20, 640, 900, 900]);
    expect(Math.max(...waits)).toBeLessThan(LIMITS.brokenBackoffCapMs);
  });

  test('puts the claim back at once, so that it counts, when what handlers ran in went down with several', async () => {
    const { attemptClaim, logger, waits, putBack } = open({
      process: async () => {
        throw new PayhookError('handlers_ended', 'the process of the handlers ended: exit code 3');
      },
    });

    await attemptClaim(claimOf(1));

    expect([waits, putBack]).toEqual([[], [0]]);
    expect(logger.lines).toMatchObject([{ event: 'attempt.broken', fields: { code: 'handlers_ended' } }]);
  });

  test('says nothing about a claim that waits until it may run alone', async () => {
    const { attemptClaim, logger, counts } = open({
      process: async () => ({ outcome: 'skipped', reason: 'runs_alone_later' }),
    });

    await attemptClaim(claimOf(2));

    expect([logger.lines, counts]).toEqual([[], []]);
  });

  test('leaves the claim to its lease when it cannot even be given back', async () => {
    const { attemptClaim, logger } = open({ process: broken, queue: { retryIn: broken, putBack: broken } });

    await expect(attemptClaim(claimOf(1))).resolves.toBeUndefined();

    expect(logger.lines).toHaveLength(1);
  });

  test('work that settles its claim itself is not reported as an attempt', async () => {
    const { deps, logger, waits } = open();
    const done: string[] = [];

    await createWithClaim(deps)(claimOf(1), async () => void done.push('moved back'));

    expect([done, logger.lines, waits]).toEqual([['moved back'], [], []]);
  });
});
