import { describe, expect, test } from 'vitest';
import { eventOf, eventsOf, mapBody, paypalEvent } from '../../../../test/payments/webhooks.ts';
import { paypalMapping } from './mapping.ts';

const usd = (minor: number) => ({ minor: BigInt(minor), currency: 'USD', exponent: 2 });
const v2 = (value: string, currency = 'USD') => ({ value, currency_code: currency });
const v1 = (value: string) => ({ value, currency: 'USD' });
const up = (path: string) => ({ href: `https://api.paypal.com/v2/payments/${path}`, rel: 'up', method: 'GET' });
const self = { href: 'https://api.paypal.com/v2/payments/refunds/1JU08902781691411', rel: 'self', method: 'GET' };

const order = {
  id: '5O190127TN364715T',
  status: 'APPROVED',
  purchase_units: [
    { reference_id: 'a', amount: v2('30.00') },
    { reference_id: 'b', amount: v2('12.50') },
  ],
};
const related = { related_ids: { order_id: '5O190127TN364715T', authorization_id: '0VF52814937998046' } };
const authorization = {
  id: '0VF52814937998046',
  status: 'CREATED',
  amount: v2('42.50'),
  supplementary_data: { related_ids: { order_id: '5O190127TN364715T' } },
};
const capture = {
  id: '2GG279541U471931P',
  status: 'COMPLETED',
  amount: v2('42.50'),
  final_capture: true,
  seller_receivable_breakdown: { gross_amount: v2('42.50'), paypal_fee: v2('1.74'), net_amount: v2('40.76') },
  supplementary_data: related,
};
const pendingCapture = {
  ...capture,
  status: 'PENDING',
  seller_receivable_breakdown: undefined,
  status_details: { reason: 'PENDING_REVIEW' },
};
const refund = {
  id: '1JU08902781691411',
  status: 'COMPLETED',
  amount: v2('10.00'),
  seller_payable_breakdown: { gross_amount: v2('10.00'), total_refunded_amount: v2('15.00') },
  create_time: '2026-03-01T12:00:00Z',
  note_to_payer: '<script>alert(1)</script>',
  links: [self, up('captures/2GG279541U471931P')],
};
const sale = {
  id: '80021663DE681814L',
  state: 'completed',
  amount: { total: '0.48', currency: 'USD', details: { subtotal: '0.48' } },
  transaction_fee: v1('0.31'),
  billing_agreement_id: 'I-PE7JWXKGVN0R',
};
const saleRefund = {
  id: '6YX43824R4443062K',
  sale_id: '80021663DE681814L',
  state: 'completed',
  amount: { total: '-0.01', currency: 'USD' },
  create_time: '2026-03-01T12:00:00Z',
};
const subscription = {
  id: 'I-BW452GLLEP1G',
  status: 'ACTIVE',
  subscriber: { payer_id: '2J6QB8YJQSJRJ' },
  billing_info: {
    last_payment: { amount: v2('500.0'), time: '2026-02-01T01:20:49Z' },
    last_failed_payment: { amount: v2('501'), time: '2026-03-01T01:20:49Z' },
  },
};
const dispute = {
  dispute_id: 'PP-000-042-663-135',
  disputed_transactions: [{ seller_transaction_id: '2GG279541U471931P' }],
  reason: 'MERCHANDISE_OR_SERVICE_NOT_RECEIVED',
  status: 'OPEN',
  dispute_amount: v2('3.00'),
  dispute_life_cycle_stage: 'CHARGEBACK',
};
const resolvedAs = (code: string) => ({ ...dispute, status: 'RESOLVED', dispute_outcome: { outcome_code: code } });
const batch = { batch_header: { payout_batch_id: 'CDZEC5MJ8R5HY', amount: v1('2.00'), fees: v1('0.50') } };
const item = {
  payout_item_id: 'NE9ZQ3L8CVE7S',
  payout_batch_id: 'CDZEC5MJ8R5HY',
  payout_item_fee: v1('0.25'),
  payout_item: { amount: v1('1.00') },
  errors: { name: 'RECEIVER_UNREGISTERED' },
};

const ofOrder = { paymentId: '5O190127TN364715T', amount: usd(4250) };
const ofAuthorization = { ...ofOrder, part: '0VF52814937998046' };
const ofCapture = { ...ofOrder, part: '2GG279541U471931P' };
const byCapture = { paymentId: '2GG279541U471931P', part: '2GG279541U471931P' };
const ofSale = { paymentId: '80021663DE681814L', part: '80021663DE681814L' };
const ofSubscription = {
  subscriptionId: 'I-BW452GLLEP1G',
  status: 'ACTIVE',
  customerId: '2J6QB8YJQSJRJ',
  amount: usd(50_000),
};
const ofDispute = {
  paymentId: '2GG279541U471931P',
  disputeId: 'PP-000-042-663-135',
  amount: usd(300),
  isInquiry: false,
};
const ofBatch = { payoutId: 'CDZEC5MJ8R5HY', amount: usd(200), fee: usd(50) };
const ofItem = { payoutId: 'NE9ZQ3L8CVE7S', batchId: 'CDZEC5MJ8R5HY', amount: usd(100), fee: usd(25) };

type Case = readonly [type: string, resource: object, means: string, fields: object];

// biome-ignore format: one line a case.
const CASES: readonly Case[] = [
  ['CHECKOUT.ORDER.APPROVED', order, 'payment.created', { ...ofOrder, captured: null }],
  ['CHECKOUT.PAYMENT-APPROVAL.REVERSED', { ...order, id: undefined, order_id: order.id }, 'payment.canceled', ofOrder],
  ['PAYMENT.AUTHORIZATION.CREATED', authorization, 'payment.authorized', ofAuthorization],
  ['PAYMENT.AUTHORIZATION.VOIDED', { ...authorization, status: 'VOIDED' }, 'payment.canceled', ofAuthorization],
  ['PAYMENT.CAPTURE.PENDING', pendingCapture, 'payment.pending', { ...ofCapture, captured: usd(0), reason: 'PENDING_REVIEW' }],
  ['PAYMENT.CAPTURE.COMPLETED', capture, 'payment.succeeded', { ...ofCapture, captured: usd(4250), fee: usd(174) }],
  ['PAYMENT.CAPTURE.DENIED', { ...pendingCapture, status: 'DECLINED' }, 'payment.failed', { ...ofCapture, captured: usd(0) }],
  ['PAYMENT.CAPTURE.DECLINED', { ...pendingCapture, status: 'DECLINED' }, 'payment.failed', ofCapture],
  ['PAYMENT.CAPTURE.REFUNDED', refund, 'refund.succeeded', { ...byCapture, refundId: refund.id, amount: usd(1000), refundedTotal: usd(1500), beganAt: Date.UTC(2026, 2, 1, 12) }],
  ['PAYMENT.CAPTURE.REVERSED', { ...refund, amount: v2('-42.50') }, 'payment.reversed', { ...byCapture, amount: usd(4250), captured: null }],
  ['PAYMENT.SALE.COMPLETED', sale, 'payment.succeeded', { ...ofSale, amount: usd(48), captured: usd(48), fee: usd(31), related: { capture: sale.id, subscription: 'I-PE7JWXKGVN0R' } }],
  // Real: a held sale says that it is completed.
  ['PAYMENT.SALE.PENDING', { ...sale, payment_hold_status: 'HELD' }, 'payment.pending', { ...ofSale, captured: usd(0) }],
  ['PAYMENT.SALE.DENIED', { ...sale, state: 'denied' }, 'payment.failed', { ...ofSale, captured: usd(0) }],
  ['PAYMENT.SALE.REFUNDED', saleRefund, 'refund.succeeded', { ...ofSale, refundId: '6YX43824R4443062K', amount: usd(1) }],
  ['PAYMENT.SALE.REVERSED', { ...sale, amount: { total: '-0.49', currency: 'USD' } }, 'payment.reversed', { ...ofSale, amount: usd(49) }],
  ['BILLING.SUBSCRIPTION.CREATED', subscription, 'subscription.created', ofSubscription],
  ['BILLING.SUBSCRIPTION.ACTIVATED', subscription, 'subscription.activated', ofSubscription],
  ['BILLING.SUBSCRIPTION.UPDATED', subscription, 'subscription.updated', ofSubscription],
  ['BILLING.SUBSCRIPTION.SUSPENDED', subscription, 'subscription.paused', ofSubscription],
  ['BILLING.SUBSCRIPTION.CANCELLED', subscription, 'subscription.canceled', ofSubscription],
  ['BILLING.SUBSCRIPTION.EXPIRED', { id: 'I-BW452GLLEP1G', status: 'EXPIRED' }, 'subscription.expired', { amount: null, customerId: null }],
  ['BILLING.SUBSCRIPTION.PAYMENT.FAILED', subscription, 'invoice.payment_failed', { invoiceId: null, subscriptionId: 'I-BW452GLLEP1G', amount: usd(50_100) }],
  ['CUSTOMER.DISPUTE.CREATED', dispute, 'dispute.opened', ofDispute],
  ['CUSTOMER.DISPUTE.UPDATED', dispute, 'dispute.updated', ofDispute],
  ['CUSTOMER.DISPUTE.RESOLVED', resolvedAs('RESOLVED_BUYER_FAVOUR'), 'dispute.closed', { ...ofDispute, outcome: 'lost' }],
  ['CUSTOMER.DISPUTE.RESOLVED', resolvedAs('ACCEPTED'), 'dispute.closed', { outcome: 'lost' }],
  ['CUSTOMER.DISPUTE.RESOLVED', resolvedAs('RESOLVED_SELLER_FAVOUR'), 'dispute.closed', { outcome: 'won' }],
  ['CUSTOMER.DISPUTE.RESOLVED', resolvedAs('DENIED'), 'dispute.closed', { outcome: 'won' }],
  ['CUSTOMER.DISPUTE.RESOLVED', resolvedAs('RESOLVED_WITH_PAYOUT'), 'dispute.closed', { outcome: 'closed' }],
  ['CUSTOMER.DISPUTE.RESOLVED', resolvedAs('CANCELED_BY_BUYER'), 'dispute.closed', { outcome: 'closed' }],
  ['PAYMENT.PAYOUTSBATCH.PROCESSING', batch, 'payout.created', ofBatch],
  ['PAYMENT.PAYOUTSBATCH.SUCCESS', batch, 'payout.paid', ofBatch],
  ['PAYMENT.PAYOUTSBATCH.DENIED', batch, 'payout.failed', ofBatch],
  ['PAYMENT.PAYOUTS-ITEM.SUCCEEDED', { ...item, errors: undefined }, 'payout.paid', { ...ofItem, reason: null }],
  ['PAYMENT.PAYOUTS-ITEM.FAILED', item, 'payout.failed', { ...ofItem, reason: 'RECEIVER_UNREGISTERED' }],
  ['PAYMENT.PAYOUTS-ITEM.DENIED', item, 'payout.failed', ofItem],
  ['PAYMENT.PAYOUTS-ITEM.BLOCKED', item, 'payout.failed', ofItem],
  ['PAYMENT.PAYOUTS-ITEM.HELD', item, 'payout.pending', ofItem],
  ['PAYMENT.PAYOUTS-ITEM.RETURNED', item, 'payout.returned', ofItem],
  ['PAYMENT.PAYOUTS-ITEM.REFUNDED', item, 'payout.returned', ofItem],
  ['PAYMENT.PAYOUTS-ITEM.CANCELED', item, 'payout.canceled', ofItem],
  ['PAYMENT.PAYOUTS-ITEM.UNCLAIMED', item, 'payout.pending', ofItem],
];

describe('the PayPal mapping', () => {
  test.each(CASES)('says what %s means %#', (type, resource, means, fields) => {
    const event = eventOf('paypal', paypalEvent(type, resource));

    expect(event).toMatchObject({ ...fields, type: means, providerType: type });
  });

  test('has a case above for each event that a row says it gives', () => {
    const seen = new Set(CASES.map(([type, , means]) => `${type} ${means}`));
    const promised = paypalMapping.rows.flatMap(({ providerType, gives }) =>
      gives.map((means) => `${providerType} ${means}`),
    );

    expect(promised.length).toBeGreaterThan(35);
    expect(promised.filter((one) => !seen.has(one))).toEqual([]);
    expect([...seen].filter((one) => !promised.includes(one))).toEqual([]);
  });

  test('does not take a completed order for a payment', () => {
    expect(mapBody('paypal', paypalEvent('CHECKOUT.ORDER.COMPLETED', order))).toEqual({
      outcome: 'ignored',
      reason: 'informational',
    });
  });

  test('names a payment by its order, authorization and capture', () => {
    expect(eventOf('paypal', paypalEvent('PAYMENT.CAPTURE.COMPLETED', capture))).toMatchObject({
      paymentNames: [
        { kind: 'order', id: '5O190127TN364715T' },
        { kind: 'authorization', id: '0VF52814937998046' },
        { kind: 'capture', id: '2GG279541U471931P' },
      ],
    });
  });

  test('reads authorizations, captures and refunds of version 1 of the API', () => {
    const amount = { total: '42.50', currency: 'USD' };
    const captureV1 = { id: 'C1', amount, parent_payment: 'PAY-1' };
    const refundV1 = { id: 'R1', amount, capture_id: 'C1', parent_payment: 'PAY-1' };

    expect(eventOf('paypal', paypalEvent('PAYMENT.CAPTURE.COMPLETED', captureV1))).toMatchObject({
      paymentId: 'PAY-1',
      captured: usd(4250),
    });
    expect(eventOf('paypal', paypalEvent('PAYMENT.CAPTURE.REFUNDED', refundV1))).toMatchObject({
      paymentId: 'C1',
      amount: usd(4250),
      refundedTotal: null,
    });
  });

  test('tells a reversal with a resource of its own from the sale that it reverses', () => {
    const reversal = { ...saleRefund, id: 'REVERSAL1', amount: { total: '-0.48', currency: 'USD' } };

    expect(eventOf('paypal', paypalEvent('PAYMENT.SALE.REVERSED', reversal))).toMatchObject({
      paymentId: sale.id,
      amount: usd(48),
      related: { refund: 'REVERSAL1' },
    });
  });

  test('gives an event for each payment of a dispute about several, without an amount for each', () => {
    const several = {
      ...dispute,
      disputed_transactions: [{ seller_transaction_id: 'C1' }, { seller_transaction_id: 'C2' }],
    };

    const events = eventsOf(mapBody('paypal', paypalEvent('CUSTOMER.DISPUTE.CREATED', several)));

    expect(events).toMatchObject([
      { paymentId: 'C1', amount: null },
      { paymentId: 'C2', amount: null },
    ]);
    expect(events[1]?.id).toBe(`${events[0]?.id}#2`);
    expect(events[1]?.webhookId).toBe(events[0]?.webhookId);
  });

  test('takes the stage of inquiry for an inquiry', () => {
    const inquiry = { ...dispute, dispute_life_cycle_stage: 'INQUIRY' };

    expect(eventOf('paypal', paypalEvent('CUSTOMER.DISPUTE.CREATED', inquiry))).toMatchObject({ isInquiry: true });
  });

  test('takes the time of the resource when the time of the event is impossible', () => {
    const impossible = { ...paypalEvent('PAYMENT.SALE.COMPLETED', sale), create_time: '2018-19-12T22:20:32.000Z' };
    const resource = { ...sale, update_time: '2026-03-01T05:00:00-07:00' };
    const withTime = { ...paypalEvent('PAYMENT.SALE.COMPLETED', resource), create_time: '2018-19-12T22:20:32.000Z' };

    expect(eventOf('paypal', impossible)).toMatchObject({ type: 'payment.succeeded', occurredAt: null });
    expect(eventOf('paypal', withTime)).toMatchObject({ occurredAt: Date.UTC(2026, 2, 1, 12) });
  });

  test('takes a refund that began in month 19 for one without a beginning', () => {
    const resource = { ...refund, create_time: '2018-19-12T22:20:32.000Z' };

    expect(eventOf('paypal', paypalEvent('PAYMENT.CAPTURE.REFUNDED', resource))).toMatchObject({ beganAt: null });
  });

  test('reads decimals by the currency, PayPal taking none for HUF and TWD', () => {
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

  // biome-ignore format: one line a case.
  test.each([
    ['CHECKOUT.ORDER.APPROVED', { ...order, purchase_units: [] }, 'resource.purchase_units', 'missing'],
    ['CHECKOUT.ORDER.APPROVED', { ...order, purchase_units: [{}] }, 'resource.purchase_units.0.amount', 'missing'],
    ['CHECKOUT.ORDER.APPROVED', { ...order, purchase_units: [{ amount: v2('1') }, { amount: v2('1', 'EUR') }] }, 'resource.purchase_units', 'currencies_mixed'],
    ['PAYMENT.CAPTURE.REFUNDED', { ...refund, links: [] }, 'resource.links', 'missing'],
    ['PAYMENT.CAPTURE.REFUNDED', { ...refund, links: [up('orders/1')] }, 'resource.links', 'missing'],
    ['PAYMENT.SALE.REFUNDED', { ...saleRefund, sale_id: undefined }, 'resource.sale_id', 'missing'],
    ['CUSTOMER.DISPUTE.CREATED', { ...dispute, disputed_transactions: [] }, 'resource.disputed_transactions', 'missing'],
    ['CUSTOMER.DISPUTE.RESOLVED', dispute, 'resource.dispute_outcome', 'missing'],
    ['CUSTOMER.DISPUTE.RESOLVED', resolvedAs('COIN_TOSS'), 'resource.dispute_outcome.outcome_code', 'word_unknown'],
    ['PAYMENT.PAYOUTSBATCH.SUCCESS', {}, 'resource.batch_header', 'missing'],
    ['PAYMENT.PAYOUTS-ITEM.HELD', { ...item, payout_item: null }, 'resource.payout_item', 'missing'],
  ])('says where %s has not the expected shape %#', (type, resource, path, problem) => {
    expect(mapBody('paypal', paypalEvent(type, resource))).toEqual({ outcome: 'shape_unexpected', path, problem });
  });
});
