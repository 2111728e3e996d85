import { describe, expect, test } from 'vitest';
import { eventOf, mapBody } from '../../../../test/payments/webhooks.ts';
import { adyenMapping } from './mapping.ts';

const eur = (minor: number) => ({ minor: BigInt(minor), currency: 'EUR', exponent: 2 });

const webhook = (type: string, data: object, others: object = {}) => ({
  type,
  environment: 'test',
  timestamp: '2026-03-01T13:34:56+01:00',
  data: { balancePlatform: 'Platform1', ...data },
  ...others,
});

const TRANSFER = {
  id: 'TR0000000001',
  amount: { currency: 'EUR', value: 1000 },
  category: 'bank',
  direction: 'outgoing',
  status: 'booked',
  balanceAccount: { id: 'BA0000000001' },
  reason: 'approved',
};
const internal = { category: 'internal', direction: 'incoming' };
const split = {
  category: 'platformPayment',
  categoryData: { pspPaymentReference: 'PAYMENT000000001', paymentMerchantReference: 'order-1' },
};

const transferEvent = (told: string, fields: object) =>
  eventOf('adyen', webhook(`balancePlatform.transfer.${told}`, { ...TRANSFER, ...fields }));

type Case = readonly [told: 'created' | 'updated', fields: object, means: string, expected: object];

const ofPayout = { payoutId: 'TR0000000001', amount: eur(1000) };
const ofTransfer = { transferId: 'TR0000000001', amount: eur(1000), toAccount: 'BA0000000001' };

// biome-ignore format: one line a case.
const CASES: readonly Case[] = [
  ['created', { status: 'received' }, 'payout.created', { ...ofPayout, status: 'received', reason: null }],
  ['created', { status: 'somewhere' }, 'payout.created', ofPayout],
  ['created', {}, 'payout.paid', ofPayout],
  ['created', { status: 'refused', reason: 'notEnoughBalance' }, 'payout.failed', { ...ofPayout, reason: 'notEnoughBalance' }],
  ['updated', { status: 'authorised' }, 'payout.pending', ofPayout],
  ['updated', { category: 'card', reference: 'payout-1' }, 'payout.paid', { ...ofPayout, related: { merchant_reference: 'payout-1' } }],
  ['updated', { amount: { currency: 'EUR', value: -1000 } }, 'payout.paid', ofPayout],
  ['updated', { status: 'failed', reason: 'counterpartyAccountClosed' }, 'payout.failed', { ...ofPayout, reason: 'counterpartyAccountClosed' }],
  ['updated', { status: 'cancelled' }, 'payout.canceled', ofPayout],
  ['updated', { status: 'returned' }, 'payout.returned', ofPayout],
  ['updated', { status: 'bankTransferPending' }, 'payout.updated', { ...ofPayout, status: 'bankTransferPending' }],
  ['updated', { id: undefined, eventId: 'EV0000000001' }, 'payout.paid', { payoutId: 'EV0000000001' }],
  ['created', { direction: 'incoming' }, 'balance.updated', { of: 'top_up', balanceId: 'TR0000000001', amount: eur(1000), status: 'booked' }],
  ['updated', { category: 'topUp', direction: 'incoming' }, 'balance.updated', { of: 'top_up' }],
  ['updated', { direction: 'incoming', type: 'bankDirectDebit' }, 'balance.updated', { of: 'merchant', balanceId: 'BA0000000001', movementId: 'TR0000000001', amount: eur(-1000) }],
  ['updated', { direction: 'outgoing', type: 'bankDirectDebit' }, 'balance.updated', { of: 'top_up', balanceId: 'TR0000000001', amount: eur(1000) }],
  ['updated', { ...internal, direction: 'outgoing', counterparty: { balanceAccountId: 'BA0000000002' } }, 'transfer.updated', { ...ofTransfer, toAccount: 'BA0000000002' }],
  ['updated', { ...internal, type: 'internalDirectDebit', counterparty: { balanceAccountId: 'BA0000000002' } }, 'transfer.updated', { ...ofTransfer, toAccount: 'BA0000000002' }],
  ['updated', { ...internal, direction: 'outgoing', type: 'internalDirectDebit', counterparty: { balanceAccountId: 'BA0000000002' } }, 'transfer.updated', ofTransfer],
  ['updated', { ...internal, direction: 'outgoing' }, 'transfer.updated', { ...ofTransfer, toAccount: null }],
  ['created', internal, 'transfer.created', { ...ofTransfer, related: {} }],
  ['created', { ...split, status: 'captured' }, 'transfer.created', { ...ofTransfer, related: { payment: 'PAYMENT000000001', merchant_reference: 'order-1' } }],
  ['updated', { ...internal, categoryData: 7, balanceAccount: null, accountHolder: { id: 'AH0000000001' } }, 'transfer.updated', { toAccount: 'AH0000000001' }],
  ['updated', { ...internal, status: 'expired' }, 'transfer.failed', ofTransfer],
  ['created', { ...internal, status: 'failed' }, 'transfer.failed', ofTransfer],
  ['updated', { ...split, status: 'refunded' }, 'transfer.reversed', ofTransfer],
  ['created', { ...split, status: 'chargeback' }, 'transfer.reversed', ofTransfer],
];

describe('the mapping of a transfer of an Adyen platform', () => {
  test.each(CASES)('%s with %j is %s', (told, fields, means, expected) => {
    expect(transferEvent(told, fields)).toMatchObject({ ...expected, type: means, account: 'Platform1' });
  });

  test('leaves out what a card that the platform issued paid for', () => {
    const issued = webhook('balancePlatform.transfer.updated', { ...TRANSFER, category: 'issuedCard' });

    expect(mapBody('adyen', issued)).toEqual({ outcome: 'ignored', reason: 'left_out' });
  });

  test('does not guess an amount that is not there', () => {
    const withoutAmount = webhook('balancePlatform.transfer.updated', { ...TRANSFER, amount: undefined });

    expect(mapBody('adyen', withoutAmount)).toEqual({
      outcome: 'shape_unexpected',
      path: 'data.amount',
      problem: 'missing',
    });
  });
});

describe('the mapping of other webhooks of Adyen platforms', () => {
  const dispute = { id: 'DI0000000001', transactionId: 'TX0000000001', type: 'fraud', status: 'submitted' };

  test.each([
    ['created', {}, { type: 'dispute.opened', outcome: null, status: 'submitted', amount: null, reason: 'fraud' }],
    ['created', { status: 'lost' }, { type: 'dispute.closed', outcome: 'lost' }],
    ['updated', { statusDetail: 'review' }, { type: 'dispute.updated', stage: 'review' }],
    [
      'updated',
      { status: 'Won', disputedAmount: { currency: 'EUR', value: 1000 } },
      { type: 'dispute.closed', outcome: 'won', amount: eur(1000) },
    ],
  ])('a dispute that is %s with %j names no payment', (told, fields, expected) => {
    const event = eventOf('adyen', webhook(`balancePlatform.dispute.${told}`, { ...dispute, ...fields }));

    expect(event).toMatchObject({ disputeId: 'DI0000000001', paymentNames: [], ...expected });
  });

  test.each(['created', 'updated'])('an account holder that is %s says whether it can be paid and paid out', (told) => {
    const holderWith = (fields: object) =>
      eventOf(
        'adyen',
        webhook(`balancePlatform.accountHolder.${told}`, { accountHolder: { id: 'AH0000000001', ...fields } }),
      );
    const capabilities = {
      receiveFromPlatformPayments: { allowed: true },
      sendToTransferInstrument: { allowed: false },
      sendToThirdParty: 'odd',
    };

    expect(holderWith({ status: 'active', reference: 'seller-1', capabilities })).toMatchObject({
      type: 'account.updated',
      accountId: 'AH0000000001',
      status: 'active',
      canCharge: true,
      canBePaidOut: false,
      related: { merchant_reference: 'seller-1' },
    });
    expect(holderWith({})).toMatchObject({ canCharge: null, canBePaidOut: null });
  });

  test('a report of a platform can be fetched where it says, and one of a classic platform too', () => {
    const url = 'https://balanceplatform-test.adyen.com/report.csv';
    const classic = {
      eventType: 'REPORT_AVAILABLE',
      live: 'false',
      pspReference: 'PSPREFERENCE0001',
      content: { remoteAccessUrl: url },
    };

    expect(
      eventOf(
        'adyen',
        webhook('balancePlatform.report.created', { fileName: 'r.csv', downloadUrl: url, reportType: 'payout' }),
      ),
    ).toMatchObject({ type: 'report.available', reportId: 'r.csv', url, status: 'payout' });
    expect(eventOf('adyen', classic)).toMatchObject({ type: 'report.available', reportId: 'PSPREFERENCE0001', url });
  });

  test.each([
    ['created', 'payment_method.saved'],
    ['alreadyExisting', 'payment_method.saved'],
    ['updated', 'payment_method.updated'],
    ['disabled', 'payment_method.removed'],
  ])('a token that is %s is %s', (told, means) => {
    const data = {
      merchantAccount: 'TestMerchant',
      storedPaymentMethodId: 'STORED0000000001',
      shopperReference: 's-1',
    };

    expect(eventOf('adyen', webhook(`recurring.token.${told}`, data, { eventId: 'PAYMENT000000001' }))).toMatchObject({
      type: means,
      paymentMethodId: 'STORED0000000001',
      customerId: 's-1',
      related: { payment: 'PAYMENT000000001', customer: 's-1' },
    });
  });

  test('every kind of event that a row of a transfer says it gives is among the cases', () => {
    for (const told of ['created', 'updated'] as const) {
      const row = adyenMapping.rows.find(({ providerType }) => providerType === `balancePlatform.transfer.${told}`);
      const seen = new Set(CASES.filter(([which]) => which === told).map(([, , means]) => means));

      expect([...seen].filter((means) => !row?.gives.includes(means as never))).toEqual([]);
    }
  });
});
