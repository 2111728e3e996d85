/** What ends a payment without money, and what gives the money back where it was captured already. */

import { paymentState } from '../../../payments/event-bodies.ts';
import { aboutPayment, type Mapped } from '../../../payments/mapping.ts';
import type { AboutPayment } from '../../../payments/payment-event.ts';
import { type Place, textAt } from '../../../payments/place.ts';
import {
  aboutOriginal,
  additionalText,
  ifGranted,
  isSuccess,
  itemOf,
  nothingOf,
  optionalAmountOf,
  originalOrOwn,
  othersOf,
  reasonOf,
} from './item.ts';
import { refundOf } from './refunds.ts';

/** Nothing was captured, also where the account captures by itself, but later. */
const canceled = (item: Place, about: AboutPayment): Mapped => {
  const amount = optionalAmountOf(item);
  return [paymentState('payment.canceled', about, amount, { captured: nothingOf(amount) })];
};

/** A technical cancel may name the payment by the merchant's reference only. */
export const cancellation = (payload: Place): Mapped => {
  const item = itemOf(payload);
  return ifGranted(item, () => canceled(item, aboutOriginal(item)), 'request_refused');
};

/** Of the payment itself, mostly without naming another. */
export const expiry = (payload: Place): Mapped => {
  const item = itemOf(payload);
  const about = aboutPayment({ payment: originalOrOwn(item) }, othersOf(item));
  return ifGranted(item, () => canceled(item, about), 'request_refused');
};

/** Which of the two it was, nobody says: the payment tells. */
const canceledOrRefunded = (item: Place): Mapped => {
  const about = aboutOriginal(item, { refund: textAt(item, 'pspReference') });
  return [paymentState('payment.canceled', about, optionalAmountOf(item), { isRefundIfCaptured: true })];
};

/** Accounts have to ask for the action; any but the two that are documented says no more than none. */
export const cancelOrRefund = (payload: Place): Mapped => {
  const item = itemOf(payload);
  if (!isSuccess(item)) return { ignored: 'request_refused' };
  switch (additionalText(item, 'modification.action')) {
    case 'cancel':
      return canceled(item, aboutOriginal(item));
    case 'refund':
      return refundOf(item, 'refund.succeeded');
    default:
      return canceledOrRefunded(item);
  }
};

/**
 * Adyen stopped to try a refused payment again. A payment that was paid before, and came back by a chargeback, stays what
 * it is: hence preliminary.
 */
const notRescued = (item: Place): Mapped => {
  const about = aboutOriginal(item);
  const fields = {
    attempt: additionalText(item, 'retry.rescueReference'),
    reason: reasonOf(item, true),
    isPreliminary: true,
  };
  return [paymentState('payment.canceled', about, optionalAmountOf(item), fields)];
};

/** A rescue that succeeded is told by the authorisation of its last attempt, which has a reference of its own. */
export const rescueEnded = (payload: Place): Mapped => {
  const item = itemOf(payload);
  return isSuccess(item) ? { ignored: 'informational' } : notRescued(item);
};

export const rescueCanceled = (payload: Place): Mapped => {
  const item = itemOf(payload);
  return ifGranted(item, () => notRescued(item), 'request_refused');
};
