import { describe, expect, test } from 'vitest';
import {
  authorization,
  batch,
  capture,
  item,
  link,
  order,
  pendingCapture,
  refund,
  sale,
  total,
  usd,
  v1,
  v2,
} from '../../../../test/payments/paypal-resources.ts';
import { eventOf, eventsOf, mapBody, paypalEvent } from '../../../../test/payments/webhooks.ts';

describe('a payment of PayPal', () => {
  test('is named by its order, authorization and capture', () => {
    const names = [
      { kind: 'order', id: '5O190127TN364715T' },
      { kind: 'authorization', id: '0VF52814937998046' },
      { kind: 'capture', id: '2GG279541U471931P' },
    ];
    const byLinks = {
      ...capture,
      supplementary_data: undefined,
      links: [
        link('self', 'v2/payments/captures/2GG279541U471931P'),
        link('refund', 'v2/payments/captures/2GG279541U471931P/refund'),
        link('up', 'v2/payments/authorizations/0VF52814937998046'),
        link('up', 'v2/checkout/orders/5O190127TN364715T'),
      ],
    };

    for (const resource of [capture, byLinks]) {
      expect(eventOf('paypal', paypalEvent('PAYMENT.CAPTURE.COMPLETED', resource))).toMatchObject({
        paymentNames: names,
      });
    }
  });

  test('of version 1 has its parent payment as its order, by a field or a link', () => {
    const captureV1 = { id: 'C1', state: 'completed', amount: total('42.50'), transaction_fee: v1('1.74') };
    const linked = { ...captureV1, links: [link('parent_payment', 'v1/payments/payment/PAY-1')] };

    for (const resource of [{ ...captureV1, parent_payment: 'PAY-1' }, linked]) {
      expect(eventOf('paypal', paypalEvent('PAYMENT.CAPTURE.COMPLETED', resource))).toMatchObject({
        paymentId: 'PAY-1',
        captured: usd(4250),
        fee: usd(174),
      });
    }
  });

  test('has the reference that the merchant gave it', () => {
    const sold = { ...sale, invoice_number: 'INV-9' };

    expect(eventOf('paypal', paypalEvent('PAYMENT.SALE.COMPLETED', sold))).toMatchObject({
      related: { merchant_reference: 'INV-9' },
    });
    expect(eventOf('paypal', paypalEvent('PAYMENT.SALE.COMPLETED', { ...sold, custom: 'cart-9' }))).toMatchObject({
      related: { merchant_reference: 'cart-9' },
    });
  });

  test('takes the time of the resource when the time of the event is impossible', () => {
    const impossible = { ...paypalEvent('PAYMENT.SALE.COMPLETED', sale), create_time: '2018-19-12T22:20:32.000Z' };
    const resource = { ...sale, update_time: '2026-03-01T05:00:00-07:00' };
    const withTime = { ...paypalEvent('PAYMENT.SALE.COMPLETED', resource), create_time: '2018-19-12T22:20:32.000Z' };

    expect(eventOf('paypal', impossible)).toMatchObject({ type: 'payment.succeeded', occurredAt: null });
    expect(eventOf('paypal', withTime)).toMatchObject({ occurredAt: Date.UTC(2026, 2, 1, 12) });
  });

  test('has decimals by the currency, PayPal taking none for HUF and TWD', () => {
    const amountOf = (value: unknown, currency: string) =>
      mapBody(
        'paypal',
        paypalEvent('PAYMENT.CAPTURE.PENDING', { ...pendingCapture, amount: { value, currency_code: currency } }),
      );

    expect(eventsOf(amountOf('500', 'HUF'))[0]).toMatchObject({ amount: { minor: 500n, exponent: 0 } });
    expect(eventsOf(amountOf('500.00', 'JPY'))[0]).toMatchObject({ amount: { minor: 500n, exponent: 0 } });
    expect(eventsOf(amountOf('5', 'USD'))[0]).toMatchObject({ amount: usd(500) });
    expect(amountOf('500.50', 'TWD')).toMatchObject({ path: 'resource.amount.value', problem: 'too_many_decimals' });
    expect(amountOf('1e3', 'USD')).toMatchObject({ path: 'resource.amount.value', problem: 'not_an_amount' });
    expect(amountOf('', 'USD')).toMatchObject({ path: 'resource.amount.value', problem: 'missing' });
    expect(amountOf('-1.00', 'USD')).toMatchObject({ path: 'resource.amount.value', problem: 'negative' });
    expect(amountOf(['1'], 'USD')).toMatchObject({ path: 'resource.amount.value', problem: 'not_an_amount' });
  });

  test.each([
    ['supplementary_data', 'none'],
    ['seller_receivable_breakdown', { paypal_fee: v2('much') }],
    ['status_details', []],
    ['links', {}],
    ['custom_id', 7],
    ['status', 7],
  ])('with %s as %j is told without it', (field, value) => {
    const resource = { ...capture, [field]: value };

    expect(eventOf('paypal', paypalEvent('PAYMENT.CAPTURE.COMPLETED', resource))).toMatchObject({
      type: 'payment.succeeded',
      captured: usd(4250),
    });
  });
});

describe('an order of PayPal', () => {
  test('whose approval is reversed is canceled, also without an amount', () => {
    const reversed = { order_id: order.id, purchase_units: [{ reference_id: 'a', custom_id: 'cart-7' }] };

    expect(eventOf('paypal', paypalEvent('CHECKOUT.PAYMENT-APPROVAL.REVERSED', reversed))).toMatchObject({
      type: 'payment.canceled',
      paymentId: order.id,
      amount: null,
      related: { merchant_reference: 'cart-7' },
    });
  });

  test.each([
    ['without units', []],
    ['of which one has no amount', [{ amount: v2('1') }, {}]],
    ['in two currencies', [{ amount: v2('1') }, { amount: v2('1', 'EUR') }]],
    ['in an odd shape', 'three pieces'],
  ])('%s is told without an amount', (_, units) => {
    const resource = { ...order, purchase_units: units };

    expect(eventOf('paypal', paypalEvent('CHECKOUT.ORDER.APPROVED', resource))).toMatchObject({
      type: 'payment.created',
      paymentId: order.id,
      amount: null,
    });
  });

  test('of version 1 belongs to its payment, else is named by itself', () => {
    const alone = { id: 'O-1', amount: total('10.00') };

    expect(
      eventOf('paypal', paypalEvent('PAYMENT.ORDER.CANCELLED', { ...alone, parent_payment: 'PAY-1' })),
    ).toMatchObject({
      paymentNames: [
        { kind: 'order', id: 'PAY-1' },
        { kind: 'payment', id: 'O-1' },
      ],
    });
    expect(eventOf('paypal', paypalEvent('PAYMENT.ORDER.CANCELLED', alone))).toMatchObject({ paymentId: 'O-1' });
  });
});

describe('what an event cannot be told without', () => {
  // biome-ignore format: one line a case.
  test.each([
    ['CHECKOUT.ORDER.APPROVED', { ...order, id: undefined }, 'resource.id', 'missing'],
    ['PAYMENT.AUTHORIZATION.CREATED', { ...authorization, amount: undefined }, 'resource.amount', 'missing'],
    ['PAYMENT.CAPTURE.COMPLETED', { ...capture, amount: v2('1', 'XQX') }, 'resource.amount.currency_code', 'currency_unknown'],
    ['PAYMENT.CAPTURE.REFUNDED', { ...refund, amount: undefined }, 'resource.amount', 'missing'],
    ['CUSTOMER.DISPUTE.CREATED', {}, 'resource.id', 'missing'],
    ['INVOICING.INVOICE.PAID', { invoice: { status: 'PAID' } }, 'resource.invoice.id', 'missing'],
    ['PAYMENT.PAYOUTSBATCH.SUCCESS', {}, 'resource.batch_header', 'missing'],
    ['PAYMENT.PAYOUTSBATCH.SUCCESS', { batch_header: { ...batch.batch_header, payout_batch_id: '' } }, 'resource.batch_header.payout_batch_id', 'missing'],
    ['PAYMENT.PAYOUTS-ITEM.HELD', { ...item, payout_item: null }, 'resource.payout_item', 'missing'],
    ['VAULT.PAYMENT-TOKEN.CREATED', {}, 'resource.id', 'missing'],
  ])('stops %s where it is not there %#', (type, resource, path, problem) => {
    expect(mapBody('paypal', paypalEvent(type, resource))).toEqual({ outcome: 'shape_unexpected', path, problem });
  });
});
