/** The disputes of a payment: each with the state of its newest event, and where its money is. */
import { groupBy, newestOf, sumIn, type Unit } from './fold-events.ts';
import { stateTimeOf } from './order-events.ts';
import type { PaymentDispute } from './payment.ts';
import type { DisputeType, PaymentChangeEvent } from './payment-event.ts';

type EachDispute = PaymentChangeEvent & { readonly type: DisputeType };

const isDispute = (event: PaymentChangeEvent): event is EachDispute => event.type.startsWith('dispute.');

const isFunds = ({ type }: EachDispute): boolean =>
  type === 'dispute.funds_withdrawn' || type === 'dispute.funds_reinstated';

const disputeOf = (events: readonly EachDispute[]): readonly PaymentDispute[] => {
  const newest = newestOf(events);
  if (newest === undefined) return [];
  const state = newestOf(events.filter((event) => !isFunds(event)));
  const funds = newestOf(events.filter(isFunds));
  return [
    {
      disputeId: newest.disputeId,
      state: state?.outcome ?? 'open',
      isInquiry: newest.isInquiry,
      amount: newestOf(events.filter(({ amount }) => amount !== null))?.amount ?? null,
      isWithdrawn: funds === undefined ? null : funds.type === 'dispute.funds_withdrawn',
      at: stateTimeOf(newest),
    },
  ];
};

/** Sorted by id. */
export const disputesOf = (events: readonly PaymentChangeEvent[]): readonly PaymentDispute[] => {
  const disputes = events.filter(isDispute).filter(({ type }) => type !== 'dispute.warning');
  return [...groupBy(disputes, ({ disputeId }) => disputeId).values()]
    .flatMap(disputeOf)
    .toSorted((a, b) => (a.disputeId < b.disputeId ? -1 : 1));
};

/** Lost, or open while the money is not back. */
const isDisputed = ({ state, isInquiry, isWithdrawn }: PaymentDispute): boolean =>
  state === 'lost' || (state === 'open' && (isWithdrawn ?? !isInquiry));

export const disputedOf = (unit: Unit, disputes: readonly PaymentDispute[]): bigint =>
  sumIn(unit, disputes.filter(isDisputed), ({ amount }) => amount);
