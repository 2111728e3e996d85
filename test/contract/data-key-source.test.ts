import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import { DATA_KEY_SOURCES, openSqliteKeys, payloadKeyOf } from './data-key-source-adapters.ts';
import { describeDataKeySource } from './data-key-source-contract.ts';

for (const { name, open, ...options } of DATA_KEY_SOURCES) describeDataKeySource(name, open, options);

describe('createSqliteDataKeySource', () => {
  test('says data_key_unknown for a key that was wrapped by another key file, and does not name the key', async () => {
    await using home = await openSqliteKeys();
    const { keyId, key } = await home.dataKeys.generate();
    const stranger = home.sourceWith(payloadKeyOf(2));

    const error: unknown = await stranger.open(keyId).catch((thrown: unknown) => thrown);

    expect(error).toMatchObject({ code: 'data_key_unknown', message: expect.stringContaining('another key file') });
    expect(String(error)).not.toContain(Buffer.from(key).toString('hex'));
  });

  test('opens what an older payload key has wrapped, and wraps with the newest', async () => {
    await using home = await openSqliteKeys();
    const before = await home.dataKeys.generate();
    const rotated = home.sourceWith(payloadKeyOf(2), home.executor, [home.payloadKey]);

    const after = await rotated.generate();

    expect(Buffer.compare((await rotated.open(before.keyId)).key, before.key)).toBe(0);
    expect(Buffer.compare((await rotated.open(after.keyId)).key, after.key)).toBe(0);
    await expect(home.dataKeys.open(after.keyId)).rejects.toMatchObject({ code: 'data_key_unknown' });
  });

  test('never writes a key that is not wrapped', async () => {
    await using home = await openSqliteKeys();
    const { keyId, key } = await home.dataKeys.generate();

    const stored = await home.executor.run('dataKeyGet', keyId);

    expect(Buffer.from(stored?.wrapped ?? []).includes(Buffer.from(key))).toBe(false);
    expect(stored?.wrapped).toHaveLength(12 + 16 + 32);
  });

  test.each([
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

  test('does not open a wrapped key under the id of another one', async () => {
    await using home = await openSqliteKeys();
    const { keyId } = await home.dataKeys.generate();
    const { wrapped = new Uint8Array() } = (await home.executor.run('dataKeyGet', keyId)) ?? {};
    const wrappedBy = home.payloadKey.fingerprint;
    await home.executor.run('dataKeyKeep', { keyId: 'swapped', wrapped, createdAt: 0, wrappedBy });

    await expect(home.dataKeys.open('swapped')).rejects.toMatchObject({ code: 'data_key_unknown' });
  });
});
