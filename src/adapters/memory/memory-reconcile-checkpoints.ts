/** Checkpoints of reconciliation in memory. */
import type { Checkpoint, Checkpoints, Stored } from '../../core/ports/reconcile-checkpoints.ts';

export const createMemoryReconcileCheckpoints = <
  Kept extends { readonly source: string } = Checkpoint,
>(): Checkpoints<Kept> => {
  const bySource = new Map<string, Stored<Kept>>();
  return {
    get: async (source) => structuredClone(bySource.get(source)),
    async put(checkpoint, revision) {
      if ((bySource.get(checkpoint.source)?.revision ?? 0) !== revision) return false;
      bySource.set(checkpoint.source, structuredClone({ ...checkpoint, revision: revision + 1 }));
      return true;
    },
  };
};
