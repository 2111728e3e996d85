/**
 * Goes through one list of events, from where the last run came to: page by page, each written down before the next. A run
 * that ends early, for whatever reason, is gone on with by the next one; two at once do no harm, and one of them stops.
 */
import { LIMITS } from '../core/limits.ts';
import type { ConfiguredProvider } from '../core/ports/provider.ts';
import type { EventSource, ListedEvent, ListOutcome } from '../core/ports/provider-events.ts';
import type {
  Checkpoint,
  ReconcileCheckpoints,
  RoundEnd,
  Span,
  StoredCheckpoint,
} from '../core/ports/reconcile-checkpoints.ts';
import type { Actor, EpochMs } from '../core/webhook.ts';
import type { EventOutcome, EventRun, Reconciled } from './reconcile-event.ts';
import { addOutcome, NOTHING_FOUND, type Tally } from './tally.ts';
import { asOfNow, nextWindow } from './window.ts';

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
  /** The run ends before its next page. @default never */
  readonly isStopping?: () => boolean;
}

export type RunEnd =
  /** All of the span was gone through. */
  | { readonly outcome: 'complete' }
  /** Nothing to ask for yet. */
  | { readonly outcome: 'up_to_date' }
  /** So many pages that the next run has to go on. */
  | { readonly outcome: 'to_be_continued' }
  /** The provider wants us to wait. */
  | { readonly outcome: 'resting'; readonly until: EpochMs }
  | { readonly outcome: 'credential_refused'; readonly reason: string }
  | { readonly outcome: 'unavailable'; readonly reason: string }
  /** Another process is at the same list. */
  | { readonly outcome: 'taken_over' };

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
  /** The round before, and how it ended; null for the first, and for a run that somebody asked for. */
  readonly before: RoundEnd | null;
}

/** One run over one list. Throws what the ports of the home throw; what was gone through by then is kept. */
export const createReconcileSource =
  (deps: ReconcileSourceDeps) =>
  async (input: RunInput): Promise<RunReport> => {
    const { source, since, isDryRun } = input;
    const now = deps.now();
    const stored = await deps.checkpoints.get(source.id);
    const checkpoint = stored === undefined ? undefined : asOfNow(stored, now);
    const { listedForMs } = source.events;
    const next = nextWindow({ checkpoint, since, now, listedForMs, retentionMs: deps.retentionMs });
    const gap = next.gap ?? checkpoint?.gap ?? null;
    const base = {
      source: source.id,
      provider: source.provider,
      gap,
      span: null,
      isResumed: false,
      tally: NOTHING_FOUND,
      before: isRound(input) ? (checkpoint?.lastRound ?? null) : null,
    };
    const restsUntil = checkpoint?.restsUntil ?? null;
    if (restsUntil !== null && restsUntil > now) {
      const checkedUntil = checkpoint?.checkedUntil ?? null;
      return { ...base, checkedUntil, end: { outcome: 'resting', until: restsUntil } };
    }
    const resumed = begunWindow(checkpoint, input);
    const begun = resumed ?? (next.span === null ? null : { ...next.span, cursor: null });
    const state = createState(deps, input, checkpoint, gap, begun, now);
    if (begun === null) {
      const end: RunEnd = { outcome: 'up_to_date' };
      const isWritten = isDryRun || (await state.end(end, null));
      return { ...base, checkedUntil: state.checkedUntil(), end: isWritten ? end : { outcome: 'taken_over' } };
    }
    const run: EventRun = { ...input, earliest: next.earliest, comparedUntil: comparedUntil(checkpoint, input) };
    const end = await goThrough(deps, input, run, begun, state);
    return {
      ...base,
      isResumed: resumed !== null,
      span: begun,
      checkedUntil: state.checkedUntil(),
      end,
      tally: state.tally(),
    };
  };

/** It began by itself: nobody waits for its answer, and somebody may have to be told. */
const isRound = ({ recoveredBy }: RunInput): boolean => recoveredBy.type === 'component';

type Begun = Span & { readonly cursor: string | null };

/** Where the run before was in the middle of one, unless it is only looked, or more is asked for. */
const begunWindow = (checkpoint: StoredCheckpoint | undefined, { since, isDryRun }: RunInput): Begun | null => {
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
  { source, onPage, isStopping = () => false }: RunInput,
  run: EventRun,
  begun: Begun,
  state: RunState,
): Promise<RunEnd> => {
  let { cursor } = begun;
  let isBegunAgain = false;
  for (let page = 0; page < LIMITS.reconcilePagesMax; page += 1) {
    if (isStopping()) return state.until({ outcome: 'to_be_continued' }, { ...begun, cursor });
    const listed = await source.events.list({ since: begun.since, until: begun.until, cursor });
    if (listed.outcome === 'cursor_refused' && !isBegunAgain) {
      isBegunAgain = true;
      cursor = null;
      continue;
    }
    if (listed.outcome !== 'page') return state.until(endOf(listed, deps.now()), { ...begun, cursor });
    if (listed.next !== null && !isUsable(listed.next, cursor)) {
      return state.until({ outcome: 'unavailable', reason: 'cursor_not_usable' }, { ...begun, cursor: null });
    }
    const reconciled = await reconcileAll(deps, run, listed.events);
    state.add(reconciled.map(({ outcome }) => outcome));
    onPage?.(state.tally(), listed.next === null ? 1 : shareBehind(begun, reconciled));
    if (listed.next === null) return state.until({ outcome: 'complete' }, null);
    cursor = listed.next;
    if (!(await state.page({ ...begun, cursor }))) return { outcome: 'taken_over' };
  }
  return state.until({ outcome: 'to_be_continued' }, { ...begun, cursor });
};

/** A cursor that leads to itself would never end. */
const isUsable = (next: string, cursor: string | null): boolean =>
  next !== cursor && next.length <= LIMITS.listCursorCharsMax;

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

interface RunState {
  readonly tally: () => Tally;
  readonly checkedUntil: () => EpochMs | null;
  add(outcomes: readonly EventOutcome[]): void;
  /** Writes how far it came. False when somebody else did. */
  page(window: Begun): Promise<boolean>;
  end(end: RunEnd, window: Begun | null): Promise<boolean>;
  /** The end, or that somebody else was at it. */
  until(end: RunEnd, window: Begun | null): Promise<RunEnd>;
}

const createState = (
  { checkpoints }: ReconcileSourceDeps,
  input: RunInput,
  before: StoredCheckpoint | undefined,
  gap: Span | null,
  begun: Begun | null,
  now: EpochMs,
): RunState => {
  const { source, isDryRun } = input;
  const settledUntil = now - LIMITS.reconcileSettleMs;
  let tally = NOTHING_FOUND;
  let written = NOTHING_FOUND;
  let revision = before?.revision ?? 0;
  let checkpoint: Checkpoint = {
    source: source.id,
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

  const end: RunState['end'] = (runEnd, window) =>
    write({
      window,
      lastOutcome: runEnd.outcome,
      ...(isRound(input) ? { lastRound: { at: now, outcome: runEnd.outcome } } : {}),
      restsUntil: runEnd.outcome === 'resting' ? runEnd.until : null,
      ...(runEnd.outcome === 'complete' && begun !== null
        ? { checkedUntil: Math.max(checkpoint.checkedUntil, begun.until) }
        : {}),
    });

  return {
    tally: () => tally,
    checkedUntil: () => (isDryRun ? (before?.checkedUntil ?? null) : checkpoint.checkedUntil),
    add(outcomes) {
      for (const outcome of outcomes) tally = addOutcome(tally, outcome);
    },
    page: (window) => write({ window }),
    end,
    until: async (runEnd, window) => ((await end(runEnd, window)) ? runEnd : { outcome: 'taken_over' }),
  };
};
