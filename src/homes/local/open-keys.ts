/**
 * The key files of the local home, bound to its data: what was made with one key is opened with no other. A key is made
 * for a database that is empty and for no other; one that is missing or not the right one can only be put back.
 */
import type { KeyObject } from 'node:crypto';
import { basename, join } from 'node:path';
import { rowKeyOf } from '../../adapters/file/file-digest-signer.ts';
import {
  AUDIT_KEY,
  createKeyFile,
  DESTINATION_SECRET,
  type FingerprintedKey,
  type FoundKey,
  findKeyFile,
  type KeyKind,
  PAYLOAD_KEY,
} from '../../adapters/file/key-file.ts';
import { makeDurable } from '../../adapters/file/secret-file.ts';
import type { SqliteExecutor } from '../../adapters/sqlite/sqlite-executor.ts';
import type { KeyFile, StoredKeyFile, Wrapping } from '../../adapters/sqlite/sqlite-key-file-operations.ts';
import { PayhookError } from '../../core/errors.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { DataDirectory } from './data-directory.ts';
import { proveAuditKey, provePayloadKey } from './prove-key.ts';

export interface OpenKeysDeps {
  readonly directory: DataDirectory;
  readonly executor: SqliteExecutor;
  readonly clock: Clock;
  /** Whether keys may be made when the database is empty: a server may, a command may not. */
  readonly areKeysMade: boolean;
}

type HomeKeyKind = typeof PAYLOAD_KEY | typeof AUDIT_KEY;

export interface KeysOf {
  readonly current: FingerprintedKey<KeyObject>;
  readonly older: readonly FingerprintedKey<KeyObject>[];
}

export interface HomeKeys {
  readonly payload: KeysOf;
  readonly audit: KeysOf;
}

/**
 * Opens every key that the data needs. Throws one sentence that names the file and its fingerprint when one of them is
 * not there or is not the right one, and has created and changed nothing then.
 */
export const openKeys = async (deps: OpenKeysDeps): Promise<HomeKeys> => {
  const opened = await openBoundKeys(deps);
  if (isComplete(opened)) return useRowKeys(deps, opened);
  await bindKeys(deps, opened);
  const all = await openBoundKeys(deps);
  if (isComplete(all)) return useRowKeys(deps, all);
  throw new PayhookError(
    'store_damaged',
    `the table key_files of ${deps.directory.database} was changed: restore the database from a backup`,
  );
};

/** From here on what is written carries the codes of the home, and those of others show. */
const useRowKeys = async ({ executor }: OpenKeysDeps, keys: HomeKeys): Promise<HomeKeys> => {
  await executor.run('auditUseKeys', { keys: [keys.audit.current, ...keys.audit.older].map(rowKeyOf) });
  return keys;
};

type OpenedKeys = { readonly [Purpose in keyof HomeKeys]: HomeKeys[Purpose] | undefined };

const isComplete = (keys: OpenedKeys): keys is HomeKeys => keys.payload !== undefined && keys.audit !== undefined;

const openBoundKeys = async ({ directory, executor }: OpenKeysDeps): Promise<OpenedKeys> => {
  const bound = await executor.run('keyFileList', undefined);
  return { payload: openBound(directory, PAYLOAD_KEY, bound), audit: openBound(directory, AUDIT_KEY, bound) };
};

/** Both are looked at before anything is made; both are durable before the database names them. */
const bindKeys = async (deps: OpenKeysDeps, opened: OpenedKeys): Promise<void> => {
  const { directory, executor, clock } = deps;
  const isDataThere = await executor.run('keyFileDataIsThere', undefined);
  const unbound = [PAYLOAD_KEY, AUDIT_KEY]
    .filter(({ purpose }) => opened[purpose] === undefined)
    .map((kind) => ({ kind, path: pathOf(directory, kind), found: findUnbound(deps, kind, isDataThere) }));
  const wrappings: Wrapping[] = [];
  for (const { kind, path, found } of unbound) {
    if (found.outcome === 'missing') continue;
    if (kind.purpose === 'payload') wrappings.push(...(await provePayloadKey(executor, path, found)));
    else await proveAuditKey(executor, path, found);
  }
  const made = unbound.map(({ kind, path, found }) => {
    const key = found.outcome === 'found' ? found : createKeyFile(kind, () => path);
    makeDurable(path);
    return { purpose: kind.purpose, path, key };
  });
  const audit = made.find(({ purpose }) => purpose === 'audit')?.key ?? opened.audit?.current;
  if (audit !== undefined) await executor.run('auditUseKeys', { keys: [rowKeyOf(audit)] });
  const keyFiles = made.map(({ purpose, path, key }): KeyFile => {
    return { purpose, file: basename(path), fingerprint: key.fingerprint, boundAt: clock.now() };
  });
  await executor.run('keyFileBind', { keyFiles, wrappings });
};

/** Undefined when none of the kind is bound yet: in a new database, or in one of a release that did not bind keys. */
const openBound = (
  directory: DataDirectory,
  kind: KeyKind<KeyObject>,
  bound: readonly StoredKeyFile[],
): KeysOf | undefined => {
  const needed = bound.filter(({ purpose, retiredAt }) => purpose === kind.purpose && retiredAt === null);
  const opened = needed.map((file) => openBoundKey(directory, kind, file));
  const current = opened.at(-1);
  return current === undefined ? undefined : { current, older: opened.slice(0, -1) };
};

/** The key of a file that is bound. Throws when it is another one, or none. */
export const openBoundKey = <Key>(
  directory: Pick<DataDirectory, 'path'>,
  kind: KeyKind<Key>,
  { file, fingerprint }: Pick<StoredKeyFile, 'file' | 'fingerprint'>,
): FingerprintedKey<Key> => {
  const path = join(directory.path, file);
  const found = findKeyFile(kind, path);
  if (found.outcome === 'found' && found.fingerprint === fingerprint) return found;
  const { code, why, advice } = problemOf(found, kind);
  throw new PayhookError(
    code,
    `${path} ${why}, and this data needs the ${kind.title} with the fingerprint ${fingerprint} there: ${advice}`,
  );
};

/** The same for a key of whatever purpose that is only to be there. */
export const expectBoundKey = (
  directory: Pick<DataDirectory, 'path'>,
  keyFile: Pick<StoredKeyFile, 'purpose' | 'file' | 'fingerprint'>,
): void => {
  const { purpose } = keyFile;
  if (purpose === 'destination') openBoundKey(directory, DESTINATION_SECRET, keyFile);
  else openBoundKey(directory, purpose === 'payload' ? PAYLOAD_KEY : AUDIT_KEY, keyFile);
};

const problemOf = <Key>(found: FoundKey<Key>, kind: KeyKind<Key>) => {
  if (found.outcome === 'unusable') return found;
  const code = 'configuration_invalid';
  const why =
    found.outcome === 'missing' ? 'is missing' : `holds the ${kind.title} with the fingerprint ${found.fingerprint}`;
  return { code, why, advice: 'put that file back, from a backup of the same directory' } as const;
};

/** Throws when a file stands in the place of a first key that could not be used. Changes nothing. */
export const refuseUnusableKeys = (directory: DataDirectory): void => {
  for (const kind of [PAYLOAD_KEY, AUDIT_KEY]) findUsable(directory, kind);
};

type UsableKey = Exclude<FoundKey<KeyObject>, { outcome: 'unusable' }>;

const findUsable = (directory: DataDirectory, kind: HomeKeyKind): UsableKey => {
  const path = pathOf(directory, kind);
  const found = findKeyFile(kind, path);
  if (found.outcome !== 'unusable') return found;
  throw new PayhookError(found.code, `${path} ${found.why}: ${found.advice}`);
};

/** What to do about a kind of which no key is bound. Throws when it has to be put back first. */
const findUnbound = ({ directory, areKeysMade }: OpenKeysDeps, kind: HomeKeyKind, isDataThere: boolean): UsableKey => {
  const path = pathOf(directory, kind);
  const found = findUsable(directory, kind);
  if (found.outcome === 'found' || (!isDataThere && areKeysMade)) return found;
  throw isDataThere
    ? new PayhookError(
        'configuration_invalid',
        `${path} is missing, and ${directory.database} was made with the ${kind.title} that was in it: put that file back, from a backup of the same directory`,
      )
    : new PayhookError(
        'store_unavailable',
        `${path} is not made yet, because no server has started on ${directory.path}: start the server first (npm start)`,
      );
};

/** The first key of a kind; those of a rotation have their fingerprint in the name. */
const pathOf = (directory: DataDirectory, { purpose }: HomeKeyKind): string =>
  purpose === 'payload' ? directory.keyFile : directory.auditKeyFile;
