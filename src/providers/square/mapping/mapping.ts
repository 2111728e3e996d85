/**
 * What Square's events mean. Square sends `payment.updated` many times in one state; applying it again changes nothing,
 * and `recordEvents` says so. https://developer.squareup.com/reference/square/webhooks
 */
import { type MappingRow, type ProviderMapping, row, rowByState } from '../../../payments/mapping.ts';
import {
  authorizationRevoked,
  disputeByState,
  disputeState,
  invoiceState,
  paymentByStatus,
  payoutState,
  refundByStatus,
  subscriptionByStatus,
  subscriptionCreated,
} from './objects.ts';

const PAYMENT = [
  'payment.authorized',
  'payment.pending',
  'payment.succeeded',
  'payment.canceled',
  'payment.failed',
] as const;
const REFUND = ['refund.pending', 'refund.succeeded', 'refund.failed'] as const;
const DISPUTE = ['dispute.closed', 'dispute.updated'] as const;
const SUBSCRIPTION = [
  'subscription.updated',
  'subscription.paused',
  'subscription.canceled',
  'subscription.expired',
] as const;

// biome-ignore format: one line a row, like the table.
const rows: readonly MappingRow[] = [
  rowByState('payment.created', PAYMENT, 'total_money', paymentByStatus, 'by status'),
  rowByState('payment.updated', PAYMENT, 'total_money', paymentByStatus, 'by status'),
  rowByState('refund.created', REFUND, 'amount_money', refundByStatus, 'by status'),
  rowByState('refund.updated', REFUND, 'amount_money', refundByStatus, 'by status'),
  row('dispute.created', 'dispute.opened', 'amount_money', disputeState),
  rowByState('dispute.state.updated', DISPUTE, 'amount_money', disputeByState, 'WON, LOST, ACCEPTED (lost) and INQUIRY_CLOSED close it'),
  rowByState('dispute.state.changed', DISPUTE, 'amount_money', disputeByState, 'deprecated name'),
  row('dispute.evidence.added', 'dispute.updated', 'amount_money', disputeState),
  row('dispute.evidence.created', 'dispute.updated', 'amount_money', disputeState),
  row('dispute.evidence.removed', 'dispute.updated', 'amount_money', disputeState),
  row('dispute.evidence.deleted', 'dispute.updated', 'amount_money', disputeState),
  row('payout.sent', 'payout.created', 'amount_money', payoutState),
  row('payout.paid', 'payout.paid', 'amount_money', payoutState),
  row('payout.failed', 'payout.failed', 'amount_money', payoutState),
  row('invoice.payment_made', 'invoice.paid', 'total_completed_amount_money', invoiceState, 'summed over payment_requests'),
  row('invoice.scheduled_charge_failed', 'invoice.payment_failed', 'computed_amount_money', invoiceState, 'summed over payment_requests'),
  row('invoice.refunded', 'invoice.refunded', null, invoiceState),
  row('invoice.canceled', 'invoice.canceled', 'computed_amount_money', invoiceState, 'summed over payment_requests'),
  rowByState('subscription.created', ['subscription.created'], null, subscriptionCreated),
  rowByState('subscription.updated', SUBSCRIPTION, null, subscriptionByStatus, 'by status'),
  rowByState('oauth.authorization.revoked', ['account.disconnected'], null, authorizationRevoked),
  rowByState('webhooks.test_notification', [], null, () => ({ ignored: 'test_notification' }), 'the test button'),
];

export const squareMapping: ProviderMapping = {
  provider: 'square',
  catalogue: { source: 'https://developer.squareup.com/reference/square/webhooks', asOf: '2026-05' },
  leftOut: {},
  rows,
};
