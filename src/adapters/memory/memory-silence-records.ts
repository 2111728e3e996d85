/** What was learnt of silence, in memory. */
import type { SilenceRecords, StoredSilence } from '../../core/ports/silence-records.ts';

export const createMemorySilenceRecords = (): SilenceRecords => {
  let stored: StoredSilence | undefined;
  return {
    get: async () => stored,
    async put(text, revision) {
      if ((stored?.revision ?? 0) !== revision) return false;
      stored = { text, revision: revision + 1 };
      return true;
    },
  };
};
