/** Adyen's notification items, to bodies of payment events. `mapping.ts` says which for what. */

import {
  disputeState as disputeBody,
  paymentState,
  payout as payoutBody,
  refundState,
  report,
} from '../../../payments/event-bodies.ts';
import { aboutPayment, type IgnoredReason, type Mapped } from '../../../payments/mapping.ts';
import type { Money } from '../../../payments/money.ts';
import type { AboutPayment, DisputeOutcome, DisputeType, RefundType } from '../../../payments/payment-event.ts';
import {
  explanationAt,
  minorAt,
  noteProblem,
  optionalTextAt,
  type Place,
  placeAt,
  placesAt,
  textAt,
  timeAt,
  wordAt,
} from '../../../payments/place.ts';
import type { AdyenSettings } from '../settings.ts';
import { ADYEN_CURRENCIES } from './currencies.ts';

/** The one item of the notification: batches are taken apart before they are stored. */
const itemOf = (payload: Place): Place => {
  const [first, second] = placesAt(payload, 'notificationItems');
  if (first === undefined) noteProblem(payload, 'notificationItems', 'missing');
  if (second !== undefined) noteProblem(payload, 'notificationItems', 'more_than_one');
  return placeAt(first ?? payload, 'NotificationRequestItem');
};

const amountOf = (item: Place): Money =>
  minorAt(placeAt(item, 'amount'), { amount: 'value', currency: 'currency' }, ADYEN_CURRENCIES);

const SUCCESS: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['false', false],
]);

/** Text in Adyen's own deliveries, a boolean in some of its examples. */
const isSuccess = (item: Place): boolean =>
  typeof item.object.success === 'boolean' ? item.object.success : wordAt(item, 'success', SUCCESS, false);

const merchantReferenceOf = (item: Place): string | null => explanationAt(item, 'merchantReference');

/** `reason` of what succeeded is made of pieces of the card, and says nothing. */
const reasonOf = (item: Place, isRefused: boolean): string | null => (isRefused ? explanationAt(item, 'reason') : null);

const aboutPaymentItself = (item: Place): AboutPayment =>
  aboutPayment({ payment: textAt(item, 'pspReference') }, { merchant_reference: merchantReferenceOf(item) });

/** A modification has a reference of its own and names the payment in `originalReference`. */
const aboutOriginal = (item: Place, others: Parameters<typeof aboutPayment>[1] = {}): AboutPayment =>
  aboutPayment(
    { payment: textAt(item, 'originalReference') },
    { merchant_reference: merchantReferenceOf(item), ...others },
  );

/** Whether money is captured at once is a setting of the merchant account that no webhook tells. */
export const authorisation = (payload: Place, settings: AdyenSettings | undefined): Mapped => {
  const item = itemOf(payload);
  const amount = amountOf(item);
  const about = aboutPaymentItself(item);
  if (!isSuccess(item)) return [paymentState('payment.failed', about, amount, { reason: reasonOf(item, true) })];
  return settings?.isCaptureAutomatic === true
    ? [paymentState('payment.succeeded', about, amount, { captured: amount })]
    : [paymentState('payment.authorized', about, amount, {})];
};

export const pending = (payload: Place): Mapped => {
  const item = itemOf(payload);
  return [paymentState('payment.pending', aboutPaymentItself(item), amountOf(item), {})];
};

const captureOf = (item: Place, isCaptured: boolean): Mapped => {
  const amount = amountOf(item);
  const part = textAt(item, 'pspReference');
  const captured = isCaptured ? amount : { ...amount, minor: 0n };
  const type = isCaptured ? 'payment.succeeded' : 'payment.failed';
  const about = aboutOriginal(item, { capture: part });
  return [paymentState(type, about, amount, { captured, part, reason: reasonOf(item, !isCaptured) })];
};

export const capture = (payload: Place): Mapped => {
  const item = itemOf(payload);
  return captureOf(item, isSuccess(item));
};

export const captureFailed = (payload: Place): Mapped => captureOf(itemOf(payload), false);

const ifGranted = (item: Place, mapped: () => Mapped, otherwise: IgnoredReason): Mapped =>
  isSuccess(item) ? mapped() : { ignored: otherwise };

const canceled = (item: Place): Mapped => {
  // A technical cancel may name the payment by the merchant's reference only, an expiry is about the payment itself.
  const original = optionalTextAt(item, 'originalReference');
  const isOfItself = item.object.eventCode === 'EXPIRE' && original === null;
  const payment = isOfItself ? textAt(item, 'pspReference') : original;
  const about = aboutPayment({ payment }, { merchant_reference: merchantReferenceOf(item) });
  return [paymentState('payment.canceled', about, amountOf(item), {})];
};

export const cancellation = (payload: Place): Mapped => {
  const item = itemOf(payload);
  return ifGranted(item, () => canceled(item), 'request_refused');
};

const refundOf = (item: Place, type: RefundType): Mapped => {
  const refundId = textAt(item, 'pspReference');
  return [
    refundState(type, aboutOriginal(item, { refund: refundId }), refundId, amountOf(item), {
      beganAt: timeAt(item, 'eventDate'),
      reason: reasonOf(item, type === 'refund.failed'),
    }),
  ];
};

export const refund = (payload: Place): Mapped => {
  const item = itemOf(payload);
  return refundOf(item, isSuccess(item) ? 'refund.succeeded' : 'refund.failed');
};

export const refundFailed = (payload: Place): Mapped => refundOf(itemOf(payload), 'refund.failed');

const MODIFICATIONS: ReadonlyMap<string, 'cancel' | 'refund'> = new Map([
  ['cancel', 'cancel'],
  ['refund', 'refund'],
]);

export const cancelOrRefund = (payload: Place): Mapped => {
  const item = itemOf(payload);
  return ifGranted(
    item,
    () => {
      const action = wordAt(placeAt(item, 'additionalData'), 'modification.action', MODIFICATIONS, 'cancel');
      return action === 'cancel' ? canceled(item) : refundOf(item, 'refund.succeeded');
    },
    'request_refused',
  );
};

/** A decision moves the money as well: a second chargeback takes it again, a pre-arbitration that is won brings it back. */
const movementOf = (type: DisputeType, outcome: DisputeOutcome | null): 'withdrawn' | 'reinstated' | null => {
  if (type === 'dispute.funds_withdrawn' || outcome === 'lost') return 'withdrawn';
  return type === 'dispute.funds_reinstated' || outcome === 'won' ? 'reinstated' : null;
};

const disputeOf = (item: Place, type: DisputeType, outcome: DisputeOutcome | null, isInquiry: boolean): Mapped => {
  const disputeId = textAt(item, 'pspReference');
  const about = aboutOriginal(item, { dispute: disputeId });
  const amount = amountOf(item);
  const movement = movementOf(type, outcome);
  const reason = explanationAt(item, 'reason');
  return [
    disputeBody(type, about, disputeId, {
      amount,
      moved: movement === null ? null : amount,
      movement,
      isInquiry,
      outcome,
      reason,
    }),
  ];
};

export const disputeState =
  (type: DisputeType) =>
  (payload: Place): Mapped =>
    disputeOf(itemOf(payload), type, null, false);

export const informationRequested = (payload: Place): Mapped =>
  disputeOf(itemOf(payload), 'dispute.opened', null, true);

export const disputeEnded =
  (outcome: DisputeOutcome) =>
  (payload: Place): Mapped =>
    disputeOf(itemOf(payload), 'dispute.closed', outcome, false);

const payoutOf = (item: Place, isPaid: boolean): Mapped => [
  payoutBody(isPaid ? 'payout.paid' : 'payout.failed', textAt(item, 'pspReference'), amountOf(item), {
    reason: reasonOf(item, !isPaid),
  }),
];

export const payout = (payload: Place): Mapped => {
  const item = itemOf(payload);
  return payoutOf(item, isSuccess(item));
};

export const payoutReversed = (payload: Place): Mapped => payoutOf(itemOf(payload), false);

/** `reason` is where the report can be fetched. */
export const reportAvailable = (payload: Place): Mapped => {
  const item = itemOf(payload);
  return [report('report.available', textAt(item, 'pspReference'), { url: explanationAt(item, 'reason') })];
};
