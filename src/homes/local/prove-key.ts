/**
 * Proves that a key file of a release that did not bind keys belongs to the data beside it. Without data there is
 * nothing to prove, and nothing to lose.
 */
import type { KeyObject } from 'node:crypto';
import { createFileDigestSigner } from '../../adapters/file/file-digest-signer.ts';
import type { FingerprintedKey } from '../../adapters/file/key-file.ts';
import type { SqliteExecutor } from '../../adapters/sqlite/sqlite-executor.ts';
import type { Wrapping } from '../../adapters/sqlite/sqlite-key-file-operations.ts';
import { unwrapDataKey } from '../../adapters/sqlite/wrapped-data-key.ts';
import { digestBytes } from '../../audit/audit.ts';
import { PayhookError } from '../../core/errors.ts';

const ADVICE = 'put the file back that belongs to this data, from a backup of the same directory';

/**
 * The data keys that the key opens. Throws when there are some and it opens none. A single one is enough: a directory in
 * which a key was made anew has data keys of both.
 */
export const provePayloadKey = async (
  executor: SqliteExecutor,
  path: string,
  { key, fingerprint }: FingerprintedKey<KeyObject>,
): Promise<readonly Wrapping[]> => {
  const dataKeys = await executor.run('dataKeyList', undefined);
  const opened = dataKeys.filter(({ keyId, wrapped }) => unwrapDataKey(key, keyId, wrapped) !== undefined);
  if (opened.length > 0 || dataKeys.length === 0) {
    return opened.map(({ keyId, wrapped }) => ({ keyId, wrapped, wrappedBy: fingerprint }));
  }
  throw new PayhookError(
    'configuration_invalid',
    `${path} holds the payload key with the fingerprint ${fingerprint}, which opens none of the ${dataKeys.length} data keys in the database: ${ADVICE}`,
  );
};

/** Throws when digests are there and the key has signed none of them. */
export const proveAuditKey = async (
  executor: SqliteExecutor,
  path: string,
  one: FingerprintedKey<KeyObject>,
): Promise<void> => {
  const last = await executor.run('auditLastDigest', undefined);
  if (last === undefined) return;
  const { fingerprint } = one;
  const signed = await executor.run('keyFileSigned', fingerprint);
  const { verify } = createFileDigestSigner(one);
  if (signed !== undefined && (await verify(fingerprint, digestBytes(signed.hash), signed.signature))) return;
  throw new PayhookError(
    'configuration_invalid',
    `${path} holds the audit signing key with the fingerprint ${fingerprint}, and digest ${last.number} in the database was signed by the one with the fingerprint ${last.keyId}: ${ADVICE}`,
  );
};
