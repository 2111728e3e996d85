/** Opens the database file: pragmas, migrations, and SQLite's errors in our words. The only file that opens SQLite. */
import { DatabaseSync } from 'node:sqlite';
import { type ErrorCode, newerThanKnown, PayhookError } from '../../core/errors.ts';
import { APPLICATION_ID, MIGRATIONS } from './sqlite-schema.ts';

export interface OpenDatabaseOptions {
  readonly path: string;
  /** Reads only: never creates or migrates. @default false */
  readonly isReadOnly?: boolean;
  /** How long a write waits for another process that is writing. @default 5000 */
  readonly busyTimeoutMs?: number;
  /** Called before a database of an older release is brought up to date, and held for as long as that takes. @default nothing */
  readonly beforeMigrating?: () => Disposable;
  /** Of pages kept in memory. @default 8 MiB, for whoever writes many webhooks a second */
  readonly cacheKib?: number;
}

/**
 * Pages of 4 KiB kept in memory: 8 MiB holds the inner pages of the indexes of a million webhooks and their payments, also where
 * ids are random. More of them cost: a commit in which a tree was balanced looks through all pages that are kept.
 */
const CACHE_KIB = 8 * 1024;
/**
 * A checkpoint after this many pages of WAL (4 MiB). With fewer, hot pages are copied more often; with 4,096 each one took 20
 * to 30 ms, for which every delivery waited, several times a second at full load.
 */
const CHECKPOINT_PAGES = 1024;
/** The WAL is cut back to this after a checkpoint, so that a burst does not keep the disk forever. */
const WAL_BYTES_MAX = 64 * 1024 * 1024;

/** Primary result codes, from https://www.sqlite.org/rescode.html. */
const CODES = new Map<number, { code: ErrorCode; advice: string }>([
  [5, { code: 'store_busy', advice: 'another process holds the database; try again' }],
  [6, { code: 'store_busy', advice: 'another process holds the database; try again' }],
  [8, { code: 'store_unavailable', advice: 'the file cannot be written: check its owner and permissions' }],
  [10, { code: 'store_unavailable', advice: 'the disk reports an error: check it' }],
  [11, { code: 'store_damaged', advice: 'the file is damaged: move it away, keep it, and restore a backup' }],
  [13, { code: 'store_full', advice: 'the disk is full: free some space' }],
  [14, { code: 'store_unavailable', advice: 'the file cannot be opened: check that the folder is there and writable' }],
  [
    26,
    { code: 'store_damaged', advice: 'the file is not a SQLite database: move it away, keep it, and restore a backup' },
  ],
]);

/** Translates what `node:sqlite` throws; anything else comes back as it is. */
export const asStoreError = (error: unknown, path: string): unknown => {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return error;
  const known = CODES.get(error.errcode & 0xff);
  if (known === undefined) {
    return new PayhookError('store_unavailable', `database ${path}: ${error.message}`, { cause: error });
  }
  return new PayhookError(known.code, `database ${path}: ${error.message}; ${known.advice}`, { cause: error });
};

/**
 * Opens, creates and migrates the database. WAL with `synchronous=FULL`: a commit that returned survives a power cut.
 * Throws `store_unavailable`, `store_damaged` (also for a file of another program or of a newer Payhook), `store_full`.
 */
export const openDatabase = (options: OpenDatabaseOptions): DatabaseSync => {
  const { path, isReadOnly = false, busyTimeoutMs = 5000, cacheKib = CACHE_KIB, beforeMigrating } = options;
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(path, { readOnly: isReadOnly, timeout: busyTimeoutMs, enableForeignKeyConstraints: false });
    checkOwner(db, path);
    if (!isReadOnly) {
      db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES};
               PRAGMA journal_size_limit = ${WAL_BYTES_MAX}; PRAGMA temp_store = MEMORY;`);
      migrate(db, path, beforeMigrating);
    }
    db.exec(`PRAGMA cache_size = -${cacheKib};`);
    return db;
  } catch (error) {
    db?.close();
    throw asStoreError(error, path);
  }
};

const pragma = (db: DatabaseSync, name: string): number => {
  const row = db.prepare(`PRAGMA ${name}`).get();
  return Number(row?.[name] ?? 0);
};

const checkOwner = (db: DatabaseSync, path: string): void => {
  const owner = pragma(db, 'application_id');
  const version = pragma(db, 'user_version');
  const tables = Number(db.prepare('SELECT count(*) AS n FROM sqlite_schema').get()?.n ?? 0);
  if (owner !== APPLICATION_ID && tables > 0) {
    throw new PayhookError(
      'store_damaged',
      `database ${path} belongs to another program; choose another data directory`,
    );
  }
  if (version > MIGRATIONS.length) {
    throw newerThanKnown(`database ${path}`, version, MIGRATIONS.length);
  }
};

const migrate = (db: DatabaseSync, path: string, beforeMigrating: OpenDatabaseOptions['beforeMigrating']): void => {
  if (pragma(db, 'user_version') === MIGRATIONS.length) return;
  using _held = beforeMigrating?.();
  // Two processes may start at once: the second one waits here and then finds nothing left to do.
  db.exec('BEGIN IMMEDIATE');
  try {
    const applied = pragma(db, 'user_version');
    for (const migration of MIGRATIONS.slice(applied)) db.exec(migration);
    db.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${MIGRATIONS.length}; COMMIT;`);
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK');
    throw asStoreError(error, path);
  }
};

/** Tables, indexes and whatever else is in the file, by kind and name, with the statement that made each. */
export const readSchema = (db: DatabaseSync): ReadonlyMap<string, string | null> =>
  new Map(
    db
      .prepare(
        "SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY type, name",
      )
      .all()
      .map(({ type, name, sql }) => [`${type} ${name}`, sql === null ? null : String(sql)]),
  );

/** The schema that this release makes. */
export const expectedSchema = (): ReadonlyMap<string, string | null> => {
  const db = new DatabaseSync(':memory:');
  try {
    for (const migration of MIGRATIONS) db.exec(migration);
    return readSchema(db);
  } finally {
    db.close();
  }
};
