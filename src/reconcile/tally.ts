/** What a run found, counted; and named, up to a bound. */
import { LIMITS } from '../core/limits.ts';
import { formatMoney, type Money } from '../payments/money.ts';
import type { PaymentEvent } from '../payments/payment-event.ts';
import type { Finding } from './compare-meaning.ts';
import type { EventOutcome, MissingWebhook, SkipReason } from './reconcile-event.ts';

export interface Tally {
  readonly listed: number;
  /** No delivery had brought them. */
  readonly missing: number;
  /** Of these, stored by this run. */
  readonly recovered: number;
  readonly differing: number;
  readonly skipped: Readonly<Partial<Record<SkipReason, number>>>;
  /** Of all that were missing, by type and currency. */
  readonly money: readonly MoneyOfType[];
  readonly webhooks: readonly MissingWebhook[];
  readonly findings: readonly Finding[];
}

/** A payment that was told of in two steps is not counted twice in one sum. */
export interface MoneyOfType {
  readonly type: string;
  readonly sum: Money;
}

export const NOTHING_FOUND: Tally = {
  listed: 0,
  missing: 0,
  recovered: 0,
  differing: 0,
  skipped: {},
  money: [],
  webhooks: [],
  findings: [],
};

const named = <Item>(before: readonly Item[], item: Item): readonly Item[] =>
  before.length < LIMITS.reconcileNamedMax ? [...before, item] : before;

export const addOutcome = (tally: Tally, outcome: EventOutcome): Tally => {
  const listed = tally.listed + 1;
  switch (outcome.outcome) {
    case 'present':
      return { ...tally, listed };
    case 'differs':
      return { ...tally, listed, differing: tally.differing + 1, findings: named(tally.findings, outcome.finding) };
    case 'missing':
    case 'recovered':
      return {
        ...tally,
        listed,
        missing: tally.missing + 1,
        recovered: tally.recovered + (outcome.outcome === 'recovered' ? 1 : 0),
        money: outcome.webhook.events.reduce(withMoneyOf, tally.money),
        webhooks: named(tally.webhooks, outcome.webhook),
      };
    case 'skipped': {
      const { reason } = outcome;
      return { ...tally, listed, skipped: { ...tally.skipped, [reason]: (tally.skipped[reason] ?? 0) + 1 } };
    }
    default:
      return outcome satisfies never;
  }
};

/** `payment.succeeded 12.30 USD`, as far as the event has an amount. */
export const eventText = (event: PaymentEvent): string => {
  const amount = amountOf(event);
  return amount === null ? event.type : `${event.type} ${formatMoney(amount)}`;
};

const amountOf = (event: PaymentEvent): Money | null => ('amount' in event ? (event.amount as Money | null) : null);

const withMoneyOf = (sums: readonly MoneyOfType[], event: PaymentEvent): readonly MoneyOfType[] => {
  const amount = amountOf(event);
  if (amount === null) return sums;
  const isOf = ({ type, sum }: MoneyOfType): boolean =>
    type === event.type && sum.currency === amount.currency && sum.exponent === amount.exponent;
  const index = sums.findIndex(isOf);
  const minor = amount.minor + (sums[index]?.sum.minor ?? 0n);
  const added = { type: event.type, sum: { ...amount, minor } };
  return index < 0 ? [...sums, added] : sums.with(index, added);
};

/** `payment.succeeded 1230.00 USD`, for each type and currency of what was missing. */
export const moneyOf = ({ money }: Pick<Tally, 'money'>): readonly string[] =>
  money.map(({ type, sum }) => `${type} ${formatMoney(sum)}`);
