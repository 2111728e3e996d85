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
  /** Of all that differ. */
  readonly money: readonly MoneyOff[];
  /** The first of them. */
  readonly differences: readonly ObjectDifference[];
}

/** Of all lists that were asked for. */
export interface CheckedPayments {
  readonly reports: readonly ListReport[];
  /** A line for each provider, each list, and the money that differs. */
  readonly summary: readonly string[];
}

/** What is too much is not set off against what is missing: each has a sum of its own. */
export interface MoneyOff {
  /** `payment not_here` */
  readonly said: string;
  readonly sum: Money;
  readonly count: number;
}

export const nothingListed = (of: Pick<ListReport, 'provider' | 'source' | 'list' | 'span'>): ListReport => ({
  ...of,
  end: { outcome: 'complete' },
  listed: 0,
  differing: 0,
  notCompared: 0,
  money: [],
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
    money: differences.reduce(withOff, report.money),
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

const addTo = (sums: readonly MoneyOff[], { said, sum, count }: MoneyOff): readonly MoneyOff[] => {
  const isSame = (one: MoneyOff): boolean =>
    one.said === said &&
    one.sum.currency === sum.currency &&
    one.sum.exponent === sum.exponent &&
    one.sum.minor < 0n === sum.minor < 0n;
  const index = sums.findIndex(isSame);
  const known = sums[index];
  if (known === undefined) return [...sums, { said, sum, count }];
  const minor = known.sum.minor + sum.minor;
  return sums.with(index, { said, sum: { ...sum, minor }, count: known.count + count });
};

const withOff = (sums: readonly MoneyOff[], one: ObjectDifference): readonly MoneyOff[] => {
  const sum = amountOff(one);
  return sum === null || sum.minor === 0n
    ? sums
    : addTo(sums, { said: `${one.kind} ${one.difference}`, sum, count: 1 });
};

/** The money that differs, by kind, difference and currency. */
export const moneyOff = (reports: readonly Pick<ListReport, 'money'>[]): readonly string[] =>
  reports
    .flatMap(({ money }) => money)
    .reduce<readonly MoneyOff[]>(addTo, [])
    .map(({ said, sum, count }) => `${said}: ${formatMoney(sum)} in ${count}`);
