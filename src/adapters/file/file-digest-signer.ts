/** Signs audit digests with Ed25519 keys out of files: with the newest, and checks what older ones have signed. */
import { createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import type { DigestSigner } from '../../audit/digest-signer.ts';
import type { FingerprintedKey } from './key-file.ts';

/** A key id is the fingerprint of the key. */
export const createFileDigestSigner = (
  current: FingerprintedKey<KeyObject>,
  older: readonly FingerprintedKey<KeyObject>[] = [],
): DigestSigner => {
  const publicKeys = new Map([current, ...older].map((one) => [one.fingerprint, createPublicKey(one.key)]));
  return {
    keyId: current.fingerprint,
    sign: async (bytes) => sign(null, bytes, current.key).toString('base64'),
    async verify(keyId, bytes, signature) {
      const publicKey = publicKeys.get(keyId);
      return publicKey !== undefined && verify(null, bytes, publicKey, Buffer.from(signature, 'base64'));
    },
  };
};
