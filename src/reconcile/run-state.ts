/** What a run has found and how far it came, written down after each page: the next run goes on there. */
import { LIMITS } from '../core/limits.ts';
import type {
  Checkpoint,
  ReconcileCheckpoints,
  Span,
  StoredCheckpoint,
  Window,
} from '../core/ports/reconcile-checkpoints.ts';
import type { EpochMs } from '../core/webhook.ts';
import type { EventOutcome } from './reconcile-event.ts';
import type { RunEnd } from './run-end.ts';
import { addOutcome, NOTHING_FOUND, type Tally } from './tally.ts';

export interface RunStateInput {
  readonly checkpoints: ReconcileCheckpoints;
  /** `EventSource.id`. */
  readonly source: string;
  readonly before: StoredCheckpoint | undefined;
  readonly gap: Span | null;
  readonly begun: Window | null;
  readonly now: EpochMs;
  readonly isDryRun: boolean;
  /** It began by itself: nobody waits for its answer, and somebody may have to be told. */
  readonly isRound: boolean;
}

export interface RunState {
  readonly tally: () => Tally;
  readonly checkedUntil: () => EpochMs | null;
  readonly clockAheadMs: () => number;
  /** What a page has brought, and how far our clock was ahead of whoever answered. */
  add(outcomes: readonly EventOutcome[], aheadMs: number): void;
  /** Writes how far it came. False when somebody else did. */
  page(window: Window): Promise<boolean>;
  /** All of what was begun was gone through: it is checked up to here. */
  complete(checkedUntil: EpochMs): Promise<RunEnd>;
  /** The end, or that somebody else was at it. */
  until(end: RunEnd, window: Window | null): Promise<RunEnd>;
}

const begunCheckpoint = ({ source, before, gap, begun, now }: RunStateInput): Checkpoint => {
  const settledUntil = now - LIMITS.reconcileSettleMs;
  return {
    source,
    startedAt: Math.min(before?.startedAt ?? settledUntil, begun?.since ?? settledUntil),
    checkedUntil: before?.checkedUntil ?? begun?.since ?? settledUntil,
    window: begun,
    restsUntil: null,
    gap,
    listed: before?.listed ?? 0,
    missing: before?.missing ?? 0,
    recovered: before?.recovered ?? 0,
    differing: before?.differing ?? 0,
    lastRunAt: now,
    lastOutcome: 'under_way',
    ...(before?.lastRound === undefined ? {} : { lastRound: before.lastRound }),
  };
};

export const createRunState = (input: RunStateInput): RunState => {
  const { checkpoints, before, now, isDryRun, isRound } = input;
  let tally = NOTHING_FOUND;
  let written = NOTHING_FOUND;
  let clockAheadMs = 0;
  let revision = before?.revision ?? 0;
  let checkpoint = begunCheckpoint(input);

  const write = async (change: Partial<Checkpoint>): Promise<boolean> => {
    const next = {
      ...checkpoint,
      ...change,
      listed: checkpoint.listed + tally.listed - written.listed,
      missing: checkpoint.missing + tally.missing - written.missing,
      recovered: checkpoint.recovered + tally.recovered - written.recovered,
      differing: checkpoint.differing + tally.differing - written.differing,
    };
    if (isDryRun) return true;
    if (!(await checkpoints.put(next, revision))) return false;
    checkpoint = next;
    written = tally;
    revision += 1;
    return true;
  };

  const until = async (runEnd: RunEnd, change: Partial<Checkpoint>): Promise<RunEnd> => {
    const isWritten = await write({
      ...change,
      lastOutcome: runEnd.outcome,
      ...(isRound ? { lastRound: { at: now, outcome: runEnd.outcome } } : {}),
      restsUntil: runEnd.outcome === 'resting' ? runEnd.until : null,
    });
    return isWritten ? runEnd : { outcome: 'taken_over' };
  };

  return {
    tally: () => tally,
    checkedUntil: () => (isDryRun ? (before?.checkedUntil ?? null) : checkpoint.checkedUntil),
    clockAheadMs: () => clockAheadMs,
    add(outcomes, aheadMs) {
      clockAheadMs = Math.max(clockAheadMs, aheadMs);
      for (const outcome of outcomes) tally = addOutcome(tally, outcome);
    },
    page: (window) => write({ window }),
    until: (runEnd, window) => until(runEnd, { window }),
    complete: (checkedUntil) =>
      until({ outcome: 'complete' }, { window: null, checkedUntil: Math.max(checkpoint.checkedUntil, checkedUntil) }),
  };
};
