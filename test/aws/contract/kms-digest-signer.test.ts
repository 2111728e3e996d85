import { CreateAliasCommand, CreateKeyCommand, type KeySpec, KMSClient } from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createKmsDigestSigner } from '../../../src/adapters/aws/audit/kms-digest-signer.ts';
import { digestBytes } from '../../../src/audit/audit.ts';
import type { DigestSigner } from '../../../src/audit/digest-signer.ts';
import { describeDigestSigner } from '../../contract/digest-signer-contract.ts';
import { type Moto, startMoto } from '../servers/moto.ts';
import { emulatorClientOptions } from '../tools/emulator-clients.ts';

let moto: Moto;
let client: KMSClient;
/** Operations that were sent, in order. */
let sent: string[] = [];

beforeAll(async () => {
  moto = await startMoto();
  client = new KMSClient(emulatorClientOptions(moto.url));
  client.middlewareStack.add(
    (next, { commandName = '' }) =>
      (args) => {
        sent.push(commandName);
        return next(args);
      },
    { step: 'initialize', name: 'noteCommand' },
  );
});

afterAll(async () => {
  client.destroy();
  await moto[Symbol.asyncDispose]();
});

const createKey = async (keySpec: KeySpec = 'ECC_NIST_P256'): Promise<string> => {
  const { KeyMetadata: { Arn: arn = '' } = {} } = await client.send(
    new CreateKeyCommand({ KeySpec: keySpec, KeyUsage: 'SIGN_VERIFY' }),
  );
  return arn;
};

const openSigner = async (): Promise<DigestSigner> => createKmsDigestSigner({ client, keyId: await createKey() });

describeDigestSigner('kms', openSigner);

const BYTES = digestBytes('a'.repeat(64));

describe('createKmsDigestSigner', () => {
  test('asks for the public key when it is first needed, once, and verifies without KMS', async () => {
    const keyId = await createKey();
    sent = [];
    const signer = await createKmsDigestSigner({ client, keyId });
    expect(sent).toEqual([]);
    const signature = await signer.sign(BYTES);

    for (let time = 0; time < 10; time += 1) expect(await signer.verify(signer.keyId, BYTES, signature)).toBe(true);

    expect(sent).toEqual(['SignCommand', 'GetPublicKeyCommand']);
  });

  test('verifies what a former key of this account signed, and asks for it once', async () => {
    const former = await openSigner();
    const signature = await former.sign(BYTES);
    const signer = await openSigner();
    sent = [];

    for (let time = 0; time < 10; time += 1) expect(await signer.verify(former.keyId, BYTES, signature)).toBe(true);

    expect(sent).toEqual(['GetPublicKeyCommand']);
    expect(await signer.verify(signer.keyId, BYTES, signature)).toBe(false);
  });

  test('knows nothing of a key of this account that was deleted', async () => {
    const signer = await openSigner();
    const signature = await signer.sign(BYTES);
    const deleted = signer.keyId.replace(/[0-9a-f]{12}$/, '000000000000');

    expect(await signer.verify(deleted, BYTES, signature)).toBe(false);
  });

  test('never asks for a key of another account or region, whatever a digest says', async () => {
    const signer = await openSigner();
    const signature = await signer.sign(BYTES);
    sent = [];

    for (const keyId of [
      signer.keyId.replace(/:\d{12}:/, ':999999999999:'),
      signer.keyId.replace('us-east-1', 'eu-west-1'),
      signer.keyId.slice(signer.keyId.lastIndexOf('/') + 1),
      'alias/key-audit-digests-prod',
      `${signer.keyId}/../other`,
    ]) {
      expect(await signer.verify(keyId, BYTES, signature)).toBe(false);
    }

    expect(sent).toEqual([]);
  });

  test('signs under an alias, with an id that stays when the alias moves', async () => {
    const keyId = await createKey();
    const alias = 'alias/key-audit-digests-test';
    await client.send(new CreateAliasCommand({ AliasName: alias, TargetKeyId: keyId }));

    const signer = await createKmsDigestSigner({ client, keyId: alias });

    expect(keyId).toContain(signer.keyId);
    expect(await signer.verify(signer.keyId, BYTES, await signer.sign(BYTES))).toBe(true);
  });

  test('refuses a key of another kind', async () => {
    const signer = await createKmsDigestSigner({ client, keyId: await createKey('ECC_NIST_P384') });

    await expect(signer.verify(signer.keyId, BYTES, 'AAAA')).rejects.toMatchObject({
      code: 'configuration_invalid',
      message: expect.stringContaining('it must be ECC_NIST_P256'),
    });
  });

  test('says what to do when the key is not there, and does not call digests forged for it', async () => {
    const existing = await createKey();
    const signer = await createKmsDigestSigner({ client, keyId: existing.replace(/[0-9a-f]{12}$/, '000000000000') });
    const isMissing = { code: 'audit_unavailable', message: expect.stringContaining('deploy the stack first') };

    await expect(signer.sign(BYTES)).rejects.toMatchObject(isMissing);
    await expect(signer.verify(signer.keyId, BYTES, 'AAAA')).rejects.toMatchObject(isMissing);
    await expect(createKmsDigestSigner({ client, keyId: 'alias/missing' })).rejects.toMatchObject(isMissing);
  });
});
