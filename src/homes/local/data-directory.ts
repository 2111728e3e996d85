/** The data directory of the local home: which file is what, and the lock that keeps a second server out. */
import { accessSync, constants, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { asStoreError } from '../../adapters/sqlite/sqlite-database.ts';
import { PayhookError } from '../../core/errors.ts';

export interface DataDirectory {
  readonly path: string;
  readonly database: string;
  /** Wraps the data keys: without it no payload can be read again. */
  readonly keyFile: string;
  readonly auditKeyFile: string;
  readonly auditAnchorFile: string;
  /** Secrets generated for local development. */
  readonly secretsFile: string;
}

const filesOf = (path: string): DataDirectory => ({
  path,
  database: join(path, 'payhook.db'),
  keyFile: join(path, 'payload.key'),
  auditKeyFile: join(path, 'audit-signing.key'),
  auditAnchorFile: join(path, 'audit-anchor.json'),
  secretsFile: join(path, 'development-secrets.json'),
});

/** Certificate and key that stand in for a provider's in local development. */
export const developmentCertificateFile = ({ path }: DataDirectory, provider: string): string =>
  join(path, `development-${provider}.json`);

/** The secret that messages to a destination are signed with while none is configured. */
export const destinationSecretFile = ({ path }: DataDirectory, destination: string): string =>
  join(path, `destination-${destination}.secret`);

/** Makes the directory (mode 0700) when it is missing. Throws `configuration_invalid` when it cannot be written. */
export const openDataDirectory = (path: string): DataDirectory => {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new PayhookError(
      'configuration_invalid',
      `the data directory ${path} cannot be used (${reason}): make it writable for this user, or set PAYHOOK_DATA_DIR to another directory`,
      { cause: error },
    );
  }
  return filesOf(path);
};

export interface DirectoryLock extends Disposable {}

const SQLITE_BUSY = 5;

const lockError = (error: unknown, directory: DataDirectory, path: string): unknown => {
  const isTaken = error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY;
  if (!isTaken) return asStoreError(error, path);
  return new PayhookError(
    'configuration_invalid',
    `another Payhook server is running on the data directory ${directory.path}: stop it, or set PAYHOOK_DATA_DIR to another directory`,
    { cause: error },
  );
};

/**
 * Makes this process the only server of the directory until it ends, however it ends: the lock is one of the operating
 * system on a file, taken through SQLite. Throws `configuration_invalid` when another server has it.
 */
export const lockDataDirectory = (directory: DataDirectory): DirectoryLock => {
  const path = join(directory.path, 'server.lock');
  let lock: DatabaseSync | undefined;
  try {
    lock = new DatabaseSync(path, { timeout: 0 });
    lock.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE;');
  } catch (error) {
    lock?.close();
    throw lockError(error, directory, path);
  }
  const held = lock;
  return { [Symbol.dispose]: () => held.close() };
};
