import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openSqlite, type SqliteExecutor } from '../../src/adapters/sqlite/sqlite-executor.ts';
import type { DestinationEntry } from '../../src/destinations/destination-queue.ts';
import { NOW } from '../support/clock.ts';
import { describeDestinationQueue } from './destination-queue-contract.ts';
import { createTemporaryDirectory, removeDirectory } from './homes.ts';
import { insert } from './sqlite-fixtures.ts';
import { DESTINATION_QUEUES } from './state-adapters.ts';

for (const { name, open } of DESTINATION_QUEUES) describeDestinationQueue(name, open);

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

  test('makes every claimed entry due when a home starts, but none that waits for its time', async () => {
    const [first, second] = await claim(2);
    if (first === undefined || second === undefined) throw new Error('three were put');
    const failed = { claim: second, outcome: 'failed', error: 'timed_out', dueAt: NOW + 5000 } as const;
    await executor.run('destinationSettle', { settlements: [failed], at: NOW });

    await executor.run('destinationReleaseAll', { now: NOW });

    expect((await claim(10)).map(({ entry }) => entry)).toEqual([entryOf(1), entryOf(3)]);
    await executor.run('destinationSettle', { settlements: [{ claim: first, outcome: 'delivered' }], at: NOW });
    expect(await executor.run('destinationOfWebhook', entryOf(1))).toMatchObject([{ state: 'waiting' }]);
  });

  test('writes nothing of what became of several claims when it cannot write one of them', async () => {
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

  test('puts nothing of several entries when one belongs to no stored webhook', async () => {
    await insert(executor, 4);

    const putting = executor.run('destinationPut', { entries: [entryOf(4), entryOf(5)], at: NOW });

    await expect(putting).rejects.toThrow('only events of stored webhooks are delivered');
    expect(await executor.run('destinationOfWebhook', entryOf(4))).toEqual([]);
  });
});
