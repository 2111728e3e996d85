import { CreateAliasCommand } from '@aws-sdk/client-kms';
import { describe, expect, test } from 'vitest';
import { createKmsDigestSigner } from '../../../src/adapters/aws/audit/kms-digest-signer.ts';
import { digestBytes } from '../../../src/audit/audit.ts';
import { describeDigestSigner } from '../../contract/digest-signer-contract.ts';
import { KMS_DIGEST_SIGNER } from './kms-digest-signers.ts';

const kms = KMS_DIGEST_SIGNER.use();

describeDigestSigner(KMS_DIGEST_SIGNER.name, kms.open);

const BYTES = digestBytes('a'.repeat(64));

describe('createKmsDigestSigner', () => {
  test('asks for the public key when it is first needed, once, and verifies without KMS', async () => {
    const keyId = await kms.createKey();
    kms.takeSent();
    const signer = await createKmsDigestSigner({ client: kms.client(), keyId });
    expect(kms.takeSent()).toEqual([]);
    const signature = await signer.sign(BYTES);

    for (let time = 0; time < 10; time += 1) expect(await signer.verify(signer.keyId, BYTES, signature)).toBe(true);

    expect(kms.takeSent()).toEqual(['SignCommand', 'GetPublicKeyCommand']);
  });

  test('verifies what a former key of this account signed, and asks for it once', async () => {
    const former = await kms.open();
    const signature = await former.sign(BYTES);
    const signer = await kms.open();
    kms.takeSent();

    for (let time = 0; time < 10; time += 1) expect(await signer.verify(former.keyId, BYTES, signature)).toBe(true);

    expect(kms.takeSent()).toEqual(['GetPublicKeyCommand']);
    expect(await signer.verify(signer.keyId, BYTES, signature)).toBe(false);
  });

  test('knows nothing of a key of this account that was deleted', async () => {
    const signer = await kms.open();
    const signature = await signer.sign(BYTES);
    const deleted = signer.keyId.replace(/[0-9a-f]{12}$/, '000000000000');

    expect(await signer.verify(deleted, BYTES, signature)).toBe(false);
  });

  test('never asks for a key of another account or region, whatever a digest says', async () => {
    const signer = await kms.open();
    const signature = await signer.sign(BYTES);
    kms.takeSent();

    for (const keyId of [
      signer.keyId.replace(/:\d{12}:/, ':999999999999:'),
      signer.keyId.replace('us-east-1', 'eu-west-1'),
      signer.keyId.slice(signer.keyId.lastIndexOf('/') + 1),
      'alias/key-audit-digests-prod',
      `${signer.keyId}/../other`,
    ]) {
      expect(await signer.verify(keyId, BYTES, signature)).toBe(false);
    }

    expect(kms.takeSent()).toEqual([]);
  });

  test('signs under an alias, with an id that stays when the alias moves', async () => {
    const keyId = await kms.createKey();
    const alias = 'alias/key-audit-digests-test';
    await kms.client().send(new CreateAliasCommand({ AliasName: alias, TargetKeyId: keyId }));

    const signer = await createKmsDigestSigner({ client: kms.client(), keyId: alias });

    expect(keyId).toContain(signer.keyId);
    expect(await signer.verify(signer.keyId, BYTES, await signer.sign(BYTES))).toBe(true);
  });

  test('refuses a key of another kind', async () => {
    const signer = await createKmsDigestSigner({ client: kms.client(), keyId: await kms.createKey('ECC_NIST_P384') });

    await expect(signer.verify(signer.keyId, BYTES, 'AAAA')).rejects.toMatchObject({
      code: 'configuration_invalid',
      message: expect.stringContaining('it must be ECC_NIST_P256'),
    });
  });

  test('says what to do when the key is not there, and does not call digests forged for it', async () => {
    const existing = await kms.createKey();
    const signer = await createKmsDigestSigner({
      client: kms.client(),
      keyId: existing.replace(/[0-9a-f]{12}$/, '000000000000'),
    });
    const isMissing = { code: 'audit_unavailable', message: expect.stringContaining('deploy the stack first') };

    await expect(signer.sign(BYTES)).rejects.toMatchObject(isMissing);
    await expect(signer.verify(signer.keyId, BYTES, 'AAAA')).rejects.toMatchObject(isMissing);
    await expect(createKmsDigestSigner({ client: kms.client(), keyId: 'alias/missing' })).rejects.toMatchObject(
      isMissing,
    );
  });
});
