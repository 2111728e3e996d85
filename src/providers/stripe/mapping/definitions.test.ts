/** Stripe's numbers and states of payments by their definition, in whichever order the webhooks come. One long list of definitions. */
import { describe, expect, test } from 'vitest';
import { type Sent, START, toldOf } from '../../../../test/payments/stripe-told.ts';
import { eventOf, mapBody, stripeEvent } from '../../../../test/payments/webhooks.ts';

const usd = (minor: number) => ({ minor: BigInt(minor), currency: 'USD', exponent: 2 });
const charge = (more: object = {}): object => ({
  id: 'ch_1',
  amount: 10_000,
  amount_captured: 10_000,
  amount_refunded: 0,
  captured: true,
  paid: true,
  status: 'succeeded',
  currency: 'usd',
  payment_intent: 'pi_1',
  ...more,
});
const held = charge({ amount_captured: 0, captured: false });
const intent = (more: object = {}): object => ({
  id: 'pi_1',
  amount: 10_000,
  amount_received: 0,
  currency: 'usd',
  latest_charge: 'ch_1',
  ...more,
});
const refund = (more: object = {}): object => ({
  id: 're_1',
  amount: 2000,
  charge: 'ch_1',
  created: START + 20,
  currency: 'usd',
  payment_intent: 'pi_1',
  status: 'succeeded',
  ...more,
});
const dispute = (more: object = {}): object => ({
  id: 'du_1',
  amount: 10_000,
  charge: 'ch_1',
  currency: 'usd',
  payment_intent: 'pi_1',
  reason: 'fraudulent',
  status: 'needs_response',
  ...more,
});
const of = (type: string, object: object) => eventOf('stripe', stripeEvent(type, object));

describe('money that was only reserved', () => {
  test('is not refunded when the hold is voided', async () => {
    const { news, views } = await toldOf(
      ['charge.succeeded', held, 0],
      ['charge.refunded', charge({ amount_captured: 0, captured: false, amount_refunded: 10_000 }), 5],
      ['refund.created', refund({ amount: 10_000 }), 5],
      ['payment_intent.canceled', intent({ cancellation_reason: 'abandoned' }), 5],
    );

    expect(news[1]).toBe('payment.canceled news');
    expect(news[3]).toBe('payment.canceled repeated');
    for (const view of views) {
      expect(view).toMatchObject({ status: 'canceled', captured: usd(0), refunded: usd(0), flags: [] });
    }
  });

  test('is not refunded when a part of it is captured, and what is given back of that part is', async () => {
    const captured = { amount_captured: 7000, amount_refunded: 3000 };
    const { views } = await toldOf(
      ['charge.succeeded', held, 0],
      ['charge.captured', charge(captured), 5],
      ['refund.created', refund(), 20],
      ['charge.refunded', charge({ ...captured, amount_refunded: 5000 }), 20],
    );

    for (const view of views) expect(view).toMatchObject({ captured: usd(7000), refunded: usd(2000), flags: [] });
  });

  test('is not refunded although Stripe tells its release as a refund too', async () => {
    const captured = { amount_captured: 7000, amount_refunded: 3000 };
    const { views } = await toldOf(
      ['charge.captured', charge(captured), 5],
      ['refund.created', refund({ id: 're_0', amount: 3000, created: START + 5 }), 5],
      ['charge.refunded', charge(captured), 5],
    );

    for (const view of views) expect(view).toMatchObject({ captured: usd(7000), refunded: usd(0), flags: [] });
  });

  test('is released in part without a refund, while nothing is captured', () => {
    const object = charge({ amount_captured: 0, captured: false, amount_refunded: 4000 });

    expect(mapBody('stripe', stripeEvent('charge.refunded', object))).toEqual({
      outcome: 'ignored',
      reason: 'informational',
    });
  });

  test('is still reserved between two captures, so that a refund is one of what was captured', () => {
    const object = charge({ amount_captured: 3000, captured: false, amount_refunded: 1000 });

    expect(of('charge.refunded', object)).toMatchObject({ amount: usd(1000), released: null, captured: usd(3000) });
    expect(of('charge.updated', object)).toMatchObject({ type: 'payment.authorized', amount: usd(7000) });
  });

  test('is known of charges of API versions before amount_captured by the moment of their capture', () => {
    const { amount_captured: _, ...older } = charge({ amount_refunded: 3000 }) as Record<string, unknown>;

    expect(of('charge.captured', older)).toMatchObject({ amount: usd(7000), captured: usd(7000) });
    expect(of('charge.refunded', older)).toMatchObject({ amount: usd(3000), captured: null });
  });
});

describe('charge.updated', () => {
  test('tells fee and ledger entry, and is no news of a payment that was paid before', async () => {
    const transaction = { id: 'txn_1', amount: 10_000, fee: 320, currency: 'usd' };
    const { news, views } = await toldOf(
      ['charge.succeeded', charge({ balance_transaction: null }), 0],
      ['charge.updated', charge({ balance_transaction: transaction }), 2],
    );

    expect(news).toEqual(['payment.succeeded news', 'payment.succeeded repeated']);
    for (const view of views) {
      expect(view).toMatchObject({ fees: [usd(320)], net: usd(9680), related: { ledger_entry: ['txn_1'] } });
    }
  });

  test('of an attempt that failed does not unpay what the next attempt paid', async () => {
    const failed = charge({ id: 'ch_0', status: 'failed', paid: false, captured: false, amount_captured: 0 });
    const { news, views } = await toldOf(
      ['charge.failed', failed, 0],
      ['charge.succeeded', charge(), 5],
      ['charge.updated', failed, 9],
    );

    expect(news[2]).toBe('');
    for (const view of views) expect(view).toMatchObject({ status: 'succeeded', captured: usd(10_000) });
  });
});

describe('an attempt', () => {
  test('is the charge, so that two failures of one are one and of two are two', async () => {
    const failed = (id: string, second: number): readonly Sent[] => [
      ['charge.failed', charge({ id, status: 'failed', paid: false, captured: false, amount_captured: 0 }), second],
      [
        'payment_intent.payment_failed',
        intent({
          latest_charge: id,
          last_payment_error: { charge: id, code: 'card_declined', decline_code: 'lost_card' },
        }),
        second,
      ],
    ];
    const { news } = await toldOf(...failed('ch_1', 0), ...failed('ch_2', 60));

    expect(news).toEqual([
      'payment.failed news',
      'payment.failed repeated',
      'payment.failed news',
      'payment.failed repeated',
    ]);
  });

  test('stands in the list of charges in API versions before 2022-11-15', () => {
    const { latest_charge: _, ...older } = intent({ charges: { data: [{ id: 'ch_7' }, { id: 'ch_6' }] } }) as Record<
      string,
      unknown
    >;

    expect(of('payment_intent.processing', older)).toMatchObject({ attempt: 'ch_7', related: { charge: 'ch_7' } });
  });
});

describe('an intent', () => {
  test('that succeeded is paid, also where it does not say how much came in, and a charge is believed over it', async () => {
    const { amount_received: _, ...unsaid } = intent() as Record<string, unknown>;
    const { views } = await toldOf(
      ['payment_intent.succeeded', unsaid, 0],
      ['charge.captured', charge({ amount_captured: 7000 }), 0],
    );

    expect(of('payment_intent.succeeded', unsaid)).toMatchObject({ captured: usd(10_000), isCaptureAssumed: true });
    for (const view of views) expect(view).toMatchObject({ status: 'succeeded', captured: usd(7000), flags: [] });
  });

  test('names the order and the review that belong to it', () => {
    const object = intent({
      payment_details: { order_reference: 'order-7' },
      review: 'prv_1',
      invoice: { id: 'in_1' },
    });

    expect(of('payment_intent.processing', object)).toMatchObject({
      related: { merchant_reference: 'order-7', review: 'prv_1', invoice: 'in_1' },
    });
  });
});

describe('a refund', () => {
  test('that waits for the buyer is another state than a pending one', async () => {
    const { news } = await toldOf(
      ['refund.created', refund({ status: 'pending' }), 20],
      ['refund.updated', refund({ status: 'requires_action' }), 25],
      ['refund.updated', refund({ status: 'succeeded' }), 30],
    );

    expect(news).toEqual(['refund.pending news', 'refund.requires_action news', 'refund.succeeded news']);
  });

  test('of a balance of a customer is told without a payment', () => {
    const object = refund({ charge: null, payment_intent: null, customer: 'cus_1' });

    expect(of('refund.created', object)).toMatchObject({
      paymentId: null,
      paymentNames: [],
      related: { refund: 're_1', customer: 'cus_1' },
    });
  });

  test('is told whatever the status of its API version is called', () => {
    expect(of('refund.created', refund({ status: null }))).toMatchObject({ type: 'refund.succeeded' });
    expect(of('refund.updated', refund({ status: 'invented' }))).toMatchObject({ type: 'refund.pending' });
    expect(of('refund.failed', refund({ status: null }))).toMatchObject({ type: 'refund.failed' });
  });

  test('is told although an optional field of it cannot be read', () => {
    const object = refund({ created: 'today', charge: 5, customer: {}, balance_transaction: ['x'], reason: 7 });

    expect(of('refund.created', object)).toMatchObject({ amount: usd(2000), beganAt: null, reason: null });
  });
});

describe('a dispute', () => {
  test('that is decided stays decided when it is edited', async () => {
    const { views } = await toldOf(
      ['charge.succeeded', charge(), 0],
      ['charge.dispute.created', dispute(), 10],
      ['charge.dispute.closed', dispute({ status: 'won' }), 20],
      ['charge.dispute.updated', dispute({ status: 'won' }), 30],
    );

    for (const view of views) expect(view).toMatchObject({ disputed: usd(0), disputes: [{ state: 'won' }], flags: [] });
  });

  test('has its deadline, its stage and the word of Stripe for its state', () => {
    const object = dispute({
      evidence_details: { due_by: 1_773_000_000, has_evidence: false },
      payment_method_details: { type: 'card', card: { brand: 'visa', case_type: 'chargeback' } },
    });

    expect(of('charge.dispute.created', object)).toMatchObject({
      status: 'needs_response',
      stage: 'chargeback',
      deadlineAt: 1_773_000_000_000,
    });
  });

  test('ends in API versions of other words, and by the name of the event where the word is new', () => {
    expect(of('charge.dispute.updated', dispute({ status: 'charge_refunded' }))).toMatchObject({
      type: 'dispute.closed',
      outcome: 'closed',
    });
    expect(of('charge.dispute.closed', dispute({ status: 'invented' }))).toMatchObject({ outcome: 'closed' });
    expect(of('charge.dispute.updated', dispute({ status: null }))).toMatchObject({ outcome: null, status: null });
  });

  test.each([
    ['there are none', []],
    ['they are no list', 5],
    ['they are no objects', [5]],
    [
      'they are in several currencies',
      [
        { amount: -1, fee: 0, currency: 'usd' },
        { amount: -1, fee: 0, currency: 'eur' },
      ],
    ],
  ])('took its money although the amounts cannot be read: %s', (_why, transactions) => {
    const object = dispute({ balance_transactions: transactions });

    expect(of('charge.dispute.funds_withdrawn', object)).toMatchObject({
      type: 'dispute.funds_withdrawn',
      movement: 'withdrawn',
      moved: null,
    });
  });

  test('and a warning and a review that name no payment are told without one', () => {
    const nothing = { charge: null, payment_intent: null };

    expect(of('charge.dispute.created', dispute(nothing))).toMatchObject({ paymentId: null, paymentNames: [] });
    expect(of('radar.early_fraud_warning.created', { id: 'issfr_1', ...nothing })).toMatchObject({ status: null });
    expect(of('review.closed', { id: 'prv_1', reason: 'approved' })).toMatchObject({ outcome: 'approved' });
  });
});

describe('a checkout session', () => {
  const session = (more: object = {}): object => ({
    id: 'cs_1',
    amount_total: 3000,
    currency: 'usd',
    mode: 'payment',
    payment_intent: 'pi_1',
    payment_status: 'paid',
    status: 'complete',
    ...more,
  });

  test.each([
    ['a subscription', { mode: 'subscription', payment_intent: null, subscription: 'sub_1', invoice: 'in_1' }],
    ['a setup', { mode: 'setup', payment_intent: null, amount_total: null, payment_status: 'no_payment_required' }],
    ['nothing to pay', { payment_intent: null, amount_total: 0, payment_status: 'no_payment_required' }],
    ['an API version that says no total', { amount_total: null }],
    ['an API version that says no payment_status', { payment_status: null }],
    ['a new word for its payment', { payment_status: 'invented' }],
  ])('of %s is complete, and no payment', (_what, more) => {
    expect(of('checkout.session.completed', session(more))).toMatchObject({
      type: 'checkout.completed',
      checkoutId: 'cs_1',
    });
  });

  test('names the payment, the invoice and the subscription that tell of the money', () => {
    const object = session({
      amount_total: null,
      invoice: 'in_1',
      subscription: 'sub_1',
      client_reference_id: 'order-7',
    });

    expect(of('checkout.session.completed', object)).toMatchObject({
      subscriptionId: 'sub_1',
      related: { payment: 'pi_1', invoice: 'in_1', subscription: 'sub_1', merchant_reference: 'order-7' },
    });
  });
});

describe('a currency', () => {
  test.each(['std', 'hrk', 'sll', 'mro', 'vef', 'zwl', 'cuc', 'lvl', 'ltl', 'eek', 'zmk'])(
    '%s that ISO 4217 no longer lists is known',
    (currency) => {
      expect(of('charge.refunded', charge({ currency, amount_refunded: 100 }))).toMatchObject({
        amount: { minor: 100n, currency: currency.toUpperCase(), exponent: 2 },
      });
    },
  );
});
