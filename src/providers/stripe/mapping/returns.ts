/** Stripe's refunds, to bodies of payment events. `mapping.ts` says which for what. */
import { refundState } from '../../../payments/event-bodies.ts';
import type { Mapped } from '../../../payments/mapping.ts';
import type { RefundType } from '../../../payments/payment-event.ts';
import { explanationAt, idIn, type Place, textAt, wordIn } from '../../../payments/place.ts';
import { aboutCharge, amountAt, stripeObject, timeIn } from './object.ts';

const STATUSES: ReadonlyMap<string, RefundType> = new Map([
  ['pending', 'refund.pending'],
  ['requires_action', 'refund.requires_action'],
  ['succeeded', 'refund.succeeded'],
  ['failed', 'refund.failed'],
  ['canceled', 'refund.canceled'],
]);

/** A refund of a customer's balance has no charge: it is told without a payment. */
const refund = (object: Place, type: RefundType): Mapped => {
  const refundId = textAt(object, 'id');
  const about = aboutCharge(object, idIn(object, 'charge'), {
    refund: refundId,
    ledger_entry: idIn(object, 'balance_transaction'),
  });
  return [
    refundState(type, about, refundId, amountAt(object, 'amount'), {
      beganAt: timeIn(object, 'created'),
      reason: explanationAt(object, 'failure_reason') ?? explanationAt(object, 'reason'),
    }),
  ];
};

/** Refunds had no status once, and were made at once. A word that is new is neither a success nor a failure yet. */
export const refundByStatus = (payload: Place): Mapped => {
  const object = stripeObject(payload);
  const status = wordIn(object, 'status');
  return refund(object, status === null ? 'refund.succeeded' : (STATUSES.get(status) ?? 'refund.pending'));
};

export const refundFailed = (payload: Place): Mapped => refund(stripeObject(payload), 'refund.failed');
