/**
 * What PayPal's events mean. Mostly by their type: the state in the resource disagrees with it in real deliveries (a sale
 * that is held says that it is completed). Where the state is worse than the type has it, the state is believed.
 * https://developer.paypal.com/api/rest/webhooks/event-names
 */
import { type MappingRow, type ProviderMapping, row, rowByState } from '../../../payments/mapping.ts';
import type { PaymentEventType } from '../../../payments/payment-event.ts';
import type { InvoiceType, SubscriptionType } from '../../../payments/subject-event.ts';
import { PAYPAL_ACCOUNT_ROWS } from './account-rows.ts';
import { disputeRow } from './disputes.ts';
import { invoiceState } from './invoices.ts';
import { PAYPAL_LEFT_OUT } from './left-out.ts';
import { orderProcessed, orderState, paymentCreated, paymentOrderState } from './orders.ts';
import { authorizationCreated, authorizationVoided, takenState } from './payments.ts';
import { payoutBatch, payoutItem, referencedPayout } from './payouts.ts';
import { captureRefund, captureReversed, saleRefund, saleReversed } from './returns.ts';
import { planPriceChanged, subscriptionPaymentFailed, subscriptionState } from './subscriptions.ts';

const REFUND_STATES = ['refund.succeeded', 'refund.pending', 'refund.failed', 'refund.canceled'] as const;
const TAKEN_STATES = ['payment.succeeded', 'payment.pending', 'payment.failed'] as const;
const SUBSCRIPTION_ENDS = ['subscription.paused', 'subscription.canceled', 'subscription.expired'] as const;
const INVOICE_STATES = [
  'invoice.updated',
  'invoice.payment_made',
  'invoice.paid',
  'invoice.refunded',
  'invoice.canceled',
] as const;

const ITEM_PAID = ['payout.paid', 'payout.pending', 'payout.failed', 'payout.returned'] as const;

const BY_STATUS = 'by its own status';

/** The type of the event, and what the object's own state makes of it. */
const withStates = <T extends PaymentEventType>(told: T, states: readonly T[]): readonly T[] => [
  told,
  ...states.filter((state) => state !== told),
];

const subscriptionRow = (providerType: string, told: SubscriptionType): MappingRow => {
  const gives = withStates<SubscriptionType>(told, SUBSCRIPTION_ENDS);
  return rowByState(providerType, gives, 'billing_info.last_payment.amount', subscriptionState(told), BY_STATUS);
};

const invoiceRow = (providerType: string, told: InvoiceType, amountFrom: string): MappingRow => {
  const finalized: readonly InvoiceType[] = told === 'invoice.updated' ? ['invoice.finalized'] : [];
  const gives = withStates<InvoiceType>(told, [...finalized, ...INVOICE_STATES]);
  return rowByState(providerType, gives, amountFrom, invoiceState(told), BY_STATUS);
};

// biome-ignore format: one line a row, like the table.
const rows: readonly MappingRow[] = [
  row('CHECKOUT.ORDER.APPROVED', 'payment.created', 'purchase_units[].amount', orderState, 'approved by the buyer, not paid'),
  row('CHECKOUT.ORDER.SAVED', 'payment.created', 'purchase_units[].amount', orderState, 'kept to be authorized later'),
  rowByState('CHECKOUT.ORDER.PROCESSED', ['order.updated'], 'purchase_units[].amount', orderProcessed, 'the capture event is the payment'),
  rowByState('CHECKOUT.ORDER.COMPLETED', [], 'purchase_units[].amount', () => ({ ignored: 'informational' }), 'the capture event is the payment'),
  row('CHECKOUT.ORDER.DECLINED', 'payment.failed', 'purchase_units[].amount', orderState),
  row('CHECKOUT.ORDER.VOIDED', 'payment.canceled', 'purchase_units[].amount', orderState),
  row('CHECKOUT.PAYMENT-APPROVAL.REVERSED', 'payment.canceled', 'purchase_units[].amount', orderState, 'mostly without an amount'),
  rowByState('CHECKOUT.CHECKOUT.BUYER-APPROVED', ['payment.created'], 'transactions[].amount.total', paymentCreated, 'version 1'),
  rowByState('PAYMENTS.PAYMENT.CREATED', ['payment.created'], 'transactions[].amount.total', paymentCreated, 'version 1, approved by the buyer'),
  row('PAYMENT.ORDER.CREATED', 'payment.created', 'amount.total', paymentOrderState, 'version 1'),
  row('PAYMENT.ORDER.CANCELLED', 'payment.canceled', 'amount.total', paymentOrderState, 'version 1'),
  rowByState('PAYMENT.AUTHORIZATION.CREATED', ['payment.authorized', 'payment.pending', 'payment.failed', 'payment.canceled'], 'amount', authorizationCreated, BY_STATUS),
  rowByState('PAYMENT.AUTHORIZATION.VOIDED', ['payment.canceled'], 'amount', authorizationVoided),
  row('PAYMENT.CAPTURE.PENDING', 'payment.pending', 'amount', takenState),
  rowByState('PAYMENT.CAPTURE.COMPLETED', TAKEN_STATES, 'amount', takenState('payment.succeeded'), 'fee in seller_receivable_breakdown'),
  row('PAYMENT.CAPTURE.DENIED', 'payment.failed', 'amount', takenState),
  row('PAYMENT.CAPTURE.DECLINED', 'payment.failed', 'amount', takenState),
  rowByState('PAYMENT.CAPTURE.REFUNDED', [...REFUND_STATES, 'payment.refund_total'], 'amount', captureRefund('refund.succeeded'), 'the resource is the refund, seldom the capture'),
  rowByState('PAYMENT.CAPTURE.REVERSED', ['payment.reversed'], 'amount', captureReversed, 'taken back, for example by a chargeback'),
  rowByState('PAYMENT.REFUND.PENDING', REFUND_STATES, 'amount', captureRefund('refund.pending'), BY_STATUS),
  rowByState('PAYMENT.REFUND.COMPLETED', REFUND_STATES, 'amount', captureRefund('refund.succeeded'), BY_STATUS),
  rowByState('PAYMENT.REFUND.FAILED', ['refund.failed', 'refund.canceled'], 'amount', captureRefund('refund.failed')),
  rowByState('PAYMENT.REFUND.CANCELLED', ['refund.canceled', 'refund.failed'], 'amount', captureRefund('refund.canceled')),
  rowByState('PAYMENT.SALE.COMPLETED', TAKEN_STATES, 'amount.total', takenState('payment.succeeded'), 'charges of subscriptions'),
  row('PAYMENT.SALE.PENDING', 'payment.pending', 'amount.total', takenState),
  row('PAYMENT.SALE.DENIED', 'payment.failed', 'amount.total', takenState),
  rowByState('PAYMENT.SALE.REFUNDED', [...REFUND_STATES, 'payment.refund_total'], 'amount.total', saleRefund('refund.succeeded'), 'may be below zero in the payload'),
  rowByState('PAYMENT.SALE.REVERSED', ['payment.reversed'], 'amount.total', saleReversed, 'may be below zero in the payload'),
  subscriptionRow('BILLING.SUBSCRIPTION.CREATED', 'subscription.created'),
  subscriptionRow('BILLING.SUBSCRIPTION.ACTIVATED', 'subscription.activated'),
  subscriptionRow('BILLING.SUBSCRIPTION.RE-ACTIVATED', 'subscription.resumed'),
  subscriptionRow('BILLING.SUBSCRIPTION.UPDATED', 'subscription.updated'),
  subscriptionRow('BILLING.SUBSCRIPTION.SUSPENDED', 'subscription.paused'),
  subscriptionRow('BILLING.SUBSCRIPTION.CANCELLED', 'subscription.canceled'),
  subscriptionRow('BILLING.SUBSCRIPTION.EXPIRED', 'subscription.expired'),
  rowByState('BILLING.SUBSCRIPTION.PAYMENT.FAILED', ['invoice.payment_failed'], 'billing_info.last_failed_payment.amount', subscriptionPaymentFailed),
  rowByState('BILLING.PLAN.PRICING-CHANGE.ACTIVATED', ['subscription.updated'], 'billing_cycles[].pricing_scheme.fixed_price', planPriceChanged, 'for all who subscribe to the plan'),
  rowByState('CUSTOMER.DISPUTE.CREATED', ['dispute.opened', 'dispute.closed'], 'dispute_amount', disputeRow('dispute.opened'), BY_STATUS),
  rowByState('RISK.DISPUTE.CREATED', ['dispute.opened', 'dispute.closed'], 'dispute_amount', disputeRow('dispute.opened'), 'older name of CUSTOMER.DISPUTE.CREATED'),
  rowByState('CUSTOMER.DISPUTE.UPDATED', ['dispute.updated', 'dispute.closed'], 'dispute_amount', disputeRow('dispute.updated'), BY_STATUS),
  rowByState('CUSTOMER.DISPUTE.RESOLVED', ['dispute.closed'], 'dispute_amount', disputeRow('dispute.closed'), 'by dispute_outcome.outcome_code'),
  invoiceRow('INVOICING.INVOICE.CREATED', 'invoice.created', 'amount'),
  invoiceRow('INVOICING.INVOICE.SCHEDULED', 'invoice.updated', 'amount'),
  invoiceRow('INVOICING.INVOICE.UPDATED', 'invoice.updated', 'amount'),
  invoiceRow('INVOICING.INVOICE.PAID', 'invoice.paid', 'payments.paid_amount'),
  invoiceRow('INVOICING.INVOICE.REFUNDED', 'invoice.refunded', 'refunds.refund_amount'),
  invoiceRow('INVOICING.INVOICE.CANCELLED', 'invoice.canceled', 'amount'),
  row('PAYMENT.PAYOUTSBATCH.PROCESSING', 'payout.created', 'batch_header.amount', payoutBatch),
  row('PAYMENT.PAYOUTSBATCH.SUCCESS', 'payout.batch_processed', 'batch_header.amount', payoutBatch, 'its items say whether they were paid'),
  row('PAYMENT.PAYOUTSBATCH.DENIED', 'payout.failed', 'batch_header.amount', payoutBatch),
  rowByState('PAYMENT.PAYOUTS-ITEM.SUCCEEDED', ITEM_PAID, 'payout_item.amount', payoutItem('payout.paid'), 'unless transaction_status says otherwise'),
  row('PAYMENT.PAYOUTS-ITEM.FAILED', 'payout.failed', 'payout_item.amount', payoutItem),
  row('PAYMENT.PAYOUTS-ITEM.DENIED', 'payout.failed', 'payout_item.amount', payoutItem),
  row('PAYMENT.PAYOUTS-ITEM.BLOCKED', 'payout.failed', 'payout_item.amount', payoutItem),
  row('PAYMENT.PAYOUTS-ITEM.HELD', 'payout.pending', 'payout_item.amount', payoutItem),
  row('PAYMENT.PAYOUTS-ITEM.RETURNED', 'payout.returned', 'payout_item.amount', payoutItem),
  row('PAYMENT.PAYOUTS-ITEM.REFUNDED', 'payout.returned', 'payout_item.amount', payoutItem),
  row('PAYMENT.PAYOUTS-ITEM.CANCELED', 'payout.canceled', 'payout_item.amount', payoutItem),
  row('PAYMENT.PAYOUTS-ITEM.UNCLAIMED', 'payout.pending', 'payout_item.amount', payoutItem),
  row('PAYMENT.REFERENCED-PAYOUT-ITEM.COMPLETED', 'transfer.created', 'payout_amount', referencedPayout, 'to the seller of a payment'),
  row('PAYMENT.REFERENCED-PAYOUT-ITEM.FAILED', 'transfer.failed', 'payout_amount', referencedPayout, 'reason in processing_state'),
  ...PAYPAL_ACCOUNT_ROWS,
];

export const paypalMapping: ProviderMapping = {
  provider: 'paypal',
  catalogue: { source: 'https://developer.paypal.com/api/rest/webhooks/event-names', asOf: '2026-11' },
  leftOut: PAYPAL_LEFT_OUT,
  rows,
  // Refunds and sales do not name the merchant.
  isAccountInKey: false,
};
