/**
 * What Stripe's events mean. Amounts are whole smallest units; `charge.*` and `payment_intent.*` tell of the same money,
 * and so do `charge.refunded` and `refund.*`: see `view-money.ts` for how it counts once.
 * https://docs.stripe.com/api/events/types
 */
import { type MappingRow, type ProviderMapping, row, rowByState } from '../../../payments/mapping.ts';
import { pathPartOf } from '../../path-part.ts';
import {
  balanceAvailable,
  cashAvailable,
  cashMoved,
  payoutByStatus,
  payoutState,
  queryRun,
  reportState,
  reserveState,
  sourceFunded,
  topUpState,
} from './balances.ts';
import { checkoutCompleted, checkoutEnded, sourceState } from './checkout.ts';
import {
  accessState,
  accountState,
  capabilityState,
  externalAccountState,
  feeState,
  transferState,
  transferUpdated,
} from './connect.ts';
import { disputeClosed, disputeFunds, disputeState, earlyFraudWarning, reviewed } from './disputes.ts';
import {
  creditNoteState,
  invoiceByState,
  invoiceNotFinalized,
  invoiceOverpaid,
  invoicePaid,
  invoiceState,
} from './invoices.ts';
import { LEFT_OUT } from './left-out.ts';
import {
  chargeCaptured,
  chargeRefunded,
  chargeState,
  chargeSucceeded,
  chargeUpdated,
  intentState,
} from './payments.ts';
import { refundByStatus, refundFailed } from './returns.ts';
import { mandateState, methodState, setupState } from './saved-methods.ts';
import { scheduleState, subscriptionByStatus, subscriptionState } from './subscriptions.ts';

const REFUND = [
  'refund.pending',
  'refund.requires_action',
  'refund.succeeded',
  'refund.failed',
  'refund.canceled',
] as const;
const OPENED = ['dispute.opened', 'dispute.closed'] as const;
const UPDATED = ['dispute.updated', 'dispute.closed'] as const;
const PAYOUT = [
  'payout.updated',
  'payout.pending',
  'payout.paid',
  'payout.failed',
  'payout.canceled',
  'payout.returned',
] as const;
const INVOICE = ['invoice.payment_made', 'invoice.paid', 'invoice.canceled'] as const;
const SUBSCRIPTION = [
  'subscription.updated',
  'subscription.paused',
  'subscription.canceled',
  'subscription.expired',
] as const;

const topUp = (type: string): MappingRow => rowByState(type, ['balance.updated'], 'amount', topUpState);

const reserve = (type: string, of: 'hold' | 'plan' | 'release', note?: string): MappingRow =>
  rowByState(type, ['balance.updated'], of === 'plan' ? null : 'amount', reserveState(of), note);

const schedule = (reason: string): MappingRow =>
  rowByState(
    `subscription_schedule.${reason}`,
    ['subscription.updated'],
    null,
    scheduleState(reason),
    'with scheduleId; ignored before it has a subscription',
  );

const external = (name: string): MappingRow =>
  rowByState(
    `account.external_account.${name}`,
    ['account.updated'],
    null,
    externalAccountState(name === 'deleted'),
    'a part of the account',
  );

// biome-ignore format: one line a row, like the table.
const paymentRows: readonly MappingRow[] = [
  row('payment_intent.created', 'payment.created', 'amount', intentState),
  row('payment_intent.requires_action', 'payment.requires_action', 'amount', intentState),
  row('payment_intent.processing', 'payment.pending', 'amount', intentState),
  row('payment_intent.amount_capturable_updated', 'payment.authorized', 'amount_capturable', intentState, 'manual capture'),
  row('payment_intent.partially_funded', 'payment.pending', 'amount', intentState, 'bank transfers'),
  row('payment_intent.succeeded', 'payment.succeeded', 'amount_received', intentState),
  row('payment_intent.payment_failed', 'payment.failed', 'amount', intentState, 'an attempt; the buyer may try again'),
  row('payment_intent.canceled', 'payment.canceled', 'amount', intentState),
  rowByState('charge.succeeded', ['payment.succeeded', 'payment.authorized'], 'amount_captured, or amount while not captured', chargeSucceeded, 'authorized while not captured'),
  rowByState('charge.captured', ['payment.succeeded'], 'amount_captured', chargeCaptured),
  row('charge.pending', 'payment.pending', 'amount', chargeState),
  row('charge.failed', 'payment.failed', 'amount', chargeState),
  row('charge.expired', 'payment.canceled', 'amount', chargeState, 'was never captured'),
  rowByState('charge.updated', ['payment.succeeded', 'payment.authorized', 'payment.pending', 'payment.canceled'], 'amount_captured, or what is not captured yet', chargeUpdated, 'by the charge; fee where balance_transaction is expanded; ignored when it failed'),
  rowByState('charge.refunded', ['payment.refund_total', 'payment.canceled'], 'amount_refunded less what was only released', chargeRefunded, 'cumulative; canceled when nothing was captured, which is a release'),
  rowByState('refund.created', REFUND, 'amount', refundByStatus, 'by status'),
  rowByState('refund.updated', REFUND, 'amount', refundByStatus, 'by status'),
  rowByState('refund.failed', ['refund.failed'], 'amount', refundFailed),
  rowByState('charge.refund.updated', REFUND, 'amount', refundByStatus, 'older name of refund.updated'),
  rowByState('charge.dispute.created', OPENED, 'amount', disputeState('dispute.opened'), 'by status; isInquiry for warning_* statuses'),
  rowByState('charge.dispute.updated', UPDATED, 'amount', disputeState('dispute.updated'), 'by status'),
  row('charge.dispute.funds_withdrawn', 'dispute.funds_withdrawn', 'balance_transactions', disputeFunds),
  row('charge.dispute.funds_reinstated', 'dispute.funds_reinstated', 'balance_transactions', disputeFunds),
  rowByState('charge.dispute.closed', ['dispute.closed'], 'amount', disputeClosed, 'won, lost; warning_closed and prevented are closed'),
  rowByState('radar.early_fraud_warning.created', ['dispute.warning'], null, earlyFraudWarning),
  rowByState('radar.early_fraud_warning.updated', ['dispute.warning'], null, earlyFraudWarning, 'whether something can still be done'),
  row('review.opened', 'review.opened', null, reviewed),
  row('review.closed', 'review.closed', null, reviewed),
  rowByState('checkout.session.completed', ['payment.succeeded', 'payment.pending', 'checkout.completed'], 'amount_total', checkoutCompleted, 'a payment only where it names one: succeeded when payment_status is paid'),
  rowByState('checkout.session.async_payment_succeeded', ['payment.succeeded', 'checkout.completed'], 'amount_total', checkoutEnded('payment.succeeded'), 'a payment only where it names one'),
  rowByState('checkout.session.async_payment_failed', ['payment.failed', 'checkout.canceled'], 'amount_total', checkoutEnded('payment.failed'), 'a payment only where it names one'),
  rowByState('checkout.session.expired', ['payment.canceled', 'checkout.expired'], 'amount_total', checkoutEnded('payment.canceled'), 'a payment only where it names one'),
  rowByState('source.chargeable', ['checkout.updated'], 'amount', sourceState('checkout.updated', null), 'older integrations: a charge of it is the payment'),
  rowByState('source.failed', ['checkout.canceled'], 'amount', sourceState('checkout.canceled', 'failed')),
  rowByState('source.canceled', ['checkout.canceled'], 'amount', sourceState('checkout.canceled', 'canceled')),
  rowByState('source.refund_attributes_required', ['checkout.updated'], 'amount', sourceState('checkout.updated', 'refund_attributes_required'), 'the buyer has to say where a refund should go'),
];

// biome-ignore format: one line a row, like the table.
const billingRows: readonly MappingRow[] = [
  rowByState('invoice.created', ['invoice.created', ...INVOICE], 'amount_due', invoiceByState('invoice.created'), 'by status'),
  rowByState('invoice.finalized', ['invoice.finalized', ...INVOICE], 'amount_due', invoiceByState('invoice.finalized'), 'by status'),
  rowByState('invoice.updated', ['invoice.updated', ...INVOICE], 'amount_due, or amount_paid', invoiceByState('invoice.updated'), 'by status; payment_made while something is paid and something is left'),
  rowByState('invoice.paid', ['invoice.paid'], 'amount_paid', invoicePaid),
  rowByState('invoice.payment_succeeded', ['invoice.paid'], 'amount_paid', invoicePaid, 'beside invoice.paid for the same payment'),
  rowByState('invoice.payment_failed', ['invoice.payment_failed'], 'amount_due', invoiceState('invoice.payment_failed')),
  rowByState('invoice.payment_action_required', ['invoice.requires_action'], 'amount_due', invoiceState('invoice.requires_action')),
  rowByState('invoice.payment_attempt_required', ['invoice.requires_action'], 'amount_due', invoiceState('invoice.requires_action', 'payment_attempt_required'), 'by a way to pay that Stripe does not charge'),
  rowByState('invoice.finalization_failed', ['invoice.updated'], 'amount_due', invoiceNotFinalized),
  rowByState('invoice.overdue', ['invoice.overdue'], 'amount_due', invoiceState('invoice.overdue')),
  rowByState('invoice.overpaid', ['balance.updated'], 'amount_overpaid', invoiceOverpaid, 'what was paid too much is credited to the customer'),
  rowByState('invoice.voided', ['invoice.canceled'], 'amount_due', invoiceState('invoice.canceled', 'voided')),
  rowByState('invoice.marked_uncollectible', ['invoice.canceled'], 'amount_due', invoiceState('invoice.canceled', 'uncollectible')),
  rowByState('invoice.deleted', ['invoice.canceled'], 'amount_due', invoiceState('invoice.canceled', 'deleted')),
  rowByState('invoice_payment.paid', [], null, () => ({ ignored: 'informational' }), 'invoice.paid or invoice.updated tells it'),
  rowByState('credit_note.created', ['invoice.credited'], 'amount', creditNoteState),
  rowByState('credit_note.updated', ['invoice.credited', 'invoice.updated'], 'amount', creditNoteState, 'by status'),
  rowByState('credit_note.voided', ['invoice.updated'], 'amount', creditNoteState, 'the note no longer reduces the invoice'),
  rowByState('customer.subscription.created', ['subscription.created'], null, subscriptionState('subscription.created')),
  rowByState('customer.subscription.updated', SUBSCRIPTION, null, subscriptionByStatus(null), 'by status'),
  rowByState('customer.subscription.paused', ['subscription.paused'], null, subscriptionState('subscription.paused')),
  rowByState('customer.subscription.resumed', ['subscription.resumed'], null, subscriptionState('subscription.resumed')),
  rowByState('customer.subscription.deleted', ['subscription.canceled'], null, subscriptionState('subscription.canceled')),
  rowByState('customer.subscription.trial_will_end', ['subscription.trial_ending'], null, subscriptionState('subscription.trial_ending')),
  rowByState('customer.subscription.pending_update_applied', SUBSCRIPTION, null, subscriptionByStatus(null), 'by status'),
  rowByState('customer.subscription.pending_update_expired', SUBSCRIPTION, null, subscriptionByStatus('pending_update_expired'), 'by status'),
  schedule('created'),
  schedule('updated'),
  schedule('expiring'),
  schedule('completed'),
  schedule('released'),
  schedule('canceled'),
  schedule('aborted'),
  rowByState('setup_intent.created', [], null, () => ({ ignored: 'informational' }), 'nothing is saved yet'),
  row('setup_intent.requires_action', 'payment_method.updated', null, setupState),
  row('setup_intent.succeeded', 'payment_method.saved', null, setupState),
  row('setup_intent.setup_failed', 'payment_method.failed', null, setupState),
  row('setup_intent.canceled', 'payment_method.failed', null, setupState),
  rowByState('mandate.updated', ['payment_method.failed'], null, mandateState, 'ignored unless it is inactive'),
  rowByState('payment_method.attached', ['payment_method.saved'], null, methodState('payment_method.saved'), 'beside setup_intent.succeeded for the same one'),
  rowByState('payment_method.updated', ['payment_method.updated'], null, methodState('payment_method.updated')),
  rowByState('payment_method.automatically_updated', ['payment_method.updated'], null, methodState('payment_method.updated', 'automatically_updated'), 'by the card network'),
  rowByState('payment_method.card_automatically_updated', ['payment_method.updated'], null, methodState('payment_method.updated', 'automatically_updated'), 'older name'),
  rowByState('payment_method.detached', ['payment_method.removed'], null, methodState('payment_method.removed')),
  rowByState('customer.source.created', ['payment_method.saved'], null, methodState('payment_method.saved')),
  rowByState('customer.source.updated', ['payment_method.updated'], null, methodState('payment_method.updated')),
  rowByState('customer.source.expiring', ['payment_method.updated'], null, methodState('payment_method.updated', 'expiring'), 'the card ends with the month'),
  rowByState('customer.source.deleted', ['payment_method.removed'], null, methodState('payment_method.removed')),
];

// biome-ignore format: one line a row, like the table.
const balanceRows: readonly MappingRow[] = [
  row('payout.created', 'payout.created', 'amount', payoutState),
  rowByState('payout.updated', PAYOUT, 'amount', payoutByStatus, 'by status; returned when another took it back'),
  row('payout.paid', 'payout.paid', 'amount', payoutState, 'may still fail'),
  row('payout.failed', 'payout.failed', 'amount', payoutState),
  row('payout.canceled', 'payout.canceled', 'amount', payoutState),
  row('payout.reconciliation_completed', 'payout.reconciled', 'amount', payoutState),
  rowByState('topup.created', [], null, () => ({ ignored: 'informational' }), 'how it ends is told'),
  topUp('topup.succeeded'),
  topUp('topup.failed'),
  topUp('topup.reversed'),
  topUp('topup.canceled'),
  rowByState('balance.available', ['balance.updated'], 'available', balanceAvailable, 'one for each currency'),
  reserve('reserve.hold.created', 'hold'),
  reserve('reserve.hold.updated', 'hold'),
  reserve('reserve.release.created', 'release', 'below zero: it is no longer held back'),
  reserve('reserve.plan.created', 'plan'),
  reserve('reserve.plan.updated', 'plan'),
  reserve('reserve.plan.disabled', 'plan'),
  reserve('reserve.plan.expired', 'plan'),
  rowByState('cash_balance.funds_available', ['balance.updated'], 'available', cashAvailable, 'one for each currency'),
  rowByState('customer_cash_balance_transaction.created', ['balance.updated'], 'net_amount', cashMoved),
  rowByState('source.transaction.created', ['balance.updated'], 'amount', sourceFunded),
  rowByState('source.transaction.updated', ['balance.updated'], 'amount', sourceFunded),
  row('transfer.created', 'transfer.created', 'amount', transferState),
  rowByState('transfer.updated', ['transfer.updated', 'transfer.reversed'], 'amount', transferUpdated, 'reversed when any of it came back'),
  row('transfer.reversed', 'transfer.reversed', 'amount', transferState, 'amount_reversed is what came back so far'),
  rowByState('transfer.paid', ['transfer.updated'], 'amount', transferState('transfer.updated'), 'API versions before 2017-04-06'),
  row('transfer.failed', 'transfer.failed', 'amount', transferState, 'API versions before 2017-04-06'),
  row('application_fee.created', 'platform_fee.earned', 'amount', feeState),
  row('application_fee.refunded', 'platform_fee.refunded', 'amount', feeState, 'amount_refunded is what was given back so far'),
  rowByState('application_fee.refund.updated', [], null, () => ({ ignored: 'informational' }), 'only its notes change; application_fee.refunded tells the sum'),
  rowByState('account.updated', ['account.updated'], null, accountState),
  rowByState('capability.updated', ['account.updated'], null, capabilityState, 'a part of the account'),
  external('created'),
  external('updated'),
  external('deleted'),
  rowByState('account.application.authorized', ['account.updated'], null, accessState('account.updated', 'authorized')),
  rowByState('account.application.deauthorized', ['account.disconnected'], null, accessState('account.disconnected', 'deauthorized')),
  row('reporting.report_run.succeeded', 'report.available', null, reportState),
  row('reporting.report_run.failed', 'report.failed', null, reportState),
  rowByState('sigma.scheduled_query_run.created', ['report.available', 'report.failed'], null, queryRun, 'by status'),
];

export const stripeMapping: ProviderMapping = {
  provider: 'stripe',
  catalogue: { source: 'https://docs.stripe.com/api/events/types', asOf: '2026-10' },
  leftOut: LEFT_OUT,
  rows: [...paymentRows, ...billingRows, ...balanceRows],
  // https://docs.stripe.com/event-destinations
  thinEvents: { object: 'v2.core.event', eventPath: (id) => `/v2/core/events/${pathPartOf(id)}` },
};
