import { CreateKeyCommand, DecryptCommand } from '@aws-sdk/client-kms';
import { describe, expect, test } from 'vitest';
import { createKmsDataKeySource } from '../../../src/adapters/aws/keys/kms-data-key-source.ts';
import { describeDataKeySource } from '../../contract/data-key-source-contract.ts';
import { createTestRandomness } from '../../support/randomness.ts';
import { KMS_DATA_KEY_SOURCE } from './kms-data-keys.ts';

const { open: openKmsKeys } = KMS_DATA_KEY_SOURCE.use();

describeDataKeySource(KMS_DATA_KEY_SOURCE.name, openKmsKeys);

describe('createKmsDataKeySource', () => {
  test('stores the key wrapped, and never as it is', async () => {
    await using home = await openKmsKeys();

    const { keyId, key } = await home.dataKeys.generate();

    const wrapped = Buffer.from(home.stored.get(keyId) ?? []);
    expect(wrapped.length).toBeGreaterThan(32);
    expect(wrapped.includes(Buffer.from(key))).toBe(false);
  });

  test('hands out no key that could not be stored: payloads under it could never be read', async () => {
    await using home = await openKmsKeys();
    const put = async (): Promise<void> => {
      throw new Error('the table is gone');
    };
    const dataKeys = createKmsDataKeySource({ ...home.deps, items: { ...home.deps.items, put } });

    await expect(dataKeys.generate()).rejects.toThrow('the table is gone');
  });

  test('does not open a wrapped key under the id of another one', async () => {
    await using home = await openKmsKeys();
    const { keyId } = await home.dataKeys.generate();
    home.stored.set('swapped', home.stored.get(keyId) ?? new Uint8Array());

    await expect(home.dataKeys.open('swapped')).rejects.toMatchObject({ code: 'data_key_unknown' });
  });

  test('cannot be opened by somebody who may use the KMS key but does not know what it is for', async () => {
    await using home = await openKmsKeys();
    const { keyId } = await home.dataKeys.generate();

    const opening = home.sdk.send(new DecryptCommand({ CiphertextBlob: home.stored.get(keyId) }));

    await expect(opening).rejects.toMatchObject({ name: 'InvalidCiphertextException' });
  });

  test.each([
    {
      how: 'changed',
      change: (wrapped: Buffer) =>
        Buffer.from(wrapped.map((byte, at) => (at === wrapped.length - 1 ? byte ^ 1 : byte))),
    },
    { how: 'cut off', change: (wrapped: Buffer) => wrapped.subarray(0, 20) },
  ])('says data_key_unknown, and what to do, for a wrapped key that was $how', async ({ change }) => {
    await using home = await openKmsKeys();
    const { keyId } = await home.dataKeys.generate();
    home.stored.set(keyId, change(Buffer.from(home.stored.get(keyId) ?? [])));

    await expect(home.dataKeys.open(keyId)).rejects.toMatchObject({
      code: 'data_key_unknown',
      message: expect.stringContaining('restore the item from a backup'),
    });
  });

  test('opens a data key of a KMS key that was replaced', async () => {
    await using home = await openKmsKeys();
    const { keyId, key } = await home.dataKeys.generate();
    const { KeyMetadata: { Arn: keyArn = '' } = {} } = await home.sdk.send(new CreateKeyCommand({}));

    const replaced = createKmsDataKeySource({ ...home.deps, keyArn, randomness: createTestRandomness('replaced') });

    expect((await replaced.generate()).keyId).not.toBe(keyId);
    expect(Buffer.compare((await replaced.open(keyId)).key, key)).toBe(0);
  });

  test('says what to do when the KMS key is not there', async () => {
    await using home = await openKmsKeys();
    const dataKeys = createKmsDataKeySource({ ...home.deps, keyArn: `${home.deps.keyArn}0` });

    await expect(dataKeys.generate()).rejects.toMatchObject({
      code: 'data_key_unavailable',
      message: expect.stringContaining('is not there (NotFoundException): deploy the stack first'),
    });
    expect(home.stored.size).toBe(0);
  });
});
