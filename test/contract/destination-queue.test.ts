import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createMemoryHome } from '../../src/adapters/memory/memory-home.ts';
import { createSqliteDestinationQueue } from '../../src/adapters/sqlite/sqlite-destination-queue.ts';
import { openSqlite, type SqliteExecutor } from '../../src/adapters/sqlite/sqlite-executor.ts';
import { openSqliteThread } from '../../src/adapters/sqlite/sqlite-thread.ts';
import { createSqliteWebhookStore } from '../../src/adapters/sqlite/sqlite-webhook-store.ts';
import type { DestinationEntry } from '../../src/destinations/destination-queue.ts';
import { createTestClock, NOW } from '../support/clock.ts';
import { describeDestinationQueue, type OpenDestinationQueue } from './destination-queue-contract.ts';
import { createTemporaryDirectory, removeDirectory } from './homes.ts';
import { insert } from './sqlite-fixtures.ts';

const openMemory: OpenDestinationQueue = async () => {
  const clock = createTestClock();
  const { store, destinations } = createMemoryHome(clock);
  return { queue: destinations, store, clock, [Symbol.asyncDispose]: async () => undefined };
};

const openOn =
  (openExecutor: (path: string) => Promise<SqliteExecutor>): OpenDestinationQueue =>
  async () => {
    const clock = createTestClock();
    const directory = createTemporaryDirectory();
    const executor = await openExecutor(join(directory, 'payhook.db'));
    return {
      queue: createSqliteDestinationQueue(executor, clock),
      store: createSqliteWebhookStore(executor),
      clock,
      async [Symbol.asyncDispose]() {
        await executor.close();
        removeDirectory(directory);
      },
    };
  };

describeDestinationQueue('memory', openMemory);
describeDestinationQueue(
  'sqlite in the calling thread',
  openOn(async (path) => openSqlite({ path })),
);
describeDestinationQueue(
  'sqlite on its thread',
  openOn((path) => openSqliteThread({ path })),
);

const LEASE_MS = 60_000;

describe('the destination queue on SQLite', () => {
  let directory: string;
  let executor: SqliteExecutor;
  const entryOf = (number: number): DestinationEntry => {
    const webhookId = `stripe:evt_${number}`;
    const pointer = { webhookId, timestamp: NOW - 5000, provider: 'stripe', traceId: 'trace-1' };
    return { ...pointer, destination: 'ledger', eventId: webhookId, news: 'news' };
  };
  const claim = (limit: number, now = NOW) =>
    executor.run('destinationClaim', { destination: 'ledger', limit, now, leaseMs: LEASE_MS });

  beforeEach(async () => {
    directory = createTemporaryDirectory();
    executor = openSqlite({ path: join(directory, 'payhook.db') });
    for (const number of [1, 2, 3]) await insert(executor, number);
    await executor.run('destinationPut', { entries: [1, 2, 3].map(entryOf), at: NOW });
  });

  afterEach(async () => {
    await executor.close();
    removeDirectory(directory);
  });

  it('makes every claimed entry due when a home starts, but none that waits for its time', async () => {
    const [first, second] = await claim(2);
    if (first === undefined || second === undefined) throw new Error('three were put');
    const failed = { claim: second, outcome: 'failed', error: 'timed_out', dueAt: NOW + 5000 } as const;
    await executor.run('destinationSettle', { settlements: [failed], at: NOW });

    await executor.run('destinationReleaseAll', { now: NOW });

    expect((await claim(10)).map(({ entry }) => entry)).toEqual([entryOf(1), entryOf(3)]);
    await executor.run('destinationSettle', { settlements: [{ claim: first, outcome: 'delivered' }], at: NOW });
    expect(await executor.run('destinationOfWebhook', entryOf(1))).toMatchObject([{ state: 'waiting' }]);
  });

  it('writes nothing of what became of several claims when it cannot write one of them', async () => {
    const [first, second] = await claim(2);
    if (first === undefined || second === undefined) throw new Error('three were put');
    const settlements = [
      { claim: first, outcome: 'delivered' },
      { claim: { ...second, receipt: 'of another queue' }, outcome: 'delivered' },
    ] as const;

    await expect(executor.run('destinationSettle', { settlements, at: NOW })).rejects.toThrow(
      'a receipt of this queue',
    );

    expect(await executor.run('destinationOfWebhook', entryOf(1))).toMatchObject([{ state: 'waiting' }]);
  });

  it('puts nothing of several entries when one belongs to no stored webhook', async () => {
    await insert(executor, 4);

    const putting = executor.run('destinationPut', { entries: [entryOf(4), entryOf(5)], at: NOW });

    await expect(putting).rejects.toThrow('only events of stored webhooks are delivered');
    expect(await executor.run('destinationOfWebhook', entryOf(4))).toEqual([]);
  });
});
