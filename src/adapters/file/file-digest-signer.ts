/** Signs audit digests with Ed25519 keys out of files: with the newest, and checks what older ones have signed. */
import { createPublicKey, hkdfSync, type KeyObject, sign, verify } from 'node:crypto';
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
    publicKey: async (keyId) => publicKeys.get(keyId)?.export({ type: 'spki', format: 'pem' }).toString(),
  };
};

const ROW_KEY_BYTES = 32;

/** The key for the codes on rows of the database that belongs to a signing key: whoever has one has the other. */
export const rowKeyOf = ({ key }: FingerprintedKey<KeyObject>): Uint8Array => {
  const secret = key.export({ type: 'pkcs8', format: 'der' });
  return new Uint8Array(hkdfSync('sha256', secret, '', 'payhook rows of the database, 1', ROW_KEY_BYTES));
};
