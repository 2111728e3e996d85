/** Signs audit digests with an Ed25519 key in a file of the data directory. */
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto';
import type { DigestSigner } from '../../audit/digest-signer.ts';
import { PayhookError } from '../../core/errors.ts';
import { readOrCreateSecretFile } from './secret-file.ts';

const newPrivateKeyPem = (): string =>
  generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

/** Makes the key file when there is none. The key id is the start of the SHA-256 of the public key. */
export const openFileDigestSigner = (path: string): DigestSigner => {
  const pem = readOrCreateSecretFile(path, newPrivateKeyPem);
  let privateKey: ReturnType<typeof createPrivateKey>;
  try {
    privateKey = createPrivateKey(pem);
  } catch (error) {
    throw new PayhookError(
      'configuration_invalid',
      `${path} does not hold a private key in PEM form: restore it from a backup`,
      { cause: error },
    );
  }
  const publicKey = createPublicKey(privateKey);
  const keyId = createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('hex')
    .slice(0, 16);
  return {
    keyId,
    sign: async (bytes) => sign(null, bytes, privateKey).toString('base64'),
    verify: async (id, bytes, signature) =>
      id === keyId && verify(null, bytes, publicKey, Buffer.from(signature, 'base64')),
  };
};
