/** Files that hold secrets of the local home: made once, readable by their owner only, never half-written. */
import {
  chmodSync,
  closeSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { PayhookError } from '../../core/errors.ts';

/** Permission bits of group and others. */
const FOREIGN_BITS = 0o077;

const isMissing = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ENOENT';
const isThere = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'EEXIST';

const broken = (path: string, error: unknown): PayhookError =>
  new PayhookError(
    'store_unavailable',
    `cannot use ${path}: ${error instanceof Error ? error.message : String(error)}; check that its folder is there and writable`,
    { cause: error },
  );

/** The text of the file, or undefined when there is none. Throws when others than the owner may read it. */
export const readSecretFile = (path: string): string | undefined => {
  let text: string;
  try {
    const mode = statSync(path).mode & FOREIGN_BITS;
    // Windows has no such bits and always reports some.
    if (mode !== 0 && process.platform !== 'win32') {
      throw new PayhookError(
        'configuration_invalid',
        `${path} may be read by others than its owner: run chmod 600 '${path}'`,
      );
    }
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error instanceof PayhookError ? error : broken(path, error);
  }
  return text;
};

/**
 * The text of the file; when there is none, `make()` is written there first with mode 0600, durably. Of two processes
 * that start at once both get the text of the one that was first.
 */
export const readOrCreateSecretFile = (path: string, make: () => string): string => {
  const found = readSecretFile(path);
  if (found !== undefined) return found;
  const draft = `${path}.${process.pid}.new`;
  try {
    writeDurably(draft, make());
    // A link appears whole or not at all, and never replaces a file that another process made meanwhile.
    linkSync(draft, path);
  } catch (error) {
    if (!isThere(error)) throw broken(path, error);
  } finally {
    removeIfThere(draft);
  }
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
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  chmodSync(path, 0o600);
};

const removeIfThere = (path: string): void => {
  try {
    unlinkSync(path);
  } catch (error) {
    if (!isMissing(error)) throw broken(path, error);
  }
};
