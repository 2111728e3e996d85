/** Data keys on AWS: made and wrapped by KMS, kept as items beside the webhooks that they seal. */

import { PayhookError } from '../../../core/errors.ts';
import type { DataKeySource } from '../../../core/ports/data-key-source.ts';
import type { Randomness } from '../../../core/ports/randomness.ts';
import { awsError, isAwsError } from '../errors.ts';
import type { KmsCalls } from '../service-calls.ts';

/** Where wrapped keys are kept, durably and forever. Throws store codes. */
export interface DataKeyItems {
  /** Durable once this resolves. An id is never used twice. */
  readonly put: (keyId: string, wrapped: Uint8Array) => Promise<void>;
  /** Undefined when there is none of this id. */
  readonly get: (keyId: string) => Promise<Uint8Array | undefined>;
}

export interface KmsDataKeySourceDeps {
  readonly client: KmsCalls;
  /** The key that wraps new data keys: an ARN or `alias/…`. */
  readonly keyArn: string;
  readonly items: DataKeyItems;
  readonly randomness: Pick<Randomness, 'id'>;
}

/** Bound to the wrapped key by KMS: it opens under its own id only, and its use stands in CloudTrail under it. */
const contextOf = (dataKeyId: string): Record<string, string> => ({ payhook: 'payload', dataKeyId });

const WHAT = 'the KMS key of the payloads';

/** One KMS call for a new key and one to open an old one; the caller remembers keys, this adapter none. */
export const createKmsDataKeySource = (deps: KmsDataKeySourceDeps): DataKeySource => ({
  async generate() {
    const keyId = deps.randomness.id();
    const { key, wrapped } = await generate(deps, keyId);
    await deps.items.put(keyId, wrapped);
    return { keyId, key };
  },
  async open(keyId) {
    const wrapped = await deps.items.get(keyId);
    if (wrapped === undefined) throw new PayhookError('data_key_unknown', `data key ${keyId} is not in the table`);
    return { keyId, key: await unwrap(deps, keyId, wrapped) };
  },
});

const generate = async (
  { client, keyArn }: KmsDataKeySourceDeps,
  keyId: string,
): Promise<{ readonly key: Uint8Array; readonly wrapped: Uint8Array }> => {
  try {
    const { Plaintext: key, CiphertextBlob: wrapped } = await client.generateDataKey({
      KeyId: keyArn,
      KeySpec: 'AES_256',
      EncryptionContext: contextOf(keyId),
    });
    if (key === undefined || wrapped === undefined) throw new TypeError('KMS answered without a key');
    return { key, wrapped };
  } catch (error) {
    throw awsError(error, 'data_key_unavailable', WHAT);
  }
};

/**
 * Does not say which KMS key is meant: the wrapped key says so itself, and what it may be is for the role to say. Data
 * keys of a KMS key that was replaced open for as long as that one exists.
 */
const unwrap = async ({ client }: KmsDataKeySourceDeps, keyId: string, wrapped: Uint8Array): Promise<Uint8Array> => {
  try {
    const { Plaintext: key } = await client.decrypt({ CiphertextBlob: wrapped, EncryptionContext: contextOf(keyId) });
    if (key === undefined) throw new TypeError('KMS answered without a key');
    return key;
  } catch (error) {
    if (isAwsError(error, 'InvalidCiphertextException', 'IncorrectKeyException', 'ValidationException')) {
      throw new PayhookError(
        'data_key_unknown',
        `data key ${keyId} was changed, or belongs to another id: KMS does not open it, and payloads under it cannot be read; restore the item from a backup of the table`,
        { cause: error },
      );
    }
    throw awsError(error, 'data_key_unavailable', WHAT);
  }
};
