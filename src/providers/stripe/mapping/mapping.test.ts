/** Every row of Stripe's table with a realistic payload; long, because the table is. */
import type Stripe from 'stripe';
import { describe, expect, test } from 'vitest';
import { SUBJECT_CASES } from '../../../../test/payments/stripe-subjects.ts';
import { eventOf, mapBody, sampleObject, stripeEvent } from '../../../../test/payments/webhooks.ts';
import { seededInput } from '../../../../test/support/sample-input.ts';
import { createStripeBilling, stripeInvoice } from '../../../samples/stripe-billing-objects.ts';
import { stripeCheckoutSession } from '../../../samples/stripe-checkout-objects.ts';
import { stripeCharge, stripePaymentIntent } from '../../../samples/stripe-payment-objects.ts';
import { stripePayout } from '../../../samples/stripe-payout-object.ts';
import { stripeDispute, stripeRefund } from '../../../samples/stripe-reversal-objects.ts';
import { createStripeScene } from '../../../samples/stripe-scene.ts';
import { stripeSubscription } from '../../../samples/stripe-subscription-object.ts';
import { stripeMapping } from './mapping.ts';

const scene = createStripeScene(seededInput('stripe-mapping'));
const billing = createStripeBilling(scene);
const total = BigInt(scene.order.total);
const usd = (minor: number | bigint) => ({ minor: BigInt(minor), currency: 'USD', exponent: 2 });
const whole = usd(total);
const payment = scene.paymentIntentId;

const intent = (status: Stripe.PaymentIntent.Status, isDeclined = false): Stripe.PaymentIntent =>
  stripePaymentIntent(scene, { status: status as 'succeeded', isDeclined });
const charge = (overrides: Partial<Stripe.Charge> = {}): Stripe.Charge => ({
  ...stripeCharge(scene, { status: 'succeeded' }),
  ...overrides,
});
const uncaptured = charge({ captured: false, amount_captured: 0 });
const failedCharge: Stripe.Charge = stripeCharge(scene, { status: 'failed' });
const refund = (status: string): Stripe.Refund => ({ ...stripeRefund(scene, 'succeeded'), status });
const dispute = (overrides: Partial<Stripe.Dispute> = {}): Stripe.Dispute => ({
  ...stripeDispute(scene, 'needs_response'),
  ...overrides,
});
const [withdrawal] = dispute().balance_transactions;
const reinstatement = { ...withdrawal!, amount: scene.order.total, fee: -1500, net: scene.order.total + 1500 };
const paidOut: Stripe.Payout = stripePayout(scene, 'paid');
const payout = (overrides: Partial<Stripe.Payout> = {}): Stripe.Payout => ({ ...paidOut, ...overrides });
const payoutAmount = usd(paidOut.amount);
const session = (overrides: Partial<Stripe.Checkout.Session> = {}): Stripe.Checkout.Session => ({
  ...stripeCheckoutSession(scene, 'paid'),
  ...overrides,
});
const invoice = stripeInvoice(scene, billing, 'paid');
const openInvoice = stripeInvoice(scene, billing, 'open');
const subscription = (status: Stripe.Subscription.Status): Stripe.Subscription => ({
  ...(stripeSubscription(scene, billing, 'new') as unknown as Stripe.Subscription),
  status,
});
const ofSubscriptionMode = {
  ...session({ mode: 'subscription', payment_intent: null }),
  subscription: 'sub_1',
};
const warning: Stripe.Radar.EarlyFraudWarning = {
  id: 'issfr_1TestWarning',
  object: 'radar.early_fraud_warning',
  actionable: true,
  charge: scene.chargeId,
  created: scene.nowSeconds,
  fraud_type: 'made_with_stolen_card',
  livemode: false,
  payment_intent: payment,
};

const paid = { paymentId: payment, amount: whole, captured: whole };
const begun = { paymentId: payment, amount: whole, captured: usd(0) };
const ofRefund = { paymentId: payment, amount: usd(scene.order.item.unitAmount), part: null };
const ofDispute = { paymentId: payment, amount: whole };
const ofInvoice = { amount: usd(billing.total), subscriptionId: billing.subscriptionId, paymentIds: [payment] };
const ofSubscription = { subscriptionId: billing.subscriptionId, customerId: scene.customerId };

type Case = readonly [type: string, object: object, means: string, fields: object];

/** The three names of refund events, and what each status of a refund means under all of them. */
const REFUND_CASES: readonly Case[] = ['refund.created', 'refund.updated', 'charge.refund.updated'].flatMap((type) => [
  [type, refund('pending'), 'refund.pending', ofRefund] as const,
  [type, refund('requires_action'), 'refund.requires_action', ofRefund] as const,
  [type, refund('succeeded'), 'refund.succeeded', ofRefund] as const,
  [type, refund('failed'), 'refund.failed', ofRefund] as const,
  [type, refund('canceled'), 'refund.canceled', ofRefund] as const,
]);

/** Type of Stripe's event, its object, the event that it means, and what is in that. */
// biome-ignore format: one line a case.
const CASES: readonly Case[] = [
  ...REFUND_CASES,
  ['payment_intent.created', intent('requires_payment_method'), 'payment.created', begun],
  ['payment_intent.requires_action', intent('requires_action'), 'payment.requires_action', begun],
  ['payment_intent.processing', intent('processing'), 'payment.pending', begun],
  ['payment_intent.amount_capturable_updated', intent('requires_capture'), 'payment.authorized', begun],
  ['payment_intent.partially_funded', intent('requires_action'), 'payment.pending', begun],
  ['payment_intent.succeeded', intent('succeeded'), 'payment.succeeded', { ...paid, asked: whole }],
  [
    'payment_intent.payment_failed',
    intent('requires_payment_method', true),
    'payment.failed',
    { ...begun, reason: 'generic_decline' },
  ],
  ['payment_intent.canceled', intent('canceled'), 'payment.canceled', { ...begun, reason: 'requested_by_customer' }],
  ['charge.succeeded', charge(), 'payment.succeeded', paid],
  ['charge.succeeded', uncaptured, 'payment.authorized', begun],
  ['charge.captured', charge(), 'payment.succeeded', paid],
  [
    'charge.pending',
    charge({ status: 'pending', captured: false, paid: false, amount_captured: 0 }),
    'payment.pending',
    begun,
  ],
  ['charge.failed', failedCharge, 'payment.failed', { ...begun, reason: 'card_declined' }],
  ['charge.expired', uncaptured, 'payment.canceled', begun],
  ['charge.refunded', charge({ amount_refunded: 700 }), 'payment.refund_total', { ...paid, amount: usd(700) }],
  ['charge.refunded', { ...uncaptured, amount_refunded: uncaptured.amount }, 'payment.canceled', begun],
  ['charge.updated', charge(), 'payment.succeeded', { ...paid, attempt: scene.chargeId }],
  ['charge.updated', uncaptured, 'payment.authorized', begun],
  ['charge.updated', charge({ status: 'pending', captured: false, paid: false, amount_captured: 0 }), 'payment.pending', begun],
  ['charge.updated', { ...uncaptured, amount_refunded: uncaptured.amount }, 'payment.canceled', begun],
  [
    'refund.failed',
    stripeRefund(scene, 'failed'),
    'refund.failed',
    { ...ofRefund, reason: 'expired_or_canceled_card' },
  ],
  ['charge.dispute.created', dispute(), 'dispute.opened', { ...ofDispute, isInquiry: false, reason: 'fraudulent' }],
  ['charge.dispute.created', dispute({ status: 'lost' }), 'dispute.closed', { outcome: 'lost' }],
  ['charge.dispute.updated', dispute({ status: 'won' }), 'dispute.closed', { outcome: 'won', status: 'won' }],
  ['charge.dispute.created', dispute({ status: 'warning_needs_response' }), 'dispute.opened', { isInquiry: true }],
  ['charge.dispute.updated', dispute({ status: 'under_review' }), 'dispute.updated', ofDispute],
  [
    'charge.dispute.funds_withdrawn',
    dispute(),
    'dispute.funds_withdrawn',
    { ...ofDispute, moved: whole, fee: usd(1500) },
  ],
  [
    'charge.dispute.funds_reinstated',
    dispute({ balance_transactions: [withdrawal!, reinstatement] }),
    'dispute.funds_reinstated',
    { ...ofDispute, moved: whole, fee: usd(-1500) },
  ],
  ['charge.dispute.closed', dispute({ status: 'won' }), 'dispute.closed', { ...ofDispute, outcome: 'won' }],
  ['charge.dispute.closed', dispute({ status: 'lost' }), 'dispute.closed', { ...ofDispute, outcome: 'lost' }],
  ['charge.dispute.closed', dispute({ status: 'warning_closed' }), 'dispute.closed', { outcome: 'closed' }],
  ['charge.dispute.closed', dispute({ status: 'prevented' }), 'dispute.closed', { outcome: 'closed' }],
  ['payout.created', stripePayout(scene, 'in_transit'), 'payout.created', {}],
  ['payout.updated', payout(), 'payout.paid', { amount: payoutAmount, payoutId: paidOut.id, status: 'paid' }],
  ['payout.updated', payout({ status: 'in_transit' }), 'payout.pending', { amount: payoutAmount }],
  ['payout.updated', payout({ status: 'failed', failure_code: 'no_account' }), 'payout.failed', { reason: 'no_account' }],
  ['payout.updated', payout({ status: 'canceled' }), 'payout.canceled', {}],
  ['payout.updated', payout({ status: 'invented' }), 'payout.updated', { status: 'invented' }],
  ['payout.updated', payout({ reversed_by: 'po_2' }), 'payout.returned', { payoutId: paidOut.id }],
  ['payout.paid', payout(), 'payout.paid', { amount: payoutAmount }],
  ['payout.failed', stripePayout(scene, 'failed'), 'payout.failed', { reason: 'account_closed' }],
  ['payout.canceled', payout({ status: 'canceled' }), 'payout.canceled', { amount: payoutAmount }],
  ['payout.reconciliation_completed', payout(), 'payout.reconciled', { amount: payoutAmount }],
  ['checkout.session.completed', session(), 'payment.succeeded', { ...paid, isPreliminary: false }],
  [
    'checkout.session.completed',
    session({ payment_status: 'unpaid' }),
    'payment.pending',
    { paymentId: payment, captured: null, isPreliminary: true },
  ],
  ['checkout.session.async_payment_succeeded', session(), 'payment.succeeded', paid],
  [
    'checkout.session.async_payment_failed',
    session({ payment_status: 'unpaid' }),
    'payment.failed',
    { paymentId: payment, amount: whole },
  ],
  [
    'checkout.session.expired',
    stripeCheckoutSession(scene, 'expired'),
    'checkout.expired',
    { amount: whole, status: 'expired' },
  ],
  ['checkout.session.expired', session({ payment_status: 'unpaid' }), 'payment.canceled', { paymentId: payment }],
  ['checkout.session.completed', ofSubscriptionMode, 'checkout.completed', { status: 'paid', subscriptionId: 'sub_1' }],
  ['checkout.session.async_payment_succeeded', ofSubscriptionMode, 'checkout.completed', { status: 'paid' }],
  [
    'checkout.session.async_payment_failed',
    { ...ofSubscriptionMode, payment_status: 'unpaid' },
    'checkout.canceled',
    { status: 'unpaid', reason: 'async_payment_failed' },
  ],
  ['invoice.paid', invoice, 'invoice.paid', ofInvoice],
  ['invoice.payment_succeeded', invoice, 'invoice.paid', ofInvoice],
  ['invoice.payment_failed', openInvoice, 'invoice.payment_failed', ofInvoice],
  ['invoice.payment_action_required', openInvoice, 'invoice.requires_action', ofInvoice],
  [
    'customer.subscription.created',
    subscription('active'),
    'subscription.created',
    { ...ofSubscription, status: 'active' },
  ],
  [
    'customer.subscription.updated',
    subscription('past_due'),
    'subscription.updated',
    { ...ofSubscription, status: 'past_due' },
  ],
  ...SUBJECT_CASES,
  ['customer.subscription.paused', subscription('paused'), 'subscription.paused', ofSubscription],
  ['customer.subscription.resumed', subscription('active'), 'subscription.resumed', ofSubscription],
  ['customer.subscription.deleted', subscription('canceled'), 'subscription.canceled', ofSubscription],
  ['customer.subscription.trial_will_end', subscription('trialing'), 'subscription.trial_ending', ofSubscription],
  [
    'radar.early_fraud_warning.created',
    warning,
    'dispute.warning',
    { paymentId: payment, amount: null, reason: 'made_with_stolen_card', status: 'actionable' },
  ],
  ['radar.early_fraud_warning.updated', { ...warning, actionable: false }, 'dispute.warning', { status: 'not_actionable' }],
];

/** Rows that only say why there is no event. */
const OF_NOTHING = stripeMapping.rows.filter(({ gives }) => gives.length === 0).map(({ providerType }) => providerType);

describe('the Stripe mapping', () => {
  test.each(CASES)('says what %s means %#', (type, object, means, fields) => {
    const event = eventOf('stripe', stripeEvent(type, object));

    expect(event).toMatchObject({ ...fields, type: means, providerType: type, provider: 'stripe', mode: 'test' });
  });

  test('has a case above for each of its rows, and each event that a row says it gives', () => {
    const seen = new Set(CASES.map(([type, , means]) => `${type} ${means}`));
    const promised = stripeMapping.rows.flatMap(({ providerType, gives }) =>
      gives.map((means) => `${providerType} ${means}`),
    );

    expect(promised.length).toBeGreaterThan(150);
    expect(promised.filter((one) => !seen.has(one))).toEqual([]);
    expect([...seen].filter((one) => !promised.includes(one))).toEqual([]);
  });

  test('names a payment by its intent and its charge', () => {
    const event = eventOf('stripe', stripeEvent('charge.succeeded', charge()));

    expect(event).toMatchObject({
      paymentNames: [
        { kind: 'payment', id: payment },
        { kind: 'charge', id: scene.chargeId },
      ],
      related: { payment, charge: scene.chargeId, customer: scene.customerId },
    });
  });

  test('names a charge without an intent by itself', () => {
    const event = eventOf('stripe', stripeEvent('charge.succeeded', charge({ payment_intent: null })));

    expect(event).toMatchObject({ paymentId: scene.chargeId, amount: whole });
  });

  test('takes references that are expanded into objects', () => {
    const object = { ...refund('succeeded'), payment_intent: intent('succeeded'), charge: charge() };

    expect(eventOf('stripe', stripeEvent('refund.updated', object))).toMatchObject({ paymentId: payment });
  });

  test('tells the fee of a charge whose balance transaction is expanded, in the currency of that', () => {
    const balanceTransaction = { id: 'txn_1', object: 'balance_transaction', amount: 900, fee: 55, currency: 'eur' };
    const object = { ...charge(), balance_transaction: balanceTransaction };

    expect(eventOf('stripe', stripeEvent('charge.succeeded', object))).toMatchObject({
      fee: { minor: 55n, currency: 'EUR', exponent: 2 },
    });
  });

  test('reads what was captured of a charge of an API version without amount_captured', () => {
    const { amount_captured: _, ...older } = charge();
    const { amount_captured: __, ...olderUncaptured } = uncaptured;

    expect(eventOf('stripe', stripeEvent('charge.captured', older))).toMatchObject({ captured: whole });
    expect(eventOf('stripe', stripeEvent('charge.succeeded', olderUncaptured))).toMatchObject({ captured: usd(0) });
  });

  test('reads an invoice of API versions before 2025-03-31 alike', () => {
    const { payments: _, parent: __, ...rest } = invoice;
    const older = {
      ...rest,
      payment_intent: payment,
      charge: scene.chargeId,
      subscription: billing.subscriptionId,
      paid: true,
    };
    const event = stripeEvent('invoice.paid', older, { api_version: '2024-06-20' });

    expect(eventOf('stripe', event)).toMatchObject({ ...ofInvoice, type: 'invoice.paid' });
  });

  test('reads an invoice that is for no subscription and was not paid by a payment', () => {
    const object = { ...invoice, parent: null, payments: undefined, amount_paid: 0 };

    expect(eventOf('stripe', stripeEvent('invoice.paid', object))).toMatchObject({
      subscriptionId: null,
      paymentIds: [],
    });
  });

  test.each(OF_NOTHING)('leaves it to other events to tell what %s is about', (type) => {
    expect(mapBody('stripe', stripeEvent(type, { id: 'obj_1' }))).toEqual({
      outcome: 'ignored',
      reason: 'informational',
    });
  });

  test('counts in the smallest unit that Stripe uses, which is not always that of ISO 4217', () => {
    const inCurrency = (currency: string, amount: number) =>
      eventOf('stripe', stripeEvent('payout.paid', payout({ currency, amount })));

    expect(inCurrency('jpy', 500)).toMatchObject({ amount: { minor: 500n, currency: 'JPY', exponent: 0 } });
    expect(inCurrency('isk', 50_000)).toMatchObject({ amount: { currency: 'ISK', exponent: 2 } });
    expect(inCurrency('ugx', 50_000)).toMatchObject({ amount: { exponent: 2 } });
    expect(inCurrency('mga', 500)).toMatchObject({ amount: { exponent: 0 } });
    expect(inCurrency('kwd', 12_340)).toMatchObject({ amount: { exponent: 3 } });
    expect(inCurrency('usd', -700)).toMatchObject({ amount: usd(-700) });
  });

  test('is given the time, account and id of the webhook', () => {
    const body = { ...stripeEvent('payout.paid', payout()), id: 'evt_9', account: 'acct_7', livemode: true };

    expect(eventOf('stripe', body)).toMatchObject({
      id: 'stripe:acct_7:evt_9',
      webhookId: 'stripe:acct_7:evt_9',
      account: 'acct_7',
      mode: 'live',
      occurredAt: 1_772_368_496_000,
    });
  });

  test.each([
    ['payment_intent.succeeded', { amount_received: '12' }, null],
    ['payment_intent.succeeded', { amount_received: null }, ['data.object.amount_received', 'missing']],
    ['payment_intent.succeeded', { amount_received: 12.5 }, ['data.object.amount_received', 'not_an_amount']],
    ['payment_intent.succeeded', { amount_received: -12 }, ['data.object.amount_received', 'negative']],
    ['payment_intent.succeeded', { amount_received: {} }, ['data.object.amount_received', 'not_an_amount']],
    ['payment_intent.succeeded', { id: 5 }, ['data.object.id', 'not_text']],
    ['payment_intent.succeeded', { id: '' }, ['data.object.id', 'missing']],
    ['payment_intent.succeeded', { id: 'p'.repeat(300) }, ['data.object.id', 'too_long']],
    ['payment_intent.succeeded', { currency: 'zzz' }, ['data.object.currency', 'currency_unknown']],
    ['payment_intent.succeeded', { currency: null }, ['data.object.currency', 'currency_missing']],
    ['payment_intent.succeeded', { latest_charge: 5 }, null],
  ])('says where a payment_intent has not the expected shape %#', (type, overrides, problem) => {
    const result = mapBody('stripe', stripeEvent(type, { ...intent('succeeded'), ...overrides }));

    if (problem === null) expect(result.outcome).toBe('events');
    else expect(result).toEqual({ outcome: 'shape_unexpected', path: problem[0], problem: problem[1] });
  });

  test.each([
    ['refund.updated', { ...refund('succeeded'), amount: null }, 'data.object.amount', 'missing'],
    ['charge.refunded', charge({ amount_refunded: -1 }), 'data.object.amount_refunded', 'negative'],
    ['charge.dispute.created', dispute({ currency: 'zzz' }), 'data.object.currency', 'currency_unknown'],
    ['payout.paid', { ...payout(), amount: null }, 'data.object.amount', 'missing'],
    ['invoice.paid', { ...invoice, id: null }, 'data.object.id', 'missing'],
    ['application_fee.created', { id: 'fee_1', currency: 'usd' }, 'data.object.amount', 'missing'],
  ])('says where %s has not what it cannot be told without %#', (type, object, path, problem) => {
    expect(mapBody('stripe', stripeEvent(type, object))).toEqual({ outcome: 'shape_unexpected', path, problem });
  });

  test('says that the object is missing', () => {
    const { data: _, ...body } = sampleObject('stripe', 'payment_intent.succeeded');

    expect(mapBody('stripe', body)).toEqual({ outcome: 'shape_unexpected', path: 'data', problem: 'missing' });
    expect(mapBody('stripe', { ...body, data: {} })).toMatchObject({ path: 'data.object', problem: 'missing' });
  });
});
