/**
 * Which of two events of one thing is the newer one. The written rule, for late, same-second and contradictory events:
 *
 * 1. the provider's version of the object, where it has one; an event without is older than any with;
 * 2. the time: of the object's state where the provider gives it, else of the event; an event without is the oldest;
 * 3. the rank of the state: of two events of one second the one that is further in the payment's life is the newer;
 * 4. the id, so that there is always an answer and always the same.
 */
import type { EpochMs } from '../core/webhook.ts';
import type { PaymentChangeEvent } from './payment-event.ts';

/** A failed attempt ranks below an authorization: within one second the next attempt comes after it. */
const RANKS: Readonly<Record<PaymentChangeEvent['type'], number>> = {
  'payment.created': 0,
  'payment.requires_action': 1,
  'payment.pending': 2,
  'payment.failed': 3,
  'payment.authorized': 4,
  'payment.canceled': 5,
  'payment.succeeded': 6,
  'payment.refund_total': 7,
  'payment.reversed': 8,
  'refund.pending': 10,
  'refund.requires_action': 11,
  'refund.succeeded': 12,
  'refund.canceled': 13,
  'refund.failed': 14,
  'dispute.warning': 20,
  'dispute.opened': 21,
  'dispute.updated': 22,
  'dispute.funds_withdrawn': 23,
  'dispute.funds_reinstated': 24,
  'dispute.closed': 25,
  'review.opened': 30,
  'review.closed': 31,
};

/** When the state that the event tells of came to be. */
export const stateTimeOf = ({ ordering, occurredAt }: PaymentChangeEvent): EpochMs | null =>
  ordering?.by === 'time' ? ordering.value : occurredAt;

const timeOf = (event: PaymentChangeEvent): number => stateTimeOf(event) ?? -1;
const versionOf = ({ ordering }: PaymentChangeEvent): number => (ordering?.by === 'version' ? ordering.value : -1);

/** Some order, always the same; `#10` of a webhook after its `#2`. */
export const compareIds = (a: string, b: string): number => a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);

/** By time, for things that have no version in common. Positive when `a` is the newer. */
export const compareByTime = (a: PaymentChangeEvent, b: PaymentChangeEvent): number =>
  timeOf(a) - timeOf(b) || versionOf(a) - versionOf(b) || RANKS[a.type] - RANKS[b.type] || compareIds(a.id, b.id);

/** Of one thing. Positive when `a` is the newer. */
export const compareByVersion = (a: PaymentChangeEvent, b: PaymentChangeEvent): number =>
  versionOf(a) - versionOf(b) || compareByTime(a, b);

/**
 * What the event says something about. Events of different subjects never make each other stale: a refund does not
 * change what is known of the payment's own state.
 */
export const subjectOf = (event: PaymentChangeEvent): string => {
  switch (event.type) {
    case 'payment.refund_total':
      return `total ${event.part ?? ''}`;
    case 'refund.pending':
    case 'refund.requires_action':
    case 'refund.succeeded':
    case 'refund.failed':
    case 'refund.canceled':
      return `refund ${event.refundId}`;
    case 'dispute.funds_withdrawn':
    case 'dispute.funds_reinstated':
      return `funds ${event.disputeId} ${event.part ?? ''}`;
    case 'dispute.warning':
      return `warning ${event.disputeId}`;
    case 'dispute.opened':
    case 'dispute.updated':
    case 'dispute.closed':
      return `dispute ${event.disputeId} ${event.part ?? ''}`;
    case 'review.opened':
    case 'review.closed':
      return `review ${event.reviewId}`;
    case 'payment.reversed':
      // A movement: it makes no state of its part stale, and is itself told once for each reversal.
      return `reversal ${event.related.refund ?? event.part ?? ''}`;
    default:
      return `state ${event.part ?? ''}`;
  }
};
