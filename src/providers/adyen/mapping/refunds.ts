/** Refunds. One that "succeeded" was accepted; it may fail days later, under the same reference. */

import { refundState } from '../../../payments/event-bodies.ts';
import { aboutPayment, type Mapped } from '../../../payments/mapping.ts';
import type { RefundType } from '../../../payments/payment-event.ts';
import { type Place, textAt, timeAt } from '../../../payments/place.ts';
import {
  aboutOriginal,
  additionalText,
  amountOf,
  ifGranted,
  isSuccess,
  itemOf,
  originalOrOwn,
  othersOf,
  reasonOf,
} from './item.ts';

export const refundOf = (item: Place, type: RefundType): Mapped => {
  const refundId = textAt(item, 'pspReference');
  return [
    refundState(type, aboutOriginal(item, { refund: refundId }), refundId, amountOf(item), {
      beganAt: timeAt(item, 'eventDate'),
      reason: reasonOf(item, type === 'refund.failed'),
    }),
  ];
};

const refundTold =
  (granted: RefundType) =>
  (payload: Place): Mapped => {
    const item = itemOf(payload);
    return refundOf(item, isSuccess(item) ? granted : 'refund.failed');
  };

export const refund = refundTold('refund.succeeded');

/** It waits until the payment is captured; REFUND follows under the same reference. */
export const refundPostponed = refundTold('refund.pending');

export const refundFailed = (payload: Place): Mapped => refundOf(itemOf(payload), 'refund.failed');

/** Names the refund at the terminal that is called off, and not its payment. */
export const refundVoided = (payload: Place): Mapped => {
  const item = itemOf(payload);
  const refundId = additionalText(item, 'modificationPspReference') ?? originalOrOwn(item);
  const about = aboutPayment({}, othersOf(item, { refund: refundId }));
  return ifGranted(item, () => [refundState('refund.canceled', about, refundId, amountOf(item))], 'request_refused');
};
