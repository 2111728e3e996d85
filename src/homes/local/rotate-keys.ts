/** Replaces a key by a new one beside it: what is made from then on is made with the new one. */
import { basename } from 'node:path';
import { AUDIT_KEY, createKeyFile, PAYLOAD_KEY } from '../../adapters/file/key-file.ts';
import { makeDurable } from '../../adapters/file/secret-file.ts';
import type { WrappedDataKey } from '../../adapters/sqlite/sqlite-data-key-operations.ts';
import type { KeyFile, Wrapping } from '../../adapters/sqlite/sqlite-key-file-operations.ts';
import { unwrapDataKey, WRAPPING_NONCE_BYTES, wrapDataKey } from '../../adapters/sqlite/wrapped-data-key.ts';
import { OPERATORS_CHAIN } from '../../audit/audit.ts';
import { PayhookError } from '../../core/errors.ts';
import type { Actor } from '../../core/webhook.ts';
import { type DataDirectory, lockDataDirectory, rotatedKeyFile } from './data-directory.ts';
import type { LocalHome } from './home.ts';
import { type KeysOf, openKeys } from './open-keys.ts';

export const ROTATED_PURPOSES = ['payload', 'audit'] as const;
export type RotatedPurpose = (typeof ROTATED_PURPOSES)[number];

export interface RotateKeysInput {
  readonly directory: DataDirectory;
  readonly home: LocalHome;
  readonly operator: Actor;
  readonly reason: string | null;
}

export interface Rotated {
  readonly purpose: RotatedPurpose;
  readonly file: string;
  readonly fingerprint: string;
  readonly replaced: string;
  /** Data keys that the new key opens from now on; of an audit key 0. */
  readonly rewrapped: number;
}

/**
 * Makes a new key file, then stores in one transaction that it is the one in use, with an audit entry. Data keys are
 * wrapped anew, so that an older payload key is needed only for backups; an older audit key goes on verifying what it has
 * signed. Throws when a server runs on the directory. Whatever it is cut off at, all keys that the data needs are there.
 */
export const rotateKeys = async (
  input: RotateKeysInput,
  purposes: readonly RotatedPurpose[],
): Promise<readonly Rotated[]> => {
  // A server that runs would go on with the key that it has read.
  using _lock = lockDataDirectory(input.directory);
  const rotated: Rotated[] = [];
  for (const purpose of purposes) rotated.push(await rotate(input, purpose));
  return rotated;
};

const rotate = async (
  { directory, home, operator, reason }: RotateKeysInput,
  purpose: RotatedPurpose,
): Promise<Rotated> => {
  const { executor, clock } = home;
  // Those of the home were read before the lock was there.
  const keys = await openKeys({ directory, executor, clock, areKeysMade: false });
  const kind = purpose === 'payload' ? PAYLOAD_KEY : AUDIT_KEY;
  const replaced = keys[purpose].current.fingerprint;
  const pathOf = (fingerprint: string): string => rotatedKeyFile(directory, purpose, fingerprint);
  const made = createKeyFile(kind, pathOf);
  const path = pathOf(made.fingerprint);
  makeDurable(path);
  const keyFile: KeyFile = {
    purpose,
    file: basename(path),
    fingerprint: made.fingerprint,
    boundAt: clock.now(),
  };
  const wrappings = purpose === 'payload' ? await rewrapAll(home, keys.payload, made) : [];
  const older = (await executor.run('keyFileList', undefined)).filter((one) => one.purpose === purpose);
  await executor.run('keyFileRotate', {
    keyFile,
    wrappings,
    retired: purpose === 'payload' ? older.map(({ file }) => file) : [],
    draft: {
      chainId: OPERATORS_CHAIN,
      at: clock.now(),
      actor: operator,
      event: 'KEY_ROTATED',
      outcome: 'success',
      reason,
      origin: { sourceAddress: null, requestId: null, traceId: null },
      resource: { type: 'home', id: `local:${purpose}-key` },
      change: { from: replaced, to: made.fingerprint },
      count: 1,
    },
  });
  return { purpose, file: keyFile.file, fingerprint: made.fingerprint, replaced, rewrapped: wrappings.length };
};

const rewrapAll = async (
  { executor, randomness }: LocalHome,
  { current, older }: KeysOf,
  to: KeysOf['current'],
): Promise<Wrapping[]> => {
  const dataKeys = await executor.run('dataKeyList', undefined);
  const known = new Map([current, ...older].map((one) => [one.fingerprint, one]));
  return dataKeys.flatMap((dataKey) => {
    const from = known.get(dataKey.wrappedBy ?? '');
    return from === undefined ? [] : [rewrap(dataKey, from, to, randomness.bytes(WRAPPING_NONCE_BYTES))];
  });
};

const rewrap = (
  { keyId, wrapped }: WrappedDataKey,
  from: KeysOf['current'],
  to: KeysOf['current'],
  nonce: Uint8Array,
): Wrapping => {
  const key = unwrapDataKey(from.key, keyId, wrapped);
  if (key !== undefined) return { keyId, wrapped: wrapDataKey(to.key, keyId, key, nonce), wrappedBy: to.fingerprint };
  throw new PayhookError(
    'store_damaged',
    `data key ${keyId} was changed in the database: its payload key does not open it; restore the database from a backup before you rotate keys`,
  );
};
