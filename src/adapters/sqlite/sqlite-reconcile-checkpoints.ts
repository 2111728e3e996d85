/** Checkpoints of reconciliation on SQLite. */
import type { Checkpoint, Checkpoints, Stored } from '../../core/ports/reconcile-checkpoints.ts';
import type { SqliteExecutor } from './sqlite-executor.ts';

export const createSqliteReconcileCheckpoints = <Kept extends { readonly source: string } = Checkpoint>(
  executor: SqliteExecutor,
): Checkpoints<Kept> => ({
  get: (source) => executor.run('reconcileCheckpointGet', source) as Promise<Stored<Kept> | undefined>,
  put: (checkpoint, revision) => executor.run('reconcileCheckpointPut', { checkpoint, revision }),
});
