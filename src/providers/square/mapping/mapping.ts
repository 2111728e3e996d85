/**
 * What Square's events mean: by the state of the object wherever it has one. Square sends `payment.updated` many times in one
 * state; applying it again changes nothing, and `recordEvents` says so. https://developer.squareup.com/reference/square/webhooks
 */
import { type MappingRow, type ProviderMapping, row, rowByState } from '../../../payments/mapping.ts';
import {
  invoiceByStatus,
  invoiceDeleted,
  invoiceState,
  orderState,
  payoutState,
  subscriptionByStatus,
  subscriptionCreated,
} from './billing.ts';
import { LEFT_OUT } from './left-out.ts';
import { disputeByState, paymentByStatus, refundByStatus, terminalCheckout, terminalRefund } from './payments.ts';
import { authorizationRevoked, bankAccountState, cardState, giftCardActivity, giftCardState } from './stored-value.ts';

const PAYMENT = [
  'payment.authorized',
  'payment.pending',
  'payment.succeeded',
  'payment.canceled',
  'payment.failed',
] as const;
const REFUND = ['refund.pending', 'refund.succeeded', 'refund.failed'] as const;
const OPENED = ['dispute.opened', 'dispute.closed'] as const;
const DISPUTE = ['dispute.closed', 'dispute.updated'] as const;
const CHECKOUT = ['checkout.updated', 'checkout.completed', 'checkout.canceled', 'checkout.expired'] as const;
const INVOICE = [
  'invoice.updated',
  'invoice.payment_made',
  'invoice.paid',
  'invoice.payment_failed',
  'invoice.refunded',
  'invoice.canceled',
] as const;
const PAID = ['invoice.paid', 'invoice.payment_made'] as const;
const SUBSCRIPTION = [
  'subscription.updated',
  'subscription.paused',
  'subscription.canceled',
  'subscription.expired',
] as const;

const disputeUpdated = disputeByState('dispute.updated');
const due = 'computed_amount_money';

// biome-ignore format: one line a row, like the table.
const rows: readonly MappingRow[] = [
  rowByState('payment.created', PAYMENT, 'total_money', paymentByStatus, 'by status'),
  rowByState('payment.updated', PAYMENT, 'total_money', paymentByStatus, 'by status'),
  rowByState('refund.created', REFUND, 'amount_money', refundByStatus, 'by status'),
  rowByState('refund.updated', REFUND, 'amount_money', refundByStatus, 'by status'),
  rowByState('terminal.checkout.created', CHECKOUT, 'amount_money', terminalCheckout, 'by status; the payment tells of the money'),
  rowByState('terminal.checkout.updated', CHECKOUT, 'amount_money', terminalCheckout, 'by status; expired when it timed out'),
  rowByState('terminal.refund.created', ['refund.canceled'], 'amount_money', terminalRefund, 'ignored unless CANCELED: refund.* tells it'),
  rowByState('terminal.refund.updated', ['refund.canceled'], 'amount_money', terminalRefund, 'ignored unless CANCELED: refund.* tells it'),
  rowByState('dispute.created', OPENED, 'amount_money', disputeByState('dispute.opened'), 'by state: it may be lost already'),
  rowByState('dispute.state.updated', DISPUTE, 'amount_money', disputeUpdated, 'WON, LOST, ACCEPTED (lost) and INQUIRY_CLOSED close it'),
  rowByState('dispute.state.changed', DISPUTE, 'amount_money', disputeUpdated, 'deprecated name'),
  rowByState('dispute.evidence.added', DISPUTE, 'amount_money', disputeUpdated, 'deprecated name'),
  rowByState('dispute.evidence.created', DISPUTE, 'amount_money', disputeUpdated, 'by state'),
  rowByState('dispute.evidence.removed', DISPUTE, 'amount_money', disputeUpdated, 'deprecated name'),
  rowByState('dispute.evidence.deleted', DISPUTE, 'amount_money', disputeUpdated, 'by state'),
  rowByState('payout.sent', ['payout.created', 'payout.failed'], 'amount_money', payoutState('payout.created'), 'failed by status'),
  rowByState('payout.paid', ['payout.paid', 'payout.failed'], 'amount_money', payoutState('payout.paid'), 'failed by status'),
  row('payout.failed', 'payout.failed', 'amount_money', payoutState),
  rowByState('invoice.created', ['invoice.created', ...INVOICE.slice(1)], due, invoiceByStatus('invoice.created'), 'by status'),
  rowByState('invoice.published', ['invoice.finalized', ...INVOICE.slice(1)], due, invoiceByStatus('invoice.finalized'), 'by status'),
  rowByState('invoice.updated', INVOICE, due, invoiceByStatus('invoice.updated'), 'by status'),
  rowByState('invoice.payment_made', PAID, 'total_completed_amount_money', invoiceByStatus('invoice.paid'), 'by status: PARTIALLY_PAID is not paid; summed over payment_requests'),
  rowByState('invoice.scheduled_charge_failed', ['invoice.payment_failed'], due, invoiceState('invoice.payment_failed'), 'summed over payment_requests'),
  rowByState('invoice.refunded', ['invoice.refunded'], null, invoiceState('invoice.refunded')),
  rowByState('invoice.canceled', ['invoice.canceled'], due, invoiceState('invoice.canceled'), 'summed over payment_requests'),
  rowByState('invoice.deleted', ['invoice.canceled'], null, invoiceDeleted, 'only its id is left'),
  rowByState('subscription.created', ['subscription.created'], null, subscriptionCreated),
  rowByState('subscription.updated', SUBSCRIPTION, null, subscriptionByStatus, 'by status'),
  rowByState('order.created', ['order.updated'], null, orderState('order_created'), 'its state; payments tell of the money'),
  rowByState('order.updated', ['order.updated'], null, orderState('order_updated'), 'its state; payments tell of the money'),
  rowByState('gift_card.created', ['balance.updated'], null, giftCardState),
  rowByState('gift_card.updated', ['balance.updated'], null, giftCardState),
  rowByState('gift_card.activity.created', ['balance.updated'], '…_activity_details.amount_money', giftCardActivity, 'below zero for what goes out'),
  rowByState('gift_card.activity.updated', ['balance.updated'], '…_activity_details.amount_money', giftCardActivity, 'below zero for what goes out'),
  rowByState('card.created', ['payment_method.saved'], null, cardState('payment_method.saved')),
  rowByState('card.updated', ['payment_method.updated'], null, cardState('payment_method.updated')),
  rowByState('card.automatically_updated', ['payment_method.updated'], null, cardState('payment_method.updated')),
  rowByState('card.disabled', ['payment_method.removed'], null, cardState('payment_method.removed')),
  rowByState('card.forgotten', ['payment_method.removed'], null, cardState('payment_method.removed')),
  rowByState('bank_account.created', ['payment_method.saved'], null, bankAccountState('payment_method.saved')),
  rowByState('bank_account.verified', ['payment_method.updated'], null, bankAccountState('payment_method.updated')),
  rowByState('bank_account.disabled', ['payment_method.failed'], null, bankAccountState('payment_method.failed')),
  rowByState('oauth.authorization.revoked', ['account.disconnected'], null, authorizationRevoked),
  rowByState('webhooks.test_notification', [], null, () => ({ ignored: 'test_notification' }), 'the test button'),
];

export const squareMapping: ProviderMapping = {
  provider: 'square',
  catalogue: { source: 'https://developer.squareup.com/reference/square/webhooks', asOf: '2026-05' },
  leftOut: LEFT_OUT,
  rows,
};
