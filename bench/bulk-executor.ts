/** Runs the product's own database operations in this thread, for filling databases before anything is measured. */
import type { DatabaseSync } from 'node:sqlite';
import { createRunBatch, type SqliteExecutor } from '../src/adapters/sqlite/sqlite-executor.ts';
import type { OperationInput, OperationName, OperationOutput } from '../src/adapters/sqlite/sqlite-statements.ts';

export const createBulkExecutor = (db: DatabaseSync, path: string): SqliteExecutor => {
  const runBatch = createRunBatch(db, path);
  return {
    async run<Name extends OperationName>(name: Name, input: OperationInput<Name>) {
      const [result] = runBatch([{ name, input }]);
      if (result === undefined || !result.ok) throw result?.error;
      return result.value as OperationOutput<Name>;
    },
    close: async () => db.close(),
  };
};
