/** The disputes of a payment: each with the state that the provider last gave it, and where its money is. */
import { type EachDispute, groupBy, isDispute, minorIn, moneyIn, newestOf, partOf, type Unit } from './fold-events.ts';
import type { Money } from './money.ts';
import { stateTimeOf } from './order-events.ts';
import type { PaymentDispute } from './payment.ts';
import type { PaymentChangeEvent } from './payment-event.ts';

/** An event without a state of its own, as that some evidence was added, neither decides a dispute nor opens it again. */
const saysState = ({ type, outcome, status }: EachDispute): boolean =>
  outcome !== null || status !== null || type === 'dispute.opened';

/** What was stored before there was the field says the movement by its type alone. */
const movementOf = ({ movement, type }: EachDispute): EachDispute['movement'] => {
  if (movement !== null) return movement;
  if (type === 'dispute.funds_withdrawn') return 'withdrawn';
  return type === 'dispute.funds_reinstated' ? 'reinstated' : null;
};

const newestWhere = (events: readonly EachDispute[], isMeant: (event: EachDispute) => boolean) =>
  newestOf(events.filter(isMeant));

const sumOfKnown = (amounts: readonly (Money | null | undefined)[]): Money | null => {
  const [first] = amounts;
  if (first === null || first === undefined) return null;
  if (amounts.some((amount) => amount?.currency !== first.currency)) return null;
  return { ...first, minor: amounts.reduce((sum, amount) => sum + (amount?.minor ?? 0n), 0n) };
};

/** The sum over its parts; one sum that stands for several when all of these are parts of this payment. */
const amountOf = (events: readonly EachDispute[]): Money | null => {
  const parts = [...groupBy(events, partOf).values()];
  const sum = sumOfKnown(parts.map((part) => newestWhere(part, ({ amount }) => amount !== null)?.amount));
  if (sum !== null) return sum;
  const together = newestWhere(events, ({ togetherAmount }) => togetherAmount !== null);
  return together?.togetherParts === parts.length ? together.togetherAmount : null;
};

/**
 * What a decision took is counted once, although each part of the payment is told of it. Where the dispute is also about
 * other payments, no more than what is disputed of this one.
 */
const lostOf = (decision: EachDispute | undefined, amount: Money | null, partsCount: number): Money | null => {
  if (decision?.outcome !== 'lost') return null;
  const { moved, togetherParts } = decision;
  if (moved === null || moved.currency !== amount?.currency) return amount;
  return togetherParts !== null && togetherParts > partsCount && moved.minor > amount.minor ? amount : moved;
};

const disputeOf = (events: readonly EachDispute[]): readonly PaymentDispute[] => {
  const newest = newestOf(events);
  if (newest === undefined) return [];
  const state = newestWhere(events, saysState);
  const funds = newestWhere(events, (event) => movementOf(event) !== null);
  const amount = amountOf(events);
  const partsCount = groupBy(events, partOf).size;
  return [
    {
      disputeId: newest.disputeId,
      state: state?.outcome ?? 'open',
      isInquiry: newest.isInquiry,
      amount,
      lost: lostOf(state, amount, partsCount),
      isWithdrawn: funds === undefined ? null : movementOf(funds) === 'withdrawn',
      status: newestWhere(events, ({ status }) => status !== null)?.status ?? null,
      stage: newestWhere(events, ({ stage }) => stage !== null)?.stage ?? null,
      deadlineAt: newestWhere(events, ({ deadlineAt }) => deadlineAt !== null)?.deadlineAt ?? null,
      reason: newestWhere(events, ({ reason }) => reason !== null)?.reason ?? null,
      at: stateTimeOf(newest),
    },
  ];
};

const disputeEventsOf = (events: readonly PaymentChangeEvent[]): readonly (readonly EachDispute[])[] => {
  const disputes = events.filter(isDispute).filter(({ type }) => type !== 'dispute.warning');
  return [...groupBy(disputes, ({ disputeId }) => disputeId).values()];
};

/** Sorted by id. */
export const disputesOf = (events: readonly PaymentChangeEvent[]): readonly PaymentDispute[] =>
  disputeEventsOf(events)
    .flatMap(disputeOf)
    .toSorted((a, b) => (a.disputeId < b.disputeId ? -1 : 1));

/** Lost, or open while the money is not back. */
const isAtStake = ({ state, isInquiry, isWithdrawn }: PaymentDispute): boolean =>
  state === 'lost' || (state === 'open' && (isWithdrawn ?? !isInquiry));

const minorAtStake = (unit: Unit, dispute: PaymentDispute): bigint =>
  isAtStake(dispute) ? minorIn(unit, dispute.lost ?? dispute.amount) : 0n;

/** What is at stake or gone by disputes. */
export const disputedOf = (unit: Unit, disputes: readonly PaymentDispute[]): Money =>
  moneyIn(
    unit,
    disputes.reduce((sum, dispute) => sum + minorAtStake(unit, dispute), 0n),
  );

/** Two truths that a person has to bring together. */
export const doesMoneyDisagree = ({ state, isWithdrawn }: PaymentDispute): boolean =>
  (state === 'lost' && isWithdrawn === false) || ((state === 'won' || state === 'closed') && isWithdrawn === true);
