/** Authorisations, captures and cancellations of a payment. */

import { paymentState, reviewState } from '../../../payments/event-bodies.ts';
import type { Mapped } from '../../../payments/mapping.ts';
import type { Money } from '../../../payments/money.ts';
import type { AboutPayment } from '../../../payments/payment-event.ts';
import { type Place, textAt } from '../../../payments/place.ts';
import type { AdyenSettings } from '../settings.ts';
import { isCapturedAtOnce } from './captured-at-once.ts';
import {
  aboutOriginal,
  aboutPaymentItself,
  additionalText,
  amountOf,
  ifGranted,
  isSuccess,
  itemOf,
  nothingOf,
  optionalAmountOf,
  reasonOf,
} from './item.ts';

/**
 * Whether an authorisation is a payment is a setting of the merchant account that no webhook tells, or follows from the
 * payment method. It is assumed: where captures are told, they are believed.
 */
const reserved = (item: Place, about: AboutPayment, settings: AdyenSettings | undefined) => {
  const amount = amountOf(item);
  return settings?.isCaptureAutomatic === true || isCapturedAtOnce(item)
    ? paymentState('payment.succeeded', about, amount, { captured: amount, isCaptureAssumed: true })
    : paymentState('payment.authorized', about, amount, {});
};

/** Adyen's risk rules hold the payment for a person to look at. */
const isInReview = (item: Place): boolean => additionalText(item, 'fraudManualReview') === 'true';

export const authorisation = (payload: Place, settings: AdyenSettings | undefined): Mapped => {
  const item = itemOf(payload);
  const about = aboutPaymentItself(item);
  if (!isSuccess(item)) {
    return [paymentState('payment.failed', about, optionalAmountOf(item), { reason: reasonOf(item, true) })];
  }
  const payment = reserved(item, about, settings);
  return isInReview(item) ? [payment, reviewState('review.opened', about, textAt(item, 'pspReference'))] : [payment];
};

/** The amount is the whole that is reserved now, whether it was raised or lowered. */
export const adjustment = (payload: Place, settings: AdyenSettings | undefined): Mapped => {
  const item = itemOf(payload);
  return ifGranted(item, () => [reserved(item, aboutOriginal(item), settings)], 'request_refused');
};

export const pending = (payload: Place): Mapped => {
  const item = itemOf(payload);
  return [paymentState('payment.pending', aboutPaymentItself(item), amountOf(item), {})];
};

const partOf = (item: Place) => {
  const part = textAt(item, 'pspReference');
  return { part, about: aboutOriginal(item, { capture: part }) };
};

const captured = (item: Place): Mapped => {
  const amount = amountOf(item);
  const { part, about } = partOf(item);
  return [paymentState('payment.succeeded', about, amount, { captured: amount, part })];
};

const notCaptured = (item: Place, nothing: Money | null): Mapped => {
  const { part, about } = partOf(item);
  const amount = optionalAmountOf(item);
  return [paymentState('payment.failed', about, amount, { captured: nothing, part, reason: reasonOf(item, true) })];
};

/** A request that was refused took nothing, and says nothing of what was captured without it. */
export const capture = (payload: Place): Mapped => {
  const item = itemOf(payload);
  return isSuccess(item) ? captured(item) : notCaptured(item, null);
};

/** It was accepted and told as captured before. */
export const captureFailed = (payload: Place): Mapped => {
  const item = itemOf(payload);
  return notCaptured(item, nothingOf(optionalAmountOf(item)));
};
