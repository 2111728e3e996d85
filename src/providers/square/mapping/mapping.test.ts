import type { Square } from 'square';
import { describe, expect, test } from 'vitest';
import { eventOf, mapBody, sampleObject, squareEvent } from '../../../../test/payments/webhooks.ts';
import { squareMapping } from './mapping.ts';

const usd = (minor: number | bigint) => ({ minor: BigInt(minor), currency: 'USD', exponent: 2 });
const money = (amount: bigint): Square.Money => ({ amount, currency: 'USD' });

const payment: Square.Payment = {
  id: 'PAYMENT1',
  amountMoney: money(1000n),
  tipMoney: money(200n),
  totalMoney: money(1200n),
  status: 'COMPLETED',
  orderId: 'ORDER1',
  customerId: 'CUSTOMER1',
  referenceId: 'order-17',
  createdAt: '2026-03-01T12:34:55.000Z',
  updatedAt: '2026-03-01T12:34:56.000Z',
  processingFee: [
    { amountMoney: money(65n), type: 'INITIAL' },
    { amountMoney: money(-5n), type: 'ADJUSTMENT' },
  ],
  refundedMoney: money(300n),
  versionToken: 'token',
};
const refund: Square.PaymentRefund = {
  id: 'PAYMENT1_REFUND1',
  status: 'COMPLETED',
  amountMoney: money(300n),
  paymentId: 'PAYMENT1',
  orderId: 'ORDER1',
  reason: '<b>broken</b>',
  createdAt: '2026-03-01T12:00:00.000Z',
};
const dispute: Square.Dispute = {
  id: 'DISPUTE1',
  amountMoney: money(1200n),
  reason: 'NO_KNOWLEDGE',
  state: 'EVIDENCE_REQUIRED',
  disputedPayment: { paymentId: 'PAYMENT1' },
  version: 4,
};
const payout: Square.Payout = {
  id: 'po_1',
  status: 'PAID',
  locationId: 'L1',
  amountMoney: money(900n),
  payoutFee: [{ amountMoney: money(9n), type: 'TRANSFER_FEE' }],
  version: 2,
};
const invoice: Square.Invoice = {
  id: 'inv:1',
  subscriptionId: 'SUBSCRIPTION1',
  primaryRecipient: { customerId: 'CUSTOMER1' },
  paymentRequests: [
    { computedAmountMoney: money(400n), totalCompletedAmountMoney: money(100n) },
    { computedAmountMoney: money(800n), totalCompletedAmountMoney: money(800n) },
  ],
};
const subscription: Square.Subscription = {
  id: 'SUBSCRIPTION1',
  customerId: 'CUSTOMER1',
  status: 'ACTIVE',
  version: 1n,
};
const revocation: Square.OauthAuthorizationRevokedEventRevocationObject = {
  revokedAt: '2026-03-01T12:00:00Z',
  revokerType: 'MERCHANT',
};

/** The SDK's names to the names on the wire. */
const onWire = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(onWire);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [
      key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      onWire(member),
    ]),
  );
};

const body = (type: string, kind: string, object: object) => squareEvent(type, kind, onWire(object) as object);

const ofPayment = { paymentId: 'PAYMENT1', amount: usd(1200), fee: usd(60), refundedTotal: usd(300) };
const ofRefund = {
  paymentId: 'PAYMENT1',
  refundId: 'PAYMENT1_REFUND1',
  amount: usd(300),
  beganAt: Date.UTC(2026, 2, 1, 12),
  reason: null,
};
const ofDispute = {
  paymentId: 'PAYMENT1',
  disputeId: 'DISPUTE1',
  amount: usd(1200),
  ordering: { by: 'version', value: 4 },
};
const ofInvoice = { invoiceId: 'inv:1', subscriptionId: 'SUBSCRIPTION1', customerId: 'CUSTOMER1' };

type Case = readonly [type: string, kind: string, object: object, means: string, fields: object];

const paymentCases = ['payment.created', 'payment.updated'].flatMap((type): Case[] => [
  [type, 'payment', { ...payment, status: 'APPROVED' }, 'payment.authorized', { ...ofPayment, captured: null }],
  [type, 'payment', { ...payment, status: 'PENDING' }, 'payment.pending', { ...ofPayment, captured: null }],
  [type, 'payment', payment, 'payment.succeeded', { ...ofPayment, captured: usd(1200) }],
  [type, 'payment', { ...payment, status: 'CANCELED' }, 'payment.canceled', { ...ofPayment, captured: null }],
  [
    type,
    'payment',
    { ...payment, status: 'FAILED', cardDetails: { errors: [{ code: 'GENERIC_DECLINE' }] } },
    'payment.failed',
    { ...ofPayment, reason: 'GENERIC_DECLINE' },
  ],
]);

const refundCases = ['refund.created', 'refund.updated'].flatMap((type): Case[] => [
  [type, 'refund', { ...refund, status: 'PENDING' }, 'refund.pending', ofRefund],
  [type, 'refund', refund, 'refund.succeeded', ofRefund],
  [type, 'refund', { ...refund, status: 'REJECTED' }, 'refund.failed', ofRefund],
  [type, 'refund', { ...refund, status: 'FAILED' }, 'refund.failed', ofRefund],
]);

const disputeCases = ['dispute.state.updated', 'dispute.state.changed'].flatMap((type): Case[] => [
  [type, 'dispute', { ...dispute, state: 'WON' }, 'dispute.closed', { ...ofDispute, outcome: 'won' }],
  [type, 'dispute', { ...dispute, state: 'LOST' }, 'dispute.closed', { ...ofDispute, outcome: 'lost' }],
  [type, 'dispute', { ...dispute, state: 'ACCEPTED' }, 'dispute.closed', { ...ofDispute, outcome: 'lost' }],
  [type, 'dispute', { ...dispute, state: 'INQUIRY_CLOSED' }, 'dispute.closed', { outcome: 'closed', isInquiry: true }],
  [type, 'dispute', { ...dispute, state: 'PROCESSING' }, 'dispute.updated', { ...ofDispute, outcome: null }],
  [type, 'dispute', { ...dispute, state: 'INQUIRY_EVIDENCE_REQUIRED' }, 'dispute.updated', { isInquiry: true }],
]);

const evidenceCases = ['added', 'created', 'removed', 'deleted'].flatMap((what): Case[] => [
  [`dispute.evidence.${what}`, 'dispute', dispute, 'dispute.updated', ofDispute],
  [`dispute.evidence.${what}`, 'dispute', { ...dispute, state: 'WON' }, 'dispute.closed', { outcome: 'won' }],
]);

const INVOICE_STATUSES = [
  ['PAID', 'invoice.paid', 900],
  ['PARTIALLY_PAID', 'invoice.payment_made', 900],
  ['REFUNDED', 'invoice.refunded', null],
  ['CANCELED', 'invoice.canceled', 1200],
  ['FAILED', 'invoice.payment_failed', 1200],
] as const;

const invoiceCases = ['created', 'published', 'updated'].flatMap((what): Case[] => [
  [
    `invoice.${what}`,
    'invoice',
    { ...invoice, status: 'UNPAID', orderId: 'ORDER1' },
    what === 'published' ? 'invoice.finalized' : `invoice.${what}`,
    { ...ofInvoice, amount: usd(1200), status: 'UNPAID', related: { order: 'ORDER1' } },
  ],
  ...INVOICE_STATUSES.map(
    ([status, means, amount]): Case => [
      `invoice.${what}`,
      'invoice',
      { ...invoice, status },
      means,
      { ...ofInvoice, status, amount: amount === null ? null : usd(amount) },
    ],
  ),
]);

const terminal = { id: 'TERMINAL1', amountMoney: money(700n), orderId: 'ORDER1', referenceId: 'till-3' };
const ofTerminal = {
  checkoutId: 'TERMINAL1',
  amount: usd(700),
  related: { order: 'ORDER1', merchant_reference: 'till-3' },
};

const terminalCases = ['created', 'updated'].flatMap((what): Case[] => [
  [`terminal.checkout.${what}`, 'checkout', { ...terminal, status: 'PENDING' }, 'checkout.updated', ofTerminal],
  [`terminal.checkout.${what}`, 'checkout', { ...terminal, status: 'COMPLETED' }, 'checkout.completed', ofTerminal],
  [
    `terminal.checkout.${what}`,
    'checkout',
    { ...terminal, status: 'CANCELED', cancelReason: 'BUYER_CANCELED' },
    'checkout.canceled',
    { ...ofTerminal, reason: 'BUYER_CANCELED' },
  ],
  [
    `terminal.checkout.${what}`,
    'checkout',
    { id: 'TERMINAL1', status: 'CANCELED', cancelReason: 'TIMED_OUT' },
    'checkout.expired',
    { amount: null, reason: 'TIMED_OUT' },
  ],
  [
    `terminal.refund.${what}`,
    'refund',
    { id: 'TR1', paymentId: 'PAYMENT1', amountMoney: money(700n), status: 'CANCELED', cancelReason: 'SELLER_CANCELED' },
    'refund.canceled',
    { paymentId: 'PAYMENT1', refundId: 'TR1', amount: usd(700), reason: 'SELLER_CANCELED' },
  ],
]);

const card = { id: 'ccof:1', customerId: 'CUSTOMER1', enabled: true };
const bank = { id: 'bact:1', customerId: 'CUSTOMER1', status: 'VERIFIED' };

// biome-ignore format: one line a case.
const storedCases: readonly Case[] = [
  ['card.created', 'card', card, 'payment_method.saved', { paymentMethodId: 'ccof:1', customerId: 'CUSTOMER1', status: 'enabled' }],
  ['card.updated', 'card', card, 'payment_method.updated', {}],
  ['card.automatically_updated', 'card', { ...card, issuerAlert: 'ISSUER_ALERT_CARD_CLOSED' }, 'payment_method.updated', { reason: 'ISSUER_ALERT_CARD_CLOSED' }],
  ['card.disabled', 'card', { ...card, enabled: false }, 'payment_method.removed', { status: 'disabled' }],
  ['card.forgotten', 'card', { id: 'ccof:1' }, 'payment_method.removed', { status: null }],
  ['bank_account.created', 'bank_account', { ...bank, status: 'VERIFICATION_IN_PROGRESS' }, 'payment_method.saved', { status: 'VERIFICATION_IN_PROGRESS' }],
  ['bank_account.verified', 'bank_account', bank, 'payment_method.updated', { paymentMethodId: 'bact:1' }],
  ['bank_account.disabled', 'bank_account', { ...bank, status: 'DISABLED' }, 'payment_method.failed', { status: 'DISABLED' }],
  ['gift_card.created', 'gift_card', { id: 'gftc:1', state: 'PENDING' }, 'balance.updated', { of: 'gift_card', balanceId: 'gftc:1', movementId: null, status: 'PENDING' }],
  ['gift_card.updated', 'gift_card', { id: 'gftc:1', state: 'ACTIVE' }, 'balance.updated', { status: 'ACTIVE' }],
  ['gift_card.activity.created', 'gift_card_activity', { id: 'A1', type: 'LOAD', giftCardId: 'gftc:1', loadActivityDetails: { amountMoney: money(50n) } }, 'balance.updated', { balanceId: 'gftc:1', movementId: 'A1', amount: usd(50), reason: 'LOAD' }],
  ['gift_card.activity.updated', 'gift_card_activity', { id: 'A2', type: 'REDEEM', giftCardId: 'gftc:1', redeemActivityDetails: { amountMoney: money(50n), status: 'COMPLETED' } }, 'balance.updated', { amount: usd(-50), status: 'COMPLETED' }],
  ['order.created', 'order_created', { orderId: 'ORDER1', state: 'OPEN' }, 'order.updated', { orderId: 'ORDER1', status: 'OPEN' }],
  ['order.updated', 'order_updated', { orderId: 'ORDER1', state: 'COMPLETED' }, 'order.updated', { orderId: 'ORDER1', status: 'COMPLETED' }],
];

// biome-ignore format: one line a case.
const CASES: readonly Case[] = [
  ...paymentCases,
  ...refundCases,
  ['dispute.created', 'dispute', { ...dispute, state: 'LOST' }, 'dispute.closed', { ...ofDispute, outcome: 'lost', status: 'LOST' }],
  ['dispute.created', 'dispute', dispute, 'dispute.opened', { ...ofDispute, isInquiry: false, reason: 'NO_KNOWLEDGE' }],
  ...disputeCases,
  ...evidenceCases,
  ...invoiceCases,
  ...terminalCases,
  ...storedCases,
  ['payout.sent', 'payout', { ...payout, status: 'SENT' }, 'payout.created', { amount: usd(900), fee: usd(9) }],
  ['payout.paid', 'payout', payout, 'payout.paid', { payoutId: 'po_1', amount: usd(900), fee: usd(9) }],
  ['payout.sent', 'payout', { ...payout, status: 'FAILED' }, 'payout.failed', { payoutId: 'po_1' }],
  ['payout.paid', 'payout', { ...payout, status: 'FAILED' }, 'payout.failed', { payoutId: 'po_1' }],
  ['payout.failed', 'payout', { ...payout, status: 'FAILED', amountMoney: money(-900n) }, 'payout.failed', { amount: usd(-900) }],
  ['invoice.payment_made', 'invoice', invoice, 'invoice.paid', { ...ofInvoice, amount: usd(900) }],
  ['invoice.payment_made', 'invoice', { ...invoice, status: 'PARTIALLY_PAID' }, 'invoice.payment_made', { ...ofInvoice, amount: usd(900) }],
  ['invoice.deleted', 'invoice', {}, 'invoice.canceled', { invoiceId: 'object-1', reason: 'deleted' }],
  ['invoice.scheduled_charge_failed', 'invoice', invoice, 'invoice.payment_failed', { ...ofInvoice, amount: usd(1200) }],
  ['invoice.refunded', 'invoice', invoice, 'invoice.refunded', { ...ofInvoice, amount: null }],
  ['invoice.canceled', 'invoice', invoice, 'invoice.canceled', { ...ofInvoice, amount: usd(1200) }],
  ['subscription.created', 'subscription', subscription, 'subscription.created', { subscriptionId: 'SUBSCRIPTION1', status: 'ACTIVE' }],
  ['subscription.updated', 'subscription', subscription, 'subscription.updated', { customerId: 'CUSTOMER1' }],
  ['subscription.updated', 'subscription', { ...subscription, status: 'PAUSED' }, 'subscription.paused', {}],
  ['subscription.updated', 'subscription', { ...subscription, status: 'CANCELED' }, 'subscription.canceled', {}],
  ['subscription.updated', 'subscription', { ...subscription, status: 'DEACTIVATED' }, 'subscription.canceled', {}],
  ['subscription.updated', 'subscription', { ...subscription, status: 'COMPLETED' }, 'subscription.expired', {}],
  ['oauth.authorization.revoked', 'revocation', revocation, 'account.disconnected', { account: 'MLTEST', reason: 'MERCHANT' }],
];

describe('the Square mapping', () => {
  test.each(CASES)('says what %s with a %s means %#', (type, kind, object, means, fields) => {
    const event = eventOf('square', body(type, kind, object));

    expect(event).toMatchObject({ ...fields, type: means, providerType: type, account: 'MLTEST' });
  });

  test('has a case above for each event that a row says it gives', () => {
    const seen = new Set(CASES.map(([type, , , means]) => `${type} ${means}`));
    const promised = squareMapping.rows.flatMap(({ providerType, gives }) =>
      gives.map((means) => `${providerType} ${means}`),
    );

    expect(promised.length).toBeGreaterThan(30);
    expect(promised.filter((one) => !seen.has(one))).toEqual([]);
    expect([...seen].filter((one) => !promised.includes(one))).toEqual([]);
  });

  test('ignores the test button', () => {
    const result = mapBody('square', sampleObject('square', 'webhooks.test_notification'));

    expect(result).toEqual({ outcome: 'ignored', reason: 'test_notification' });
  });

  test('does not name a payment by its order, which may take several', () => {
    expect(eventOf('square', body('payment.updated', 'payment', payment))).toMatchObject({
      paymentNames: [{ kind: 'payment', id: 'PAYMENT1' }],
      related: { order: 'ORDER1', customer: 'CUSTOMER1', merchant_reference: 'order-17' },
    });
  });

  test('falls back to the amount without a total', () => {
    const { totalMoney: _, refundedMoney: __, processingFee: ___, ...bare } = payment;

    expect(eventOf('square', body('payment.updated', 'payment', bare))).toMatchObject({
      amount: usd(1000),
      refundedTotal: null,
      fee: null,
    });
  });

  test('orders states of a payment by the time of the payment, not of the event', () => {
    expect(eventOf('square', body('payment.updated', 'payment', payment))).toMatchObject({
      ordering: { by: 'time', value: Date.UTC(2026, 2, 1, 12, 34, 56) },
    });
  });

  test('reads a dispute under the name that the reference gives it, and in its form before 2020', () => {
    const { disputedPayment: _, id: __, ...rest } = dispute;
    const older = { ...rest, disputeId: 'DISPUTE1', disputedPayments: [{ paymentId: 'PAYMENT1' }] };

    expect(eventOf('square', body('dispute.created', 'object', dispute))).toMatchObject(ofDispute);
    expect(eventOf('square', body('dispute.created', 'dispute', older))).toMatchObject(ofDispute);
  });

  test('reads the currency of a payout under both names', () => {
    const example = { ...payout, amountMoney: { amount: 900n, currencyCode: 'USD' } };

    expect(eventOf('square', body('payout.paid', 'payout', example))).toMatchObject({ amount: usd(900) });
  });

  test('lets a refund without a payment name none', () => {
    const { paymentId: _, ...unlinked } = refund;

    expect(eventOf('square', body('refund.updated', 'refund', { ...unlinked, unlinked: true }))).toMatchObject({
      paymentId: null,
      paymentNames: [],
    });
  });

  test('keeps all digits of amounts larger than 2^53', () => {
    const large = { ...payment, totalMoney: money(9_007_199_254_740_993n) };

    expect(eventOf('square', body('payment.updated', 'payment', large))).toMatchObject({
      amount: usd(9_007_199_254_740_993n),
    });
  });

  test('counts Icelandic crowns whole, unlike Stripe', () => {
    const crowns = { ...payment, totalMoney: { amount: 500n, currency: 'ISK' } };

    expect(eventOf('square', body('payment.updated', 'payment', crowns))).toMatchObject({
      amount: { minor: 500n, currency: 'ISK', exponent: 0 },
    });
  });

  test.each([
    ['payment', { ...payment, status: 'SOLD' }, 'status', 'word_unknown'],
    ['payment', { ...payment, id: null }, 'id', 'missing'],
    ['payment', { ...payment, totalMoney: { amount: 1n } }, 'total_money.currency', 'currency_missing'],
    ['payment', { ...payment, totalMoney: { currency: 'USD' } }, 'total_money.amount', 'missing'],
    ['payment', { ...payment, totalMoney: 12 }, 'total_money', 'not_an_object'],
    ['payment', { ...payment, totalMoney: money(-1n) }, 'total_money.amount', 'negative'],
  ])('says where a %s has not the expected shape %#', (kind, object, path, problem) => {
    const result = mapBody('square', body('payment.updated', kind, object));

    expect(result).toEqual({ outcome: 'shape_unexpected', path: `data.object.${kind}.${path}`, problem });
  });

  test.each([
    ['fee', { processingFee: {} }],
    ['refundedTotal', { refundedMoney: { amount: 'three' } }],
    ['reason', { cardDetails: { errors: 'GENERIC_DECLINE' } }],
  ])('tells a payment without its %s where that has an odd shape', (field, odd) => {
    expect(eventOf('square', body('payment.updated', 'payment', { ...payment, ...odd }))).toMatchObject({
      type: 'payment.succeeded',
      amount: usd(1200),
      [field]: null,
    });
  });

  test('tells a dispute that names no payment without one, and until when it can be answered', () => {
    const { disputedPayment: _, ...nameless } = { ...dispute, dueAt: '2026-03-09T00:00:00.000Z' };

    expect(eventOf('square', body('dispute.created', 'dispute', nameless))).toMatchObject({
      type: 'dispute.opened',
      paymentId: null,
      status: 'EVIDENCE_REQUIRED',
      deadlineAt: Date.UTC(2026, 2, 9),
    });
  });

  test('tells by when an invoice is due, by the first of its payment requests, and what a subscription is of', () => {
    const requests = [{ dueDate: '2026-04-02' }, { dueDate: '2026-03-01' }, {}];
    const plan = { planVariationId: 'PLAN1', chargedThroughDate: '2026-05-01', canceledDate: 'soon' };

    expect(
      eventOf('square', body('invoice.updated', 'invoice', { ...invoice, paymentRequests: requests })),
    ).toMatchObject({
      amount: null,
      dueAt: Date.UTC(2026, 2, 1),
    });
    expect(eventOf('square', body('subscription.updated', 'subscription', { ...subscription, ...plan }))).toMatchObject(
      { plan: 'PLAN1', periodEndsAt: Date.UTC(2026, 4, 1), cancelsAt: null },
    );
  });

  test('leaves refunds at the terminal to refund.*, unless they were given up there', () => {
    const pending = { id: 'TR1', paymentId: 'PAYMENT1', amountMoney: money(700n), status: 'PENDING' };

    expect(mapBody('square', body('terminal.refund.created', 'refund', pending))).toEqual({
      outcome: 'ignored',
      reason: 'informational',
    });
  });

  test('knows the currencies that only Square has, and those that are no more', () => {
    const inBitcoin = { ...payment, totalMoney: { amount: 5n, currency: 'BTC' } };
    const inKuna = { ...payment, totalMoney: { amount: 500n, currency: 'HRK' } };

    expect(eventOf('square', body('payment.updated', 'payment', inBitcoin))).toMatchObject({ amount: { exponent: 8 } });
    expect(eventOf('square', body('payment.updated', 'payment', inKuna))).toMatchObject({ amount: { exponent: 2 } });
  });

  test('does not give an amount to an activity that it does not know', () => {
    const blocked = {
      id: 'A3',
      type: 'BLOCK',
      giftCardId: 'gftc:1',
      blockActivityDetails: { reason: 'CHARGEBACK_BLOCK' },
    };

    expect(eventOf('square', body('gift_card.activity.created', 'gift_card_activity', blocked))).toMatchObject({
      amount: null,
      reason: 'BLOCK',
    });
  });

  test('never names a gift card by its number, which whoever reads it could spend', () => {
    const activity = {
      id: 'A4',
      type: 'LOAD',
      giftCardGan: '7783320007480908',
      loadActivityDetails: { amountMoney: money(50n) },
    };
    const event = eventOf('square', body('gift_card.activity.created', 'gift_card_activity', activity));

    expect(event).toMatchObject({ balanceId: 'A4', movementId: 'A4', amount: usd(50) });
    expect(Object.values(event)).not.toContain('7783320007480908');
  });

  test('says what is on a gift card, where Square says it', () => {
    const card = { id: 'gftc:1', state: 'ACTIVE', balanceMoney: money(3000n) };

    expect(eventOf('square', body('gift_card.updated', 'gift_card', card))).toMatchObject({ amount: usd(3000) });
  });

  test('takes a refund without a status for one that is under way', () => {
    const told = { id: 'R1', paymentId: 'PAYMENT1', amountMoney: money(700n), status: null };

    expect(eventOf('square', body('refund.updated', 'refund', told as object))).toMatchObject({
      type: 'refund.pending',
      amount: usd(700),
    });
  });
});
