/** How far each list of events was reconciled, kept over restarts and for every instance. */
import type { EpochMs } from '../webhook.ts';

/** Times of when events were created: from the first up to, and without, the second. */
export interface Span {
  readonly since: EpochMs;
  readonly until: EpochMs;
}

/** How a run ended that began by itself. A command may have another credential, and tells its operator: it is not one. */
export interface RoundEnd {
  readonly at: EpochMs;
  readonly outcome: string;
}

export interface Checkpoint {
  /** `EventSource.id`. */
  readonly source: string;
  /** Where reconciling began. What is older is asked for on demand only. */
  readonly startedAt: EpochMs;
  /** Every event up to here was asked for, as far as `gap` does not say otherwise. */
  readonly checkedUntil: EpochMs;
  /** What is under way, and where its next page begins. */
  readonly window: (Span & { readonly cursor: string | null }) | null;
  /** Nothing is asked before this: the provider wanted us to wait. */
  readonly restsUntil: EpochMs | null;
  /** The last span that nobody can ask for any more: it was too long ago when its turn came. */
  readonly gap: Span | null;
  /** Since the beginning: events listed (some of them more than once), found missing, stored, found to differ. */
  readonly listed: number;
  readonly missing: number;
  readonly recovered: number;
  readonly differing: number;
  readonly lastRunAt: EpochMs;
  /** What became of the last run, whoever ran. */
  readonly lastOutcome: string;
  /** The last run to its end of those that nobody asked for; absent before the first, and in what was stored before version 0.3. */
  readonly lastRound?: RoundEnd;
}

export interface StoredCheckpoint extends Checkpoint {
  /** Counts writes from 1: the condition of the next. */
  readonly revision: number;
}

export interface ReconcileCheckpoints {
  get(source: string): Promise<StoredCheckpoint | undefined>;
  /**
   * Durable once it resolves. `revision` is that of the checkpoint as it was read, 0 for none. False when another one was
   * written meanwhile: somebody else is at it, and nothing was changed. Throws what the store throws.
   */
  put(checkpoint: Checkpoint, revision: number): Promise<boolean>;
}
