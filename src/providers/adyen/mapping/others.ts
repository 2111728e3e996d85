/** What has a life of its own beside the payment: payouts, reviews, orders, offers, stored ways to pay, reports. */

import { checkout, order, paymentMethod, payout, report, reviewState } from '../../../payments/event-bodies.ts';
import type { Mapped } from '../../../payments/mapping.ts';
import { explanationAt, optionalTextAt, type Place, placeAt, textAt } from '../../../payments/place.ts';
import type { PayoutType } from '../../../payments/subject-event.ts';
import {
  aboutOriginal,
  additionalText,
  amountOf,
  customerOf,
  ifGranted,
  isSuccess,
  itemOf,
  optionalAmountOf,
  originalOrOwn,
  reasonOf,
  relatedOf,
} from './item.ts';

const payoutOf = (item: Place, type: PayoutType, payoutId: string): Mapped => [
  payout(type, payoutId, amountOf(item), {
    reason: reasonOf(item, type === 'payout.failed'),
    related: relatedOf(item),
  }),
];

export const payoutTold = (payload: Place): Mapped => {
  const item = itemOf(payload);
  return payoutOf(item, isSuccess(item) ? 'payout.paid' : 'payout.failed', textAt(item, 'pspReference'));
};

/** What ends a payout has a reference of its own, and names the payout in `originalReference`. */
export const payoutEnded = (payload: Place): Mapped => {
  const item = itemOf(payload);
  return payoutOf(item, 'payout.failed', originalOrOwn(item));
};

export const payoutDeclined = (payload: Place): Mapped => {
  const item = itemOf(payload);
  return ifGranted(item, () => payoutOf(item, 'payout.failed', originalOrOwn(item)), 'request_refused');
};

/** The review that an authorisation opened is named by its payment. */
export const reviewClosed =
  (outcome: 'accepted' | 'rejected') =>
  (payload: Place): Mapped => {
    const item = itemOf(payload);
    const reason = explanationAt(item, 'reason');
    return [reviewState('review.closed', aboutOriginal(item), originalOrOwn(item), { outcome, reason })];
  };

/** An order closes without success when it was not paid in whole: what was paid of it is given back. */
export const orderTold = (payload: Place): Mapped => {
  const item = itemOf(payload);
  const isPaid = isSuccess(item);
  return [
    order(textAt(item, 'pspReference'), {
      status: explanationAt(item, 'eventCode'),
      amount: optionalAmountOf(item),
      reason: isPaid ? null : (reasonOf(item, true) ?? 'not_paid_in_whole'),
      related: relatedOf(item, { payment: additionalText(item, 'order-1-pspReference') }),
    }),
  ];
};

export const offerClosed = (payload: Place): Mapped => {
  const item = itemOf(payload);
  return [
    checkout('checkout.expired', textAt(item, 'pspReference'), {
      amount: optionalAmountOf(item),
      customerId: customerOf(item),
      reason: explanationAt(item, 'reason'),
      related: relatedOf(item),
    }),
  ];
};

/** Its reference is that of the stored details. */
export const contractMade = (payload: Place): Mapped => {
  const item = itemOf(payload);
  const isMade = isSuccess(item);
  const stored = additionalText(item, 'recurring.recurringDetailReference') ?? textAt(item, 'pspReference');
  return [
    paymentMethod(isMade ? 'payment_method.saved' : 'payment_method.failed', stored, {
      customerId: customerOf(item),
      reason: reasonOf(item, !isMade),
      related: relatedOf(item, { payment: optionalTextAt(item, 'originalReference') }),
    }),
  ];
};

/** `reason` is where the report can be fetched. */
const reportOfItem = (item: Place): Mapped => [
  report('report.available', textAt(item, 'pspReference'), { url: explanationAt(item, 'reason') }),
];

/** Classic platforms give their reports the same name, in a body of their own. */
const reportOfPlatform = (payload: Place): Mapped => {
  const url = explanationAt(placeAt(payload, 'content'), 'remoteAccessUrl');
  return [report('report.available', textAt(payload, 'pspReference'), { url })];
};

export const reportAvailable = (payload: Place): Mapped =>
  payload.object.eventType === undefined ? reportOfItem(itemOf(payload)) : reportOfPlatform(payload);
