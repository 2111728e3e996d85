import { join } from 'node:path';
import { createMemoryDestinationQueue } from '../../src/adapters/memory/memory-destination-queue.ts';
import { createMemoryHome } from '../../src/adapters/memory/memory-home.ts';
import { createSqliteDestinationQueue } from '../../src/adapters/sqlite/sqlite-destination-queue.ts';
import { openSqlite, type SqliteExecutor } from '../../src/adapters/sqlite/sqlite-executor.ts';
import { openSqliteThread } from '../../src/adapters/sqlite/sqlite-thread.ts';
import { createSqliteWebhookStore } from '../../src/adapters/sqlite/sqlite-webhook-store.ts';
import { createTestClock } from '../support/clock.ts';
import { describeDestinationQueue, type OpenDestinationQueue } from './destination-queue-contract.ts';
import { createTemporaryDirectory, removeDirectory } from './homes.ts';

const openMemory: OpenDestinationQueue = async () => {
  const clock = createTestClock();
  return {
    store: createMemoryHome(clock).store,
    destinations: createMemoryDestinationQueue(clock),
    clock,
    [Symbol.asyncDispose]: async () => undefined,
  };
};

const openOn =
  (openExecutor: (path: string) => Promise<SqliteExecutor>): OpenDestinationQueue =>
  async () => {
    const clock = createTestClock();
    const directory = createTemporaryDirectory();
    const executor = await openExecutor(join(directory, 'payhook.db'));
    return {
      store: createSqliteWebhookStore(executor),
      destinations: createSqliteDestinationQueue(executor, clock),
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
