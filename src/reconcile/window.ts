/** Which span of events the next run asks for. */
import { LIMITS } from '../core/limits.ts';
import type { Span, StoredCheckpoint } from '../core/ports/reconcile-checkpoints.ts';
import type { EpochMs } from '../core/webhook.ts';

export interface WindowInput {
  readonly checkpoint: StoredCheckpoint | undefined;
  /** Further back than where it would begin by itself; null for there. */
  readonly since: EpochMs | null;
  readonly now: EpochMs;
  /** How long the provider lists an event, and how long deliveries are remembered here. */
  readonly listedForMs: number;
  readonly retentionMs: number;
}

export interface NextWindow {
  /** Null when there is nothing to ask for yet. */
  readonly span: Span | null;
  /** Nothing older is recovered: the provider does not list it, or what came of it may have been deleted here. */
  readonly earliest: EpochMs;
  /** What nobody can ask for any more, since it was checked last; null when there is no such span. */
  readonly gap: Span | null;
}

/** What is older is recovered by nobody: it is not listed any more, or what came of it may have been deleted here. */
export const earliestAt = (
  now: EpochMs,
  { listedForMs, retentionMs }: Pick<WindowInput, 'listedForMs' | 'retentionMs'>,
): EpochMs => now - Math.min(listedForMs, retentionMs) + LIMITS.reconcileMarginMs;

/**
 * A checkpoint without what cannot be so: what was written while a clock was ahead. What had been checked before nobody knows
 * then, so that it is checked from the beginning, or from where the gap begins that it made.
 */
export const asOfNow = (checkpoint: StoredCheckpoint, now: EpochMs): StoredCheckpoint => {
  const settled = now - LIMITS.reconcileSettleMs;
  const { restsUntil, gap, window } = checkpoint;
  const rests = restsUntil !== null && restsUntil > now + LIMITS.retryAfterMsMax ? null : restsUntil;
  if (checkpoint.checkedUntil <= now) return { ...checkpoint, restsUntil: rests };
  const startedAt = Math.min(checkpoint.startedAt, settled);
  const isGapAhead = gap !== null && gap.until > now;
  return {
    ...checkpoint,
    restsUntil: rests,
    startedAt,
    checkedUntil: isGapAhead ? Math.min(gap.since, settled) : startedAt,
    gap: isGapAhead ? null : gap,
    window: window !== null && window.until > now ? null : window,
  };
};

/**
 * From where the last run came to, and a little before, up to what is settled. Where it runs for the first time it begins
 * there: what happened before is somebody's decision, for their own systems may have acted on it.
 */
export const nextWindow = (input: WindowInput): NextWindow => {
  const { checkpoint, since, now } = input;
  const until = now - LIMITS.reconcileSettleMs;
  const earliest = earliestAt(now, input);
  const usual =
    checkpoint === undefined
      ? until
      : Math.max(checkpoint.startedAt, checkpoint.checkedUntil - LIMITS.reconcileOverlapMs);
  const from = Math.max(earliest, Math.min(since ?? usual, usual));
  const isGap = checkpoint !== undefined && checkpoint.checkedUntil < earliest;
  return {
    span: from < until ? { since: from, until } : null,
    earliest,
    gap: isGap ? { since: checkpoint.checkedUntil, until: earliest } : null,
  };
};
