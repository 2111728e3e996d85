import { join } from 'node:path';
import { createMemoryPaymentStore } from '../../src/adapters/memory/memory-payment-store.ts';
import { openSqlite, type SqliteExecutor } from '../../src/adapters/sqlite/sqlite-executor.ts';
import { createSqlitePaymentStore } from '../../src/adapters/sqlite/sqlite-payment-store.ts';
import { openSqliteThread } from '../../src/adapters/sqlite/sqlite-thread.ts';
import { createTemporaryDirectory, removeDirectory } from './homes.ts';
import { describePaymentStore, type OpenPaymentStore } from './payment-store-contract.ts';

const openMemory: OpenPaymentStore = async () => ({
  store: createMemoryPaymentStore(),
  [Symbol.asyncDispose]: async () => undefined,
});

const openOn =
  (openExecutor: (path: string) => Promise<SqliteExecutor>): OpenPaymentStore =>
  async () => {
    const directory = createTemporaryDirectory();
    const executor = await openExecutor(join(directory, 'payhook.db'));
    return {
      store: createSqlitePaymentStore(executor),
      async [Symbol.asyncDispose]() {
        await executor.close();
        removeDirectory(directory);
      },
    };
  };

describePaymentStore('memory', openMemory);
describePaymentStore(
  'sqlite in the calling thread',
  openOn(async (path) => openSqlite({ path })),
);
describePaymentStore(
  'sqlite on its thread',
  openOn((path) => openSqliteThread({ path })),
);
