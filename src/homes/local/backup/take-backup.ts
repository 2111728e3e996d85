/** A backup of the local home, taken while a server runs on it. */
import {
  chmodSync,
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmdirSync,
  rmSync,
} from 'node:fs';
import { join } from 'node:path';
import { makeDurable } from '../../../adapters/file/secret-file.ts';
import { type CopyContent, copyDatabase, readCopy } from '../../../adapters/sqlite/sqlite-copy.ts';
import { digestBytes, OPERATORS_CHAIN } from '../../../audit/audit.ts';
import { toldBefore } from '../../../audit/told-before.ts';
import { PayhookError } from '../../../core/errors.ts';
import type { Actor } from '../../../core/webhook.ts';
import type { DataDirectory } from '../data-directory.ts';
import type { LocalHome } from '../home.ts';
import { expectBoundKey } from '../open-keys.ts';
import { type BackupManifest, COPY, fingerprintOfFile, KEYS, writeManifest } from './manifest.ts';

export interface TakeBackupInput {
  readonly directory: DataDirectory;
  readonly home: LocalHome;
  readonly operator: Actor;
  /** Of Payhook. */
  readonly version: string;
  /** Missing or empty. */
  readonly folder: string;
  /** Whether the keys are copied as well. */
  readonly hasKeys: boolean;
  readonly reason: string | null;
}

/**
 * Copies the database and, where asked for, the keys that it needs, reads the copy as a whole, and writes the manifest last.
 * An audit entry says that it was begun, which the copy has too. Throws what is in the way; what was written is removed then.
 */
export const takeBackup = async (input: TakeBackupInput): Promise<BackupManifest> => {
  const { folder, home } = input;
  const isMade = takeFolder(folder);
  try {
    return await toldBefore(home, entryOf(input), () => copyAll(input));
  } catch (error) {
    for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true });
    if (isMade) rmdirSync(folder);
    throw error;
  }
};

const copyAll = async ({ directory, home, version, folder, hasKeys }: TakeBackupInput): Promise<BackupManifest> => {
  const copy = join(folder, COPY);
  copyDatabase(directory.database, copy);
  chmodSync(copy, 0o600);
  makeDurable(copy);
  const content = readCopy(copy);
  await expectSigned(home, content);
  const keyFiles = hasKeys ? copyKeys(directory, content.keyFiles, join(folder, KEYS)) : content.keyFiles;
  return writeManifest(folder, {
    payhook: version,
    databaseVersion: content.databaseVersion,
    takenAt: new Date(home.clock.now()).toISOString(),
    database: fingerprintOfFile(copy),
    counts: content.counts,
    lastDigest: content.lastDigest,
    keyFiles: [...keyFiles],
    hasKeys,
  });
};

/** Whether it was made. From here on it is this backup's: of two that begin at once the other one writes and removes nothing. */
const takeFolder = (folder: string): boolean => {
  try {
    const isMade = !existsSync(folder);
    if (isMade) mkdirSync(folder, { mode: 0o700 });
    if (readdirSync(folder).length === 0) {
      // SQLite takes an empty file for none.
      closeSync(openSync(join(folder, COPY), 'wx', 0o600));
      return isMade;
    }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new PayhookError('usage_wrong', `a backup cannot be written to ${folder}: ${message}`, { cause: error });
  }
  throw new PayhookError('usage_wrong', `${folder} is not empty: name a folder that is empty, or not there yet`);
};

const entryOf = ({ operator, reason, hasKeys }: TakeBackupInput): Parameters<typeof toldBefore>[1] => ({
  chainId: OPERATORS_CHAIN,
  actor: operator,
  event: 'BACKED_UP',
  reason,
  origin: { sourceAddress: null, requestId: null, traceId: null },
  resource: { type: 'home', id: hasKeys ? 'local:with-keys' : 'local' },
  change: null,
  count: 1,
});

/** A copy whose end nobody signed would be noticed on the day it is needed. */
const expectSigned = async ({ auditLog, signer }: LocalHome, { lastDigest }: CopyContent): Promise<void> => {
  if (lastDigest === null) return;
  const [digest] = await auditLog.digests(lastDigest.number - 1, 1);
  const isSigned =
    digest?.hash === lastDigest.hash && (await signer.verify(digest.keyId, digestBytes(digest.hash), digest.signature));
  if (isSigned) return;
  throw new PayhookError(
    'store_damaged',
    `digest ${lastDigest.number}, which the copy ends with, does not carry a signature of this home: run payhook audit verify before you rely on a backup`,
  );
};

/** Those that were copied. A secret of a destination that is configured by now needs no file any more. */
const copyKeys = (
  directory: DataDirectory,
  keyFiles: CopyContent['keyFiles'],
  folder: string,
): CopyContent['keyFiles'] => {
  mkdirSync(folder, { mode: 0o700 });
  return keyFiles.filter((keyFile) => {
    const from = join(directory.path, keyFile.file);
    if (keyFile.purpose === 'destination' && !existsSync(from)) return false;
    expectBoundKey(directory, keyFile);
    const to = join(folder, keyFile.file);
    copyFileSync(from, to);
    makeDurable(to);
    return true;
  });
};
