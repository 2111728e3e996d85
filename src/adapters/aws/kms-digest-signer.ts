/** Signs audit digests with an asymmetric KMS key (ECDSA on P-256), which nobody can take out of KMS. */
import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { GetPublicKeyCommand, type GetPublicKeyCommandOutput, type KMSClient, SignCommand } from '@aws-sdk/client-kms';
import { PayhookError } from '../../core/errors.ts';
import type { DigestSigner } from '../../core/ports/digest-signer.ts';
import { awsError, isAwsError } from './aws-errors.ts';

/** Keys that signed before this one and whose public half is remembered: one for each time the key was replaced. */
const FORMER_KEYS_MAX = 20;
const WHAT = 'the KMS key of the audit digests';
/** OpenSSL's name of the curve P-256. */
const CURVE = 'prime256v1';
/** Account and region of a key, with what stands before them. */
const KEY_ARN = /^(arn:[\w-]+:kms:[\w-]+:\d{12}:key\/)[\w-]+$/;

interface PublicKey {
  readonly keyId: string;
  readonly key: KeyObject;
}

/**
 * Fetches the public half once and verifies without KMS. `keyId` is an ARN or `alias/…`; the signer's own id is always
 * the key's ARN, so that digests stay checkable when the alias points to another key. Of former keys only those of this
 * account and region are believed: anybody can make a key elsewhere and let the whole world read its public half.
 * Throws `audit_unavailable` when KMS cannot be asked.
 */
export const createKmsDigestSigner = async (deps: {
  readonly client: KMSClient;
  readonly keyId: string;
}): Promise<DigestSigner> => {
  const { client } = deps;
  const own = await fetchPublicKey(client, deps.keyId);
  const [, home] = KEY_ARN.exec(own.keyId) ?? [];
  const former = new Map<string, Promise<PublicKey | undefined>>();

  const publicKeyOf = async (keyId: string): Promise<KeyObject | undefined> => {
    if (keyId === own.keyId) return own.key;
    if (home === undefined || KEY_ARN.exec(keyId)?.[1] !== home) return undefined;
    const known = former.get(keyId) ?? fetchFormer(client, keyId);
    if (!former.has(keyId) && former.size < FORMER_KEYS_MAX) {
      former.set(keyId, known);
      known.catch(() => former.delete(keyId));
    }
    return (await known)?.key;
  };

  return {
    keyId: own.keyId,
    async sign(bytes) {
      try {
        const { Signature: signature } = await client.send(
          new SignCommand({
            KeyId: own.keyId,
            Message: bytes,
            MessageType: 'RAW',
            SigningAlgorithm: 'ECDSA_SHA_256',
          }),
        );
        if (signature === undefined) throw new TypeError('KMS answered without a signature');
        return Buffer.from(signature).toString('base64');
      } catch (error) {
        throw awsError(error, 'audit_unavailable', WHAT);
      }
    },
    async verify(keyId, bytes, signature) {
      const key = await publicKeyOf(keyId);
      return key !== undefined && verify('sha256', bytes, key, Buffer.from(signature, 'base64'));
    },
  };
};

const fetchPublicKey = async (client: KMSClient, keyId: string): Promise<PublicKey> => {
  let answer: GetPublicKeyCommandOutput;
  try {
    answer = await client.send(new GetPublicKeyCommand({ KeyId: keyId }));
  } catch (error) {
    throw awsError(error, 'audit_unavailable', WHAT);
  }
  const { PublicKey: der = new Uint8Array(), KeyId: arn = keyId } = answer;
  const key = createPublicKey({ key: Buffer.from(der), format: 'der', type: 'spki' });
  if (key.asymmetricKeyDetails?.namedCurve !== CURVE) {
    throw new PayhookError('configuration_invalid', `${WHAT} ${arn} is of another kind: it must be ECC_NIST_P256`);
  }
  // Given an alias, KMS answers with the ARN of the key behind it.
  return { keyId: KEY_ARN.test(keyId) ? keyId : arn, key };
};

/** Undefined when there is no such key: nobody knows it, or it was deleted. */
const fetchFormer = async (client: KMSClient, keyId: string): Promise<PublicKey | undefined> => {
  try {
    return await fetchPublicKey(client, keyId);
  } catch (error) {
    if (error instanceof PayhookError && isAwsError(error.cause, 'NotFoundException')) return undefined;
    throw error;
  }
};
