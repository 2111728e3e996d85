/** PayPal's subscriptions, disputes and payouts, to bodies of payment events. `mapping.ts` says which for what. */

import {
  disputeState as disputeBody,
  type EventBody,
  invoice,
  payout,
  subscription,
} from '../../../payments/event-bodies.ts';
import { aboutPayment, type Mapped } from '../../../payments/mapping.ts';
import type { Money } from '../../../payments/money.ts';
import type { DisputeOutcome, DisputeType } from '../../../payments/payment-event.ts';
import {
  decimalAt,
  explanationAt,
  noteProblem,
  optionalPlaceAt,
  optionalTextAt,
  type Place,
  placeAt,
  placesAt,
  textAt,
  wordAt,
} from '../../../payments/place.ts';
import type { PayoutType, SubscriptionType } from '../../../payments/subject-event.ts';
import { PAYPAL_CURRENCIES } from './currencies.ts';
import { amountAt, optionalV1Value, resourceOf, V1_VALUE } from './resource.ts';

const billedAmount = (resource: Place, key: string): Money | null => {
  const billing = optionalPlaceAt(resource, 'billing_info');
  const payment = billing === null ? null : optionalPlaceAt(billing, key);
  return payment === null ? null : amountAt(payment, 'amount');
};

const payerOf = (resource: Place): string | null => {
  const subscriber = optionalPlaceAt(resource, 'subscriber');
  return subscriber === null ? null : optionalTextAt(subscriber, 'payer_id');
};

export const subscriptionState =
  (type: SubscriptionType) =>
  (payload: Place): Mapped => {
    const resource = resourceOf(payload);
    return [
      subscription(type, textAt(resource, 'id'), {
        status: optionalTextAt(resource, 'status'),
        customerId: payerOf(resource),
        amount: billedAmount(resource, 'last_payment'),
      }),
    ];
  };

/** PayPal bills a subscription without invoices. */
export const subscriptionPaymentFailed = (payload: Place): Mapped => {
  const resource = resourceOf(payload);
  return [
    invoice('invoice.payment_failed', null, {
      amount: billedAmount(resource, 'last_failed_payment'),
      subscriptionId: textAt(resource, 'id'),
      customerId: payerOf(resource),
    }),
  ];
};

const OUTCOMES: ReadonlyMap<string, DisputeOutcome> = new Map([
  ['RESOLVED_SELLER_FAVOUR', 'won'],
  ['RESOLVED_SELLER_FAVOR', 'won'],
  ['DENIED', 'won'],
  ['RESOLVED_BUYER_FAVOUR', 'lost'],
  ['RESOLVED_BUYER_FAVOR', 'lost'],
  ['ACCEPTED', 'lost'],
  // PayPal paid, or the buyer gave up: nobody won against the other.
  ['RESOLVED_WITH_PAYOUT', 'closed'],
  ['CANCELED_BY_BUYER', 'closed'],
  ['NONE', 'closed'],
]);

/** `dispute_amount` is of all transactions together: with several it is nobody's own. */
const disputeBodies = (
  payload: Place,
  type: DisputeType,
  outcomeOf: (resource: Place) => DisputeOutcome | null,
): Mapped => {
  const resource = resourceOf(payload);
  const disputeId = textAt(resource, 'dispute_id');
  const total = amountAt(resource, 'dispute_amount');
  const outcome = outcomeOf(resource);
  const isInquiry = resource.object.dispute_life_cycle_stage === 'INQUIRY';
  const reason = explanationAt(resource, 'reason');
  const transactions = placesAt(resource, 'disputed_transactions');
  const bodies = transactions.map((transaction): EventBody => {
    const about = aboutPayment({ capture: textAt(transaction, 'seller_transaction_id') }, { dispute: disputeId });
    const amount = transactions.length === 1 ? total : null;
    return disputeBody(type, about, disputeId, { amount, isInquiry, outcome, reason });
  });
  const [first, ...others] = bodies;
  if (first !== undefined) return [first, ...others];
  noteProblem(resource, 'disputed_transactions', 'missing');
  return { ignored: 'informational' };
};

export const disputeState =
  (type: DisputeType) =>
  (payload: Place): Mapped =>
    disputeBodies(payload, type, () => null);

export const disputeResolved = (payload: Place): Mapped =>
  disputeBodies(payload, 'dispute.closed', (resource) =>
    wordAt(placeAt(resource, 'dispute_outcome'), 'outcome_code', OUTCOMES, 'closed'),
  );

export const payoutBatch =
  (type: PayoutType) =>
  (payload: Place): Mapped => {
    const header = placeAt(resourceOf(payload), 'batch_header');
    const amount = decimalAt(placeAt(header, 'amount'), V1_VALUE, PAYPAL_CURRENCIES);
    const payoutId = textAt(header, 'payout_batch_id');
    return [payout(type, payoutId, amount, { fee: optionalV1Value(header, 'fees') })];
  };

const errorNameOf = (resource: Place): string | null => {
  const errors = optionalPlaceAt(resource, 'errors');
  return errors === null ? null : explanationAt(errors, 'name');
};

export const payoutItem =
  (type: PayoutType) =>
  (payload: Place): Mapped => {
    const resource = resourceOf(payload);
    const amount = decimalAt(placeAt(placeAt(resource, 'payout_item'), 'amount'), V1_VALUE, PAYPAL_CURRENCIES);
    return [
      payout(type, textAt(resource, 'payout_item_id'), amount, {
        batchId: optionalTextAt(resource, 'payout_batch_id'),
        fee: optionalV1Value(resource, 'payout_item_fee'),
        reason: errorNameOf(resource),
      }),
    ];
  };
