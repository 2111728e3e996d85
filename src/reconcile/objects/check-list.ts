/** Goes through one list of objects for one span of time, page by page. */
import { LIMITS } from '../../core/limits.ts';
import type { ListedEvent, ListOutcome, ListRequest } from '../../core/ports/provider-events.ts';
import type { ObjectList } from '../../core/ports/provider-objects.ts';
import type { Span } from '../../core/ports/reconcile-checkpoints.ts';
import { followCursor, NO_TRAIL } from '../follow-cursor.ts';
import { addPage, type ComparedObject, type ListEnd, type ListReport } from './object-report.ts';

export interface CheckListInput {
  readonly list: ObjectList;
  /** What is asked for. */
  readonly span: Span;
  readonly compare: (listed: ListedEvent) => Promise<ComparedObject>;
  /** Resolves after this time. */
  readonly wait: (ms: number) => Promise<void>;
  readonly onPage: (report: ListReport) => void;
}

export interface CheckedList {
  readonly report: ListReport;
  readonly pages: number;
}

/** Adds to the report. Throws what comparing throws. */
export const checkList = async (before: ListReport, input: CheckListInput): Promise<CheckedList> => {
  const { list, span, compare, wait, onPage } = input;
  let report = before;
  let cursor: string | null = null;
  let trail = NO_TRAIL;
  const endedAs = (end: ListEnd, pages: number): CheckedList => ({ report: { ...report, end }, pages });
  for (let page = 1; page <= LIMITS.reconcilePagesMax; page += 1) {
    const listed: ListOutcome = await ask(wait, list, { ...span, cursor });
    if (listed.outcome !== 'page') return endedAs(endOf(listed), page);
    report = addPage(report, await compareAll(compare, listed.events));
    onPage(report);
    if (listed.next === null) return endedAs({ outcome: 'complete' }, page);
    const followed = followCursor(trail, listed.next);
    if (followed === null) return endedAs({ outcome: 'unavailable', reason: 'cursor_not_usable' }, page);
    trail = followed;
    cursor = listed.next;
  }
  return endedAs({ outcome: 'too_many_pages' }, LIMITS.reconcilePagesMax);
};

/** Keeps to what the provider asks for, for as long as a person waits. */
const ask = async (wait: CheckListInput['wait'], list: ObjectList, request: ListRequest): Promise<ListOutcome> => {
  for (let tried = 1; ; tried += 1) {
    const outcome = await list.list(request);
    const ms = waitMsOf(outcome, tried);
    if (ms === null || tried === LIMITS.objectTriesMax || ms > LIMITS.objectWaitMsMax) return outcome;
    await wait(ms);
  }
};

/** Null where another try would not help. */
const waitMsOf = (outcome: ListOutcome, tried: number): number | null => {
  switch (outcome.outcome) {
    case 'rate_limited':
      return outcome.retryAfterMs ?? LIMITS.objectRestMs * 2 ** tried;
    case 'unavailable':
      return LIMITS.objectRestMs * 2 ** tried;
    case 'page':
    case 'credential_refused':
    case 'cursor_refused':
      return null;
    default:
      return outcome satisfies never;
  }
};

const endOf = (listed: Exclude<ListOutcome, { readonly outcome: 'page' }>): ListEnd =>
  listed.outcome === 'cursor_refused' ? { outcome: 'unavailable', reason: 'cursor_refused' } : listed;

/** A few at a time: receiving comes first. */
const compareAll = async (compare: CheckListInput['compare'], events: readonly ListedEvent[]) => {
  const found: ComparedObject[] = [];
  for (let at = 0; at < events.length; at += LIMITS.reconcileConcurrencyMax) {
    found.push(...(await Promise.all(events.slice(at, at + LIMITS.reconcileConcurrencyMax).map(compare))));
  }
  return found;
};
