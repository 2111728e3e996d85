/** What was learnt of how long providers are silent, kept over restarts and for every instance: one record a home. */

export interface StoredSilence {
  /** What `watch-silence.ts` wrote. */
  readonly text: string;
  /** Counts writes from 1: the condition of the next. */
  readonly revision: number;
}

export interface SilenceRecords {
  get(): Promise<StoredSilence | undefined>;
  /**
   * Durable once it resolves, or undone by a power cut as a whole. `revision` is that of the record as it was read, 0 for
   * none. False when another one was written meanwhile: nothing was changed. Throws what the store throws.
   */
  put(text: string, revision: number): Promise<boolean>;
}
