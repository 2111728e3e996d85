/** Checkpoints of reconciliation in memory. */
import type { ReconcileCheckpoints, StoredCheckpoint } from '../../core/ports/reconcile-checkpoints.ts';

export const createMemoryReconcileCheckpoints = (): ReconcileCheckpoints => {
  const bySource = new Map<string, StoredCheckpoint>();
  return {
    get: async (source) => structuredClone(bySource.get(source)),
    async put(checkpoint, revision) {
      if ((bySource.get(checkpoint.source)?.revision ?? 0) !== revision) return false;
      bySource.set(checkpoint.source, structuredClone({ ...checkpoint, revision: revision + 1 }));
      return true;
    },
  };
};
