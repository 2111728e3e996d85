/** Stripe's checkout sessions, and the sources of older integrations: where somebody pays. */
import { checkout as checkoutBody, paymentState } from '../../../payments/event-bodies.ts';
import { aboutPayment, type Mapped } from '../../../payments/mapping.ts';
import type { PaymentStateType } from '../../../payments/payment-event.ts';
import { explanationAt, idIn, type Place, textAt, wordIn } from '../../../payments/place.ts';
import type { CheckoutType } from '../../../payments/subject-event.ts';
import { optionalAmountAt, relatedOf, stripeObject } from './object.ts';

const idsOf = (object: Place) => ({
  invoice: idIn(object, 'invoice'),
  subscription: idIn(object, 'subscription'),
  customer: idIn(object, 'customer'),
  merchant_reference: explanationAt(object, 'client_reference_id'),
});

/** A session that names no payment: a subscription's invoice has it, or there is nothing to pay. */
const sessionOnly = (object: Place, type: CheckoutType, status: string | null, reason: string | null): Mapped => [
  checkoutBody(type, textAt(object, 'id'), {
    amount: optionalAmountAt(object, 'amount_total'),
    subscriptionId: idIn(object, 'subscription'),
    customerId: idIn(object, 'customer'),
    status,
    reason,
    related: relatedOf({ ...idsOf(object), payment: idIn(object, 'payment_intent') }),
  }),
];

/** The payment that the session names; null where it names none, or does not say how much it is of. */
const paymentOf = (object: Place, type: PaymentStateType, isPreliminary: boolean): Mapped | null => {
  const payment = idIn(object, 'payment_intent');
  const amount = optionalAmountAt(object, 'amount_total');
  if (payment === null || amount === null) return null;
  const about = aboutPayment({ payment }, { checkout: textAt(object, 'id'), ...idsOf(object) });
  const captured = type === 'payment.succeeded' ? amount : null;
  return [paymentState(type, about, amount, { captured, isPreliminary })];
};

/** A completed session is a paid one only if it says so: bank debits are paid days later, or not. */
export const checkoutCompleted = (payload: Place): Mapped => {
  const object = stripeObject(payload);
  const status = wordIn(object, 'payment_status');
  const isPaid = status === 'paid';
  const payment =
    isPaid || status === 'unpaid' ? paymentOf(object, isPaid ? 'payment.succeeded' : 'payment.pending', !isPaid) : null;
  return payment ?? sessionOnly(object, 'checkout.completed', status ?? wordIn(object, 'status'), null);
};

const ENDS = {
  'payment.succeeded': ['checkout.completed', null],
  'payment.failed': ['checkout.canceled', 'async_payment_failed'],
  'payment.canceled': ['checkout.expired', null],
} as const;

export const checkoutEnded =
  (type: keyof typeof ENDS) =>
  (payload: Place): Mapped => {
    const object = stripeObject(payload);
    const [ended, reason] = ENDS[type];
    const status = wordIn(object, type === 'payment.canceled' ? 'status' : 'payment_status');
    return paymentOf(object, type, false) ?? sessionOnly(object, ended, status, reason);
  };

/** A source is how somebody pays in older integrations: a charge of it, which names it, is the payment. */
export const sourceState =
  (type: CheckoutType, reason: string | null) =>
  (payload: Place): Mapped => {
    const object = stripeObject(payload);
    return [
      checkoutBody(type, textAt(object, 'id'), {
        amount: optionalAmountAt(object, 'amount'),
        customerId: idIn(object, 'customer'),
        status: wordIn(object, 'status'),
        reason,
      }),
    ];
  };
