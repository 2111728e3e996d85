/**
 * What Stripe's events mean that are about something beside payments: type, object, the event it means, what is in that.
 * Long, because the table is.
 */

const usd = (minor: number) => ({ minor: BigInt(minor), currency: 'USD', exponent: 2 });

type Case = readonly [type: string, object: object, means: string, fields: object];

const invoice = (status: string, more: object = {}): object => ({
  id: 'in_1',
  object: 'invoice',
  amount_due: 3000,
  amount_paid: 0,
  amount_remaining: 3000,
  attempt_count: 2,
  currency: 'usd',
  customer: 'cus_1',
  due_date: 1_772_400_000,
  status,
  ...more,
});
const inPart = invoice('open', { amount_paid: 1000, amount_remaining: 2000 });
const paid = invoice('paid', { amount_paid: 3000, amount_remaining: 0 });
const note = (status: string): object => ({
  id: 'cn_1',
  amount: 500,
  currency: 'usd',
  customer: 'cus_1',
  invoice: 'in_1',
  reason: 'duplicate',
  status,
});
const subscription = (status: string, more: object = {}): object => ({
  id: 'sub_1',
  object: 'subscription',
  customer: 'cus_1',
  status,
  items: {
    data: [
      { id: 'si_1', price: { id: 'price_1' }, quantity: 2, current_period_end: 1_775_000_000 },
      { id: 'si_2', price: { id: 'price_2' }, quantity: 1, current_period_end: 1_774_000_000 },
    ],
  },
  ...more,
});
const plan = { subscriptionId: 'sub_1', plan: 'price_1 x2, price_2', periodEndsAt: 1_774_000_000_000 };
const topUp = (status: string, failure: string | null = null): object => ({
  id: 'tu_1',
  amount: 5000,
  balance_transaction: 'txn_1',
  currency: 'usd',
  failure_code: failure,
  status,
});
const transfer = {
  id: 'tr_1',
  amount: 500,
  amount_reversed: 0,
  currency: 'usd',
  destination: 'acct_2',
  source_transaction: 'ch_1',
};
const cameBack = { ...transfer, amount_reversed: 200, reversed: false };
const fee = { id: 'fee_1', account: 'acct_2', amount: 100, amount_refunded: 40, charge: 'ch_1', currency: 'usd' };
const setup = (status: string, more: object = {}): object => ({
  id: 'seti_1',
  customer: 'cus_1',
  payment_method: 'pm_1',
  status,
  ...more,
});
const card = { id: 'pm_1', customer: 'cus_1', type: 'card', card: { exp_month: 3, exp_year: 2031, last4: '4242' } };
const review = {
  id: 'prv_1',
  charge: 'ch_1',
  payment_intent: 'pi_1',
  open: true,
  opened_reason: 'rule',
  reason: 'rule',
};
const source = (status: string): object => ({ id: 'src_1', amount: 900, currency: 'eur', status, customer: 'cus_1' });
const hold = { id: 'rh_1', amount: 700, currency: 'usd', reason: 'charge', source_charge: 'ch_1' };
const schedule = {
  id: 'sub_sched_1',
  customer: 'cus_1',
  status: 'active',
  subscription: 'sub_1',
  phases: [{ items: [{ price: 'price_1' }] }, { items: [{ price: 'price_2', quantity: 3 }] }],
};
const bank = { id: 'ba_1', object: 'bank_account', account: 'acct_2', status: 'verification_failed' };
const eur = (minor: number) => ({ ...usd(minor), currency: 'EUR' });

/** For each row in which the object has the last word: what each of its states means. */
const byInvoice = (type: string, otherwise: string): readonly Case[] => [
  [type, invoice('open'), otherwise, { amount: usd(3000), status: 'open', dueAt: 1_772_400_000_000 }],
  [type, inPart, 'invoice.payment_made', { amount: usd(1000), status: 'open' }],
  [type, paid, 'invoice.paid', { amount: usd(3000), status: 'paid' }],
  [type, invoice('void'), 'invoice.canceled', { reason: 'voided' }],
  [type, invoice('uncollectible'), 'invoice.canceled', { reason: 'uncollectible' }],
];

const bySubscription = (type: string): readonly Case[] => [
  [type, subscription('active'), 'subscription.updated', { ...plan, status: 'active' }],
  [type, subscription('paused'), 'subscription.paused', { status: 'paused' }],
  [type, subscription('canceled'), 'subscription.canceled', { status: 'canceled' }],
  [type, subscription('incomplete_expired'), 'subscription.expired', { status: 'incomplete_expired' }],
];

export const SUBJECT_CASES: readonly Case[] = [
  ...byInvoice('invoice.created', 'invoice.created'),
  ...byInvoice('invoice.finalized', 'invoice.finalized'),
  ...byInvoice('invoice.updated', 'invoice.updated'),
  ['invoice.voided', invoice('void'), 'invoice.canceled', { reason: 'voided', amount: usd(3000) }],
  ['invoice.marked_uncollectible', invoice('uncollectible'), 'invoice.canceled', { reason: 'uncollectible' }],
  ['invoice.deleted', invoice('draft'), 'invoice.canceled', { reason: 'deleted' }],
  ['invoice.overdue', invoice('open'), 'invoice.overdue', { status: 'open' }],
  [
    'invoice.finalization_failed',
    invoice('draft', { last_finalization_error: { code: 'customer_tax_location_invalid' } }),
    'invoice.updated',
    { reason: 'customer_tax_location_invalid' },
  ],
  [
    'invoice.payment_attempt_required',
    invoice('open'),
    'invoice.requires_action',
    { reason: 'payment_attempt_required' },
  ],
  [
    'invoice.overpaid',
    { ...paid, amount_overpaid: 250 },
    'balance.updated',
    { of: 'customer', balanceId: 'cus_1', movementId: 'in_1', amount: usd(250), reason: 'invoice_overpaid' },
  ],
  [
    'credit_note.created',
    note('issued'),
    'invoice.credited',
    { invoiceId: 'in_1', creditNoteId: 'cn_1', amount: usd(500), reason: 'duplicate' },
  ],
  ['credit_note.updated', note('issued'), 'invoice.credited', { status: 'issued' }],
  ['credit_note.updated', note('void'), 'invoice.updated', { reason: 'credit_note_voided' }],
  ['credit_note.voided', note('void'), 'invoice.updated', { creditNoteId: 'cn_1', status: 'void' }],
  ...bySubscription('customer.subscription.updated').slice(1),
  ...bySubscription('customer.subscription.pending_update_applied'),
  ...bySubscription('customer.subscription.pending_update_expired').map(
    ([type, object, means, fields]): Case => [type, object, means, { ...fields, reason: 'pending_update_expired' }],
  ),
  ...['created', 'updated', 'expiring', 'completed', 'released', 'canceled', 'aborted'].map(
    (reason): Case => [
      `subscription_schedule.${reason}`,
      schedule,
      'subscription.updated',
      { subscriptionId: 'sub_1', scheduleId: 'sub_sched_1', plan: 'price_1 then price_2 x3', reason, status: 'active' },
    ],
  ),
  [
    'setup_intent.requires_action',
    setup('requires_action'),
    'payment_method.updated',
    { paymentMethodId: 'pm_1', status: 'requires_action' },
  ],
  [
    'setup_intent.succeeded',
    setup('succeeded'),
    'payment_method.saved',
    { paymentMethodId: 'pm_1', customerId: 'cus_1' },
  ],
  [
    'setup_intent.setup_failed',
    setup('requires_payment_method', {
      payment_method: null,
      last_setup_error: { code: 'card_declined', decline_code: 'do_not_honor', payment_method: { id: 'pm_2' } },
    }),
    'payment_method.failed',
    { paymentMethodId: 'pm_2', reason: 'do_not_honor' },
  ],
  [
    'setup_intent.canceled',
    setup('canceled', { payment_method: null, cancellation_reason: 'abandoned' }),
    'payment_method.failed',
    { paymentMethodId: 'seti_1', reason: 'abandoned' },
  ],
  [
    'mandate.updated',
    { id: 'mandate_1', payment_method: 'pm_1', status: 'inactive' },
    'payment_method.failed',
    { paymentMethodId: 'pm_1', reason: 'mandate_inactive' },
  ],
  ['payment_method.attached', card, 'payment_method.saved', { customerId: 'cus_1', expires: null }],
  ['payment_method.updated', card, 'payment_method.updated', { expires: '2031-03' }],
  [
    'payment_method.automatically_updated',
    card,
    'payment_method.updated',
    { expires: '2031-03', reason: 'automatically_updated' },
  ],
  ['payment_method.card_automatically_updated', card, 'payment_method.updated', { expires: '2031-03' }],
  ['payment_method.detached', { ...card, customer: null }, 'payment_method.removed', { paymentMethodId: 'pm_1' }],
  [
    'customer.source.created',
    { id: 'card_1', customer: 'cus_1' },
    'payment_method.saved',
    { paymentMethodId: 'card_1' },
  ],
  [
    'customer.source.updated',
    { id: 'card_1', exp_month: 12, exp_year: 2030 },
    'payment_method.updated',
    { expires: '2030-12' },
  ],
  [
    'customer.source.expiring',
    { id: 'card_1', exp_month: 4, exp_year: 2026 },
    'payment_method.updated',
    { expires: '2026-04', reason: 'expiring' },
  ],
  ['customer.source.deleted', { id: 'card_1', customer: 'cus_1' }, 'payment_method.removed', { customerId: 'cus_1' }],
  [
    'source.chargeable',
    source('chargeable'),
    'checkout.updated',
    { checkoutId: 'src_1', amount: eur(900), status: 'chargeable' },
  ],
  ['source.failed', source('failed'), 'checkout.canceled', { reason: 'failed' }],
  ['source.canceled', source('canceled'), 'checkout.canceled', { reason: 'canceled', customerId: 'cus_1' }],
  [
    'source.refund_attributes_required',
    source('consumed'),
    'checkout.updated',
    { reason: 'refund_attributes_required' },
  ],
  ...['created', 'updated'].map(
    (name): Case => [
      `source.transaction.${name}`,
      {
        id: 'srctxn_1',
        amount: 900,
        currency: 'eur',
        source: 'src_1',
        status: 'succeeded',
        type: 'sepa_credit_transfer',
      },
      'balance.updated',
      { of: 'customer', balanceId: 'src_1', movementId: 'srctxn_1', amount: eur(900), reason: 'sepa_credit_transfer' },
    ],
  ),
  ['review.opened', review, 'review.opened', { paymentId: 'pi_1', reviewId: 'prv_1', outcome: null, reason: 'rule' }],
  ['review.closed', { ...review, open: false, closed_reason: 'approved' }, 'review.closed', { outcome: 'approved' }],
  [
    'topup.succeeded',
    topUp('succeeded'),
    'balance.updated',
    { status: 'succeeded', related: { ledger_entry: 'txn_1' } },
  ],
  [
    'topup.failed',
    topUp('failed', 'insufficient_funds'),
    'balance.updated',
    { status: 'failed', reason: 'insufficient_funds' },
  ],
  ['topup.reversed', topUp('reversed'), 'balance.updated', { status: 'reversed' }],
  ['topup.canceled', topUp('canceled'), 'balance.updated', { status: 'canceled' }],
  [
    'balance.available',
    { object: 'balance', available: [{ amount: -500, currency: 'usd' }], pending: [] },
    'balance.updated',
    { of: 'merchant', movementId: null, amount: usd(-500) },
  ],
  [
    'reserve.hold.created',
    hold,
    'balance.updated',
    { of: 'reserve', balanceId: 'rh_1', amount: usd(700), related: { charge: 'ch_1' } },
  ],
  ['reserve.hold.updated', hold, 'balance.updated', { movementId: null, reason: 'charge' }],
  [
    'reserve.release.created',
    { id: 'rr_1', amount: 700, currency: 'usd', reason: 'released', reserve_hold: 'rh_1' },
    'balance.updated',
    { balanceId: 'rh_1', movementId: 'rr_1', amount: usd(-700) },
  ],
  ...['created', 'updated', 'disabled', 'expired'].map(
    (name): Case => [
      `reserve.plan.${name}`,
      { id: 'rp_1', status: 'active', percent: 10 },
      'balance.updated',
      { balanceId: 'rp_1', amount: null, status: 'active' },
    ],
  ),
  [
    'cash_balance.funds_available',
    { object: 'cash_balance', available: { eur: 10_000, nonsense: 5 }, customer: 'cus_1' },
    'balance.updated',
    { of: 'customer', balanceId: 'cus_1', amount: eur(10_000) },
  ],
  [
    'customer_cash_balance_transaction.created',
    {
      id: 'ccsbtxn_1',
      currency: 'eur',
      customer: 'cus_1',
      net_amount: -4000,
      type: 'applied_to_payment',
      applied_to_payment: { payment_intent: 'pi_1' },
    },
    'balance.updated',
    {
      movementId: 'ccsbtxn_1',
      amount: eur(-4000),
      reason: 'applied_to_payment',
      related: { customer: 'cus_1', payment: 'pi_1' },
    },
  ],
  [
    'transfer.created',
    transfer,
    'transfer.created',
    { transferId: 'tr_1', amount: usd(500), toAccount: 'acct_2', related: { charge: 'ch_1' } },
  ],
  ['transfer.updated', transfer, 'transfer.updated', { reversedTotal: usd(0) }],
  ['transfer.updated', cameBack, 'transfer.reversed', { reversedTotal: usd(200) }],
  ['transfer.reversed', cameBack, 'transfer.reversed', { amount: usd(500), reversedTotal: usd(200) }],
  ['transfer.paid', { ...transfer, status: 'paid' }, 'transfer.updated', { status: 'paid' }],
  [
    'transfer.failed',
    { ...transfer, status: 'failed', failure_code: 'account_closed' },
    'transfer.failed',
    { reason: 'account_closed' },
  ],
  ['application_fee.created', fee, 'platform_fee.earned', { feeId: 'fee_1', amount: usd(100) }],
  ['application_fee.refunded', fee, 'platform_fee.refunded', { refundedTotal: usd(40), related: { charge: 'ch_1' } }],
  [
    'account.updated',
    {
      id: 'acct_2',
      charges_enabled: true,
      payouts_enabled: false,
      requirements: { disabled_reason: 'requirements.past_due' },
    },
    'account.updated',
    { accountId: 'acct_2', part: null, canCharge: true, canBePaidOut: false, reason: 'requirements.past_due' },
  ],
  [
    'capability.updated',
    { id: 'card_payments', account: 'acct_2', status: 'inactive', requirements: { disabled_reason: 'pending.review' } },
    'account.updated',
    { accountId: 'acct_2', part: 'card_payments', status: 'inactive', reason: 'pending.review' },
  ],
  ['account.external_account.created', bank, 'account.updated', { part: 'ba_1' }],
  ['account.external_account.updated', bank, 'account.updated', { accountId: 'acct_2', status: 'verification_failed' }],
  ['account.external_account.deleted', bank, 'account.updated', { status: 'deleted' }],
  [
    'account.application.authorized',
    { id: 'ca_1', object: 'application' },
    'account.updated',
    { accountId: null, status: 'authorized' },
  ],
  [
    'account.application.deauthorized',
    { id: 'ca_1', object: 'application' },
    'account.disconnected',
    { accountId: null },
  ],
  [
    'reporting.report_run.succeeded',
    {
      id: 'frr_1',
      report_type: 'balance.summary.1',
      status: 'succeeded',
      result: { id: 'file_1', url: 'https://files.stripe.com/v1/files/file_1/contents' },
    },
    'report.available',
    { reportId: 'frr_1', url: 'https://files.stripe.com/v1/files/file_1/contents' },
  ],
  [
    'reporting.report_run.failed',
    { id: 'frr_1', status: 'failed', error: 'too much', result: null },
    'report.failed',
    { reason: 'too much' },
  ],
  [
    'sigma.scheduled_query_run.created',
    { id: 'sqr_1', status: 'completed', file: { id: 'file_1', url: 'https://files.stripe.com/1' } },
    'report.available',
    { url: 'https://files.stripe.com/1' },
  ],
  [
    'sigma.scheduled_query_run.created',
    { id: 'sqr_1', status: 'failed', file: null, error: { message: 'syntax' } },
    'report.failed',
    { reason: 'syntax' },
  ],
];
