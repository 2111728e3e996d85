/** The data directory of the local home: which file is what, and the lock that keeps a second server out. */
import { accessSync, constants, existsSync, mkdirSync, type Stats, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { problemOfAccess } from '../../adapters/file/file-access.ts';
import { makeDurable } from '../../adapters/file/secret-file.ts';
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
  /** Who may act on this machine, with what their passphrases are compared with. */
  readonly operatorsFile: string;
  /** What a server that runs says of itself. */
  readonly stateFile: string;
  /** Certificates of providers, so that a start does not depend on fetching them. Can be deleted. */
  readonly certificatesFile: string;
}

const filesOf = (path: string): DataDirectory => ({
  path,
  database: join(path, 'payhook.db'),
  keyFile: join(path, 'payload.key'),
  auditKeyFile: join(path, 'audit-signing.key'),
  auditAnchorFile: join(path, 'audit-anchor.json'),
  secretsFile: join(path, 'development-secrets.json'),
  operatorsFile: join(path, 'operators.json'),
  stateFile: join(path, 'server-state.json'),
  certificatesFile: join(path, 'certificates.json'),
});

/** Certificate and key that stand in for a provider's in local development. */
export const developmentCertificateFile = ({ path }: DataDirectory, provider: string): string =>
  join(path, `development-${provider}.json`);

/** The secret that messages to a destination are signed with while none is configured. */
export const destinationSecretFile = ({ path }: DataDirectory, destination: string): string =>
  join(path, `destination-${destination}.secret`);

/**
 * Makes the directory (mode 0700) when it is missing, but not the folder that it is to be in. Throws
 * `configuration_invalid` when it cannot be used, or when it or the database could have been changed by others.
 */
export const openDataDirectory = (path: string): DataDirectory => {
  const stats = statsOf(path) ?? makeDirectory(path);
  if (!stats.isDirectory()) throw unusable(path, 'is not a folder', 'move it away');
  const problem = problemOfAccess(path, stats, 'write');
  if (problem !== undefined) throw unusable(path, problem.why, problem.advice);
  try {
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw unusable(path, `cannot be used (${messageOf(error)})`, 'make it writable for this user', error);
  }
  const directory = filesOf(path);
  const files = [directory.database, `${directory.database}-wal`, `${directory.database}-shm`];
  for (const file of [...files, directory.auditAnchorFile, lockFile(directory)]) refuseOthersFile(file);
  return directory;
};

/** A key that came later than the first one of its purpose, beside it. */
export const rotatedKeyFile = (
  { keyFile, auditKeyFile }: DataDirectory,
  purpose: 'payload' | 'audit',
  fingerprint: string,
): string => (purpose === 'payload' ? keyFile : auditKeyFile).replace(/\.key$/, `-${fingerprint}.key`);

/** Whether there is more than the name of a database: SQLite makes an empty file first. */
export const hasDatabase = ({ database }: DataDirectory): boolean =>
  (statSync(database, { throwIfNoEntry: false })?.size ?? 0) > 0;

/** Where a restore puts everything together before it moves it into the directory. */
export const restoringFolder = ({ path }: DataDirectory): string => join(path, 'restoring');

/** The same for one that only looks whether it could. */
export const dryRunFolder = ({ path }: DataDirectory): string => join(path, 'restoring-dry-run');

/** Throws when a restore into the directory was cut off before its last step: a start would take it for a new one. */
export const refuseHalfRestored = (directory: DataDirectory): void => {
  if (hasDatabase(directory) || !existsSync(restoringFolder(directory))) return;
  throw new PayhookError(
    'store_unavailable',
    `a restore into ${directory.path} was cut off: run payhook restore again, which goes on from there`,
  );
};

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const unusable = (path: string, why: string, advice: string, cause?: unknown): PayhookError =>
  new PayhookError(
    'configuration_invalid',
    `the data directory ${path} ${why}: ${advice}, or set PAYHOOK_DATA_DIR to another directory`,
    { cause },
  );

/** Undefined when nothing is there. */
const statsOf = (path: string): Stats | undefined => {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    throw unusable(path, `cannot be looked at (${messageOf(error)})`, 'make the way there usable for this user', error);
  }
};

const makeDirectory = (path: string): Stats => {
  try {
    // One level only: Node's recursive way never ends where a folder takes no others, as in /proc.
    mkdirSync(path, { mode: 0o700 });
    makeDurable(path);
    return statSync(path);
  } catch (error) {
    throw unusable(path, `cannot be made (${messageOf(error)})`, `make it in ${dirname(path)} yourself`, error);
  }
};

/** Those that hold secrets are looked at when they are read. */
const refuseOthersFile = (path: string): void => {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return;
  if (!stats.isFile()) throw new PayhookError('store_unavailable', `${path} is not a file: move it away`);
  const problem = problemOfAccess(path, stats, 'write');
  if (problem !== undefined)
    throw new PayhookError('configuration_invalid', `${path} ${problem.why}: ${problem.advice}`);
};

export const lockFile = ({ path }: DataDirectory): string => join(path, 'server.lock');

/**
 * The same directory with the anchor of its audit trail elsewhere, where that is configured. Throws
 * `configuration_invalid` when that folder is not there or not writable: it is never made here, for a disk that is not
 * mounted must not be taken for one without an anchor.
 */
export const withAnchorIn = (directory: DataDirectory, anchorDirectory: string | null): DataDirectory => {
  if (anchorDirectory === null) return directory;
  try {
    accessSync(anchorDirectory, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new PayhookError(
      'configuration_invalid',
      `audit.anchorDirectory ${anchorDirectory} cannot be used (${messageOf(error)}): mount it or make it, writable for this user`,
      { cause: error },
    );
  }
  return { ...directory, auditAnchorFile: join(anchorDirectory, 'audit-anchor.json') };
};

export interface DirectoryLock extends Disposable {}

const SQLITE_BUSY = 5;

/**
 * Makes this process the only server of the directory until it ends, however it ends. Throws `configuration_invalid` when
 * another server has it.
 */
export const lockDataDirectory = (directory: DataDirectory): DirectoryLock =>
  lockBySystem(lockFile(directory), (cause) => {
    const why = `another Payhook server is running on the data directory ${directory.path}`;
    return new PayhookError('configuration_invalid', `${why}: stop it, or set PAYHOOK_DATA_DIR to another directory`, {
      cause,
    });
  });

/**
 * As long as it is held, no server runs: for a command that would bring the database of an older release up to date. Throws
 * `configuration_invalid` when one does, which would go on with tables that it does not know.
 */
export const lockForMigration = (directory: DataDirectory): DirectoryLock =>
  lockBySystem(lockFile(directory), (cause) => {
    const why = `a server of an older release runs on the data directory ${directory.path}`;
    return new PayhookError(
      'configuration_invalid',
      `${why}: use the commands of that release, or stop it first, for this release brings the database up to date`,
      { cause },
    );
  });

/** Makes this process the only one that changes operators. Throws `store_busy` when another one does. */
export const lockOperators = ({ operatorsFile }: DataDirectory): DirectoryLock =>
  lockBySystem(`${operatorsFile}.lock`, (cause) => {
    return new PayhookError('store_busy', 'somebody else is changing the operators just now: try again', { cause });
  });

/** The lock is one of the operating system on a file, taken through SQLite. */
const lockBySystem = (path: string, taken: (cause: unknown) => PayhookError): DirectoryLock => {
  let lock: DatabaseSync | undefined;
  try {
    lock = new DatabaseSync(path, { timeout: 0 });
    lock.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE;');
  } catch (error) {
    lock?.close();
    const isTaken = error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY;
    throw isTaken ? taken(error) : asStoreError(error, path);
  }
  const held = lock;
  return { [Symbol.dispose]: () => held.close() };
};
