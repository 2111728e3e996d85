/** Life stories of our own, with what the provider's dashboard would show: what the shared ones do not tell. */
import { PLATFORM_STORIES } from './own-platform-stories.ts';
import { START, type Story, story } from './own-story.ts';
import { adyenNotification, paypalEvent, squareEvent, stripeEvent, type Wire } from './webhooks.ts';

const stripe = (type: string, second: number, object: object, more: object = {}): Wire =>
  stripeEvent(type, object, { created: START + second, ...more });

const paypal = (type: string, second: number, resource: object): Wire => ({
  ...paypalEvent(type, resource),
  create_time: new Date((START + second) * 1000).toISOString(),
});

const square = (type: string, kind: string, second: number, object: object): Wire => ({
  ...squareEvent(type, kind, object),
  created_at: new Date((START + second) * 1000).toISOString(),
});

const adyen = (eventCode: string, second: number, fields: object): Wire => {
  const eventDate = new Date((START + second) * 1000).toISOString().replace('.000Z', 'Z');
  return adyenNotification(eventCode, { eventDate, ...fields });
};

const charge = (id: string, amount: number, more: object = {}): object => ({
  id,
  object: 'charge',
  amount,
  amount_captured: amount,
  amount_refunded: 0,
  captured: true,
  currency: 'usd',
  paid: true,
  payment_intent: null,
  ...more,
});

const dispute = (id: string, of: string, amount: number, status: string, more: object = {}): object => ({
  id,
  object: 'dispute',
  amount,
  balance_transactions: [],
  charge: of,
  currency: 'usd',
  evidence_details: { due_by: null },
  reason: 'general',
  status,
  ...more,
});

const refund = (id: string, of: string, amount: number, status: string): object => ({
  id,
  object: 'refund',
  amount,
  charge: of,
  created: START + 10,
  currency: 'usd',
  payment_intent: null,
  reason: null,
  status,
});

const subscriptionOf = (id: string, status: string): object => ({
  id,
  object: 'subscription',
  customer: 'cus_o',
  status,
});
const invoiceOf = (id: string, status: string, paid: number): object => ({
  id,
  object: 'invoice',
  amount_due: 2000,
  amount_paid: paid,
  amount_remaining: 2000 - paid,
  currency: 'usd',
  customer: 'cus_o',
  status,
});
const payoutOf = (id: string, status: string): object => ({
  id,
  object: 'payout',
  amount: 900,
  currency: 'usd',
  status,
});

const STRIPE: readonly Story[] = [
  story(
    'stripe-two-disputes-of-one-charge',
    'stripe',
    [
      stripe('charge.succeeded', 0, charge('ch_o1', 10_000)),
      stripe('charge.dispute.created', 10, dispute('du_o1a', 'ch_o1', 3000, 'needs_response')),
      stripe('charge.dispute.funds_withdrawn', 11, dispute('du_o1a', 'ch_o1', 3000, 'needs_response')),
      stripe('charge.dispute.created', 20, dispute('du_o1b', 'ch_o1', 5000, 'needs_response')),
      stripe('charge.dispute.funds_withdrawn', 21, dispute('du_o1b', 'ch_o1', 5000, 'needs_response')),
      stripe('charge.dispute.funds_reinstated', 30, dispute('du_o1a', 'ch_o1', 3000, 'won')),
      stripe('charge.dispute.closed', 31, dispute('du_o1a', 'ch_o1', 3000, 'won')),
    ],
    {
      payments: [
        {
          id: 'ch_o1',
          status: 'succeeded',
          captured: '10000',
          disputed: '5000',
          flags: [],
          disputes: [
            { id: 'du_o1a', state: ['won'] },
            { id: 'du_o1b', state: ['open'] },
          ],
        },
      ],
      news: [
        { type: 'dispute.opened', count: 2 },
        { type: 'dispute.closed', count: 1 },
      ],
    },
  ),
  story(
    'stripe-dispute-won-then-lost-again',
    'stripe',
    [
      stripe('charge.succeeded', 0, charge('ch_o2', 10_000)),
      stripe('charge.dispute.created', 10, dispute('du_o2', 'ch_o2', 10_000, 'needs_response')),
      stripe('charge.dispute.funds_withdrawn', 11, dispute('du_o2', 'ch_o2', 10_000, 'needs_response')),
      stripe('charge.dispute.funds_reinstated', 20, dispute('du_o2', 'ch_o2', 10_000, 'won')),
      stripe('charge.dispute.closed', 21, dispute('du_o2', 'ch_o2', 10_000, 'won')),
      stripe('charge.dispute.funds_withdrawn', 30, dispute('du_o2', 'ch_o2', 10_000, 'lost')),
      stripe('charge.dispute.closed', 31, dispute('du_o2', 'ch_o2', 10_000, 'lost')),
    ],
    {
      payments: [
        { id: 'ch_o2', captured: '10000', disputed: '10000', flags: [], disputes: [{ id: 'du_o2', state: ['lost'] }] },
      ],
      news: [
        { type: 'dispute.closed', count: 2 },
        { type: 'dispute.funds_withdrawn', count: 2 },
      ],
    },
  ),
  story(
    'stripe-refund-fails-after-it-succeeded',
    'stripe',
    [
      stripe('charge.succeeded', 0, charge('ch_o3', 10_000)),
      stripe('refund.created', 10, refund('re_o3', 'ch_o3', 4000, 'succeeded')),
      stripe('charge.refunded', 10, charge('ch_o3', 10_000, { amount_refunded: 4000 })),
      stripe('refund.failed', 90, refund('re_o3', 'ch_o3', 4000, 'failed')),
    ],
    {
      payments: [{ id: 'ch_o3', status: 'succeeded', captured: '10000', refunded: '0', flags: [] }],
      news: [
        { type: 'refund.succeeded', count: 1 },
        { type: 'refund.failed', count: 1 },
      ],
    },
  ),
  story(
    'stripe-yen-and-dinar',
    'stripe',
    [
      stripe('charge.succeeded', 0, charge('ch_o4', 5000, { currency: 'jpy' })),
      stripe('charge.succeeded', 0, charge('ch_o5', 12_340, { currency: 'kwd' })),
    ],
    {
      payments: [
        { id: 'ch_o4', captured: '5000', exponent: 0, currency: 'JPY' },
        { id: 'ch_o5', captured: '12340', exponent: 3, currency: 'KWD' },
      ],
    },
  ),
  story(
    'stripe-payout-fails-after-it-was-paid',
    'stripe',
    [
      stripe('payout.paid', 10, payoutOf('po_o1', 'paid')),
      stripe('payout.failed', 20, payoutOf('po_o1', 'failed')),
      stripe('payout.updated', 5, payoutOf('po_o1', 'in_transit')),
    ],
    {
      news: [
        { type: 'payout.paid', count: 1 },
        { type: 'payout.failed', count: 1 },
        { body: 3, count: 0 },
      ],
    },
  ),
  story(
    'stripe-invoice-paid-and-what-was-before',
    'stripe',
    [
      stripe('invoice.paid', 20, invoiceOf('in_o1', 'paid', 2000)),
      stripe('invoice.updated', 20, invoiceOf('in_o1', 'paid', 2000)),
      stripe('invoice.payment_failed', 10, invoiceOf('in_o1', 'open', 0)),
      stripe('invoice.voided', 5, invoiceOf('in_o1', 'void', 0)),
    ],
    {
      news: [
        { type: 'invoice.paid', count: 1 },
        { body: 3, count: 0 },
        { body: 4, count: 0 },
      ],
    },
  ),
  story(
    'stripe-subscription-paused-and-resumed',
    'stripe',
    [
      stripe('customer.subscription.created', 0, subscriptionOf('sub_o1', 'active')),
      stripe('customer.subscription.paused', 10, subscriptionOf('sub_o1', 'paused')),
      stripe('customer.subscription.updated', 10, subscriptionOf('sub_o1', 'paused')),
      stripe('customer.subscription.resumed', 20, subscriptionOf('sub_o1', 'active')),
      stripe('customer.subscription.paused', 30, subscriptionOf('sub_o1', 'paused')),
    ],
    {
      news: [
        { type: 'subscription.paused', count: 2 },
        { type: 'subscription.resumed', count: 1 },
        { body: 3, count: 0 },
      ],
    },
  ),
];

const v1 = (total: string): object => ({ total, currency: 'USD' });
const v2 = (value: string, currency_code = 'USD'): object => ({ value, currency_code });
const up = (path: string): object => ({ href: `https://api.paypal.com/${path}`, rel: 'up', method: 'GET' });

const PAYPAL: readonly Story[] = [
  story(
    'paypal-v1-sale-refunded-in-part',
    'paypal',
    [
      paypal('PAYMENT.SALE.COMPLETED', 0, {
        id: 'SALEO1',
        amount: v1('10.00'),
        state: 'completed',
        parent_payment: 'PAY-O1',
      }),
      paypal('PAYMENT.SALE.REFUNDED', 10, { id: 'REFO1', amount: v1('-4.00'), sale_id: 'SALEO1', state: 'completed' }),
    ],
    { payments: [{ id: 'SALEO1', status: 'succeeded', captured: '1000', refunded: '400', flags: [] }] },
  ),
  story(
    'paypal-forint-refund-fails',
    'paypal',
    [
      paypal('PAYMENT.CAPTURE.COMPLETED', 0, { id: 'CAPO2', amount: v2('5000', 'HUF'), status: 'COMPLETED' }),
      paypal('PAYMENT.CAPTURE.REFUNDED', 10, {
        id: 'REFO2',
        amount: v2('1000', 'HUF'),
        status: 'COMPLETED',
        links: [up('v2/payments/captures/CAPO2')],
      }),
      paypal('PAYMENT.REFUND.FAILED', 20, {
        id: 'REFO2',
        amount: v2('1000', 'HUF'),
        status: 'FAILED',
        links: [up('v2/payments/captures/CAPO2')],
      }),
    ],
    {
      payments: [{ id: 'CAPO2', captured: '5000', refunded: '0', exponent: 0, flags: [] }],
      news: [{ type: 'refund.failed', count: 1 }],
    },
  ),
];

const claimOf = (status: string, more: object = {}): object => ({
  dispute_id: 'PP-O3',
  dispute_amount: v2('100.00'),
  dispute_life_cycle_stage: 'CHARGEBACK',
  disputed_transactions: [{ seller_transaction_id: 'CAPO3' }],
  status,
  ...more,
});

const TWICE: readonly Story[] = [
  story(
    'paypal-claim-accepted-and-refunded',
    'paypal',
    [
      paypal('PAYMENT.CAPTURE.COMPLETED', 0, { id: 'CAPO3', amount: v2('100.00'), status: 'COMPLETED' }),
      paypal('CUSTOMER.DISPUTE.CREATED', 10, claimOf('OPEN')),
      paypal('PAYMENT.CAPTURE.REFUNDED', 20, {
        id: 'REFO3',
        amount: v2('100.00'),
        status: 'COMPLETED',
        links: [up('v2/payments/captures/CAPO3')],
      }),
      paypal('CUSTOMER.DISPUTE.RESOLVED', 20, claimOf('RESOLVED', { dispute_outcome: { outcome_code: 'ACCEPTED' } })),
    ],
    { payments: [{ id: 'CAPO3', captured: '10000', refunded: '10000', flags: ['refunded_more_than_captured'] }] },
  ),
  story(
    'stripe-refunded-and-disputed-and-won',
    'stripe',
    [
      stripe('charge.succeeded', 0, charge('ch_o6', 10_000)),
      stripe('charge.refunded', 10, charge('ch_o6', 10_000, { amount_refunded: 4000 })),
      stripe('charge.dispute.created', 20, dispute('du_o6', 'ch_o6', 10_000, 'needs_response')),
      stripe('charge.dispute.closed', 30, dispute('du_o6', 'ch_o6', 10_000, 'won')),
    ],
    { payments: [{ id: 'ch_o6', captured: '10000', refunded: '4000', disputed: '0', flags: [] }] },
  ),
];

const eur = (value: number): object => ({ currency: 'EUR', value });
const squareRefund = (status: string, more: object): object => ({
  id: 'SQREFO1',
  amount_money: { amount: 300, currency: 'USD' },
  payment_id: 'SQPAYO1',
  status,
  ...more,
});

const OTHERS: readonly Story[] = [
  story(
    'adyen-two-captures-one-fails',
    'adyen',
    [
      adyen('AUTHORISATION', 0, {
        pspReference: 'PSPO1',
        originalReference: '',
        amount: eur(10_000),
        paymentMethod: 'visa',
      }),
      adyen('CAPTURE', 10, { pspReference: 'CAPO1', originalReference: 'PSPO1', amount: eur(6000) }),
      adyen('CAPTURE', 20, { pspReference: 'CAPO2', originalReference: 'PSPO1', amount: eur(4000) }),
      adyen('CAPTURE_FAILED', 30, { pspReference: 'CAPO2', originalReference: 'PSPO1', amount: eur(4000) }),
    ],
    { payments: [{ id: 'PSPO1', status: 'succeeded', amount: '10000', captured: '6000', flags: [] }] },
  ),
  story(
    'adyen-bancontact-is-paid-at-once',
    'adyen',
    [
      adyen('AUTHORISATION', 0, {
        pspReference: 'PSPO2',
        originalReference: '',
        amount: eur(2500),
        paymentMethod: 'bcmc',
      }),
      adyen('REFUND', 10, {
        pspReference: 'REFO3',
        originalReference: 'PSPO2',
        amount: eur(500),
        paymentMethod: 'bcmc',
      }),
    ],
    { payments: [{ id: 'PSPO2', status: 'succeeded', captured: '2500', refunded: '500', flags: [] }] },
  ),
  story(
    'square-refund-of-versions',
    'square',
    [
      square('payment.updated', 'payment', 0, {
        id: 'SQPAYO1',
        status: 'COMPLETED',
        total_money: { amount: 1000, currency: 'USD' },
        updated_at: '2026-03-01T12:26:40Z',
      }),
      square('refund.created', 'refund', 10, squareRefund('PENDING', { version: 0 })),
      square('refund.updated', 'refund', 9, squareRefund('COMPLETED', { version: 2 })),
      square('refund.updated', 'refund', 11, squareRefund('PENDING', { version: 1 })),
    ],
    {
      payments: [{ id: 'SQPAYO1', captured: '1000', refunded: '300', flags: [] }],
      news: [
        { type: 'refund.succeeded', count: 1 },
        { body: 4, count: 0 },
      ],
    },
  ),
];

export const OWN_STORIES: readonly Story[] = [...STRIPE, ...PAYPAL, ...TWICE, ...OTHERS, ...PLATFORM_STORIES];
