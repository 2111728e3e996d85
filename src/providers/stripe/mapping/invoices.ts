/** Stripe's invoices and credit notes, to bodies of payment events: by the invoice's own status wherever it has one. */
import { balance, invoice } from '../../../payments/event-bodies.ts';
import type { Mapped } from '../../../payments/mapping.ts';
import { explanationAt, idIn, insideOf, isTrueAt, type Place, textAt, wordIn } from '../../../payments/place.ts';
import type { InvoiceType } from '../../../payments/subject-event.ts';
import { amountAt, listIn, optionalAmountAt, relatedOf, stripeObject, timeIn } from './object.ts';

/** Since API version 2025-03-31.basil under `payments`, before it as fields of the invoice. */
const paymentsOf = (object: Place): readonly string[] => {
  const payments = listIn(object, 'payments').map((item) => insideOf(item, 'payment'));
  const named = payments.map((payment) => idIn(payment, 'payment_intent') ?? idIn(payment, 'charge'));
  const formerly = idIn(object, 'payment_intent') ?? idIn(object, 'charge');
  return [...new Set([...named, formerly].filter((id) => id !== null))];
};

/** Since API version 2025-03-31.basil under `parent`, before it as a field of the invoice. */
const subscriptionOf = (object: Place): string | null =>
  idIn(insideOf(insideOf(object, 'parent'), 'subscription_details'), 'subscription') ?? idIn(object, 'subscription');

/** Invoices had no status before 2018, and said by three fields how they had ended. */
const statusOf = (object: Place): string | null => {
  const status = wordIn(object, 'status');
  if (status !== null) return status;
  if (isTrueAt(object, 'paid')) return 'paid';
  if (isTrueAt(object, 'forgiven')) return 'uncollectible';
  return isTrueAt(object, 'closed') ? 'void' : null;
};

const isPaidInPart = (object: Place): boolean =>
  (optionalAmountAt(object, 'amount_paid')?.minor ?? 0n) > 0n &&
  (optionalAmountAt(object, 'amount_remaining')?.minor ?? 0n) > 0n;

/** What the invoice's own state says; null where that is in the name of the event only. */
const typeByState = (object: Place, status: string | null): InvoiceType | null => {
  if (status === 'paid') return 'invoice.paid';
  if (status === 'void' || status === 'uncollectible') return 'invoice.canceled';
  return isPaidInPart(object) ? 'invoice.payment_made' : null;
};

const END_REASONS: ReadonlyMap<string | null, string> = new Map([
  ['void', 'voided'],
  ['uncollectible', 'uncollectible'],
]);

const isPaidElsewhere = (object: Place): boolean =>
  isTrueAt(object, 'paid_out_of_band') || (optionalAmountAt(object, 'amount_paid_off_stripe')?.minor ?? 0n) > 0n;

const body = (object: Place, type: InvoiceType, status: string | null, reason: string | null): Mapped => {
  const isMoneyIn = type === 'invoice.paid' || type === 'invoice.payment_made';
  return [
    invoice(type, textAt(object, 'id'), {
      amount: optionalAmountAt(object, isMoneyIn ? 'amount_paid' : 'amount_due'),
      subscriptionId: subscriptionOf(object),
      customerId: idIn(object, 'customer'),
      paymentIds: paymentsOf(object),
      // Two events of one paid invoice may differ in it.
      attempts: type === 'invoice.payment_failed' ? attemptsOf(object) : null,
      isPaidOutOfBand: type === 'invoice.paid' && isPaidElsewhere(object),
      dueAt: timeIn(object, 'due_date'),
      status,
      reason: type === 'invoice.canceled' ? (reason ?? END_REASONS.get(status) ?? null) : reason,
    }),
  ];
};

const attemptsOf = (object: Place): number | null => {
  const attempts = object.object.attempt_count;
  return typeof attempts === 'number' ? attempts : null;
};

/** `type` is what the event says where the invoice's own state does not say it. */
export const invoiceByState =
  (type: InvoiceType) =>
  (payload: Place): Mapped => {
    const object = stripeObject(payload);
    const status = statusOf(object);
    return body(object, typeByState(object, status) ?? type, status, null);
  };

/** Older events tell of a paid invoice without its status. */
export const invoicePaid = (payload: Place): Mapped => {
  const object = stripeObject(payload);
  return body(object, 'invoice.paid', statusOf(object), null);
};

/** What happened is in the name of the event: the invoice goes on as it was. */
export const invoiceState =
  (type: InvoiceType, reason: string | null = null) =>
  (payload: Place): Mapped => {
    const object = stripeObject(payload);
    return body(object, type, statusOf(object), reason);
  };

/** It stays a draft, and nobody is charged. */
export const invoiceNotFinalized = (payload: Place): Mapped => {
  const object = stripeObject(payload);
  const code = wordIn(insideOf(object, 'last_finalization_error'), 'code');
  return body(object, 'invoice.updated', statusOf(object), code ?? 'finalization_failed');
};

/** What was paid too much goes to the customer's balance; that the invoice is paid is told by events of its own. */
export const invoiceOverpaid = (payload: Place): Mapped => {
  const object = stripeObject(payload);
  const id = textAt(object, 'id');
  const amount = optionalAmountAt(object, 'amount_overpaid');
  const related = relatedOf({ invoice: id, customer: idIn(object, 'customer') });
  return [
    balance('customer', idIn(object, 'customer') ?? id, {
      movementId: id,
      amount,
      reason: 'invoice_overpaid',
      related,
    }),
  ];
};

/** A note that is voided no longer reduces its invoice. */
export const creditNoteState = (payload: Place): Mapped => {
  const object = stripeObject(payload);
  const status = wordIn(object, 'status');
  const isVoid = status === 'void';
  return [
    invoice(isVoid ? 'invoice.updated' : 'invoice.credited', idIn(object, 'invoice'), {
      amount: optionalAmountAt(object, 'amount') ?? amountAt(object, 'total'),
      customerId: idIn(object, 'customer'),
      creditNoteId: textAt(object, 'id'),
      status,
      reason: isVoid ? 'credit_note_voided' : explanationAt(object, 'reason'),
    }),
  ];
};
