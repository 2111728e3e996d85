/** Digest signer and anchor that live and die with the process. */
import { generateKeyPairSync, sign, verify } from 'node:crypto';
import type { AnchoredDigest, DigestAnchor } from '../../audit/digest-anchor.ts';
import type { DigestSigner } from '../../audit/digest-signer.ts';

export const createMemoryDigestSigner = (keyId = 'memory'): DigestSigner => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return {
    keyId,
    sign: async (bytes) => sign(null, bytes, privateKey).toString('base64'),
    verify: async (id, bytes, signature) =>
      id === keyId && verify(null, bytes, publicKey, Buffer.from(signature, 'base64')),
    publicKey: async (id) => (id === keyId ? publicKey.export({ type: 'spki', format: 'pem' }).toString() : undefined),
  };
};

export const createMemoryDigestAnchor = (): DigestAnchor => {
  let anchored: AnchoredDigest | undefined;
  return {
    read: async () => anchored,
    write: async ({ number, hash }) => {
      anchored = { number, hash };
    },
  };
};
