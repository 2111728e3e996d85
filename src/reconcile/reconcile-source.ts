/**
 * Goes through one list of events, from where the last run came to: page by page, each written down before the next. A run
 * that ends early, for whatever reason, is gone on with by the next one; two at once do no harm, and one of them stops.
 */
import { LIMITS } from '../core/limits.ts';
import type { ConfiguredProvider } from '../core/ports/provider.ts';
import type { EventSource, ListedEvent, ListOutcome } from '../core/ports/provider-events.ts';
import type {
  ReconcileCheckpoints,
  RoundEnd,
  Span,
  StoredCheckpoint,
  Window,
} from '../core/ports/reconcile-checkpoints.ts';
import type { Actor, EpochMs } from '../core/webhook.ts';
import { followCursor, NO_TRAIL } from './follow-cursor.ts';
import type { EventOutcome, EventRun, Reconciled } from './reconcile-event.ts';
import type { RunEnd } from './run-end.ts';
import { createRunState, type RunState } from './run-state.ts';
import type { Tally } from './tally.ts';
import { asOfNow, earliestAt, nextWindow } from './window.ts';

export interface ReconcileSourceDeps {
  readonly checkpoints: ReconcileCheckpoints;
  readonly reconcileEvent: (run: EventRun, listed: ListedEvent) => Promise<Reconciled>;
  /** Told of each event, as soon as it is known what became of it: what breaks later takes nothing back. */
  readonly onOutcome: (run: EventRun, outcome: EventOutcome) => void;
  readonly now: () => EpochMs;
  readonly retentionMs: number;
}

export interface RunInput {
  readonly configured: ConfiguredProvider;
  readonly source: EventSource;
  /** Who is told to have recovered what is. */
  readonly recoveredBy: Actor;
  /** Looks and stores nothing, no checkpoint either. */
  readonly isDryRun: boolean;
  /** Further back than where it would begin by itself; null for there. */
  readonly since: EpochMs | null;
  /** Told after each page; `share` is how much of the span is behind it, from 0 to 1. @default nobody */
  readonly onPage?: (tally: Tally, share: number) => void;
  /** Waited for after each page, with how long it took to go through. @default nobody */
  readonly rest?: (tookMs: number) => Promise<void>;
  /** The run ends before its next page. @default never */
  readonly isStopping?: () => boolean;
}

export interface RunReport {
  readonly source: string;
  readonly provider: string;
  readonly end: RunEnd;
  /** It went on with what an earlier run had begun: the next one has something to ask for at once. */
  readonly isResumed: boolean;
  /** What was asked for; null when nothing was. */
  readonly span: Span | null;
  /** Null where nothing is remembered yet. */
  readonly checkedUntil: EpochMs | null;
  readonly gap: Span | null;
  readonly tally: Tally;
  /** How much our clock is ahead of the provider's, where that matters; 0 where it does not. */
  readonly clockAheadMs: number;
  /** The round before, and how it ended; null for the first, and for a run that somebody asked for. */
  readonly before: RoundEnd | null;
}

/** One run over one list. Throws what the ports of the home throw; what was gone through by then is kept. */
export const createReconcileSource =
  (deps: ReconcileSourceDeps) =>
  async (input: RunInput): Promise<RunReport> => {
    const { source, since } = input;
    const now = deps.now();
    const stored = await deps.checkpoints.get(source.id);
    const checkpoint = stored === undefined ? undefined : asOfNow(stored, now);
    const { listedForMs } = source.events;
    const next = nextWindow({ checkpoint, since, now, listedForMs, retentionMs: deps.retentionMs });
    const gap = next.gap ?? checkpoint?.gap ?? null;
    const restsUntil = checkpoint?.restsUntil ?? null;
    const isResting = restsUntil !== null && restsUntil > now;
    const resumed = isResting ? null : begunWindow(checkpoint, input);
    const begun = isResting || next.span === null ? resumed : (resumed ?? { ...next.span, cursor: null });
    const isRound = isBegunByItself(input);
    const state = createRunState({
      ...deps,
      ...input,
      source: source.id,
      before: checkpoint,
      gap,
      begun,
      now,
      isRound,
    });
    const goOn = (): Promise<RunEnd> => {
      if (isResting) return state.until({ outcome: 'resting', until: restsUntil }, checkpoint?.window ?? null);
      if (begun === null) return state.until({ outcome: 'up_to_date' }, null);
      const run: EventRun = { ...input, earliest: next.earliest, comparedUntil: comparedUntil(checkpoint, input) };
      return goThrough(deps, input, run, begun, state);
    };
    const end = await goOn();
    return {
      source: source.id,
      provider: source.provider,
      gap,
      isResumed: resumed !== null,
      span: begun,
      checkedUntil: state.checkedUntil(),
      end,
      tally: state.tally(),
      clockAheadMs: state.clockAheadMs(),
      before: isRound ? (checkpoint?.lastRound ?? null) : null,
    };
  };

/** Nobody waits for its answer, and somebody may have to be told. */
const isBegunByItself = ({ recoveredBy }: RunInput): boolean => recoveredBy.type === 'component';

/** Where the run before was in the middle of one, unless it is only looked, or more is asked for. */
const begunWindow = (checkpoint: StoredCheckpoint | undefined, { since, isDryRun }: RunInput): Window | null => {
  const window = checkpoint?.window ?? null;
  return window === null || window.cursor === null || isDryRun || (since !== null && since < window.since)
    ? null
    : window;
};

/** The overlap was compared before, and what was found in it was told; who asks for more wants to be told of it. */
const comparedUntil = (checkpoint: StoredCheckpoint | undefined, { since, isDryRun }: RunInput): EpochMs =>
  since !== null || isDryRun || checkpoint === undefined || checkpoint.window !== null
    ? Number.NEGATIVE_INFINITY
    : checkpoint.checkedUntil;

const goThrough = async (
  deps: ReconcileSourceDeps,
  { source, onPage, rest, isStopping = () => false }: RunInput,
  run: EventRun,
  begun: Window,
  state: RunState,
): Promise<RunEnd> => {
  let window = begun;
  let isBegunAgain = false;
  for (let page = 0; page < LIMITS.reconcilePagesMax; page += 1) {
    if (isStopping()) return state.until({ outcome: 'to_be_continued' }, window);
    const listed = await source.events.list({ since: begun.since, until: begun.until, cursor: window.cursor });
    if (listed.outcome === 'cursor_refused' && !isBegunAgain) {
      isBegunAgain = true;
      window = fromItsBeginning(window);
      continue;
    }
    if (listed.outcome !== 'page') return state.until(endOf(listed, deps.now()), window);
    const listedAt = deps.now();
    const clock = clockOf(deps, source, listed);
    if (clock.aheadMs > 0) window = { settledUntil: begun.until - clock.aheadMs, ...window };
    const pageRun = { ...run, earliest: Math.max(run.earliest, clock.earliest) };
    const reconciled = await reconcileAll(deps, pageRun, listed.events);
    state.add(
      reconciled.map(({ outcome }) => outcome),
      clock.aheadMs,
    );
    onPage?.(state.tally(), listed.next === null ? 1 : shareBehind(begun, reconciled));
    if (listed.next === null) return state.complete(window.settledUntil ?? begun.until);
    const trail = followCursor(window.trail ?? NO_TRAIL, listed.next);
    if (trail === null) {
      return state.until({ outcome: 'unavailable', reason: 'cursor_not_usable' }, fromItsBeginning(window));
    }
    window = { ...window, cursor: listed.next, trail };
    if (!(await state.page(window))) return { outcome: 'taken_over' };
    await rest?.(deps.now() - listedAt);
  }
  return state.until({ outcome: 'to_be_continued' }, window);
};

const fromItsBeginning = (window: Window): Window => ({ ...window, cursor: null, trail: NO_TRAIL });

/**
 * What the provider's clock says to ours. Where ours is ahead, what we ask for has not all happened yet: it is asked for again.
 * Where ours is behind, what retention may have deleted is younger than we think.
 */
const clockOf = (
  { now, retentionMs }: ReconcileSourceDeps,
  { events: { listedForMs } }: EventSource,
  { answeredAt }: Extract<ListOutcome, { readonly outcome: 'page' }>,
): { readonly aheadMs: number; readonly earliest: EpochMs } => {
  if (answeredAt === undefined) return { aheadMs: 0, earliest: Number.NEGATIVE_INFINITY };
  const aheadMs = now() - answeredAt;
  return {
    aheadMs: aheadMs > LIMITS.clockAheadMsMax ? aheadMs : 0,
    earliest: earliestAt(answeredAt, { listedForMs, retentionMs }),
  };
};

const endOf = (listed: Exclude<ListOutcome, { readonly outcome: 'page' }>, now: EpochMs): RunEnd => {
  switch (listed.outcome) {
    case 'rate_limited':
      return { outcome: 'resting', until: now + (listed.retryAfterMs ?? LIMITS.reconcileRestMs) };
    case 'credential_refused':
      return listed;
    case 'cursor_refused':
      return { outcome: 'unavailable', reason: 'cursor_refused' };
    case 'unavailable':
      return listed;
    default:
      return listed satisfies never;
  }
};

/** A few at a time, each followed by the next: receiving comes first. Ends when all have, and throws what the first has thrown. */
const reconcileAll = async (
  { reconcileEvent, onOutcome }: ReconcileSourceDeps,
  run: EventRun,
  events: readonly ListedEvent[],
): Promise<readonly Reconciled[]> => {
  const reconciled: Reconciled[] = [];
  const rest = events.entries();
  let isBroken = false;
  const goThrough = async (): Promise<void> => {
    for (const [index, listed] of rest) {
      if (isBroken) return;
      try {
        const one = await reconcileEvent(run, listed);
        onOutcome(run, one.outcome);
        reconciled[index] = one;
      } catch (thrown) {
        isBroken = true;
        throw thrown;
      }
    }
  };
  const lanes = await Promise.allSettled(Array.from({ length: LIMITS.reconcileConcurrencyMax }, goThrough));
  const broken = lanes.find((lane) => lane.status === 'rejected');
  if (broken !== undefined) throw broken.reason;
  return reconciled;
};

/** How much of the span lies behind a page: lists begin at either end of it. */
const shareBehind = ({ since, until }: Span, page: readonly Reconciled[]): number => {
  const times = page.flatMap(({ eventAt }) => eventAt ?? []);
  const [first = since, last = since] = [times[0], times.at(-1)];
  const isNewestFirst = first > last || (first === last && first - since > until - first);
  const share = (isNewestFirst ? until - last : last - since) / (until - since);
  return Math.min(1, Math.max(0, share));
};
