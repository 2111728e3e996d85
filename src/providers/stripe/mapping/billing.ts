/** Stripe's payouts, invoices and subscriptions, to bodies of payment events. `mapping.ts` says which for what. */

import { invoice, payout, subscription } from '../../../payments/event-bodies.ts';
import type { Mapped } from '../../../payments/mapping.ts';
import {
  explanationAt,
  noteProblem,
  optionalIdAt,
  optionalPlaceAt,
  type Place,
  placeAt,
  placesAt,
  signedMinorAt,
  textAt,
} from '../../../payments/place.ts';
import type { InvoiceType, PayoutType, SubscriptionType } from '../../../payments/subject-event.ts';
import { STRIPE_CURRENCIES } from './currencies.ts';
import { amountAt, stripeObject } from './object.ts';

export const payoutState =
  (type: PayoutType) =>
  (payload: Place): Mapped => {
    const object = stripeObject(payload);
    const amount = signedMinorAt(object, { amount: 'amount', currency: 'currency' }, STRIPE_CURRENCIES);
    const reason = explanationAt(object, 'failure_code');
    return [payout(type, textAt(object, 'id'), amount, { reason })];
  };

/** Since API version 2025-03-31.basil under `payments`, before it as fields of the invoice. */
const paymentsOfInvoice = (object: Place): readonly string[] => {
  const list = optionalPlaceAt(object, 'payments');
  const payments = list === null ? [] : placesAt(list, 'data').map((item) => optionalPlaceAt(item, 'payment'));
  const named = payments.map((payment) =>
    payment === null ? null : (optionalIdAt(payment, 'payment_intent') ?? optionalIdAt(payment, 'charge')),
  );
  const formerly = optionalIdAt(object, 'payment_intent') ?? optionalIdAt(object, 'charge');
  return [...new Set([...named, formerly].filter((id) => id !== null))];
};

/** Since API version 2025-03-31.basil under `parent`, before it as a field of the invoice. */
const subscriptionOfInvoice = (object: Place): string | null => {
  const parent = optionalPlaceAt(object, 'parent');
  const details = parent === null ? null : optionalPlaceAt(parent, 'subscription_details');
  return (details === null ? null : optionalIdAt(details, 'subscription')) ?? optionalIdAt(object, 'subscription');
};

export const invoiceState =
  (type: InvoiceType, amountField: 'amount_paid' | 'amount_due') =>
  (payload: Place): Mapped => {
    const object = stripeObject(payload);
    return [
      invoice(type, textAt(object, 'id'), {
        amount: amountAt(object, amountField),
        subscriptionId: subscriptionOfInvoice(object),
        customerId: optionalIdAt(object, 'customer'),
        paymentIds: paymentsOfInvoice(object),
      }),
    ];
  };

/** One payment of an invoice, which may take several. */
export const invoicePaymentPaid = (payload: Place): Mapped => {
  const object = stripeObject(payload);
  const payment = placeAt(object, 'payment');
  const paymentId = optionalIdAt(payment, 'payment_intent') ?? optionalIdAt(payment, 'charge');
  const invoiceId = optionalIdAt(object, 'invoice');
  if (invoiceId === null) noteProblem(object, 'invoice', 'missing');
  return [
    invoice('invoice.paid', invoiceId, {
      amount: amountAt(object, 'amount_paid'),
      paymentIds: paymentId === null ? [] : [paymentId],
    }),
  ];
};

export const subscriptionState =
  (type: SubscriptionType) =>
  (payload: Place): Mapped => {
    const object = stripeObject(payload);
    return [
      subscription(type, textAt(object, 'id'), {
        status: textAt(object, 'status'),
        customerId: optionalIdAt(object, 'customer'),
      }),
    ];
  };
