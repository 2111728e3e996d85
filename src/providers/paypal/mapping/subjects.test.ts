import { describe, expect, test } from 'vitest';
import {
  batch,
  invoice,
  item,
  merchant,
  plan,
  referencedPayout,
  subscription,
  usd,
  v1,
  v2,
} from '../../../../test/payments/paypal-resources.ts';
import { eventOf, eventsOf, mapBody, paymentMapping, paypalEvent } from '../../../../test/payments/webhooks.ts';
import { createMemoryPaymentStore } from '../../../adapters/memory/memory-payment-store.ts';

const NOW = Date.UTC(2026, 2, 1);

/** How each of the webhooks was received, in this order. */
const newsOf = async (...told: readonly (readonly [type: string, resource: object, second: number])[]) => {
  const store = createMemoryPaymentStore();
  const news: string[] = [];
  for (const [type, resource, second] of told) {
    const body = {
      ...paypalEvent(type, resource),
      create_time: `2026-03-01T12:00:${String(second).padStart(2, '0')}Z`,
    };
    for (const change of paymentMapping.changesOf(eventsOf(mapBody('paypal', body))).subjects) {
      news.push((await store.applyToSubject(change, NOW)).news);
    }
  }
  return news;
};

const subscriptionTold = (event: string, status: string, second: number) =>
  [`BILLING.SUBSCRIPTION.${event}`, { ...subscription, status }, second] as const;

describe('a subscription of PayPal', () => {
  test('that is suspended, goes on and is suspended again is news three times', async () => {
    expect(
      await newsOf(
        subscriptionTold('SUSPENDED', 'SUSPENDED', 1),
        subscriptionTold('RE-ACTIVATED', 'ACTIVE', 2),
        subscriptionTold('SUSPENDED', 'SUSPENDED', 3),
      ),
    ).toEqual(['news', 'news', 'news']);
  });

  test('is not active again by an older event', async () => {
    expect(
      await newsOf(
        subscriptionTold('CANCELLED', 'CANCELLED', 9),
        subscriptionTold('ACTIVATED', 'ACTIVE', 3),
        subscriptionTold('UPDATED', 'CANCELLED', 10),
      ),
    ).toEqual(['news', 'stale', 'repeated']);
  });

  test('of version 1 says its state in another word', () => {
    const resource = { id: 'I-1', state: 'Cancelled', payer: { payer_info: { payer_id: 'P1' } } };

    expect(eventOf('paypal', paypalEvent('BILLING.SUBSCRIPTION.UPDATED', resource))).toMatchObject({
      type: 'subscription.canceled',
      status: 'Cancelled',
      customerId: 'P1',
      plan: null,
    });
  });

  test.each([
    ['billing_info', 'monthly'],
    ['billing_info', { last_payment: { amount: v2('much') }, next_billing_time: 'soon', failed_payments_count: '1' }],
    ['subscriber', []],
    ['quantity', 2],
  ])('with %s as %j is told without it', (field, value) => {
    const resource = { ...subscription, [field]: value };

    expect(eventOf('paypal', paypalEvent('BILLING.SUBSCRIPTION.UPDATED', resource))).toMatchObject({
      subscriptionId: subscription.id,
    });
    expect(eventOf('paypal', paypalEvent('BILLING.SUBSCRIPTION.PAYMENT.FAILED', resource))).toMatchObject({
      subscriptionId: subscription.id,
      attempts: field === 'billing_info' ? null : 1,
    });
  });

  test('has failed payments without a state to compare them with, for there is no invoice', async () => {
    expect(
      await newsOf(
        ['BILLING.SUBSCRIPTION.PAYMENT.FAILED', subscription, 1],
        ['BILLING.SUBSCRIPTION.PAYMENT.FAILED', subscription, 2],
      ),
    ).toEqual([]);
  });

  test('has no price by its plan where that has tiers', () => {
    const tiered = { ...plan, billing_cycles: [{ tenure_type: 'REGULAR', pricing_scheme: { tiers: [] } }] };

    for (const resource of [tiered, { ...plan, billing_cycles: [] }]) {
      expect(eventOf('paypal', paypalEvent('BILLING.PLAN.PRICING-CHANGE.ACTIVATED', resource))).toMatchObject({
        plan: plan.id,
        amount: null,
      });
    }
  });
});

describe('an invoice of PayPal', () => {
  test('that is paid in parts says so by its status, and is paid once', async () => {
    const paid = (status: string, value: string, second: number) =>
      [
        'INVOICING.INVOICE.PAID',
        { invoice: { ...invoice, status, payments: { paid_amount: v2(value) } } },
        second,
      ] as const;

    expect(
      await newsOf(
        ['INVOICING.INVOICE.CREATED', { invoice }, 0],
        paid('PARTIALLY_PAID', '5.00', 1),
        paid('PARTIALLY_PAID', '9.00', 2),
        paid('PAID', '25.00', 3),
        ['INVOICING.INVOICE.UPDATED', paid('PAID', '25.00', 4)[1], 4],
      ),
    ).toEqual(['news', 'news', 'news', 'news', 'repeated']);
  });

  test('that was paid in cash was paid outside of PayPal', () => {
    const payments = { paid_amount: v2('25.00'), transactions: [{ type: 'EXTERNAL', method: 'CASH' }] };

    expect(
      eventOf('paypal', paypalEvent('INVOICING.INVOICE.PAID', { invoice: { ...invoice, status: 'PAID', payments } })),
    ).toMatchObject({ type: 'invoice.paid', isPaidOutOfBand: true, paymentIds: [] });
  });

  test('of version 1 is the resource itself', () => {
    const resource = {
      id: 'INV2-1',
      number: '0002',
      status: 'PAID',
      total_amount: v1('20.00'),
      paid_amount: { paypal: v1('20.00') },
      payments: [{ type: 'PAYPAL', transaction_id: '22592127VV907111U' }],
    };
    const inCash = { ...resource, paid_amount: { other: v1('20.00') }, payments: undefined };
    const refunded = { ...resource, status: 'REFUNDED', refunded_amount: { paypal: v1('2.00') } };

    expect(eventOf('paypal', paypalEvent('INVOICING.INVOICE.PAID', resource))).toMatchObject({
      invoiceId: 'INV2-1',
      amount: usd(2000),
      paymentIds: ['22592127VV907111U'],
      related: { capture: '22592127VV907111U', merchant_reference: '0002' },
    });
    expect(eventOf('paypal', paypalEvent('INVOICING.INVOICE.PAID', inCash))).toMatchObject({ amount: usd(2000) });
    expect(eventOf('paypal', paypalEvent('INVOICING.INVOICE.REFUNDED', refunded))).toMatchObject({ amount: usd(200) });
  });

  test('that does not say what was paid is paid whole, and what was refunded is not known', () => {
    const silent = { id: 'INV2-1', amount: v2('20.00'), refunded_amount: { other: v1('3.00') } };

    expect(eventOf('paypal', paypalEvent('INVOICING.INVOICE.PAID', silent))).toMatchObject({ amount: usd(2000) });
    expect(eventOf('paypal', paypalEvent('INVOICING.INVOICE.REFUNDED', silent))).toMatchObject({ amount: usd(300) });
    expect(eventOf('paypal', paypalEvent('INVOICING.INVOICE.REFUNDED', { id: 'INV2-1' }))).toMatchObject({
      type: 'invoice.refunded',
      amount: null,
    });
  });
});

describe('a payout of PayPal', () => {
  test('in a batch is not added to the batch: that was only worked through', async () => {
    const told = [
      eventOf('paypal', paypalEvent('PAYMENT.PAYOUTSBATCH.SUCCESS', batch)),
      eventOf('paypal', paypalEvent('PAYMENT.PAYOUTS-ITEM.SUCCEEDED', { ...item, transaction_status: 'SUCCESS' })),
    ];

    expect(told.map(({ type }) => type)).toEqual(['payout.batch_processed', 'payout.paid']);
  });

  test('in a batch without an amount is told without one', () => {
    const resource = { batch_header: { payout_batch_id: 'B1', batch_status: 'DENIED' } };

    expect(eventOf('paypal', paypalEvent('PAYMENT.PAYOUTSBATCH.DENIED', resource))).toMatchObject({
      type: 'payout.failed',
      amount: null,
      fee: null,
      status: 'DENIED',
    });
  });

  test('to the seller of something else than a payment names no payment', () => {
    const resource = { ...referencedPayout, reference_type: 'OTHERS', payout_destination: undefined, custom: 'c-1' };

    expect(
      eventOf(
        'paypal',
        paypalEvent('PAYMENT.REFERENCED-PAYOUT-ITEM.COMPLETED', {
          ...resource,
          external_reference_id: undefined,
          external_merchant_id: 'M5',
        }),
      ),
    ).toMatchObject({ toAccount: 'M5', related: { merchant_reference: 'c-1' } });
  });
});

describe('an account of PayPal', () => {
  test('says what it may do, so that each change of it is news', async () => {
    const told = (status: string, second: number) =>
      [
        'CUSTOMER.MERCHANT-INTEGRATION.CAPABILITY-UPDATED',
        {
          ...merchant,
          payments_receivable: status === 'ACTIVE',
          capabilities: [{ name: 'CUSTOM_CARD_PROCESSING', status }],
        },
        second,
      ] as const;

    expect(await newsOf(told('ACTIVE', 1), told('SUSPENDED', 2), told('SUSPENDED', 3), told('ACTIVE', 4))).toEqual([
      'news',
      'news',
      'repeated',
      'news',
    ]);
    expect(eventOf('paypal', paypalEvent(...(told('ACTIVE', 1).slice(0, 2) as [string, object])))).toMatchObject({
      canCharge: true,
      canBePaidOut: null,
      reason: 'CUSTOM_CARD_PROCESSING ACTIVE',
    });
  });

  test('says what is limited, and that it is limited no more', async () => {
    const limited = { account_id: '7G4EPEEPEF74L', restrictions: [{ type: 'WITHDRAW_MONEY' }, {}] };

    expect(
      await newsOf(
        ['CUSTOMER.ACCOUNT-LIMITATION.ADDED', limited, 1],
        ['CUSTOMER.ACCOUNT-LIMITATION.LIFTED', { account_id: '7G4EPEEPEF74L' }, 2],
        ['CUSTOMER.ACCOUNT-LIMITATION.ADDED', limited, 3],
      ),
    ).toEqual(['news', 'news', 'news']);
    expect(eventOf('paypal', paypalEvent('CUSTOMER.ACCOUNT-LIMITATION.ADDED', limited))).toMatchObject({
      accountId: '7G4EPEEPEF74L',
      status: 'ADDED',
      reason: 'WITHDRAW_MONEY',
    });
  });

  test('that could not be made says why, and needs no id', () => {
    const failed = { external_id: 'seller-5', status: 'REJECTED', reason: 'TAX_ID_INVALID' };

    expect(eventOf('paypal', paypalEvent('CUSTOMER.MANAGED-ACCOUNT.CREATION-FAILED', failed))).toMatchObject({
      accountId: null,
      status: 'REJECTED',
      reason: 'TAX_ID_INVALID',
      related: { merchant_reference: 'seller-5' },
    });
  });
});
