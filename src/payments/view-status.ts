/**
 * The status of a payment. A payment may have parts with states of their own (PayPal's and Adyen's captures): each part
 * has the state of its newest event, and the payment that of its newest part, except that one part that was paid, else
 * one that was taken back, decides: voiding the rest of an authorization does not unpay what was captured. Taking money
 * back is a movement: a part of which something is left is still paid.
 */
import { type EachRefund, isRefund, isState, partOf, type StateEvent } from './fold-events.ts';
import type { Money } from './money.ts';
import { compareByTime, compareByVersion, stateTimeOf } from './order-events.ts';
import type { PaymentStatus, PaymentTransition } from './payment.ts';
import type { PaymentChangeEvent, PaymentStateType } from './payment-event.ts';
import { isCaptureTold, reversalsOf } from './view-money.ts';

const STATUSES: Readonly<Record<PaymentStateType, PaymentStatus>> = {
  'payment.created': 'created',
  'payment.requires_action': 'requires_action',
  'payment.pending': 'pending',
  'payment.authorized': 'authorized',
  'payment.succeeded': 'succeeded',
  'payment.failed': 'failed',
  'payment.canceled': 'canceled',
  'payment.reversed': 'reversed',
};

/** What is known at one point of the payment's life. */
interface Known {
  /** The newest state of each part. */
  readonly parts: Map<string, StateEvent>;
  /** The movements back: a part of which the provider took back what refunds had left is reversed. */
  readonly reversed: StateEvent[];
  /** The newest state of each refund. */
  readonly refunds: Map<string, EachRefund>;
  /** A capture was told somewhere: one that was assumed reserved the money only. */
  readonly isCaptureTold: boolean;
}

const minorOf = (money: Money | null): bigint => money?.minor ?? 0n;

const isTakenBack = ({ reversed, refunds }: Known, part: string, paid: bigint): boolean => {
  const taken = reversalsOf(reversed.filter((event) => partOf(event) === part));
  if (taken.length === 0) return false;
  const refunded = [...refunds.values()].filter((event) => event.type === 'refund.succeeded' && partOf(event) === part);
  return [...taken, ...refunded].reduce((sum, { amount }) => sum + minorOf(amount), 0n) >= paid;
};

const typeOf = (known: Known, event: StateEvent): PaymentStateType => {
  if (event.type !== 'payment.succeeded') return event.type;
  if (event.isCaptureAssumed && known.isCaptureTold) return 'payment.authorized';
  const paid = minorOf(event.captured ?? event.amount);
  return isTakenBack(known, partOf(event), paid) ? 'payment.reversed' : event.type;
};

/** A capture that failed leaves the reservation that it was of: the dashboard says authorized. */
const newestOfParts = (parts: readonly (readonly [PaymentStateType, StateEvent])[]): PaymentStateType | undefined => {
  const isReserved = parts.some(([type]) => type === 'payment.authorized');
  let newest: (typeof parts)[number] | undefined;
  for (const part of parts) {
    if (isReserved && part[0] === 'payment.failed') continue;
    if (newest === undefined || compareByTime(part[1], newest[1]) > 0) newest = part;
  }
  return newest?.[0];
};

const statusOf = (known: Known): PaymentStatus => {
  const parts = [...known.parts.values()].map((event) => [typeOf(known, event), event] as const);
  if (parts.some(([type]) => type === 'payment.succeeded')) return 'succeeded';
  const isOnlyTakenBack = known.reversed.some((event) => !known.parts.has(partOf(event)));
  if (isOnlyTakenBack || parts.some(([type]) => type === 'payment.reversed')) return 'reversed';
  const newest = newestOfParts(parts);
  return newest === undefined ? 'unknown' : STATUSES[newest];
};

/** Says more about the payment than that somebody began it. */
const isSubstantial = ({ isPreliminary, type }: StateEvent): boolean =>
  !isPreliminary && type !== 'payment.created' && type !== 'payment.requires_action';

const transitionOf = (
  event: PaymentChangeEvent,
  status: PaymentStatus,
  statusBefore: PaymentStatus,
): PaymentTransition => ({
  eventId: event.id,
  type: event.type,
  providerType: event.providerType,
  at: stateTimeOf(event),
  amount: event.amount,
  part: 'part' in event ? event.part : null,
  reason: event.reason,
  status,
  isTransition: status !== statusBefore,
});

const isAnySubstantial = (event: PaymentChangeEvent): boolean => isState(event) && isSubstantial(event);

/** Nothing yet, of a payment with these events. */
const nothingOf = (events: readonly PaymentChangeEvent[]): Known => ({
  parts: new Map(),
  reversed: [],
  refunds: new Map(),
  isCaptureTold: events.some(isCaptureTold),
});

/** Whether an event says something of the status, in a payment that says more about itself than a checkout did or not. */
const isTelling = (event: PaymentChangeEvent, isPreliminaryIgnored: boolean): event is StateEvent | EachRefund =>
  isRefund(event) || (isState(event) && !(event.isPreliminary && isPreliminaryIgnored));

/** The status after all of the events. */
export const statusAfter = (events: readonly PaymentChangeEvent[]): PaymentStatus => {
  const isPreliminaryIgnored = events.some(isAnySubstantial);
  const known = nothingOf(events);
  for (const event of events) if (isTelling(event, isPreliminaryIgnored)) learn(known, event);
  return statusOf(known);
};

/** What happened, in order, with the status after each event; the last one has the status after all of them. */
export const historyOf = (events: readonly PaymentChangeEvent[]): readonly PaymentTransition[] => {
  const isPreliminaryIgnored = events.some(isAnySubstantial);
  const known = nothingOf(events);
  let status: PaymentStatus = 'unknown';
  return events.map((event) => {
    const statusBefore = status;
    if (isTelling(event, isPreliminaryIgnored)) {
      learn(known, event);
      status = statusOf(known);
    }
    return transitionOf(event, status, statusBefore);
  });
};

const learn = ({ parts, reversed, refunds }: Known, event: StateEvent | EachRefund): void => {
  if (isRefund(event)) setIfNewer(refunds, event.refundId, event);
  else if (event.type === 'payment.reversed') reversed.push(event);
  else setIfNewer(parts, partOf(event), event);
};

const setIfNewer = <E extends PaymentChangeEvent>(newest: Map<string, E>, key: string, event: E): void => {
  const known = newest.get(key);
  if (known === undefined || compareByVersion(event, known) > 0) newest.set(key, event);
};
