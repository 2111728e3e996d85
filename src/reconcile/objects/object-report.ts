/** What a check of objects found, counted; and named, up to a bound. */
import { LIMITS } from '../../core/limits.ts';
import type { ObjectKind } from '../../core/ports/provider-objects.ts';
import type { Span } from '../../core/ports/reconcile-checkpoints.ts';
import type { EpochMs } from '../../core/webhook.ts';
import { formatMoney, type Money } from '../../payments/money.ts';
import type { Said } from './compare-object.ts';

/** Something that the provider and Payhook do not say alike. Nothing is changed by it: a person has to look. */
export interface ObjectDifference {
  readonly provider: string;
  /** `ObjectSource.id`. */
  readonly source: string;
  readonly list: string;
  readonly kind: ObjectKind;
  readonly objectId: string;
  /** The payment here that it belongs to; null when there is none. */
  readonly paymentId: string | null;
  /** When it was made; null when the provider does not say it. */
  readonly at: EpochMs | null;
  /**
   * Not known here; here, and in no list of the provider's; another state, and perhaps another amount; another amount.
   */
  readonly difference: 'not_here' | 'not_listed' | 'state' | 'amount';
  readonly listed: Said | null;
  readonly here: Said | null;
}

export type ListEnd =
  | { readonly outcome: 'complete' }
  /** More pages than one check goes through. */
  | { readonly outcome: 'too_many_pages' }
  /** The provider wants us to wait for longer than the check does. */
  | { readonly outcome: 'rate_limited'; readonly retryAfterMs: number | null }
  | { readonly outcome: 'credential_refused'; readonly reason: string }
  | { readonly outcome: 'unavailable'; readonly reason: string };

export interface ListReport {
  readonly provider: string;
  readonly source: string;
  readonly list: string;
  readonly end: ListEnd;
  /** What was asked for, which is less than was wanted where the provider lists no more, or retention may have deleted ours. */
  readonly span: Span;
  readonly listed: number;
  readonly differing: number;
  /** Objects that belong to no payment that they name, or that cannot be read. */
  readonly notCompared: number;
  /** The first of them. */
  readonly differences: readonly ObjectDifference[];
}

export const nothingListed = (of: Pick<ListReport, 'provider' | 'source' | 'list' | 'span'>): ListReport => ({
  ...of,
  end: { outcome: 'complete' },
  listed: 0,
  differing: 0,
  notCompared: 0,
  differences: [],
});

/** What became of one object: the difference, or why there is none. `outside` is made before what was asked for. */
export type ComparedObject = ObjectDifference | 'same' | 'not_compared' | 'outside';

export const addPage = (report: ListReport, found: readonly ComparedObject[]): ListReport => {
  const differences = found.filter((one): one is ObjectDifference => typeof one === 'object');
  return {
    ...report,
    listed: report.listed + found.filter((one) => one !== 'outside').length,
    differing: report.differing + differences.length,
    notCompared: report.notCompared + found.filter((one) => one === 'not_compared').length,
    differences: [...report.differences, ...differences].slice(0, LIMITS.objectDifferencesMax),
  };
};

const less = (one: Money | null, other: Money | null): Money | null => {
  const unit = one ?? other;
  if (unit === null) return null;
  if (one !== null && other !== null && (one.currency !== other.currency || one.exponent !== other.exponent))
    return null;
  return { ...unit, minor: (one?.minor ?? 0n) - (other?.minor ?? 0n) };
};

/** States in which the amount is money that moved. */
const moved = (said: Said | null): Money | null =>
  said === null || said.state === 'unpaid' || said.state === 'undone' || said.state === 'reserved' ? null : said.amount;

/** How much more the provider says than is known here; null where no amount says it, or in two currencies. */
export const amountOff = ({ listed, here }: ObjectDifference): Money | null => less(moved(listed), moved(here));

/** The money that differs, by kind, difference and currency: what is too much is not set off against what is missing. */
export const moneyOff = (differences: readonly ObjectDifference[]): readonly string[] => {
  const sums = new Map<string, { readonly said: string; readonly sum: Money; readonly count: number }>();
  for (const one of differences) {
    const off = amountOff(one);
    if (off === null || off.minor === 0n) continue;
    const said = `${one.kind} ${one.difference}`;
    const key = `${said} ${off.currency} ${off.exponent} ${off.minor < 0n}`;
    const known = sums.get(key);
    const sum = { ...off, minor: (known?.sum.minor ?? 0n) + off.minor };
    sums.set(key, { said, sum, count: (known?.count ?? 0) + 1 });
  }
  return [...sums.values()].map(({ said, sum, count }) => `${said}: ${formatMoney(sum)} in ${count}`);
};
