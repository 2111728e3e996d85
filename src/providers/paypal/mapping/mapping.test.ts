import { describe, expect, test } from 'vitest';
import {
  authorization,
  batch,
  capture,
  capturedBack,
  dispute,
  invoice,
  item,
  merchant,
  order,
  paidInvoice,
  payment,
  paymentOrder,
  pendingCapture,
  plan,
  referencedPayout,
  refund,
  resolvedAs,
  sale,
  saleRefund,
  subscription,
  token,
  total,
  usd,
  v2,
} from '../../../../test/payments/paypal-resources.ts';
import { eventOf, mapBody, paypalEvent } from '../../../../test/payments/webhooks.ts';
import { paypalMapping } from './mapping.ts';

const ofOrder = {
  paymentId: '5O190127TN364715T',
  amount: usd(4250),
  related: { order: '5O190127TN364715T', customer: 'QYR5Z8XDVJNXQ', merchant_reference: 'cart-7' },
};
const ofV1Payment = {
  paymentId: 'PAYID-MQE6AGY1VT87058TJ580034T',
  amount: usd(413),
  related: { order: payment.id, customer: 'QYR5Z8XDVJNXQ', merchant_reference: 'cart-8' },
};
const ofPaymentOrder = { paymentId: 'PAY-1B56960729604235TKQQIYVY', amount: usd(1000) };
const ofAuthorization = { paymentId: '5O190127TN364715T', amount: usd(4250), part: '0VF52814937998046' };
const ofCapture = { paymentId: '5O190127TN364715T', amount: usd(4250), part: '2GG279541U471931P' };
const byCapture = { paymentId: '2GG279541U471931P', part: '2GG279541U471931P', refundId: refund.id };
const byCaptureBack = { paymentId: '5O190127TN364715T', part: '2GG279541U471931P', amount: usd(4250) };
const ofSale = { paymentId: '80021663DE681814L', part: '80021663DE681814L' };
const ofSaleRefund = { ...ofSale, refundId: '6YX43824R4443062K', amount: usd(1), reason: 'REFUND' };
const ofSubscription = {
  subscriptionId: 'I-BW452GLLEP1G',
  customerId: '2J6QB8YJQSJRJ',
  amount: usd(50_000),
  plan: 'P-5ML4271244454362WXNWU5NQ x2',
  periodEndsAt: Date.UTC(2026, 3, 1, 10),
  related: { merchant_reference: 'member-5' },
};
const ofDispute = {
  paymentId: '2GG279541U471931P',
  part: '2GG279541U471931P',
  disputeId: 'PP-000-042-663-135',
  amount: usd(300),
  isInquiry: false,
  stage: 'CHARGEBACK',
  deadlineAt: Date.UTC(2026, 2, 11, 12),
  reason: 'MERCHANDISE_OR_SERVICE_NOT_RECEIVED',
};
const ofOpenDispute = { ...ofDispute, status: 'WAITING_FOR_SELLER_RESPONSE', outcome: null };
const ofInvoice = { invoiceId: 'INV2-26KH-MY9Q-USVG-4WZD', related: { merchant_reference: 'deal-ref' } };
const ofBatch = {
  payoutId: 'CDZEC5MJ8R5HY',
  batchId: null,
  amount: usd(200),
  fee: usd(50),
  status: 'SUCCESS',
  related: { merchant_reference: 'week-9' },
};
const ofItem = {
  payoutId: 'NE9ZQ3L8CVE7S',
  batchId: 'CDZEC5MJ8R5HY',
  amount: usd(100),
  fee: usd(25),
  related: { merchant_reference: 'seller-1' },
};
const ofTransfer = {
  transferId: 'ITEM6Z9R',
  amount: usd(4000),
  toAccount: 'MERCHANT1',
  related: { capture: '2GG279541U471931P', merchant_reference: 'RELEASE_A' },
};
const ofMerchant = { accountId: 'ELAMYJUN78D6G', related: { merchant_reference: 'seller-5' } };

type Case = readonly [type: string, resource: object, means: string, fields: object];

const REFUND_WORDS = [
  ['COMPLETED', 'refund.succeeded'],
  ['PENDING', 'refund.pending'],
  ['FAILED', 'refund.failed'],
  ['CANCELLED', 'refund.canceled'],
] as const;

const refundCases = (type: string): readonly Case[] =>
  REFUND_WORDS.map(([status, means]) => [type, { ...refund, status }, means, { ...byCapture, amount: usd(1000) }]);

const saleRefundCases = REFUND_WORDS.map(
  ([status, means]): Case => [
    'PAYMENT.SALE.REFUNDED',
    { ...saleRefund, state: status.toLowerCase() },
    means,
    ofSaleRefund,
  ],
);

const SUBSCRIPTION_WORDS = [
  ['SUSPENDED', 'subscription.paused'],
  ['CANCELLED', 'subscription.canceled'],
  ['EXPIRED', 'subscription.expired'],
] as const;

const subscriptionCases = (event: string, told: string): readonly Case[] => [
  [`BILLING.SUBSCRIPTION.${event}`, subscription, told, { ...ofSubscription, status: 'ACTIVE' }],
  ...SUBSCRIPTION_WORDS.map(
    ([status, means]): Case => [
      `BILLING.SUBSCRIPTION.${event}`,
      { ...subscription, status },
      means,
      { ...ofSubscription, status },
    ],
  ),
];

const invoiceCases = (event: string, told: string): readonly Case[] => {
  const type = `INVOICING.INVOICE.${event}`;
  return [
    [type, { invoice: { ...invoice, status: 'NEW_WORD' } }, told, { ...ofInvoice, status: 'NEW_WORD' }],
    [type, paidInvoice('PAYMENT_PENDING'), 'invoice.updated', { ...ofInvoice, amount: usd(2500) }],
    [type, paidInvoice('PARTIALLY_PAID'), 'invoice.payment_made', { amount: usd(2000), isPaidOutOfBand: false }],
    [type, paidInvoice('PAID'), 'invoice.paid', { amount: usd(2000), paymentIds: ['8E2904407M872241P'] }],
    [type, paidInvoice('MARKED_AS_PAID'), 'invoice.paid', { amount: usd(2000), isPaidOutOfBand: true }],
    [type, paidInvoice('PARTIALLY_REFUNDED'), 'invoice.refunded', { amount: usd(700) }],
    [type, paidInvoice('REFUNDED'), 'invoice.refunded', { amount: usd(700) }],
    [type, { invoice: { ...invoice, status: 'CANCELLED' } }, 'invoice.canceled', { amount: usd(2500) }],
  ];
};

const accountCases = paypalMapping.rows
  .filter(({ gives: [given] }) => given === 'account.updated')
  .map(
    ({ providerType }): Case => [
      providerType,
      merchant,
      'account.updated',
      { ...ofMerchant, status: /[A-Z-]+(?:\.COMPLETED)?$/.exec(providerType)?.[0] },
    ],
  );

// biome-ignore format: one line a case.
const CASES: readonly Case[] = [
  ['CHECKOUT.ORDER.APPROVED', order, 'payment.created', { ...ofOrder, captured: null }],
  ['CHECKOUT.ORDER.SAVED', { ...order, status: 'SAVED' }, 'payment.created', ofOrder],
  ['CHECKOUT.ORDER.PROCESSED', { ...order, status: 'COMPLETED' }, 'order.updated', { orderId: order.id, amount: usd(4250), status: 'COMPLETED', related: ofOrder.related }],
  ['CHECKOUT.ORDER.DECLINED', order, 'payment.failed', ofOrder],
  ['CHECKOUT.ORDER.VOIDED', { ...order, status: 'VOIDED' }, 'payment.canceled', ofOrder],
  ['CHECKOUT.PAYMENT-APPROVAL.REVERSED', { ...order, id: undefined, order_id: order.id }, 'payment.canceled', ofOrder],
  ['CHECKOUT.CHECKOUT.BUYER-APPROVED', payment, 'payment.created', ofV1Payment],
  ['PAYMENTS.PAYMENT.CREATED', payment, 'payment.created', ofV1Payment],
  ['PAYMENT.ORDER.CREATED', paymentOrder, 'payment.created', ofPaymentOrder],
  ['PAYMENT.ORDER.CANCELLED', { ...paymentOrder, state: 'voided' }, 'payment.canceled', ofPaymentOrder],
  ['PAYMENT.AUTHORIZATION.CREATED', authorization, 'payment.authorized', ofAuthorization],
  ['PAYMENT.AUTHORIZATION.CREATED', { ...authorization, status: 'PENDING', status_details: { reason: 'PENDING_REVIEW' } }, 'payment.pending', { ...ofAuthorization, reason: 'PENDING_REVIEW' }],
  ['PAYMENT.AUTHORIZATION.CREATED', { ...authorization, status: 'DENIED' }, 'payment.failed', ofAuthorization],
  ['PAYMENT.AUTHORIZATION.CREATED', { ...authorization, status: undefined, state: 'expired' }, 'payment.canceled', ofAuthorization],
  ['PAYMENT.AUTHORIZATION.VOIDED', { ...authorization, status: 'VOIDED' }, 'payment.canceled', ofAuthorization],
  ['PAYMENT.AUTHORIZATION.VOIDED', { ...authorization, amount: undefined }, 'payment.canceled', { ...ofAuthorization, amount: null }],
  ['PAYMENT.CAPTURE.PENDING', pendingCapture, 'payment.pending', { ...ofCapture, captured: usd(0), reason: 'PENDING_REVIEW' }],
  ['PAYMENT.CAPTURE.COMPLETED', capture, 'payment.succeeded', { ...ofCapture, captured: usd(4250), fee: usd(174), related: { merchant_reference: 'cart-7' } }],
  ['PAYMENT.CAPTURE.COMPLETED', { ...capture, status: 'PARTIALLY_REFUNDED' }, 'payment.succeeded', { ...ofCapture, captured: usd(4250) }],
  ['PAYMENT.CAPTURE.COMPLETED', { ...capture, status: 'PENDING' }, 'payment.pending', { ...ofCapture, captured: usd(0) }],
  ['PAYMENT.CAPTURE.COMPLETED', { ...capture, status: 'DECLINED' }, 'payment.failed', { ...ofCapture, captured: usd(0) }],
  ['PAYMENT.CAPTURE.DENIED', { ...pendingCapture, status: 'DECLINED' }, 'payment.failed', { ...ofCapture, captured: usd(0) }],
  ['PAYMENT.CAPTURE.DECLINED', { ...pendingCapture, status: 'DECLINED' }, 'payment.failed', ofCapture],
  ['PAYMENT.CAPTURE.REFUNDED', refund, 'refund.succeeded', { ...byCapture, amount: usd(1000), refundedTotal: usd(1500), beganAt: Date.UTC(2026, 2, 1, 12) }],
  ...refundCases('PAYMENT.CAPTURE.REFUNDED'),
  ['PAYMENT.CAPTURE.REFUNDED', capturedBack, 'payment.refund_total', byCaptureBack],
  ['PAYMENT.CAPTURE.REVERSED', { ...refund, amount: v2('-42.50') }, 'payment.reversed', { paymentId: '2GG279541U471931P', part: '2GG279541U471931P', amount: usd(4250), captured: null, related: { refund: refund.id } }],
  ['PAYMENT.CAPTURE.REVERSED', capturedBack, 'payment.reversed', byCaptureBack],
  ...refundCases('PAYMENT.REFUND.PENDING'),
  ...refundCases('PAYMENT.REFUND.COMPLETED'),
  ['PAYMENT.REFUND.FAILED', { ...refund, status: 'FAILED', status_details: { reason: 'ECHECK' } }, 'refund.failed', { ...byCapture, reason: 'ECHECK' }],
  ['PAYMENT.REFUND.FAILED', { ...refund, status: 'PENDING' }, 'refund.failed', byCapture],
  ['PAYMENT.REFUND.FAILED', { ...refund, status: 'CANCELLED' }, 'refund.canceled', byCapture],
  ['PAYMENT.REFUND.CANCELLED', { ...refund, status: undefined }, 'refund.canceled', byCapture],
  ['PAYMENT.REFUND.CANCELLED', { ...refund, status: 'FAILED' }, 'refund.failed', byCapture],
  ['PAYMENT.SALE.COMPLETED', sale, 'payment.succeeded', { ...ofSale, amount: usd(48), captured: usd(48), fee: usd(31), related: { capture: sale.id, subscription: 'I-PE7JWXKGVN0R' } }],
  ['PAYMENT.SALE.COMPLETED', { ...sale, state: 'pending' }, 'payment.pending', { ...ofSale, captured: usd(0) }],
  ['PAYMENT.SALE.COMPLETED', { ...sale, state: 'denied' }, 'payment.failed', { ...ofSale, captured: usd(0) }],
  // Real: a held sale says that it is completed.
  ['PAYMENT.SALE.PENDING', { ...sale, payment_hold_status: 'HELD' }, 'payment.pending', { ...ofSale, captured: usd(0) }],
  ['PAYMENT.SALE.DENIED', { ...sale, state: 'denied' }, 'payment.failed', { ...ofSale, captured: usd(0) }],
  ...saleRefundCases,
  ['PAYMENT.SALE.REFUNDED', { ...sale, state: 'refunded', links: [{ rel: 'self', href: `https://api.paypal.com/v1/payments/sale/${sale.id}` }] }, 'payment.refund_total', { ...ofSale, amount: usd(48) }],
  ['PAYMENT.SALE.REVERSED', { ...sale, amount: total('-0.49') }, 'payment.reversed', { ...ofSale, amount: usd(49) }],
  ...subscriptionCases('CREATED', 'subscription.created'),
  ...subscriptionCases('ACTIVATED', 'subscription.activated'),
  ...subscriptionCases('RE-ACTIVATED', 'subscription.resumed'),
  ...subscriptionCases('UPDATED', 'subscription.updated'),
  ...subscriptionCases('SUSPENDED', 'subscription.paused'),
  ...subscriptionCases('CANCELLED', 'subscription.canceled'),
  ...subscriptionCases('EXPIRED', 'subscription.expired'),
  ['BILLING.SUBSCRIPTION.PAYMENT.FAILED', subscription, 'invoice.payment_failed', { invoiceId: null, subscriptionId: 'I-BW452GLLEP1G', amount: usd(50_100), attempts: 1, reason: 'PAYMENT_DENIED' }],
  ['BILLING.PLAN.PRICING-CHANGE.ACTIVATED', plan, 'subscription.updated', { subscriptionId: null, plan: plan.id, amount: usd(1200), status: 'ACTIVE' }],
  ['CUSTOMER.DISPUTE.CREATED', dispute, 'dispute.opened', { ...ofOpenDispute, related: { capture: '2GG279541U471931P', dispute: dispute.dispute_id, customer: 'QYR5Z8XDVJNXQ', merchant_reference: 'cart-7' } }],
  ['CUSTOMER.DISPUTE.CREATED', resolvedAs('DENIED'), 'dispute.closed', { ...ofDispute, status: 'RESOLVED', outcome: 'won' }],
  ['RISK.DISPUTE.CREATED', dispute, 'dispute.opened', ofOpenDispute],
  ['RISK.DISPUTE.CREATED', resolvedAs('ACCEPTED'), 'dispute.closed', { ...ofDispute, outcome: 'lost' }],
  ['CUSTOMER.DISPUTE.UPDATED', dispute, 'dispute.updated', ofOpenDispute],
  ['CUSTOMER.DISPUTE.UPDATED', resolvedAs('RESOLVED_SELLER_FAVOUR'), 'dispute.closed', { ...ofDispute, outcome: 'won' }],
  ['CUSTOMER.DISPUTE.RESOLVED', resolvedAs('RESOLVED_BUYER_FAVOUR'), 'dispute.closed', { ...ofDispute, outcome: 'lost' }],
  ['CUSTOMER.DISPUTE.RESOLVED', resolvedAs('ACCEPTED'), 'dispute.closed', { outcome: 'lost' }],
  ['CUSTOMER.DISPUTE.RESOLVED', resolvedAs('RESOLVED_SELLER_FAVOUR'), 'dispute.closed', { outcome: 'won' }],
  ['CUSTOMER.DISPUTE.RESOLVED', resolvedAs('DENIED'), 'dispute.closed', { outcome: 'won' }],
  ['CUSTOMER.DISPUTE.RESOLVED', resolvedAs('RESOLVED_WITH_PAYOUT', v2('3.00')), 'dispute.closed', { outcome: 'closed', moved: null, movement: null }],
  ['CUSTOMER.DISPUTE.RESOLVED', resolvedAs('CANCELED_BY_BUYER'), 'dispute.closed', { outcome: 'closed' }],
  ...invoiceCases('CREATED', 'invoice.created'),
  ...invoiceCases('SCHEDULED', 'invoice.updated'),
  ...invoiceCases('UPDATED', 'invoice.updated'),
  ...invoiceCases('PAID', 'invoice.paid'),
  ...invoiceCases('REFUNDED', 'invoice.refunded'),
  ...invoiceCases('CANCELLED', 'invoice.canceled'),
  ['INVOICING.INVOICE.UPDATED', { invoice: { ...invoice, status: 'SENT' } }, 'invoice.finalized', { ...ofInvoice, amount: usd(2500) }],
  ['INVOICING.INVOICE.SCHEDULED', { invoice: { ...invoice, status: 'UNPAID' } }, 'invoice.finalized', ofInvoice],
  ['PAYMENT.PAYOUTSBATCH.PROCESSING', batch, 'payout.created', ofBatch],
  ['PAYMENT.PAYOUTSBATCH.SUCCESS', batch, 'payout.batch_processed', ofBatch],
  ['PAYMENT.PAYOUTSBATCH.DENIED', batch, 'payout.failed', ofBatch],
  ['PAYMENT.PAYOUTS-ITEM.SUCCEEDED', { ...item, transaction_status: 'SUCCESS', errors: undefined }, 'payout.paid', { ...ofItem, status: 'SUCCESS', reason: null }],
  ['PAYMENT.PAYOUTS-ITEM.SUCCEEDED', item, 'payout.failed', ofItem],
  ['PAYMENT.PAYOUTS-ITEM.SUCCEEDED', { ...item, transaction_status: 'ONHOLD' }, 'payout.pending', ofItem],
  ['PAYMENT.PAYOUTS-ITEM.SUCCEEDED', { ...item, transaction_status: 'REVERSED' }, 'payout.returned', ofItem],
  ['PAYMENT.PAYOUTS-ITEM.FAILED', item, 'payout.failed', { ...ofItem, reason: 'RECEIVER_UNREGISTERED' }],
  ['PAYMENT.PAYOUTS-ITEM.DENIED', { ...item, errors: [{ name: 'SENDER_RESTRICTED' }] }, 'payout.failed', { ...ofItem, reason: 'SENDER_RESTRICTED' }],
  ['PAYMENT.PAYOUTS-ITEM.BLOCKED', item, 'payout.failed', ofItem],
  ['PAYMENT.PAYOUTS-ITEM.HELD', item, 'payout.pending', ofItem],
  ['PAYMENT.PAYOUTS-ITEM.RETURNED', item, 'payout.returned', ofItem],
  ['PAYMENT.PAYOUTS-ITEM.REFUNDED', item, 'payout.returned', ofItem],
  ['PAYMENT.PAYOUTS-ITEM.CANCELED', item, 'payout.canceled', ofItem],
  ['PAYMENT.PAYOUTS-ITEM.UNCLAIMED', item, 'payout.pending', ofItem],
  ['PAYMENT.REFERENCED-PAYOUT-ITEM.COMPLETED', referencedPayout, 'transfer.created', { ...ofTransfer, status: 'SUCCESS' }],
  ['PAYMENT.REFERENCED-PAYOUT-ITEM.FAILED', { ...referencedPayout, processing_state: { status: 'FAILED', reason: 'NOT_ENOUGH_BALANCE' } }, 'transfer.failed', { ...ofTransfer, reason: 'NOT_ENOUGH_BALANCE' }],
  ...accountCases,
  ['MERCHANT.PARTNER-CONSENT.REVOKED', merchant, 'account.disconnected', ofMerchant],
  ['IDENTITY.AUTHORIZATION-CONSENT.REVOKED', { payer_id: 'QYR5Z8XDVJNXQ' }, 'account.disconnected', { accountId: 'QYR5Z8XDVJNXQ' }],
  ['VAULT.PAYMENT-TOKEN.CREATED', token, 'payment_method.saved', { paymentMethodId: '9n6724m', customerId: '208743798', related: { order: order.id } }],
  ['VAULT.PAYMENT-TOKEN.DELETION-INITIATED', { id: '9n6724m' }, 'payment_method.updated', { paymentMethodId: '9n6724m', status: 'DELETION-INITIATED' }],
  ['VAULT.PAYMENT-TOKEN.DELETED', { id: '9n6724m' }, 'payment_method.removed', { paymentMethodId: '9n6724m', customerId: null }],
  ['VAULT.CREDIT-CARD.CREATED', { id: 'CARD-1', state: 'ok', external_customer_id: 'c-1' }, 'payment_method.saved', { paymentMethodId: 'CARD-1', customerId: 'c-1', status: 'ok' }],
  ['VAULT.CREDIT-CARD.UPDATED', { id: 'CARD-1', state: 'ok' }, 'payment_method.updated', { paymentMethodId: 'CARD-1' }],
  ['VAULT.CREDIT-CARD.DELETED', { id: 'CARD-1' }, 'payment_method.removed', { paymentMethodId: 'CARD-1' }],
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

    expect(promised.length).toBeGreaterThan(120);
    expect(promised.filter((one) => !seen.has(one))).toEqual([]);
    expect([...seen].filter((one) => !promised.includes(one))).toEqual([]);
  });

  test('does not take a completed order for a payment', () => {
    expect(mapBody('paypal', paypalEvent('CHECKOUT.ORDER.COMPLETED', order))).toEqual({
      outcome: 'ignored',
      reason: 'informational',
    });
  });
});
