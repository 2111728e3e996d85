/** How far lists of events were reconciled, and checks of what providers hold have come: kept over restarts and for every instance. */
import type { JsonValue } from '../read-json.ts';
import type { EpochMs } from '../webhook.ts';

/** Times of when events were created: from the first up to, and without, the second. */
export interface Span {
  readonly since: EpochMs;
  readonly until: EpochMs;
}

/** How pages of a list followed each other so far: how many there were, and one of their cursors, to know it again. */
export interface Trail {
  readonly pages: number;
  readonly landmark: string | null;
}

/** A span that is under way. */
export interface Window extends Span {
  /** Where its next page begins. */
  readonly cursor: string | null;
  /** Absent before the second page, and in what was stored before version 0.3. */
  readonly trail?: Trail;
  /** Up to when it was settled by the provider's clock; absent where ours is not ahead of it. */
  readonly settledUntil?: EpochMs;
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
  readonly window: Window | null;
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

/** How far a check of what a provider holds has come that did not come to its end. */
export interface CheckProgress {
  /** `payments:` and `ObjectSource.id`. */
  readonly source: string;
  /** When it began, and from when on it was to look. */
  readonly startedAt: EpochMs;
  readonly since: EpochMs;
  /** Lists that are gone through together. None when the check came to its end. */
  readonly tracks: readonly {
    readonly name: string;
    readonly checkedUntil: EpochMs;
    /** How much time is gone through at once. */
    readonly sliceMs: number;
    /** Whoever checks knows what this is; `checkProgressBytesMax` with those of the other tracks. */
    readonly found: JsonValue;
  }[];
}

export type Stored<Kept> = Kept & {
  /** Counts writes from 1: the condition of the next. */
  readonly revision: number;
};
export type StoredCheckpoint = Stored<Checkpoint>;

export interface Checkpoints<Kept extends { readonly source: string }> {
  get(source: string): Promise<Stored<Kept> | undefined>;
  /**
   * Durable once it resolves. `revision` is that of the checkpoint as it was read, 0 for none. False when another one was
   * written meanwhile: somebody else is at it, and nothing was changed. Throws what the store throws.
   */
  put(checkpoint: Kept, revision: number): Promise<boolean>;
}

export type ReconcileCheckpoints = Checkpoints<Checkpoint>;
