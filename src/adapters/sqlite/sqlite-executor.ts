/**
 * Runs operations on the database: here in the calling thread (command line, tests), in `sqlite-thread.ts` on a thread of
 * its own with group commit (server). Both run the same batches in the same way.
 */
import type { DatabaseSync } from 'node:sqlite';
import { PayhookError } from '../../core/errors.ts';
import { asStoreError, type OpenDatabaseOptions, openDatabase } from './sqlite-database.ts';
import { createNextPositions } from './sqlite-next-positions.ts';
import {
  createOperations,
  DURABLE_LATER,
  type OperationInput,
  type OperationName,
  type OperationOutput,
  type Operations,
  READS,
} from './sqlite-statements.ts';

export interface SqliteExecutor {
  /**
   * Runs the operation; what it wrote is durable when this resolves. Operations run in the order of the calls. Throws
   * `PayhookError` with a store code when the database cannot do it; nothing of the operation is written then.
   */
  run<Name extends OperationName>(name: Name, input: OperationInput<Name>): Promise<OperationOutput<Name>>;
  /** Waits for what was asked before, then closes the database. Calls after this throw `store_closed`. */
  close(): Promise<void>;
}

export interface Call {
  readonly name: OperationName;
  readonly input: unknown;
}

export type CallOutcome =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly error: unknown };

/**
 * Returns a function that runs a batch of calls in order. Writes of the batch share one transaction, so that one fsync
 * makes all of them durable. When any of them fails the transaction is rolled back and each call is run alone: a broken
 * call fails alone and the others keep their meaning. When the transaction cannot begin, all writes of the batch fail.
 */
export const createRunBatch = (db: DatabaseSync, path: string) => {
  const positions = createNextPositions(db);
  const operations: Operations = createOperations(db, positions);
  const beginNow = db.prepare('BEGIN IMMEDIATE');
  const commit = db.prepare('COMMIT');

  let isSyncing = true;
  /** With an fsync at the end, unless nothing of it needs one. */
  const begin = (calls: readonly Call[]): void => {
    const needsSync = calls.some(({ name }) => !DURABLE_LATER.has(name) && !READS.has(name));
    if (needsSync !== isSyncing) db.exec(`PRAGMA synchronous = ${needsSync ? 'FULL' : 'NORMAL'}`);
    isSyncing = needsSync;
    beginNow.run();
    positions.begin();
  };

  const apply = (call: Call): unknown => (operations[call.name] as (input: unknown) => unknown)(call.input);

  /** Runs the work in the transaction that has begun, and ends the transaction either way. */
  const commitAfter = <Result>(work: () => Result): Result => {
    try {
      const result = work();
      commit.run();
      return result;
    } catch (error) {
      // A full disk makes SQLite roll back by itself; everything else is ours to undo.
      if (db.isTransaction) db.exec('ROLLBACK');
      throw error;
    }
  };

  const runAlone = (call: Call): CallOutcome => {
    try {
      if (READS.has(call.name)) return { ok: true, value: apply(call) };
      begin([call]);
      return { ok: true, value: commitAfter(() => apply(call)) };
    } catch (error) {
      return { ok: false, error: asStoreError(error, path) };
    }
  };

  return (calls: readonly Call[]): readonly CallOutcome[] => {
    if (calls.length === 1 || calls.every((call) => READS.has(call.name))) return calls.map(runAlone);
    try {
      begin(calls);
    } catch (error) {
      // Another process kept the lock for the whole time-out: each write alone would only wait as long once more.
      const failure: CallOutcome = { ok: false, error: asStoreError(error, path) };
      return calls.map((call) => (READS.has(call.name) ? runAlone(call) : failure));
    }
    try {
      return commitAfter(() => calls.map((call): CallOutcome => ({ ok: true, value: apply(call) })));
    } catch {
      // Not swallowed: whatever failed fails again below, alone, and is reported to its caller.
      return calls.map(runAlone);
    }
  };
};

/** An executor in the calling thread: every call is a transaction of its own. */
export const openSqlite = (options: OpenDatabaseOptions): SqliteExecutor => {
  const db = openDatabase(options);
  const runBatch = createRunBatch(db, options.path);
  return {
    async run<Name extends OperationName>(name: Name, input: OperationInput<Name>) {
      if (!db.isOpen) throw new PayhookError('store_closed', `database ${options.path} is closed`);
      const [result] = runBatch([{ name, input }]);
      if (result === undefined || !result.ok) throw result?.error;
      return result.value as OperationOutput<Name>;
    },
    async close() {
      if (db.isOpen) db.close();
    },
  };
};
