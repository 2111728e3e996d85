import { describe, expect, test } from 'vitest';
import { paymentsAfter } from '../../../../test/payments/memory-payments.ts';
import {
  capture,
  capturedBack,
  link,
  refund,
  sale,
  saleRefund,
  total,
  up,
  usd,
  v1,
  v2,
} from '../../../../test/payments/paypal-resources.ts';
import { eventOf, eventsOf, mapBody, paypalEvent } from '../../../../test/payments/webhooks.ts';

const webhook = (type: string, resource: object) => eventsOf(mapBody('paypal', paypalEvent(type, resource)));
const viewsOf = (...webhooks: readonly ReturnType<typeof webhook>[]) => paymentsAfter(webhooks).map(({ view }) => view);

const captured = webhook('PAYMENT.CAPTURE.COMPLETED', capture);

const bankRefund = { ...refund, seller_payable_breakdown: { total_refunded_amount: v2('10.00') } };

describe('a refund of PayPal', () => {
  test('that waits for a bank is pending, and ends as it ends', () => {
    const pending = webhook('PAYMENT.CAPTURE.REFUNDED', {
      ...bankRefund,
      status: 'PENDING',
      update_time: '2026-03-01T12:00:00Z',
    });
    const failed = webhook('PAYMENT.REFUND.FAILED', {
      ...bankRefund,
      status: 'FAILED',
      update_time: '2026-03-04T12:00:00Z',
    });

    expect(viewsOf(captured, pending)).toMatchObject([{ refunded: usd(0), refundPending: usd(1000), flags: [] }]);
    expect(viewsOf(failed, pending, captured)).toMatchObject([
      { refunded: usd(0), refundPending: usd(0), refunds: [{ state: 'failed' }] },
    ]);
  });

  test('with a status of tomorrow is what its event is called', () => {
    expect(eventOf('paypal', paypalEvent('PAYMENT.CAPTURE.REFUNDED', { ...refund, status: 'SETTLED' }))).toMatchObject({
      type: 'refund.succeeded',
    });
  });

  test('of version 1 is below zero, and names its capture by a field or a link', () => {
    const refundV1 = { id: 'R1', state: 'completed', amount: total('-10.00'), parent_payment: 'PAY-1' };
    const told = { paymentId: 'PAY-1', refundId: 'R1', part: 'C1', amount: usd(1000), refundedTotal: null };

    for (const naming of [{ capture_id: 'C1' }, { links: [link('capture', 'v1/payments/capture/C1')] }]) {
      expect(eventOf('paypal', paypalEvent('PAYMENT.CAPTURE.REFUNDED', { ...refundV1, ...naming }))).toMatchObject({
        ...told,
        type: 'refund.succeeded',
      });
    }
  });

  test('of a sale names it by a field or a link, and says its total', () => {
    const { sale_id: _, ...unnamed } = saleRefund;
    const linked = {
      ...unnamed,
      total_refunded_amount: v1('0.01'),
      links: [link('sale', `v1/payments/sale/${sale.id}`)],
    };

    expect(eventOf('paypal', paypalEvent('PAYMENT.SALE.REFUNDED', linked))).toMatchObject({
      paymentId: sale.id,
      refundedTotal: usd(1),
    });
  });

  test.each([
    ['PAYMENT.CAPTURE.REFUNDED', { ...refund, links: [] }],
    ['PAYMENT.CAPTURE.REFUNDED', { ...refund, links: 'none' }],
    ['PAYMENT.CAPTURE.REFUNDED', { ...refund, links: [link('self', `v2/payments/refunds/${refund.id}`)] }],
    ['PAYMENT.SALE.REFUNDED', { ...saleRefund, sale_id: undefined }],
    [
      'PAYMENT.SALE.REFUNDED',
      { ...saleRefund, sale_id: undefined, links: [link('self', `v1/payments/refund/${saleRefund.id}`)] },
    ],
  ])('that names no payment is told without one: %s %#', (type, resource) => {
    expect(eventOf('paypal', paypalEvent(type, resource))).toMatchObject({
      type: 'refund.succeeded',
      paymentId: null,
      paymentNames: [],
      part: null,
      refundId: resource.id,
    });
  });

  test.each([v2('many'), v2('15.00', 'XQX'), 'all', { value: '1' }])('with the total %j is told without it', (odd) => {
    const resource = { ...refund, seller_payable_breakdown: { total_refunded_amount: odd } };

    expect(eventOf('paypal', paypalEvent('PAYMENT.CAPTURE.REFUNDED', resource))).toMatchObject({
      amount: usd(1000),
      refundedTotal: null,
    });
  });

  test('that began in month 19 has no beginning', () => {
    const resource = { ...refund, create_time: '2018-19-12T22:20:32.000Z' };

    expect(eventOf('paypal', paypalEvent('PAYMENT.CAPTURE.REFUNDED', resource))).toMatchObject({ beganAt: null });
  });

  test('whose resource is the capture, given back in part, does not say how much', () => {
    const inPart = { ...capturedBack, status: 'PARTIALLY_REFUNDED' };
    const saleInPart = { ...sale, state: 'partially_refunded', links: [link('self', `v1/payments/sale/${sale.id}`)] };

    expect(mapBody('paypal', paypalEvent('PAYMENT.CAPTURE.REFUNDED', inPart))).toEqual({
      outcome: 'shape_unexpected',
      path: 'resource.status',
      problem: 'word_unknown',
    });
    expect(mapBody('paypal', paypalEvent('PAYMENT.SALE.REFUNDED', saleInPart))).toMatchObject({
      path: 'resource.state',
    });
  });
});

describe('what PayPal takes back', () => {
  test('in part leaves the rest paid, and the amount as it was', () => {
    const reversed = webhook('PAYMENT.CAPTURE.REVERSED', { ...refund, id: 'V1', amount: v2('4.00') });

    expect(viewsOf(reversed, captured)).toMatchObject([
      { status: 'succeeded', amount: usd(4250), captured: usd(4250), reversed: usd(400), flags: [] },
    ]);
  });

  test('is told once for each movement', () => {
    const reversals = ['V1', 'V2', 'V2'].map((id) =>
      webhook('PAYMENT.CAPTURE.REVERSED', { ...refund, id, amount: v2('4.00'), links: [up(`captures/${capture.id}`)] }),
    );

    expect(viewsOf(captured, ...reversals)).toMatchObject([{ reversed: usd(800) }]);
  });

  test('of a sale by a resource of its own is the sale that it names', () => {
    const reversal = { ...saleRefund, id: 'REVERSAL1', amount: total('-0.48') };

    expect(eventOf('paypal', paypalEvent('PAYMENT.SALE.REVERSED', reversal))).toMatchObject({
      paymentId: sale.id,
      amount: usd(48),
      related: { refund: 'REVERSAL1' },
    });
  });

  test('of a sale that is told with its own refund alone is no payment', () => {
    const reversal = {
      id: 'RV1',
      state: 'completed',
      amount: total('-0.48'),
      links: [link('self', 'v1/payments/refund/RV1')],
    };
    const event = eventOf('paypal', paypalEvent('PAYMENT.SALE.REVERSED', reversal));

    expect(event).toMatchObject({ type: 'payment.reversed', paymentId: null, paymentNames: [], amount: usd(48) });
    expect(viewsOf([event])).toEqual([]);
  });

  test('of a sale whose link to itself is the refund is of the sale', () => {
    const reversal = { ...sale, amount: total('-0.49'), links: [link('self', 'v1/payments/refund/77689802DL785834G')] };

    expect(eventOf('paypal', paypalEvent('PAYMENT.SALE.REVERSED', reversal))).toMatchObject({
      paymentId: sale.id,
      part: sale.id,
      related: { refund: '77689802DL785834G' },
    });
  });

  test('of a capture that nothing names is told without a payment', () => {
    expect(
      eventOf('paypal', paypalEvent('PAYMENT.CAPTURE.REVERSED', { ...refund, links: [up('orders')] })),
    ).toMatchObject({
      type: 'payment.reversed',
      paymentNames: [],
      part: null,
    });
  });
});
