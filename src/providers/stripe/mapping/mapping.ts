/**
 * What Stripe's events mean. Amounts are whole smallest units; `charge.*` and `payment_intent.*` tell of the same money,
 * and so do `charge.refunded` and `refund.*`: see `view-money.ts` for how it counts once.
 * https://docs.stripe.com/api/events/types
 */
import { type MappingRow, type ProviderMapping, row, rowByState } from '../../../payments/mapping.ts';
import { invoicePaymentPaid, invoiceState, payoutState, subscriptionState } from './billing.ts';
import {
  chargeRefunded,
  chargeState,
  chargeSucceeded,
  checkoutCompleted,
  checkoutEnded,
  intentState,
} from './payments.ts';
import {
  disputeClosed,
  disputeFunds,
  disputeState,
  earlyFraudWarning,
  refundByStatus,
  refundFailed,
} from './returns.ts';

const byStatus = ['refund.pending', 'refund.succeeded', 'refund.failed', 'refund.canceled'] as const;

// biome-ignore format: one line a row, like the table.
const rows: readonly MappingRow[] = [
  row('payment_intent.created', 'payment.created', 'amount', intentState),
  row('payment_intent.requires_action', 'payment.requires_action', 'amount', intentState),
  row('payment_intent.processing', 'payment.pending', 'amount', intentState),
  row('payment_intent.amount_capturable_updated', 'payment.authorized', 'amount_capturable', intentState, 'manual capture'),
  row('payment_intent.partially_funded', 'payment.pending', 'amount', intentState, 'bank transfers'),
  row('payment_intent.succeeded', 'payment.succeeded', 'amount_received', intentState),
  row('payment_intent.payment_failed', 'payment.failed', 'amount', intentState, 'an attempt; the buyer may try again'),
  row('payment_intent.canceled', 'payment.canceled', 'amount', intentState),
  rowByState('charge.succeeded', ['payment.succeeded', 'payment.authorized'], 'amount_captured, or amount while not captured', chargeSucceeded, 'authorized while not captured'),
  row('charge.captured', 'payment.succeeded', 'amount_captured', chargeState),
  row('charge.pending', 'payment.pending', 'amount', chargeState),
  row('charge.failed', 'payment.failed', 'amount', chargeState),
  row('charge.expired', 'payment.canceled', 'amount', chargeState, 'was never captured'),
  rowByState('charge.refunded', ['payment.refund_total'], 'amount_refunded', chargeRefunded, 'cumulative'),
  rowByState('refund.created', byStatus, 'amount', refundByStatus, 'by status'),
  rowByState('refund.updated', byStatus, 'amount', refundByStatus, 'by status'),
  rowByState('refund.failed', ['refund.failed'], 'amount', refundFailed),
  rowByState('charge.refund.updated', byStatus, 'amount', refundByStatus, 'older name of refund.updated'),
  row('charge.dispute.created', 'dispute.opened', 'amount', disputeState, 'isInquiry for warning_* statuses'),
  row('charge.dispute.updated', 'dispute.updated', 'amount', disputeState),
  row('charge.dispute.funds_withdrawn', 'dispute.funds_withdrawn', 'balance_transactions', disputeFunds),
  row('charge.dispute.funds_reinstated', 'dispute.funds_reinstated', 'balance_transactions', disputeFunds),
  rowByState('charge.dispute.closed', ['dispute.closed'], 'amount', disputeClosed, 'won, lost; warning_closed and prevented are closed'),
  row('payout.created', 'payout.created', 'amount', payoutState),
  row('payout.updated', 'payout.updated', 'amount', payoutState),
  row('payout.paid', 'payout.paid', 'amount', payoutState, 'may still fail'),
  row('payout.failed', 'payout.failed', 'amount', payoutState),
  row('payout.canceled', 'payout.canceled', 'amount', payoutState),
  row('payout.reconciliation_completed', 'payout.reconciled', 'amount', payoutState),
  rowByState('checkout.session.completed', ['payment.succeeded', 'payment.pending'], 'amount_total', checkoutCompleted, 'succeeded only when payment_status is paid; ignored when nothing is to be paid'),
  row('checkout.session.async_payment_succeeded', 'payment.succeeded', 'amount_total', checkoutEnded),
  row('checkout.session.async_payment_failed', 'payment.failed', 'amount_total', checkoutEnded),
  row('checkout.session.expired', 'payment.canceled', 'amount_total', checkoutEnded),
  row('invoice.paid', 'invoice.paid', 'amount_paid', invoiceState),
  row('invoice.payment_succeeded', 'invoice.paid', 'amount_paid', invoiceState, 'beside invoice.paid for the same payment'),
  row('invoice.payment_failed', 'invoice.payment_failed', 'amount_due', invoiceState),
  row('invoice.payment_action_required', 'invoice.requires_action', 'amount_due', invoiceState),
  rowByState('invoice_payment.paid', ['invoice.paid'], 'amount_paid', invoicePaymentPaid, 'one payment of the invoice'),
  row('customer.subscription.created', 'subscription.created', null, subscriptionState),
  row('customer.subscription.updated', 'subscription.updated', null, subscriptionState),
  row('customer.subscription.paused', 'subscription.paused', null, subscriptionState),
  row('customer.subscription.resumed', 'subscription.resumed', null, subscriptionState),
  row('customer.subscription.deleted', 'subscription.canceled', null, subscriptionState),
  row('customer.subscription.trial_will_end', 'subscription.trial_ending', null, subscriptionState),
  rowByState('radar.early_fraud_warning.created', ['dispute.warning'], null, earlyFraudWarning),
];

export const stripeMapping: ProviderMapping = {
  provider: 'stripe',
  catalogue: { source: 'https://docs.stripe.com/api/events/types', asOf: '2026-05' },
  leftOut: {},
  rows,
  // https://docs.stripe.com/event-destinations
  thinEvents: { object: 'v2.core.event', eventPath: (id) => `/v2/core/events/${encodeURIComponent(id)}` },
};
