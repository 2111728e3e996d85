/** Data keys that a key of KMS wraps, with a table as far as they need one. */
import { CreateKeyCommand, KMS } from '@aws-sdk/client-kms';
import { createKmsDataKeySource } from '../../../src/adapters/aws/keys/kms-data-key-source.ts';
import { createTestRandomness } from '../../support/randomness.ts';
import { emulatorClientOptions } from '../tools/emulator-clients.ts';
import { signedCalls } from '../tools/signed-clients.ts';
import { emulated } from './emulated-adapter.ts';
import { useMoto } from './use-moto.ts';

const useKmsDataKeys = () => {
  const moto = useMoto();
  const open = async () => {
    const sdk = new KMS(emulatorClientOptions(moto().url));
    const { kms: client } = signedCalls(moto().url);
    const { KeyMetadata: { Arn: keyArn = '' } = {} } = await sdk.send(new CreateKeyCommand({}));
    /** The table, as far as data keys go. */
    const stored = new Map<string, Uint8Array>();
    const items = {
      put: async (keyId: string, wrapped: Uint8Array): Promise<void> => {
        stored.set(keyId, wrapped.slice());
      },
      get: async (keyId: string): Promise<Uint8Array | undefined> => stored.get(keyId)?.slice(),
    };
    const deps = { client, keyArn, items, randomness: createTestRandomness() };
    return {
      deps,
      sdk,
      stored,
      dataKeys: createKmsDataKeySource(deps),
      reopen: async () => createKmsDataKeySource({ ...deps, randomness: createTestRandomness('another process') }),
      [Symbol.asyncDispose]: async () => sdk.destroy(),
    };
  };
  return { open };
};

export const KMS_DATA_KEY_SOURCE = emulated('KMS', useKmsDataKeys);
