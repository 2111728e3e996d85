import { CreateKeyCommand, KMS } from '@aws-sdk/client-kms';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createKmsDigestSigner } from '../../../src/adapters/aws/audit/kms-digest-signer.ts';
import { createKmsDataKeySource } from '../../../src/adapters/aws/keys/kms-data-key-source.ts';
import type { KmsCalls } from '../../../src/adapters/aws/service-calls.ts';
import { createTestRandomness } from '../../support/randomness.ts';
import { type FaultProxy, startFaultProxy } from '../servers/fault-proxy.ts';
import type { Fault } from '../servers/fault-proxy-rules.ts';
import { type Moto, startMoto } from '../servers/moto.ts';
import { emulatorClientOptions } from '../tools/emulator-clients.ts';
import { signedCalls } from '../tools/signed-clients.ts';

let moto: Moto;
let proxy: FaultProxy;
let client: KmsCalls;
let keyArn: string;
let digestKeyArn: string;

/** As the functions make it, but with less patience; that calls are tried again is seen with SQS. */
const REQUEST_MS_MAX = 1_500;

beforeAll(async () => {
  moto = await startMoto();
  proxy = await startFaultProxy(moto.url);
  client = signedCalls(proxy.url, { requestMsMax: REQUEST_MS_MAX }).kms;
  const patient = new KMS(emulatorClientOptions(moto.url));
  const { KeyMetadata: key } = await patient.send(new CreateKeyCommand({}));
  const { KeyMetadata: digestKey } = await patient.send(
    new CreateKeyCommand({ KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' }),
  );
  patient.destroy();
  keyArn = key?.Arn ?? '';
  digestKeyArn = digestKey?.Arn ?? '';
});

afterEach(() => {
  proxy.clearRules();
  proxy.forgetCalls();
});

afterAll(async () => {
  await proxy[Symbol.asyncDispose]();
  await moto[Symbol.asyncDispose]();
});

const FAULTS: readonly Fault[] = [
  { kind: 'throttle' },
  { kind: 'server_error' },
  { kind: 'hang' },
  { kind: 'error', code: 'DisabledException', status: 400 },
  { kind: 'error', code: 'KMSInvalidStateException', status: 400 },
  { kind: 'error', code: 'AccessDeniedException', status: 400 },
];
const nameOf = (fault: Fault): string => ('code' in fault ? fault.code : fault.kind);

const breakEvery = (operation: string, fault: Fault) => proxy.inject({ match: { service: 'kms', operation }, fault });

describe('createKmsDataKeySource, when KMS is in trouble', () => {
  const openKeys = () => {
    const stored = new Map<string, Uint8Array>();
    const dataKeys = createKmsDataKeySource({
      client,
      keyArn,
      items: {
        put: async (keyId, wrapped) => {
          stored.set(keyId, wrapped);
        },
        get: async (keyId) => stored.get(keyId),
      },
      randomness: createTestRandomness(),
    });
    return { dataKeys, stored };
  };

  test('makes and opens a key with one call each', async () => {
    const { dataKeys } = openKeys();

    const { keyId } = await dataKeys.generate();
    await dataKeys.open(keyId);

    expect(proxy.counts()).toEqual({ 'kms.GenerateDataKey': 1, 'kms.Decrypt': 1 });
  });

  for (const fault of FAULTS) {
    test(`says data_key_unavailable, never data_key_unknown, and stores nothing: ${nameOf(fault)}`, async () => {
      const { dataKeys, stored } = openKeys();
      const { keyId } = await dataKeys.generate();
      breakEvery('GenerateDataKey', fault);
      breakEvery('Decrypt', fault);
      const isUnavailable = { code: 'data_key_unavailable', isRetryable: true };

      await expect(dataKeys.generate()).rejects.toMatchObject(isUnavailable);
      await expect(dataKeys.open(keyId)).rejects.toMatchObject(isUnavailable);

      expect(stored.size).toBe(1);
    });
  }
});

describe('createKmsDigestSigner, when KMS is in trouble', () => {
  const BYTES = Buffer.from('digest');

  for (const fault of FAULTS) {
    test(`says audit_unavailable instead of calling a digest forged: ${nameOf(fault)}`, async () => {
      const signer = await createKmsDigestSigner({ client, keyId: digestKeyArn });
      const signature = await signer.sign(BYTES);
      breakEvery('Sign', fault);
      const broken = breakEvery('GetPublicKey', fault);

      await expect(signer.sign(BYTES)).rejects.toMatchObject({ code: 'audit_unavailable' });
      await expect(signer.verify(signer.keyId, BYTES, signature)).rejects.toMatchObject({ code: 'audit_unavailable' });
      await expect(createKmsDigestSigner({ client, keyId: 'alias/any' })).rejects.toMatchObject({
        code: 'audit_unavailable',
      });

      broken.remove();
      expect(await signer.verify(signer.keyId, BYTES, signature)).toBe(true);
    });
  }
});
