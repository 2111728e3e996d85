import type { SQSEvent } from 'aws-lambda';
import { describe, expect, test } from 'vitest';
import { createMemoryLogger } from '../../adapters/memory/memory-recorders.ts';
import { PayhookError } from '../../core/errors.ts';
import type { SweepOutcome } from '../../process/sweep.ts';
import { createProcessorEvent } from './processor-event.ts';

const invocation = { getRemainingTimeInMillis: () => 1000 };

const open = (sweep: () => Promise<SweepOutcome>, renewHolds: () => Promise<number> = async () => 0) => {
  const logger = createMemoryLogger();
  const handle = createProcessorEvent({
    processBatch: async (event) => ({ batchItemFailures: event.Records.map(() => ({ itemIdentifier: 'm' })) }),
    sweep,
    renewHolds,
    logger,
  });
  return { handle, logger };
};

describe('the processor', () => {
  test('processes what comes from its queue and sweeps when the clock calls', async () => {
    let sweeps = 0;
    const { handle, logger } = open(async () => {
      sweeps += 1;
      return { outcome: 'swept', queuedAgain: 0, isComplete: true };
    });

    expect(await handle({ Records: [{}] } as unknown as SQSEvent, invocation)).toEqual({
      batchItemFailures: [{ itemIdentifier: 'm' }],
    });
    expect(sweeps).toBe(0);
    expect(await handle({}, invocation)).toBeUndefined();
    expect(sweeps).toBe(1);
    expect(logger.lines).toEqual([]);
  });

  test('says when a sweep left everything out, and when it has more to do', async () => {
    const left = open(async () => ({ outcome: 'backlog', ready: 7000 }));
    await left.handle({}, invocation);
    const more = open(async () => ({ outcome: 'swept', queuedAgain: 3, isComplete: false }));
    await more.handle({}, invocation);

    expect(left.logger.lines).toMatchObject([{ event: 'sweep.left_out', fields: { reason: 'backlog', count: 7000 } }]);
    expect(more.logger.lines).toMatchObject([{ event: 'sweep.goes_on', fields: { count: 3 } }]);
  });

  test('says how many webhooks it has held because their payments are', async () => {
    const { handle, logger } = open(
      async () => ({ outcome: 'swept', queuedAgain: 0, isComplete: true }),
      async () => 2,
    );

    await handle({}, invocation);

    expect(logger.lines).toMatchObject([{ event: 'legal_holds.renewed', fields: { count: 2 } }]);
  });

  test('fails when the sweep does, so that Lambda tries it again and the failure queue knows of it', async () => {
    const { handle, logger } = open(() => Promise.reject(new PayhookError('store_busy', 'table t is busy')));

    await expect(handle({}, invocation)).rejects.toThrow('table t is busy');
    expect(logger.lines).toMatchObject([{ level: 'error', event: 'sweep.broken', fields: { code: 'store_busy' } }]);
  });
});
