/**
 * Compares what a provider holds with what is known here, object by object: payments, refunds, disputes and payouts of a time.
 * It reads and reports; no state is ever changed by what it finds. It goes through a time slice by slice, and what is behind it
 * is kept: a check that is interrupted is gone on with.
 */
import { LIMITS } from '../../core/limits.ts';
import type { ConfiguredProvider } from '../../core/ports/provider.ts';
import type { ObjectList, ObjectSource } from '../../core/ports/provider-objects.ts';
import type { Span } from '../../core/ports/reconcile-checkpoints.ts';
import type { EpochMs } from '../../core/webhook.ts';
import type { PaymentStore } from '../../payments/payment-store.ts';
import { type CheckListInput, checkList } from './check-list.ts';
import { type CompareListed, type CompareListedDeps, createCompareListed } from './compare-listed.ts';
import { type KeptCheck, type KeptCheckDeps, openKeptCheck } from './kept-check.ts';
import { type ListReport, nothingListed } from './object-report.ts';
import { addUnlistedPayments, PAID_HERE } from './unlisted-payments.ts';

export interface CheckObjectsDeps extends CompareListedDeps, KeptCheckDeps {
  readonly payments: Pick<PaymentStore, 'find' | 'list'>;
  readonly now: () => EpochMs;
  /** How long what is known here is kept. */
  readonly retentionMs: number;
  readonly wait: CheckListInput['wait'];
}

export interface CheckInput {
  readonly configured: ConfiguredProvider;
  readonly source: ObjectSource;
  readonly since: EpochMs;
  /** Begins anew, where an earlier check of the same was interrupted. @default false */
  readonly isAnew?: boolean;
  /** Told after each page. @default nobody */
  readonly onPage?: (report: ListReport) => void;
  /** Told when the check began that this one goes on with. @default nobody */
  readonly onResumed?: (startedAt: EpochMs) => void;
}

/** Lists that are gone through together: what is paid here is in one of those of payments. */
interface Track {
  readonly name: string;
  readonly lists: readonly ObjectList[];
}

const tracksOf = ({ lists }: ObjectSource): readonly Track[] => {
  const ofPayments = lists.filter(({ kind }) => kind === 'payment');
  const others = lists.filter(({ kind }) => kind !== 'payment').map((list) => ({ name: list.name, lists: [list] }));
  return ofPayments.length === 0 ? others : [{ name: 'payment', lists: ofPayments }, ...others];
};

const isOfPayments = ({ lists }: Track): boolean => lists.some(({ kind }) => kind === 'payment');

/** What is made now may be told of in the next minutes; what was made long ago may be listed or known here no more. */
const spanOf = ({ lists }: Track, since: EpochMs, now: EpochMs, retentionMs: number): Span => {
  const listedForMs = Math.min(...lists.map((list) => list.listedForMs));
  const listedAfterMs = Math.max(...lists.map((list) => list.listedAfterMs));
  return {
    since: Math.max(since, now - Math.min(listedForMs, retentionMs) + LIMITS.reconcileMarginMs),
    until: now - Math.max(LIMITS.reconcileSettleMs, listedAfterMs),
  };
};

/** One report for each list, and one for what is paid here and in none of them. Throws what the ports of the home throw. */
export const createCheckObjects =
  (deps: CheckObjectsDeps) =>
  async (input: CheckInput): Promise<readonly ListReport[]> => {
    const { source, since, isAnew = false } = input;
    const kept = await openKeptCheck(deps, { source: source.id, since, isAnew });
    if (kept.resumedFrom !== null) input.onResumed?.(kept.resumedFrom);
    const reports: ListReport[] = [];
    for (const track of tracksOf(source)) reports.push(...(await goThrough(deps, input, track, kept)));
    // A right that is missing is missing tomorrow: what another check would go on with is what may be there then.
    if (reports.every(({ end }) => end.outcome === 'complete' || end.outcome === 'credential_refused'))
      await kept.end();
    return [...reports.filter(({ list }) => list !== PAID_HERE), ...reports.filter(({ list }) => list === PAID_HERE)];
  };

/** Slice after slice, until one of its lists breaks. */
const goThrough = async (
  deps: CheckObjectsDeps,
  input: CheckInput,
  track: Track,
  kept: KeptCheck,
): Promise<readonly ListReport[]> => {
  const before = kept.of(track.name);
  const whole = spanOf(track, kept.since, deps.now(), deps.retentionMs);
  let reports = before?.reports ?? nothingIn(input.source, track, whole);
  let since = before?.checkedUntil ?? whole.since;
  if (since >= whole.until) return reports;
  const checkSlice = createCheckSlice(deps, input, track, since);
  let sliceMs = before?.sliceMs ?? LIMITS.objectSliceMsMin;
  for (let isFirst = true; since < whole.until; isFirst = false) {
    const until = Math.min(since + sliceMs, whole.until);
    const checked = await checkSlice(reports, { since, until, isFirst, isLast: until === whole.until });
    reports = checked.reports;
    if (reports.some(({ end }) => end.outcome !== 'complete')) return reports;
    since = until;
    sliceMs = nextSliceMs(sliceMs, checked.pages);
    await kept.keep(track.name, { checkedUntil: until, sliceMs, reports });
  }
  return reports;
};

const nothingIn = ({ provider, id }: ObjectSource, track: Track, { since }: Span): readonly ListReport[] =>
  [...track.lists.map(({ name }) => name), ...(isOfPayments(track) ? [PAID_HERE] : [])].map((list) =>
    nothingListed({ provider, source: id, list, span: { since, until: since } }),
  );

/** Longer where little was in it: a slice costs a request of each list at least, and what is interrupted a slice at most. */
const nextSliceMs = (sliceMs: number, pages: number): number => {
  if (pages * 2 <= LIMITS.objectSlicePagesMax) return sliceMs * 2;
  return pages <= LIMITS.objectSlicePagesMax ? sliceMs : Math.max(LIMITS.objectSliceMsMin, sliceMs / 2);
};

interface Slice extends Span {
  /** Of this run: what was listed before is not known any more. */
  readonly isFirst: boolean;
  readonly isLast: boolean;
}

interface Checked {
  readonly reports: readonly ListReport[];
  readonly pages: number;
}

const createCheckSlice = (deps: CheckObjectsDeps, input: CheckInput, track: Track, since: EpochMs) => {
  const { source, onPage = () => undefined } = input;
  const seen = createSeen();
  const compares = new Map<string, CompareListed>(
    track.lists.map((list) => [
      list.name,
      createCompareListed(deps, { ...input, list, since, onPayment: (paymentId) => seen.add(paymentId) }),
    ]),
  );

  return async (before: readonly ListReport[], slice: Slice): Promise<Checked> => {
    seen.next();
    const reports: ListReport[] = [];
    let pages = 0;
    for (const list of track.lists) {
      const compare = compares.get(list.name) as CompareListed;
      const checked = await checkList(reportOf(before, list.name, slice), {
        list,
        span: { since: slice.since - (slice.isFirst ? beginsBefore(list) : 0), until: slice.until },
        compare: (listed) => compare(listed, slice),
        wait: deps.wait,
        onPage,
      });
      reports.push(checked.report);
      pages += checked.pages;
    }
    const here = before.find(({ list }) => list === PAID_HERE);
    if (here === undefined) return { reports, pages };
    // What was not listed because the list broke is not missing there.
    if (reports.some(({ end }) => end.outcome !== 'complete')) {
      return { reports: here.span.until > here.span.since ? [...reports, here] : reports, pages };
    }
    const until = slice.until - (slice.isLast ? 0 : LIMITS.objectLagMs);
    const span = { since: here.span.until, until };
    const looked = { ...here, span: { ...here.span, until } };
    return { reports: [...reports, await addUnlistedPayments(looked, deps.payments, source, span, seen.has)], pages };
  };
};

const reportOf = (reports: readonly ListReport[], list: string, { until }: Span): ListReport => {
  const report = reports.find((one) => one.list === list);
  if (report === undefined) throw new TypeError(`there is no report of ${list}`);
  return { ...report, span: { ...report.span, until } };
};

/** Of a payment here that is told of for the first time when its buyer pays; the provider counts from when it was begun. */
const beginsBefore = ({ kind }: ObjectList): number =>
  kind === 'payment' ? LIMITS.objectBegunBeforeMs + LIMITS.objectLagMs : 0;

/** Payments here that were listed in this slice or the one before, which is longer than a payment is begun before it is told of. */
const createSeen = () => {
  let [before, now] = [new Set<string>(), new Set<string>()];
  return {
    add: (paymentId: string): void => void now.add(paymentId),
    has: (paymentId: string): boolean => now.has(paymentId) || before.has(paymentId),
    next(): void {
      [before, now] = [now, new Set()];
    },
  };
};
