/** Checkpoints of reconciliation on SQLite. */
import type { ReconcileCheckpoints } from '../../core/ports/reconcile-checkpoints.ts';
import type { SqliteExecutor } from './sqlite-executor.ts';

export const createSqliteReconcileCheckpoints = (executor: SqliteExecutor): ReconcileCheckpoints => ({
  get: (source) => executor.run('reconcileCheckpointGet', source),
  put: (checkpoint, revision) => executor.run('reconcileCheckpointPut', { checkpoint, revision }),
});
