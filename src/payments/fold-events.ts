/** Small folds over the events of a payment. */
import type { Money } from './money.ts';
import { compareByVersion } from './order-events.ts';
import type { DisputeType, PaymentChangeEvent, PaymentStateType, RefundType, ReviewType } from './payment-event.ts';

export type StateEvent = PaymentChangeEvent & { readonly type: PaymentStateType };
export type EachRefund = PaymentChangeEvent & { readonly type: RefundType };
export type EachDispute = PaymentChangeEvent & { readonly type: DisputeType };
export type EachReview = PaymentChangeEvent & { readonly type: ReviewType };

type Family = 'state' | 'total' | 'refund' | 'dispute' | 'review';

const FAMILIES: Readonly<Record<PaymentChangeEvent['type'], Family>> = {
  'payment.created': 'state',
  'payment.requires_action': 'state',
  'payment.pending': 'state',
  'payment.authorized': 'state',
  'payment.succeeded': 'state',
  'payment.failed': 'state',
  'payment.canceled': 'state',
  'payment.reversed': 'state',
  'payment.refund_total': 'total',
  'refund.pending': 'refund',
  'refund.requires_action': 'refund',
  'refund.succeeded': 'refund',
  'refund.failed': 'refund',
  'refund.canceled': 'refund',
  'dispute.opened': 'dispute',
  'dispute.updated': 'dispute',
  'dispute.closed': 'dispute',
  'dispute.funds_withdrawn': 'dispute',
  'dispute.funds_reinstated': 'dispute',
  'dispute.warning': 'dispute',
  'review.opened': 'review',
  'review.closed': 'review',
};

/** The events of the payment's own state, or of the state of one of its parts. */
export const isState = (event: PaymentChangeEvent): event is StateEvent => FAMILIES[event.type] === 'state';

export const isRefund = (event: PaymentChangeEvent): event is EachRefund => FAMILIES[event.type] === 'refund';

export const isDispute = (event: PaymentChangeEvent): event is EachDispute => FAMILIES[event.type] === 'dispute';

export const isReview = (event: PaymentChangeEvent): event is EachReview => FAMILIES[event.type] === 'review';

/** The newest of events of one thing. */
export const newestOf = <E extends PaymentChangeEvent>(events: readonly E[]): E | undefined => {
  let newest: E | undefined;
  for (const event of events) if (newest === undefined || compareByVersion(event, newest) > 0) newest = event;
  return newest;
};

/** The newest of each thing that the events are about, in the order in which each is first seen. */
export const newestOfEach = <E extends PaymentChangeEvent>(
  events: readonly E[],
  keyOf: (event: E) => string,
): readonly E[] => {
  // As in most payments: one event, or none.
  if (events.length < 2) return events;
  const newest = new Map<string, E>();
  for (const event of events) {
    const key = keyOf(event);
    const known = newest.get(key);
    if (known === undefined || compareByVersion(event, known) > 0) newest.set(key, event);
  }
  return [...newest.values()];
};

/** In the order in which each key is first seen. */
export const groupBy = <E>(events: readonly E[], keyOf: (event: E) => string): ReadonlyMap<string, readonly E[]> => {
  const groups = new Map<string, E[]>();
  for (const event of events) {
    const key = keyOf(event);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [event]);
    else group.push(event);
  }
  return groups;
};

export const partOf = (event: { readonly part: string | null }): string => event.part ?? '';

/** Money of the payment, to be added up: smallest units in its currency. Other currencies count as nothing. */
export interface Unit {
  readonly currency: string;
  readonly exponent: number;
}

export const minorIn = (unit: Unit, money: Money | null | undefined): bigint =>
  money !== null && money !== undefined && money.currency === unit.currency ? money.minor : 0n;

export const moneyIn = (unit: Unit, minor: bigint): Money => ({
  minor,
  currency: unit.currency,
  exponent: unit.exponent,
});

export const sumIn = <T>(unit: Unit, values: Iterable<T>, moneyOf: (value: T) => Money | null | undefined): bigint => {
  let sum = 0n;
  for (const value of values) sum += minorIn(unit, moneyOf(value));
  return sum;
};
