/** Sources of data keys that need no server: in memory, and in a database under a key file. */
import { createSecretKey } from 'node:crypto';
import { join } from 'node:path';
import { createMemoryDataKeySource } from '../../src/adapters/memory/memory-data-key-source.ts';
import { createSqliteDataKeySource, type PayloadKey } from '../../src/adapters/sqlite/sqlite-data-key-source.ts';
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

export const payloadKeyOf = (byte: number): PayloadKey => ({
  key: createSecretKey(Buffer.alloc(32, byte)),
  fingerprint: `key of ${byte}`,
});

export const openSqliteKeys = async () => {
  const directory = createTemporaryDirectory();
  const path = join(directory, 'payhook.db');
  const executor = openSqlite({ path });
  const other = openSqlite({ path });
  // One for all: ids are never used twice, whoever makes them.
  const randomness = createTestRandomness();
  const sourceWith = (payloadKey: PayloadKey, of = executor, olderPayloadKeys: readonly PayloadKey[] = []) =>
    createSqliteDataKeySource({
      executor: of,
      payloadKey,
      olderPayloadKeys,
      clock: createTestClock(),
      randomness,
    });
  const payloadKey = payloadKeyOf(1);
  return {
    path,
    executor,
    payloadKey,
    sourceWith,
    dataKeys: sourceWith(payloadKey),
    reopen: async () => sourceWith(payloadKey, other),
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
