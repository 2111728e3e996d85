/** Files that hold secrets of the local home: made once, readable by their owner only, never half-written. */
import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  type Stats,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { type ErrorCode, PayhookError } from '../../core/errors.ts';
import { LIMITS } from '../../core/limits.ts';
import { problemOfAccess } from './file-access.ts';

/** `why` and `advice` follow the path in a sentence: "{path} {why}: {advice}". Neither quotes what is in the file. */
export type FoundSecret =
  | { readonly outcome: 'found'; readonly text: string }
  | { readonly outcome: 'missing' }
  | { readonly outcome: 'unusable'; readonly code: ErrorCode; readonly why: string; readonly advice: string };

const hasCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code;

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const broken = (path: string, error: unknown): PayhookError =>
  new PayhookError(
    'store_unavailable',
    `cannot use ${path}: ${messageOf(error)}; check that its folder is there and writable`,
    { cause: error },
  );

/**
 * Looks at the file and changes nothing. One that others may read or write, that belongs to somebody else, or that is
 * something else than a file is unusable.
 */
export const findSecretFile = (path: string): FoundSecret => {
  let file: number;
  try {
    // A pipe in the place of the file must not be waited for.
    file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    return hasCode(error, 'ENOENT') ? { outcome: 'missing' } : unreadable(error);
  }
  try {
    const stats = fstatSync(file);
    return problemOf(path, stats) ?? { outcome: 'found', text: readFileSync(file, 'utf8') };
  } catch (error) {
    return unreadable(error);
  } finally {
    closeSync(file);
  }
};

const unreadable = (error: unknown): FoundSecret => ({
  outcome: 'unusable',
  code: 'store_unavailable',
  why: `cannot be read (${messageOf(error)})`,
  advice: 'make it readable for this user',
});

const problemOf = (path: string, stats: Stats): FoundSecret | undefined => {
  if (!stats.isFile() || stats.size > LIMITS.secretFileBytesMax) {
    const why = stats.isFile() ? `has more than ${LIMITS.secretFileBytesMax} bytes` : 'is not a file';
    return { outcome: 'unusable', code: 'store_unavailable', why, advice: 'put the file back that was there' };
  }
  const problem = problemOfAccess(path, stats, 'read');
  return problem === undefined ? undefined : { outcome: 'unusable', code: 'configuration_invalid', ...problem };
};

/** The text of the file, or undefined when there is none. Throws when it is unusable. */
export const readSecretFile = (path: string): string | undefined => {
  const found = findSecretFile(path);
  if (found.outcome === 'unusable') throw new PayhookError(found.code, `${path} ${found.why}: ${found.advice}`);
  return found.outcome === 'found' ? found.text : undefined;
};

/** Writes the file whole, with mode 0600. One that is there already is left as it is. */
export const createSecretFile = (path: string, text: string): void => {
  const draft = `${path}.${process.pid}.new`;
  try {
    writeDurably(draft, text);
    // A link appears whole or not at all, and never replaces a file that another process made meanwhile.
    linkSync(draft, path);
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw broken(path, error);
  } finally {
    removeIfThere(draft);
  }
};

/** Writes the file whole, with mode 0600, in the place of the one that may be there. */
export const replaceSecretFile = (path: string, text: string): void => {
  const draft = `${path}.${process.pid}.new`;
  try {
    writeDurably(draft, text);
    renameSync(draft, path);
  } catch (error) {
    throw broken(path, error);
  } finally {
    removeIfThere(draft);
  }
  makeDurable(path);
};

/** Once this returns, neither the bytes of the file nor its name are lost in a power cut. */
export const makeDurable = (path: string): void => {
  try {
    syncToDisk(path);
    // The name stands in the folder. Windows cannot open one, and needs not.
    if (process.platform !== 'win32') syncToDisk(dirname(path));
  } catch (error) {
    throw broken(path, error);
  }
};

const syncToDisk = (path: string): void => {
  const file = openSync(path, constants.O_RDONLY);
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
};

/**
 * The text of the file; when there is none, `make()` is written there first. Of two processes that start at once both
 * get the text of the one that was first. For what may be made anew without harm.
 */
export const readOrCreateSecretFile = (path: string, make: () => string): string => {
  const found = readSecretFile(path);
  if (found !== undefined) return found;
  createSecretFile(path, make());
  return readSecretFile(path) ?? failMissing(path);
};

/** The JSON in the text of a secret file. Throws, with what to do, when it is none or of another shape. */
export const parseSecretFile = <Shape>(
  path: string,
  text: string,
  isShape: (value: unknown) => value is Shape,
  advice: string,
): Shape => {
  try {
    const value: unknown = JSON.parse(text);
    if (isShape(value)) return value;
  } catch {
    // Reported below, like a file of another shape. The parser's own message would quote the secret.
  }
  throw new PayhookError('configuration_invalid', `${path} is damaged: ${advice}`);
};

const failMissing = (path: string): never => {
  throw new PayhookError(
    'store_unavailable',
    `${path} vanished while it was made: is another program cleaning the folder?`,
  );
};

const writeDurably = (path: string, text: string): void => {
  removeIfThere(path);
  const file = openSync(path, 'wx', 0o600);
  try {
    fchmodSync(file, 0o600);
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
};

const removeIfThere = (path: string): void => {
  try {
    unlinkSync(path);
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw broken(path, error);
  }
};
