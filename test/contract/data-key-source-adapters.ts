/** Sources of data keys that need no server: in memory, and in a database under a key file. */
import { createSecretKey, type KeyObject } from 'node:crypto';
import { join } from 'node:path';
import { createMemoryDataKeySource } from '../../src/adapters/memory/memory-data-key-source.ts';
import { createSqliteDataKeySource } from '../../src/adapters/sqlite/sqlite-data-key-source.ts';
import { openSqlite } from '../../src/adapters/sqlite/sqlite-executor.ts';
import { createTestClock } from '../support/clock.ts';
import { createTestRandomness } from '../support/randomness.ts';
import type { Adapter } from './contract-tests.ts';
import type { DataKeyHarness } from './data-key-source-contract.ts';
import { createTemporaryDirectory, removeDirectory } from './homes.ts';

const openMemoryKeys = async () => ({
  dataKeys: createMemoryDataKeySource(createTestRandomness()),
  [Symbol.asyncDispose]: async () => undefined,
});

export const openSqliteKeys = async () => {
  const directory = createTemporaryDirectory();
  const path = join(directory, 'payhook.db');
  const executor = openSqlite({ path });
  const other = openSqlite({ path });
  const sourceWith = (wrappingKey: KeyObject, of = executor) =>
    createSqliteDataKeySource({
      executor: of,
      wrappingKey,
      clock: createTestClock(),
      randomness: createTestRandomness(),
    });
  const wrappingKey = createSecretKey(Buffer.alloc(32, 1));
  return {
    path,
    executor,
    sourceWith,
    dataKeys: sourceWith(wrappingKey),
    reopen: async () => sourceWith(wrappingKey, other),
    async [Symbol.asyncDispose]() {
      await executor.close();
      await other.close();
      removeDirectory(directory);
    },
  };
};

export const DATA_KEY_SOURCES: readonly Adapter<() => Promise<DataKeyHarness>>[] = [
  {
    name: 'memory',
    open: openMemoryKeys,
    skip: [{ test: 'opens a key in another process of the home', reason: 'memory keys die with their process' }],
  },
  { name: 'sqlite', open: openSqliteKeys },
];
