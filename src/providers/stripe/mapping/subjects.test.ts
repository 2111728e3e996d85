/** Invoices, subscriptions, balances and the like of Stripe: what each state of them is told as, and when it is news. */
import { describe, expect, test } from 'vitest';
import { toldOf } from '../../../../test/payments/stripe-told.ts';
import { eventOf, eventsOf, mapBody, stripeEvent } from '../../../../test/payments/webhooks.ts';

const usd = (minor: number) => ({ minor: BigInt(minor), currency: 'USD', exponent: 2 });
const of = (type: string, object: object) => eventOf('stripe', stripeEvent(type, object));

describe('a subject', () => {
  const invoice = {
    id: 'in_1',
    amount_paid: 3000,
    amount_due: 3000,
    amount_remaining: 0,
    currency: 'usd',
    status: 'paid',
  };

  test('is news once for one paid invoice, however many events tell of it', async () => {
    const { news } = await toldOf(
      ['invoice.paid', invoice, 0],
      ['invoice.payment_succeeded', invoice, 0],
      ['invoice_payment.paid', { id: 'inpay_1', invoice: 'in_1', amount_paid: 3000, currency: 'usd' }, 0],
      ['invoice.updated', { ...invoice, attempt_count: 3 }, 1],
    );

    expect(news).toEqual(['invoice.paid news', 'invoice.paid repeated', '', 'invoice.paid repeated']);
  });

  test('is stale when it is older than what is known', async () => {
    const { news } = await toldOf(
      ['customer.subscription.deleted', { id: 'sub_1', status: 'canceled' }, 9],
      ['customer.subscription.updated', { id: 'sub_1', status: 'active' }, 5],
    );

    expect(news).toEqual(['subscription.canceled news', 'subscription.updated stale']);
  });

  test('is news when what is subscribed to, or until when, is another', async () => {
    const state = (quantity: number, cancel: boolean) => ({
      id: 'sub_1',
      cancel_at_period_end: cancel,
      current_period_end: 1_775_000_000,
      items: { data: [{ price: 'price_1', quantity }] },
      status: 'active',
    });
    const { news } = await toldOf(
      ['customer.subscription.updated', state(1, false), 0],
      ['customer.subscription.updated', state(1, false), 1],
      ['customer.subscription.updated', state(5, false), 2],
      ['customer.subscription.updated', state(5, true), 3],
      ['customer.subscription.updated', { ...state(5, true), pause_collection: { behavior: 'void' } }, 4],
    );

    expect(news.map((one) => one.split(' ')[1])).toEqual(['news', 'repeated', 'news', 'news', 'news']);
  });

  test('is an invoice that was paid elsewhere', () => {
    expect(of('invoice.paid', { ...invoice, paid_out_of_band: true })).toMatchObject({ isPaidOutOfBand: true });
    expect(of('invoice.paid', { ...invoice, amount_paid_off_stripe: 3000 })).toMatchObject({ isPaidOutOfBand: true });
    expect(of('invoice.paid', invoice)).toMatchObject({ isPaidOutOfBand: false });
  });

  test('is an invoice of API versions before there was a status', () => {
    const { status: _, ...older } = invoice;

    expect(of('invoice.updated', { ...older, paid: true })).toMatchObject({ type: 'invoice.paid' });
    expect(of('invoice.updated', { ...older, forgiven: true })).toMatchObject({ reason: 'uncollectible' });
    expect(of('invoice.updated', { ...older, closed: true })).toMatchObject({ reason: 'voided' });
    expect(of('invoice.updated', older)).toMatchObject({ type: 'invoice.updated', status: null });
  });

  test('is a subscription of API versions in which it was of one plan', () => {
    const object = {
      id: 'sub_1',
      plan: { id: 'gold' },
      quantity: 3,
      current_period_end: 1_775_000_000,
      status: 'active',
    };

    expect(of('customer.subscription.created', object)).toMatchObject({
      plan: 'gold x3',
      periodEndsAt: 1_775_000_000_000,
      cancelsAt: null,
    });
  });

  test('is a way to pay that was taken from its customer, whom only the former fields name', () => {
    const body = stripeEvent('payment_method.detached', { id: 'pm_1', customer: null });
    const data = { object: { id: 'pm_1', customer: null }, previous_attributes: { customer: 'cus_1' } };

    expect(eventOf('stripe', { ...body, data })).toMatchObject({ customerId: 'cus_1' });
  });

  test('is each currency of a balance', () => {
    const available = [
      { amount: 100, currency: 'usd' },
      { amount: 200, currency: 'eur' },
      { amount: 300, currency: 'invented' },
    ];
    const events = eventsOf(mapBody('stripe', stripeEvent('balance.available', { available })));

    expect(events).toMatchObject([{ amount: usd(100) }, { amount: { minor: 200n, currency: 'EUR' } }]);
  });

  test.each([
    ['balance.available', { available: [] }],
    ['cash_balance.funds_available', { customer: 'cus_1', available: null }],
    ['subscription_schedule.created', { id: 'sub_sched_1', status: 'not_started', subscription: null }],
    ['mandate.updated', { id: 'mandate_1', status: 'active', payment_method: 'pm_1' }],
  ])('is nothing yet for %s that names none', (type, object) => {
    expect(mapBody('stripe', stripeEvent(type, object))).toEqual({ outcome: 'ignored', reason: 'informational' });
  });

  test('is named by itself where its customer or account is not said', () => {
    expect(of('invoice.overpaid', { ...invoice, amount_overpaid: 5 })).toMatchObject({ balanceId: 'in_1' });
    const cash = { id: 'ccsbtxn_1', net_amount: 5, currency: 'usd', type: 'funded' };
    expect(of('customer_cash_balance_transaction.created', cash)).toMatchObject({ balanceId: 'ccsbtxn_1' });
    expect(of('source.transaction.created', { ...cash, amount: 5 })).toMatchObject({ balanceId: 'ccsbtxn_1' });
    expect(of('reserve.release.created', { id: 'rr_1' })).toMatchObject({ balanceId: 'rr_1', amount: null });
    expect(of('capability.updated', { id: 'transfers' })).toMatchObject({ accountId: null, part: 'transfers' });
  });

  test('is an account of API versions that say transfers_enabled', () => {
    const object = { id: 'acct_2', transfers_enabled: true, verification: { disabled_reason: 'rejected.fraud' } };

    expect(of('account.updated', object)).toMatchObject({
      canCharge: null,
      canBePaidOut: true,
      reason: 'rejected.fraud',
    });
  });
});
