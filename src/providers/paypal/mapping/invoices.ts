/** PayPal's invoices, of both versions of the API, to bodies of payment events by their own status. */
import { invoice } from '../../../payments/event-bodies.ts';
import { isExactObject } from '../../../payments/exact-json.ts';
import { aboutPayment, type Mapped } from '../../../payments/mapping.ts';
import type { Money } from '../../../payments/money.ts';
import { ifReadable, optionalPlaceAt, type Place, placeAt, textAt } from '../../../payments/place.ts';
import type { InvoiceType } from '../../../payments/subject-event.ts';
import { optionalAmountAt, optionalPlacesAt, optionalWordAt, resourceOf, statusOf, statusWordOf } from './resource.ts';

/** Version 2 puts the invoice into the resource, version 1 is it. */
const invoiceOf = (payload: Place): Place => {
  const resource = resourceOf(payload);
  return isExactObject(resource.object.invoice) ? placeAt(resource, 'invoice') : resource;
};

/** `INVOICING.INVOICE.PAID` also tells that a part was paid, or that a payment is on its way. */
const STATUS_TYPES: ReadonlyMap<string, InvoiceType> = new Map([
  ['PAYMENT_PENDING', 'invoice.updated'],
  ['PARTIALLY_PAID', 'invoice.payment_made'],
  ['PAID', 'invoice.paid'],
  ['MARKED_AS_PAID', 'invoice.paid'],
  ['PARTIALLY_REFUNDED', 'invoice.refunded'],
  ['REFUNDED', 'invoice.refunded'],
  ['MARKED_AS_REFUNDED', 'invoice.refunded'],
  ['CANCELLED', 'invoice.canceled'],
]);

/** What was sent can be paid. */
const SENT: ReadonlySet<string> = new Set(['SENT', 'UNPAID']);

const typeOf = (told: InvoiceType, of: Place): InvoiceType => {
  const status = statusWordOf(of);
  if (told === 'invoice.updated' && SENT.has(status)) return 'invoice.finalized';
  return STATUS_TYPES.get(status) ?? told;
};

const totalOf = (of: Place): Money | null => optionalAmountAt(of, 'amount') ?? optionalAmountAt(of, 'total_amount');

const paidOf = (of: Place): Money | null =>
  optionalAmountAt(of, 'payments', 'paid_amount') ??
  optionalAmountAt(of, 'paid_amount', 'paypal') ??
  optionalAmountAt(of, 'paid_amount', 'other');

const refundedOf = (of: Place): Money | null =>
  optionalAmountAt(of, 'refunds', 'refund_amount') ??
  optionalAmountAt(of, 'refunded_amount', 'paypal') ??
  optionalAmountAt(of, 'refunded_amount', 'other');

const amountOf = (type: InvoiceType, of: Place): Money | null => {
  if (type === 'invoice.paid') return paidOf(of) ?? totalOf(of);
  if (type === 'invoice.payment_made') return paidOf(of);
  return type === 'invoice.refunded' ? refundedOf(of) : totalOf(of);
};

/** Version 2 has them in `payments`, version 1 is the list itself. */
const paymentsOf = (of: Place): readonly Place[] => {
  const payments = ifReadable(of, (readable) =>
    Array.isArray(readable.object.payments) ? null : optionalPlaceAt(readable, 'payments'),
  );
  return payments === null ? optionalPlacesAt(of, 'payments') : optionalPlacesAt(payments, 'transactions');
};

const isExternal = ({ object }: Place): boolean => object.type === 'EXTERNAL';

export const invoiceState =
  (told: InvoiceType) =>
  (payload: Place): Mapped => {
    const of = invoiceOf(payload);
    const type = typeOf(told, of);
    const payments = paymentsOf(of);
    const paymentIds = payments.flatMap(
      (payment) => optionalWordAt(payment, 'payment_id') ?? optionalWordAt(payment, 'transaction_id') ?? [],
    );
    const reference = optionalWordAt(of, 'detail', 'reference') ?? optionalWordAt(of, 'detail', 'invoice_number');
    return [
      invoice(type, textAt(of, 'id'), {
        amount: amountOf(type, of),
        status: statusOf(of),
        paymentIds,
        isPaidOutOfBand: statusWordOf(of) === 'MARKED_AS_PAID' || (payments.length > 0 && payments.every(isExternal)),
        related: aboutPayment(
          { capture: paymentIds[0] ?? null },
          { merchant_reference: reference ?? optionalWordAt(of, 'reference') ?? optionalWordAt(of, 'number') },
        ).related,
      }),
    ];
  };
