/** The newest attempts of a webhook, kept with it: what was tried when, and why it failed. */
import { LIMITS } from './limits.ts';

export const ATTEMPT_OUTCOMES = ['processed', 'ignored', 'retrying', 'dead_lettered'] as const;

export interface AttemptRecord {
  /** When it ended, in UTC milliseconds. */
  readonly at: number;
  readonly outcome: (typeof ATTEMPT_OUTCOMES)[number];
  readonly durationMs: number;
  /** A code; null when there is nothing to explain. */
  readonly reason: string | null;
  /** The handler that it failed by, or that ignored it; null when it was none of them. */
  readonly handler: string | null;
  /** What was said about it, screened; at most `LIMITS.attemptErrorCharsMax`. */
  readonly error: string | null;
}

/** Oldest first, at most `LIMITS.attemptsKeptMax`. */
export const withAttempt = (
  history: readonly AttemptRecord[] | undefined,
  attempt: AttemptRecord,
): readonly AttemptRecord[] => [...(history ?? []), attempt].slice(-LIMITS.attemptsKeptMax);

type Explanation = Pick<AttemptRecord, 'reason' | 'handler' | 'error'>;
type PackedExplanation = readonly [AttemptRecord['reason'], AttemptRecord['handler'], AttemptRecord['error']];

/** Without an explanation where it is that of the attempt before: who keeps failing says the same each time. */
export type PackedAttempt = readonly [
  at: number,
  outcome: number,
  durationMs: number,
  ...explanation: string[] | PackedExplanation,
];

const UNEXPLAINED: Explanation = { reason: null, handler: null, error: null };

const isSame = (a: Explanation, b: Explanation): boolean =>
  a.reason === b.reason && a.handler === b.handler && a.error === b.error;

export const packAttempts = (history: readonly AttemptRecord[]): readonly PackedAttempt[] => {
  let before: Explanation = UNEXPLAINED;
  return history.map(({ at, outcome, durationMs, ...explanation }): PackedAttempt => {
    const start = [at, ATTEMPT_OUTCOMES.indexOf(outcome), durationMs] as const;
    const isRepeated = isSame(explanation, before);
    before = explanation;
    return isRepeated ? start : [...start, explanation.reason, explanation.handler, explanation.error];
  });
};

export const unpackAttempts = (packed: readonly PackedAttempt[]): readonly AttemptRecord[] => {
  let explanation: Explanation = UNEXPLAINED;
  return packed.map(([at, outcome, durationMs, ...said]): AttemptRecord => {
    const [reason = null, handler = null, error = null] = said;
    if (said.length > 0) explanation = { reason, handler, error };
    return { at, outcome: ATTEMPT_OUTCOMES[outcome] ?? 'retrying', durationMs, ...explanation };
  });
};

/** The newest of them alone: the explanation is that of the last one that gives any. */
export const lastAttempt = (packed: readonly PackedAttempt[]): readonly AttemptRecord[] => {
  const last = packed.at(-1);
  if (last === undefined) return [];
  const said = packed.findLast(({ length }) => length > 3) ?? last;
  return unpackAttempts(said === last ? [last] : [said, last]).slice(-1);
};
