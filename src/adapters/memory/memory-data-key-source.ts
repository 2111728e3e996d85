/** Data keys that live and die with the process. */
import { PayhookError } from '../../core/errors.ts';
import type { DataKeySource } from '../../core/ports/data-key-source.ts';
import type { Randomness } from '../../core/ports/randomness.ts';

export const createMemoryDataKeySource = (randomness: Randomness): DataKeySource => {
  const keys = new Map<string, Uint8Array>();
  return {
    async generate() {
      const keyId = randomness.id();
      const key = randomness.bytes(32);
      keys.set(keyId, key.slice());
      return { keyId, key };
    },
    async open(keyId) {
      const key = keys.get(keyId);
      if (key === undefined) throw new PayhookError('data_key_unknown', `data key ${keyId} was never made here`);
      return { keyId, key: key.slice() };
    },
  };
};
