/** Turns a home whose store keeps the queue up to date into one that leaves all queueing to its callers, as on AWS. */
import { createMemoryHome, type MemoryHome } from '../../src/adapters/memory/memory-home.ts';
import type { Clock } from '../../src/core/ports/clock.ts';

export const detachQueue = (home: MemoryHome, clock: Clock): MemoryHome => {
  const { store } = home;
  return {
    ...home,
    queue: createMemoryHome(clock).queue,
    store: {
      ...store,
      insert: async (insertion) => {
        const result = await store.insert(insertion);
        return result.outcome === 'conflict' ? result : { ...result, isQueued: false };
      },
      change: async (key, revision, change) => {
        const result = await store.change(key, revision, change);
        return result.outcome === 'changed' ? { ...result, isSettled: false } : result;
      },
    },
  };
};
