/** Stripe's disputes, fraud warnings and reviews, to bodies of payment events. `mapping.ts` says which for what. */
import { disputeState as disputeBody, reviewState } from '../../../payments/event-bodies.ts';
import type { Mapped } from '../../../payments/mapping.ts';
import { type Money, magnitude } from '../../../payments/money.ts';
import type { DisputeEvent, DisputeOutcome, DisputeType } from '../../../payments/payment-event.ts';
import {
  explanationAt,
  idIn,
  ifReadable,
  insideOf,
  type Place,
  placesAt,
  sumOf,
  textAt,
  wordIn,
} from '../../../payments/place.ts';
import { aboutCharge, amountAt, signedAmountAt, stripeObject, timeIn } from './object.ts';

/** All other statuses are open. `charge_refunded` is of API versions before 2015. */
const ENDS: ReadonlyMap<string, DisputeOutcome> = new Map([
  ['won', 'won'],
  ['lost', 'lost'],
  ['warning_closed', 'closed'],
  ['prevented', 'closed'],
  ['charge_refunded', 'closed'],
]);

type Reading = Partial<Pick<DisputeEvent, 'moved' | 'movement' | 'fee'>>;

const stageOf = (object: Place): string | null => {
  const details = insideOf(object, 'payment_method_details');
  return wordIn(insideOf(details, wordIn(details, 'type') ?? ''), 'case_type');
};

const dispute = (object: Place, type: DisputeType, outcome: DisputeOutcome | null, reading: Reading = {}): Mapped => {
  const disputeId = textAt(object, 'id');
  const about = aboutCharge(object, idIn(object, 'charge'), { dispute: disputeId });
  const status = wordIn(object, 'status');
  const evidence = insideOf(object, 'evidence_details');
  return [
    disputeBody(type, about, disputeId, {
      amount: amountAt(object, 'amount'),
      isInquiry: status?.startsWith('warning_') === true,
      outcome,
      status,
      stage: stageOf(object),
      deadlineAt: evidence === null ? null : timeIn(evidence, 'due_by'),
      reason: explanationAt(object, 'reason'),
      ...reading,
    }),
  ];
};

const endOf = (object: Place): DisputeOutcome | null => ENDS.get(wordIn(object, 'status') ?? '') ?? null;

/** By the dispute's own status, whatever the event is called: one that is decided stays so when it is edited. */
export const disputeState =
  (type: DisputeType) =>
  (payload: Place): Mapped => {
    const object = stripeObject(payload);
    const outcome = endOf(object);
    return dispute(object, outcome === null ? type : 'dispute.closed', outcome);
  };

/** A status that is new is an end all the same: the event says so. */
export const disputeClosed = (payload: Place): Mapped => {
  const object = stripeObject(payload);
  return dispute(object, 'dispute.closed', endOf(object) ?? 'closed');
};

interface Movement {
  readonly moved: Money | null;
  readonly fee: Money | null;
}

/** The balance transactions of one direction: a withdrawal is below zero, a reinstatement above. */
const movementOf = (object: Place, sign: bigint): Movement => {
  const transactions = placesAt(object, 'balance_transactions').map((transaction) => ({
    amount: signedAmountAt(transaction, 'amount'),
    fee: signedAmountAt(transaction, 'fee'),
  }));
  const ours = transactions.filter(({ amount }) => amount.minor * sign > 0n);
  const sum = (amounts: readonly Money[]): Money | null => sumOf(object, 'balance_transactions', amounts);
  return { moved: sum(ours.map(({ amount }) => magnitude(amount))), fee: sum(ours.map(({ fee }) => fee)) };
};

/** That money moved is told even where the amounts cannot be read: then it is the disputed amount. */
export const disputeFunds =
  (type: 'dispute.funds_withdrawn' | 'dispute.funds_reinstated') =>
  (payload: Place): Mapped => {
    const object = stripeObject(payload);
    const isWithdrawn = type === 'dispute.funds_withdrawn';
    const movement = ifReadable(object, (place) => movementOf(place, isWithdrawn ? -1n : 1n));
    return dispute(object, type, endOf(object), {
      ...(movement ?? {}),
      movement: isWithdrawn ? 'withdrawn' : 'reinstated',
    });
  };

/** `actionable` ends when the payment is refunded or disputed. */
export const earlyFraudWarning = (payload: Place): Mapped => {
  const object = stripeObject(payload);
  const disputeId = textAt(object, 'id');
  const about = aboutCharge(object, idIn(object, 'charge'), { dispute: disputeId });
  const isKnown = typeof object.object.actionable === 'boolean';
  const actionable = object.object.actionable === true ? 'actionable' : 'not_actionable';
  return [
    disputeBody('dispute.warning', about, disputeId, {
      isInquiry: true,
      status: isKnown ? actionable : null,
      reason: explanationAt(object, 'fraud_type'),
    }),
  ];
};

export const reviewed =
  (type: 'review.opened' | 'review.closed') =>
  (payload: Place): Mapped => {
    const object = stripeObject(payload);
    const reviewId = textAt(object, 'id');
    const about = aboutCharge(object, idIn(object, 'charge'), { review: reviewId });
    return [
      reviewState(type, about, reviewId, {
        outcome: type === 'review.closed' ? (wordIn(object, 'closed_reason') ?? wordIn(object, 'reason')) : null,
        reason: wordIn(object, 'opened_reason') ?? wordIn(object, 'reason'),
      }),
    ];
  };
