/** Signs audit digests with an asymmetric KMS key (ECDSA on P-256), which nobody can take out of KMS. */

import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import type { DigestSigner } from '../../../audit/digest-signer.ts';
import { PayhookError } from '../../../core/errors.ts';
import { awsError, isAwsError } from '../errors.ts';
import type { KmsCalls } from '../service-calls.ts';

/** Keys whose public half is remembered: one for each time the key was replaced. */
const KEYS_MAX = 20;
const WHAT = 'the KMS key of the audit digests';
/** OpenSSL's name of the curve P-256. */
const CURVE = 'prime256v1';
/** Account and region of a key, with what stands before them. */
const KEY_ARN = /^(arn:[\w-]+:kms:[\w-]+:\d{12}:key\/)[\w-]+$/;

/**
 * Signs in KMS; fetches the public half of a key once, when it is first needed, and verifies without KMS. `keyId` is an
 * ARN or `alias/…`; the signer's own id is the key's ARN either way, so that digests stay checkable when the alias points
 * to another key. Of former keys only those of this account and region are believed: anybody can make a key elsewhere
 * and let the whole world read its public half. Throws `audit_unavailable` when KMS cannot be asked.
 */
export const createKmsDigestSigner = async (deps: {
  readonly client: KmsCalls;
  readonly keyId: string;
}): Promise<DigestSigner> => {
  const { client } = deps;
  const own = KEY_ARN.test(deps.keyId) ? deps.keyId : (await fetchPublicKey(client, deps.keyId)).keyId;
  const [, home] = KEY_ARN.exec(own) ?? [];
  const fetched = new Map<string, Promise<KeyObject | undefined>>();

  const fetchOnce = (keyId: string): Promise<KeyObject | undefined> => {
    const known = fetched.get(keyId);
    if (known !== undefined) return known;
    const fetching = fetchPublicKey(client, keyId).then(
      ({ key }) => key,
      (error: PayhookError) => {
        // Deleted, or never there. The own key has to be there.
        if (keyId !== own && isAwsError(error.cause, 'NotFoundException')) return undefined;
        throw error;
      },
    );
    if (fetched.size < KEYS_MAX) fetched.set(keyId, fetching);
    fetching.catch(() => fetched.delete(keyId));
    return fetching;
  };

  const believed = async (keyId: string): Promise<KeyObject | undefined> => {
    const isBelieved = keyId === own || (home !== undefined && KEY_ARN.exec(keyId)?.[1] === home);
    return isBelieved ? fetchOnce(keyId) : undefined;
  };

  return {
    keyId: own,
    async sign(bytes) {
      try {
        const { Signature: signature } = await client.sign({
          KeyId: own,
          Message: bytes,
          MessageType: 'RAW',
          SigningAlgorithm: 'ECDSA_SHA_256',
        });
        if (signature === undefined) throw new TypeError('KMS answered without a signature');
        return Buffer.from(signature).toString('base64');
      } catch (error) {
        throw awsError(error, 'audit_unavailable', WHAT);
      }
    },
    publicKey: async (keyId) => (await believed(keyId))?.export({ type: 'spki', format: 'pem' }).toString(),
    async verify(keyId, bytes, signature) {
      const key = await believed(keyId);
      return key !== undefined && verify('sha256', bytes, key, Buffer.from(signature, 'base64'));
    },
  };
};

const fetchPublicKey = async (
  client: KmsCalls,
  keyId: string,
): Promise<{ readonly keyId: string; readonly key: KeyObject }> => {
  let answer: Awaited<ReturnType<KmsCalls['getPublicKey']>>;
  try {
    answer = await client.getPublicKey({ KeyId: keyId });
  } catch (error) {
    throw awsError(error, 'audit_unavailable', WHAT);
  }
  // Given an alias, KMS answers with the ARN of the key behind it.
  const { PublicKey: der = new Uint8Array(), KeyId: arn = keyId } = answer;
  const key = createPublicKey({ key: Buffer.from(der), format: 'der', type: 'spki' });
  if (key.asymmetricKeyDetails?.namedCurve !== CURVE) {
    throw new PayhookError('configuration_invalid', `${WHAT} ${arn} is of another kind: it must be ECC_NIST_P256`);
  }
  return { keyId: arn, key };
};
