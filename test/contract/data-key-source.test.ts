import { createSecretKey, type KeyObject } from 'node:crypto';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { createMemoryDataKeySource } from '../../src/adapters/memory/memory-data-key-source.ts';
import { createSqliteDataKeySource } from '../../src/adapters/sqlite/sqlite-data-key-source.ts';
import { openSqlite } from '../../src/adapters/sqlite/sqlite-executor.ts';
import { createTestClock } from '../support/clock.ts';
import { createTestRandomness } from '../support/randomness.ts';
import { describeDataKeySource } from './data-key-source-contract.ts';
import { createTemporaryDirectory, removeDirectory } from './homes.ts';

describeDataKeySource(
  'memory',
  async () => ({
    dataKeys: createMemoryDataKeySource(createTestRandomness()),
    [Symbol.asyncDispose]: async () => undefined,
  }),
  { skip: [{ test: 'opens a key in another process of the home', reason: 'memory keys die with their process' }] },
);

const openSqliteKeys = async () => {
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

describeDataKeySource('sqlite', openSqliteKeys);

describe('createSqliteDataKeySource', () => {
  it('says data_key_unknown for a key that was wrapped by another key file, and does not name the key', async () => {
    await using home = await openSqliteKeys();
    const { keyId, key } = await home.dataKeys.generate();
    const stranger = home.sourceWith(createSecretKey(Buffer.alloc(32, 2)));

    const error: unknown = await stranger.open(keyId).catch((thrown: unknown) => thrown);

    expect(error).toMatchObject({ code: 'data_key_unknown', message: expect.stringContaining('another key file') });
    expect(String(error)).not.toContain(Buffer.from(key).toString('hex'));
  });

  it('never writes a key that is not wrapped', async () => {
    await using home = await openSqliteKeys();
    const { keyId, key } = await home.dataKeys.generate();

    const stored = await home.executor.run('dataKeyGet', keyId);

    expect(Buffer.from(stored?.wrapped ?? []).includes(Buffer.from(key))).toBe(false);
    expect(stored?.wrapped).toHaveLength(12 + 16 + 32);
  });

  it.each([
    { title: 'changed', sql: 'UPDATE data_keys SET wrapped = CAST(zeroblob(60) AS BLOB)' },
    { title: 'cut off', sql: 'UPDATE data_keys SET wrapped = substr(wrapped, 1, 20)' },
    { title: 'emptied', sql: "UPDATE data_keys SET wrapped = x''" },
  ])('says data_key_unknown for a wrapped key that was $title', async ({ sql }) => {
    await using home = await openSqliteKeys();
    const { keyId } = await home.dataKeys.generate();
    const db = new DatabaseSync(home.path);
    db.exec(sql);
    db.close();

    await expect(home.dataKeys.open(keyId)).rejects.toMatchObject({ code: 'data_key_unknown' });
  });

  it('does not open a wrapped key under the id of another one', async () => {
    await using home = await openSqliteKeys();
    const { keyId } = await home.dataKeys.generate();
    const { wrapped } = (await home.executor.run('dataKeyGet', keyId)) ?? {};
    await home.executor.run('dataKeyKeep', { keyId: 'swapped', wrapped: wrapped ?? new Uint8Array(), createdAt: 0 });

    await expect(home.dataKeys.open('swapped')).rejects.toMatchObject({ code: 'data_key_unknown' });
  });
});
