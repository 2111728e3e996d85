/** Stripe's refunds, disputes and fraud warnings, to bodies of payment events. `mapping.ts` says which for what. */

import { disputeState as disputeBody, refundState } from '../../../payments/event-bodies.ts';
import type { Mapped } from '../../../payments/mapping.ts';
import { type Money, magnitude } from '../../../payments/money.ts';
import type { DisputeOutcome, DisputeType, RefundType } from '../../../payments/payment-event.ts';
import {
  explanationAt,
  noteProblem,
  type Place,
  placesAt,
  secondsAt,
  signedMinorAt,
  sumOf,
  textAt,
  wordAt,
} from '../../../payments/place.ts';
import { STRIPE_CURRENCIES } from './currencies.ts';
import { aboutCharge, amountAt, stripeObject } from './object.ts';

const REFUND_STATUSES: ReadonlyMap<string, RefundType> = new Map([
  ['pending', 'refund.pending'],
  // The buyer has to say where the money should go.
  ['requires_action', 'refund.pending'],
  ['succeeded', 'refund.succeeded'],
  ['failed', 'refund.failed'],
  ['canceled', 'refund.canceled'],
]);

const refund = (object: Place, type: RefundType): Mapped => {
  const refundId = textAt(object, 'id');
  const about = aboutCharge(object, 'charge', { refund: refundId });
  if (about.paymentId === null) noteProblem(object, 'charge', 'missing');
  return [
    refundState(type, about, refundId, amountAt(object, 'amount'), {
      beganAt: secondsAt(object, 'created'),
      reason: explanationAt(object, 'failure_reason') ?? explanationAt(object, 'reason'),
    }),
  ];
};

export const refundByStatus = (payload: Place): Mapped => {
  const object = stripeObject(payload);
  return refund(object, wordAt(object, 'status', REFUND_STATUSES, 'refund.pending'));
};

export const refundFailed = (payload: Place): Mapped => refund(stripeObject(payload), 'refund.failed');

interface DisputeReading {
  readonly moved?: Money | null;
  readonly fee?: Money | null;
  readonly outcome?: DisputeOutcome | null;
}

const dispute = (object: Place, type: DisputeType, reading: DisputeReading = {}): Mapped => {
  const disputeId = textAt(object, 'id');
  const about = aboutCharge(object, 'charge', { dispute: disputeId });
  if (about.paymentId === null) noteProblem(object, 'charge', 'missing');
  return [
    disputeBody(type, about, disputeId, {
      amount: amountAt(object, 'amount'),
      moved: reading.moved ?? null,
      fee: reading.fee ?? null,
      isInquiry: textAt(object, 'status').startsWith('warning_'),
      outcome: reading.outcome ?? null,
      reason: explanationAt(object, 'reason'),
    }),
  ];
};

export const disputeState =
  (type: DisputeType) =>
  (payload: Place): Mapped =>
    dispute(stripeObject(payload), type);

/** The balance transactions of one direction: a withdrawal is below zero, a reinstatement above. */
export const disputeFunds =
  (type: 'dispute.funds_withdrawn' | 'dispute.funds_reinstated') =>
  (payload: Place): Mapped => {
    const object = stripeObject(payload);
    const sign = type === 'dispute.funds_withdrawn' ? -1n : 1n;
    const transactions = placesAt(object, 'balance_transactions').map((transaction) => ({
      amount: signedMinorAt(transaction, { amount: 'amount', currency: 'currency' }, STRIPE_CURRENCIES),
      fee: signedMinorAt(transaction, { amount: 'fee', currency: 'currency' }, STRIPE_CURRENCIES),
    }));
    const ours = transactions.filter(({ amount }) => amount.minor * sign > 0n);
    const moved = sumOf(
      object,
      'balance_transactions',
      ours.map(({ amount }) => magnitude(amount)),
    );
    if (moved === null) noteProblem(object, 'balance_transactions', 'missing');
    return dispute(object, type, {
      moved,
      fee: sumOf(
        object,
        'balance_transactions',
        ours.map(({ fee }) => fee),
      ),
    });
  };

const DISPUTE_ENDS: ReadonlyMap<string, DisputeOutcome> = new Map([
  ['won', 'won'],
  ['lost', 'lost'],
  ['warning_closed', 'closed'],
  ['prevented', 'closed'],
]);

export const disputeClosed = (payload: Place): Mapped => {
  const object = stripeObject(payload);
  return dispute(object, 'dispute.closed', { outcome: wordAt(object, 'status', DISPUTE_ENDS, 'closed') });
};

export const earlyFraudWarning = (payload: Place): Mapped => {
  const object = stripeObject(payload);
  const disputeId = textAt(object, 'id');
  const about = aboutCharge(object, 'charge', { dispute: disputeId });
  if (about.paymentId === null) noteProblem(object, 'charge', 'missing');
  const reason = explanationAt(object, 'fraud_type');
  return [disputeBody('dispute.warning', about, disputeId, { isInquiry: true, reason })];
};
