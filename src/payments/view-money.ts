/**
 * The sums of a payment. One movement of money is often told by several events; it counts once because nothing cumulative
 * is ever added up over events:
 *
 * - *Captured* is the newest statement of each part. `payment_intent.succeeded`, `charge.succeeded` and
 *   `checkout.session.completed` are statements about one part.
 * - *Refunded* is the sum of the refunds that succeeded, each counted by its newest state, plus what the newest
 *   cumulative statement (`charge.refunded`) has beyond the refunds that it covers. It covers a refund that began no
 *   later than the statement was made, unless the refund had come to nothing before.
 */
import {
  groupBy,
  isState,
  minorIn,
  moneyIn,
  newestOf,
  partOf,
  type StateEvent,
  sumIn,
  type Unit,
} from './fold-events.ts';
import type { Money } from './money.ts';
import { stateTimeOf } from './order-events.ts';
import type { PaymentRefund } from './payment.ts';
import type { PaymentChangeEvent, RefundEvent, RefundType } from './payment-event.ts';

type EachRefund = PaymentChangeEvent & { readonly type: RefundType };

const isRefund = (event: PaymentChangeEvent): event is EachRefund => event.type.startsWith('refund.');

/** A state of the payment decides its currency; a refund or dispute only while there is none. */
export const unitOf = (events: readonly PaymentChangeEvent[]): Unit | null =>
  (events.find(isState) ?? events.find(({ amount }) => amount !== null))?.amount ?? null;

const isForeign = (unit: Unit, money: Money | null): boolean => money !== null && money.currency !== unit.currency;

/** Some amount is in none of the sums. */
export const hasForeignAmount = (unit: Unit, events: readonly PaymentChangeEvent[]): boolean =>
  events.some(
    (event) =>
      isForeign(unit, event.amount) ||
      ('captured' in event && isForeign(unit, event.captured)) ||
      ('refundedTotal' in event && isForeign(unit, event.refundedTotal)),
  );

/** The payment as a whole says it; without that its authorizations do, and without those its captures. */
export const amountOf = (unit: Unit, events: readonly PaymentChangeEvent[]): Money | null => {
  const states = events.filter(isState);
  const ofWhole = newestOf(states.filter(({ part }) => part === null));
  if (ofWhole !== undefined) return ofWhole.asked ?? ofWhole.amount;
  if (states.length === 0) return null;
  const reserved = states.filter(({ type }) => type === 'payment.authorized');
  const parts = groupBy(reserved.length > 0 ? reserved : states, partOf);
  return moneyIn(
    unit,
    sumIn(unit, parts.values(), (part) => newestOf(part)?.amount),
  );
};

type WithCaptured = PaymentChangeEvent & { readonly captured: Money | null; readonly part: string | null };

const saysCaptured = (event: PaymentChangeEvent): event is WithCaptured =>
  'captured' in event && event.captured !== null;

export const capturedOf = (unit: Unit, events: readonly PaymentChangeEvent[]): bigint =>
  sumIn(unit, groupBy(events.filter(saysCaptured), partOf).values(), (part) => newestOf(part)?.captured);

const isReversal = (event: StateEvent): boolean => event.type === 'payment.reversed';

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
      refund: { refundId: newest.refundId, state, amount: newest.amount, at },
    },
  ];
};

const reversalId = (event: StateEvent): string => event.related.refund ?? event.id;

const returnsOf = (events: readonly PaymentChangeEvent[]): readonly Return[] => {
  const refunds = groupBy(events.filter(isRefund), ({ refundId }) => refundId);
  const reversals = groupBy(events.filter(isState).filter(isReversal), reversalId);
  return [
    ...[...refunds.values()].flatMap(returnOfRefund),
    ...[...reversals.values()].flatMap((group) => {
      const newest = newestOf(group);
      if (newest === undefined) return [];
      const beganAt = stateTimeOf(newest) ?? 0;
      return [{ part: partOf(newest), amount: newest.amount, beganAt, endedAt: null, refund: null }];
    }),
  ];
};

/** A cumulative statement: this much of `part` had been given back at that time. */
interface Statement {
  readonly part: string;
  readonly total: Money;
  readonly at: number;
}

const statementOf = (event: PaymentChangeEvent): readonly Statement[] => {
  const at = stateTimeOf(event) ?? 0;
  if (event.type === 'payment.refund_total') return [{ part: partOf(event), total: event.amount, at }];
  if (!('refundedTotal' in event) || event.refundedTotal === null) return [];
  return [{ part: partOf(event), total: event.refundedTotal, at }];
};

/** Of two statements of one time the larger one is the later one. */
const isLater = (a: Statement, b: Statement): boolean =>
  a.at > b.at || (a.at === b.at && a.total.minor > b.total.minor);

const isCovered = ({ part, beganAt, endedAt }: Return, statement: Statement): boolean =>
  part === statement.part && beganAt <= statement.at && (endedAt === null || endedAt >= statement.at);

const beyondReturns = (unit: Unit, statements: readonly Statement[], returns: readonly Return[]): bigint => {
  const latest = statements.reduce((best, statement) => (isLater(statement, best) ? statement : best));
  const covered = sumIn(
    unit,
    returns.filter((one) => isCovered(one, latest)),
    ({ amount }) => amount,
  );
  const beyond = minorIn(unit, latest.total) - covered;
  return beyond > 0n ? beyond : 0n;
};

export interface ReturnedMoney {
  readonly refunded: bigint;
  readonly refundPending: bigint;
  readonly reversed: bigint;
  readonly refunds: readonly PaymentRefund[];
}

export const returnedOf = (unit: Unit, events: readonly PaymentChangeEvent[]): ReturnedMoney => {
  const returns = returnsOf(events);
  const refunds = returns.map(({ refund }) => refund).filter((refund) => refund !== null);
  const sumWhere = (state: PaymentRefund['state']): bigint =>
    sumIn(
      unit,
      refunds.filter((refund) => refund.state === state),
      ({ amount }) => amount,
    );
  const statements = groupBy(events.flatMap(statementOf), ({ part }) => part);
  let beyond = 0n;
  for (const ofPart of statements.values()) beyond += beyondReturns(unit, ofPart, returns);
  return {
    refunded: sumWhere('succeeded') + beyond,
    refundPending: sumWhere('pending'),
    reversed: sumIn(
      unit,
      returns.filter(({ refund }) => refund === null),
      ({ amount }) => amount,
    ),
    refunds: refunds.toSorted((a, b) => (a.refundId < b.refundId ? -1 : 1)),
  };
};

type WithFee = StateEvent & { readonly fee: Money };

/** The newest statement of each part; one sum for each currency. */
export const feesOf = (events: readonly PaymentChangeEvent[]): readonly Money[] => {
  const withFee = events.filter((event): event is WithFee => isState(event) && event.fee !== null);
  const newest = [...groupBy(withFee, partOf).values()].flatMap((part) => newestOf(part)?.fee ?? []);
  const sums = [...groupBy(newest, ({ currency }) => currency).values()].flatMap((fees) => {
    const [first] = fees;
    return first === undefined ? [] : [{ ...first, minor: fees.reduce((sum, { minor }) => sum + minor, 0n) }];
  });
  return sums.toSorted((a, b) => (a.currency < b.currency ? -1 : 1));
};
