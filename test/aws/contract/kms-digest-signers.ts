/** Signers of digests with keys of KMS, each its own. */
import { CreateKeyCommand, type KeySpec, KMS } from '@aws-sdk/client-kms';
import { afterAll, beforeAll } from 'vitest';
import { createKmsDigestSigner } from '../../../src/adapters/aws/audit/kms-digest-signer.ts';
import type { DigestSigner } from '../../../src/audit/digest-signer.ts';
import { emulatorClientOptions } from '../tools/emulator-clients.ts';
import { emulated } from './emulated-adapter.ts';
import { useMoto } from './use-moto.ts';

const useKmsDigestSigners = () => {
  const moto = useMoto();
  let client: KMS;
  /** Operations that were sent, in order. */
  let sent: string[] = [];
  beforeAll(() => {
    client = new KMS(emulatorClientOptions(moto().url));
    client.middlewareStack.add(
      (next, { commandName = '' }) =>
        (args) => {
          sent.push(commandName);
          return next(args);
        },
      { step: 'initialize', name: 'noteCommand' },
    );
  });
  afterAll(() => client.destroy());

  const createKey = async (keySpec: KeySpec = 'ECC_NIST_P256'): Promise<string> => {
    const { KeyMetadata: { Arn: arn = '' } = {} } = await client.send(
      new CreateKeyCommand({ KeySpec: keySpec, KeyUsage: 'SIGN_VERIFY' }),
    );
    return arn;
  };
  return {
    createKey,
    client: () => client,
    /** Operations since the last time, in order. */
    takeSent: (): readonly string[] => {
      const taken = sent;
      sent = [];
      return taken;
    },
    open: async (): Promise<DigestSigner> => createKmsDigestSigner({ client, keyId: await createKey() }),
  };
};

export const KMS_DIGEST_SIGNER = emulated('KMS', useKmsDigestSigners);
