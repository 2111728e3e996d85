/**
 * The status of a payment. A payment may have parts with states of their own (PayPal's and Adyen's captures): each part
 * has the state of its newest event, and the payment that of its newest part, except that one part that was paid, else
 * one that was taken back, decides: voiding the rest of an authorization does not unpay what was captured.
 */
import { isState, partOf, type StateEvent } from './fold-events.ts';
import { compareByTime, compareByVersion, stateTimeOf } from './order-events.ts';
import type { PaymentStatus, PaymentTransition } from './payment.ts';
import type { PaymentChangeEvent, PaymentStateType } from './payment-event.ts';

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

/** The newest event of each part. */
type Parts = Map<string, StateEvent>;

const statusOfParts = (parts: Parts): PaymentStatus => {
  let newest: StateEvent | undefined;
  let isReversed = false;
  for (const event of parts.values()) {
    if (event.type === 'payment.succeeded') return 'succeeded';
    if (event.type === 'payment.reversed') isReversed = true;
    if (newest === undefined || compareByTime(event, newest) > 0) newest = event;
  }
  if (isReversed) return 'reversed';
  return newest === undefined ? 'unknown' : STATUSES[newest.type];
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
  reason: event.reason,
  status,
  isTransition: status !== statusBefore,
});

const isAnySubstantial = (event: PaymentChangeEvent): boolean => isState(event) && isSubstantial(event);

/** What happened, in order, with the status after each event; the last one has the payment's status. */
export const historyOf = (events: readonly PaymentChangeEvent[]): readonly PaymentTransition[] => {
  const isPreliminaryIgnored = events.some(isAnySubstantial);
  const parts: Parts = new Map();
  let status: PaymentStatus = 'unknown';
  return events.map((event) => {
    const statusBefore = status;
    if (isState(event) && !(event.isPreliminary && isPreliminaryIgnored)) {
      const newest = parts.get(partOf(event));
      if (newest === undefined || compareByVersion(event, newest) > 0) parts.set(partOf(event), event);
      status = statusOfParts(parts);
    }
    return transitionOf(event, status, statusBefore);
  });
};
