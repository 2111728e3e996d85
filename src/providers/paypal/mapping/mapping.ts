/**
 * What PayPal's events mean, by their type and not by the state in the resource: the two disagree in real deliveries.
 * https://developer.paypal.com/api/rest/webhooks/event-names
 */
import { type MappingRow, type ProviderMapping, row, rowByState } from '../../../payments/mapping.ts';
import {
  disputeResolved,
  disputeState,
  payoutBatch,
  payoutItem,
  subscriptionPaymentFailed,
  subscriptionState,
} from './account.ts';
import {
  authorizationState,
  captureRefunded,
  captureReversed,
  captureState,
  orderState,
  saleRefunded,
  saleReversed,
  saleState,
} from './payments.ts';

// biome-ignore format: one line a row, like the table.
const rows: readonly MappingRow[] = [
  row('CHECKOUT.ORDER.APPROVED', 'payment.created', 'purchase_units[].amount', orderState, 'approved by the buyer, not paid'),
  rowByState('CHECKOUT.ORDER.COMPLETED', [], 'purchase_units[].amount', () => ({ ignored: 'informational' }), 'the capture event is the payment'),
  row('CHECKOUT.PAYMENT-APPROVAL.REVERSED', 'payment.canceled', 'purchase_units[].amount', orderState),
  row('PAYMENT.AUTHORIZATION.CREATED', 'payment.authorized', 'amount', authorizationState),
  row('PAYMENT.AUTHORIZATION.VOIDED', 'payment.canceled', 'amount', authorizationState),
  row('PAYMENT.CAPTURE.PENDING', 'payment.pending', 'amount', captureState),
  row('PAYMENT.CAPTURE.COMPLETED', 'payment.succeeded', 'amount', captureState, 'fee in seller_receivable_breakdown'),
  row('PAYMENT.CAPTURE.DENIED', 'payment.failed', 'amount', captureState),
  row('PAYMENT.CAPTURE.DECLINED', 'payment.failed', 'amount', captureState),
  rowByState('PAYMENT.CAPTURE.REFUNDED', ['refund.succeeded'], 'amount', captureRefunded, 'the resource is the refund'),
  rowByState('PAYMENT.CAPTURE.REVERSED', ['payment.reversed'], 'amount', captureReversed, 'taken back, for example by a chargeback'),
  row('PAYMENT.SALE.COMPLETED', 'payment.succeeded', 'amount.total', saleState, 'charges of subscriptions'),
  row('PAYMENT.SALE.PENDING', 'payment.pending', 'amount.total', saleState),
  row('PAYMENT.SALE.DENIED', 'payment.failed', 'amount.total', saleState),
  rowByState('PAYMENT.SALE.REFUNDED', ['refund.succeeded'], 'amount.total', saleRefunded, 'may be below zero in the payload'),
  rowByState('PAYMENT.SALE.REVERSED', ['payment.reversed'], 'amount.total', saleReversed, 'may be below zero in the payload'),
  row('BILLING.SUBSCRIPTION.CREATED', 'subscription.created', 'billing_info.last_payment.amount', subscriptionState),
  row('BILLING.SUBSCRIPTION.ACTIVATED', 'subscription.activated', 'billing_info.last_payment.amount', subscriptionState),
  row('BILLING.SUBSCRIPTION.UPDATED', 'subscription.updated', 'billing_info.last_payment.amount', subscriptionState),
  row('BILLING.SUBSCRIPTION.SUSPENDED', 'subscription.paused', 'billing_info.last_payment.amount', subscriptionState),
  row('BILLING.SUBSCRIPTION.CANCELLED', 'subscription.canceled', 'billing_info.last_payment.amount', subscriptionState),
  row('BILLING.SUBSCRIPTION.EXPIRED', 'subscription.expired', 'billing_info.last_payment.amount', subscriptionState),
  rowByState('BILLING.SUBSCRIPTION.PAYMENT.FAILED', ['invoice.payment_failed'], 'billing_info.last_failed_payment.amount', subscriptionPaymentFailed),
  row('CUSTOMER.DISPUTE.CREATED', 'dispute.opened', 'dispute_amount', disputeState),
  row('CUSTOMER.DISPUTE.UPDATED', 'dispute.updated', 'dispute_amount', disputeState),
  rowByState('CUSTOMER.DISPUTE.RESOLVED', ['dispute.closed'], 'dispute_amount', disputeResolved, 'by dispute_outcome.outcome_code'),
  row('PAYMENT.PAYOUTSBATCH.PROCESSING', 'payout.created', 'batch_header.amount', payoutBatch),
  row('PAYMENT.PAYOUTSBATCH.SUCCESS', 'payout.paid', 'batch_header.amount', payoutBatch),
  row('PAYMENT.PAYOUTSBATCH.DENIED', 'payout.failed', 'batch_header.amount', payoutBatch),
  row('PAYMENT.PAYOUTS-ITEM.SUCCEEDED', 'payout.paid', 'payout_item.amount', payoutItem),
  row('PAYMENT.PAYOUTS-ITEM.FAILED', 'payout.failed', 'payout_item.amount', payoutItem),
  row('PAYMENT.PAYOUTS-ITEM.DENIED', 'payout.failed', 'payout_item.amount', payoutItem),
  row('PAYMENT.PAYOUTS-ITEM.BLOCKED', 'payout.failed', 'payout_item.amount', payoutItem),
  row('PAYMENT.PAYOUTS-ITEM.HELD', 'payout.pending', 'payout_item.amount', payoutItem),
  row('PAYMENT.PAYOUTS-ITEM.RETURNED', 'payout.returned', 'payout_item.amount', payoutItem),
  row('PAYMENT.PAYOUTS-ITEM.REFUNDED', 'payout.returned', 'payout_item.amount', payoutItem),
  row('PAYMENT.PAYOUTS-ITEM.CANCELED', 'payout.canceled', 'payout_item.amount', payoutItem),
  row('PAYMENT.PAYOUTS-ITEM.UNCLAIMED', 'payout.pending', 'payout_item.amount', payoutItem),
];

export const paypalMapping: ProviderMapping = {
  provider: 'paypal',
  catalogue: { source: 'https://developer.paypal.com/api/rest/webhooks/event-names', asOf: '2026-05' },
  leftOut: {},
  rows,
  // Refunds and sales do not name the merchant.
  isAccountInKey: false,
};
