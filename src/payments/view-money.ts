/**
 * The sums of a payment. One movement of money is often told by several events; it counts once because nothing cumulative
 * is ever added up over events:
 *
 * - *Captured* is the newest statement of each part. `payment_intent.succeeded`, `charge.succeeded` and
 *   `checkout.session.completed` are statements about one part. Captures that are told are believed over one that only
 *   follows from how the account works, and parts over the whole.
 * - *Refunded* is the sum of the refunds that succeeded, each counted by its newest state, plus what the newest
 *   cumulative statement (`charge.refunded`) has beyond the refunds that it covers. It covers a refund that began no
 *   later than the statement was made, unless the refund had come to nothing before. What the statement says was only
 *   released is none of it, also when the provider calls it a refund.
 * - *Reversed* is what was taken back beyond what disputes of the same part took: a lost dispute and the reversal that
 *   pays it are one movement.
 */
import {
  type EachDispute,
  type EachRefund,
  groupBy,
  isDispute,
  isRefund,
  isState,
  minorIn,
  moneyIn,
  newestOf,
  newestOfEach,
  partOf,
  type StateEvent,
  sumIn,
  type Unit,
} from './fold-events.ts';
import type { Money } from './money.ts';
import { stateTimeOf } from './order-events.ts';
import type { PaymentRefund } from './payment.ts';
import type { PaymentChangeEvent, RefundEvent, RefundType } from './payment-event.ts';

/** A state of the payment decides its currency; a refund or dispute only while there is none. */
export const unitOf = (events: readonly PaymentChangeEvent[]): Unit | null => {
  const ofState = events.find((event) => event.amount !== null && isState(event));
  return (ofState ?? events.find(({ amount }) => amount !== null))?.amount ?? null;
};

const isForeign = (unit: Unit, money: Money | null): boolean => money !== null && money.currency !== unit.currency;

/** Some amount is in none of the sums. */
export const hasForeignAmount = (unit: Unit, events: readonly PaymentChangeEvent[]): boolean =>
  events.some(
    (event) =>
      isForeign(unit, event.amount) ||
      ('captured' in event && isForeign(unit, event.captured)) ||
      ('refundedTotal' in event && isForeign(unit, event.refundedTotal)),
  );

const isReversal = ({ type }: StateEvent): boolean => type === 'payment.reversed';

const orAll = <E>(events: readonly E[], isMeant: (event: E) => boolean): readonly E[] => {
  const meant = events.filter(isMeant);
  return meant.length > 0 ? meant : events;
};

/** The payment as a whole says it; without that its authorizations do, and without those its captures. */
export const amountOf = (unit: Unit, events: readonly PaymentChangeEvent[]): Money | null => {
  const told = events.filter(isState).filter((event) => (event.asked ?? event.amount) !== null);
  // What was taken back says nothing of what was asked for, and the end of a payment may be about what was left of it.
  const states = orAll(
    told.filter((event) => !isReversal(event)),
    ({ type }) => type !== 'payment.canceled',
  );
  const ofWhole = newestOf(states.filter(({ part }) => part === null));
  if (ofWhole !== undefined) return ofWhole.asked ?? ofWhole.amount;
  if (states.length === 0) return null;
  const reserved = states.filter(({ type }) => type === 'payment.authorized');
  const parts = newestOfEach(reserved.length > 0 ? reserved : states, partOf);
  return moneyIn(
    unit,
    sumIn(unit, parts, ({ amount }) => amount),
  );
};

type WithCaptured = PaymentChangeEvent & { readonly captured: Money | null; readonly part: string | null };

const saysCaptured = (event: PaymentChangeEvent): event is WithCaptured =>
  'captured' in event && event.captured !== null;

/** Whether a capture was told, and not only assumed. */
export const isCaptureTold = (event: PaymentChangeEvent): boolean =>
  saysCaptured(event) && !('isCaptureAssumed' in event && event.isCaptureAssumed);

export const capturedOf = (unit: Unit, events: readonly PaymentChangeEvent[]): bigint => {
  const told = orAll(events.filter(saysCaptured), isCaptureTold);
  const ofParts = orAll(told, ({ part }) => part !== null);
  return sumIn(unit, newestOfEach(ofParts, partOf), (event) => event.captured);
};

/** A movement of money back to the buyer: what a cumulative statement may include. */
interface Return {
  readonly part: string;
  readonly amount: Money;
  readonly beganAt: number;
  /** When it came to nothing; null while it did not. */
  readonly endedAt: number | null;
  readonly refund: PaymentRefund | null;
}

const REFUND_STATES: Readonly<Record<RefundType, PaymentRefund['state']>> = {
  'refund.pending': 'pending',
  'refund.requires_action': 'requires_action',
  'refund.succeeded': 'succeeded',
  'refund.failed': 'failed',
  'refund.canceled': 'canceled',
};

const beganAtOf = (event: RefundEvent | EachRefund): number => event.beganAt ?? stateTimeOf(event as EachRefund) ?? 0;

const returnOfRefund = (events: readonly EachRefund[]): readonly Return[] => {
  const newest = newestOf(events);
  if (newest === undefined) return [];
  const state = REFUND_STATES[newest.type];
  const at = stateTimeOf(newest);
  return [
    {
      part: partOf(newest),
      amount: newest.amount,
      beganAt: Math.min(...events.map(beganAtOf)),
      endedAt: state === 'failed' || state === 'canceled' ? (at ?? 0) : null,
      refund: { refundId: newest.refundId, state, amount: newest.amount, reason: newest.reason, at },
    },
  ];
};

/** The movement, whichever events tell of it; a provider without an id for it takes back each part once. */
const reversalId = ({ related, part }: StateEvent): string => related.refund ?? part ?? '';

/** What was taken back of each part, by every reversal of it. */
export const reversalsOf = (events: readonly PaymentChangeEvent[]): readonly StateEvent[] =>
  newestOfEach(
    events.filter((event): event is StateEvent => event.type === 'payment.reversed'),
    reversalId,
  );

const returnOfReversal = (event: StateEvent): readonly Return[] => {
  const { amount } = event;
  return amount === null
    ? []
    : [{ part: partOf(event), amount, beganAt: stateTimeOf(event) ?? 0, endedAt: null, refund: null }];
};

const returnsOf = (events: readonly PaymentChangeEvent[]): readonly Return[] => {
  const refunds = groupBy(events.filter(isRefund), ({ refundId }) => refundId);
  return [...[...refunds.values()].flatMap(returnOfRefund), ...reversalsOf(events).flatMap(returnOfReversal)];
};

/** A cumulative statement: this much of `part` had been given back at that time. */
interface Statement {
  readonly part: string;
  readonly total: Money;
  /** What the provider may tell as refunds, and was only released. */
  readonly released: Money | null;
  readonly at: number;
}

const statementOf = (event: PaymentChangeEvent): readonly Statement[] => {
  const at = stateTimeOf(event) ?? 0;
  if (event.type === 'payment.refund_total') {
    return [{ part: partOf(event), total: event.amount, released: event.released, at }];
  }
  if (!('refundedTotal' in event) || event.refundedTotal === null) return [];
  return [{ part: partOf(event), total: event.refundedTotal, released: null, at }];
};

/** Of two statements of one time the larger one is the later one. */
const isLater = (a: Statement, b: Statement): boolean =>
  a.at > b.at || (a.at === b.at && a.total.minor > b.total.minor);

const isCovered = ({ part, beganAt, endedAt }: Return, statement: Statement): boolean =>
  part === statement.part && beganAt <= statement.at && (endedAt === null || endedAt >= statement.at);

/** `Math.max` takes no bigints. */
const largerOf = (a: bigint, b: bigint): bigint => (a >= b ? a : b);

/** What the newest statement has beyond the movements that it covers; below zero for covered ones that were a release. */
const beyondReturns = (unit: Unit, statements: readonly Statement[], returns: readonly Return[]): bigint => {
  const latest = statements.reduce((best, statement) => (isLater(statement, best) ? statement : best));
  const covered = sumIn(
    unit,
    returns.filter((one) => isCovered(one, latest)),
    ({ amount }) => amount,
  );
  const beyond = minorIn(unit, latest.total) - covered;
  const least = -minorIn(unit, latest.released);
  return largerOf(beyond, least);
};

export interface ReturnedMoney {
  readonly refunded: bigint;
  readonly refundPending: bigint;
  /** By reversals, whatever disputes say of them. */
  readonly takenBack: bigint;
  readonly refunds: readonly PaymentRefund[];
}

const notBelowZero = (minor: bigint): bigint => largerOf(minor, 0n);

const NOTHING_RETURNED: ReturnedMoney = { refunded: 0n, refundPending: 0n, takenBack: 0n, refunds: [] };

export const returnedOf = (unit: Unit, events: readonly PaymentChangeEvent[]): ReturnedMoney => {
  const returns = returnsOf(events);
  const statements = groupBy(events.flatMap(statementOf), ({ part }) => part);
  if (returns.length === 0 && statements.size === 0) return NOTHING_RETURNED;
  const refunds = returns.map(({ refund }) => refund).filter((refund) => refund !== null);
  const sumOfStates = (...states: readonly PaymentRefund['state'][]): bigint =>
    sumIn(
      unit,
      refunds.filter(({ state }) => states.includes(state)),
      ({ amount }) => amount,
    );
  let beyond = 0n;
  for (const ofPart of statements.values()) beyond += beyondReturns(unit, ofPart, returns);
  return {
    refunded: notBelowZero(sumOfStates('succeeded') + beyond),
    refundPending: sumOfStates('pending', 'requires_action'),
    takenBack: sumIn(
      unit,
      returns.filter(({ refund }) => refund === null),
      ({ amount }) => amount,
    ),
    refunds: refunds.toSorted((a, b) => (a.refundId < b.refundId ? -1 : 1)),
  };
};

type WithFee = (StateEvent | EachDispute) & { readonly fee: Money };

/** What a dispute costs, and what is given back of that, are told with the movements of its money, each in all so far. */
const feeKeyOf = (event: WithFee): string =>
  isDispute(event) ? `${event.type} ${event.disputeId} ${partOf(event)}` : partOf(event);

/** The newest statement of each part and of each movement of a dispute; one sum for each currency. */
export const feesOf = (events: readonly PaymentChangeEvent[]): readonly Money[] => {
  const withFee = events.filter(
    (event): event is WithFee => (isState(event) || isDispute(event)) && event.fee !== null,
  );
  const newest = newestOfEach(withFee, feeKeyOf).map(({ fee }) => fee);
  if (newest.length < 2) return newest;
  const sums = [...groupBy(newest, ({ currency }) => currency).values()].flatMap((fees) => {
    const [first] = fees;
    return first === undefined ? [] : [{ ...first, minor: fees.reduce((sum, { minor }) => sum + minor, 0n) }];
  });
  return sums.toSorted((a, b) => (a.currency < b.currency ? -1 : 1));
};
