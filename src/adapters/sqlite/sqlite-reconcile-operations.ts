/** SQL of the checkpoints of reconciliation: one row a list of events, and one a check of what a provider holds. */
import type { DatabaseSync } from 'node:sqlite';
import type { Stored } from '../../core/ports/reconcile-checkpoints.ts';

interface Kept {
  readonly source: string;
}

export interface ReconcileOperations {
  reconcileCheckpointGet(source: string): Stored<Kept> | undefined;
  reconcileCheckpointPut(input: { checkpoint: Kept; revision: number }): boolean;
}

export const createReconcileOperations = (db: DatabaseSync): ReconcileOperations => {
  const get = db.prepare('SELECT checkpoint, revision FROM reconcile_checkpoints WHERE source = ?');
  const insert = db.prepare(
    'INSERT INTO reconcile_checkpoints (source, checkpoint, revision) VALUES (?, ?, 1) ON CONFLICT (source) DO NOTHING',
  );
  const update = db.prepare(
    'UPDATE reconcile_checkpoints SET checkpoint = ?, revision = revision + 1 WHERE source = ? AND revision = ?',
  );
  return {
    reconcileCheckpointGet(source) {
      const row = get.get(source);
      if (row === undefined) return undefined;
      const checkpoint: Kept = JSON.parse(String(row.checkpoint));
      return { ...checkpoint, revision: Number(row.revision) };
    },
    reconcileCheckpointPut({ checkpoint, revision }) {
      const text = JSON.stringify(checkpoint);
      const { changes } =
        revision === 0 ? insert.run(checkpoint.source, text) : update.run(text, checkpoint.source, revision);
      return Number(changes) === 1;
    },
  };
};
