import { describe, expect, test } from 'vitest';
import { adyenNotification, eventOf, eventsOf, mapBody } from '../../../../test/payments/webhooks.ts';
import { adyenMapping } from './mapping.ts';

const eur = (minor: number) => ({ minor: BigInt(minor), currency: 'EUR', exponent: 2 });

const ofItself = { paymentId: 'PSPREFERENCE0001', amount: eur(1000), part: null };
const ofOriginal = { paymentId: 'ORIGINAL00000001', amount: eur(1000) };
const ofCapture = { ...ofOriginal, part: 'PSPREFERENCE0001' };
const ofRefund = { ...ofOriginal, refundId: 'PSPREFERENCE0001', part: null };
const ofDispute = { ...ofOriginal, disputeId: 'PSPREFERENCE0001' };
const ofPayout = { payoutId: 'PSPREFERENCE0001', amount: eur(1000) };
const ofOriginalPayout = { payoutId: 'ORIGINAL00000001', amount: eur(1000) };

const refused = { success: 'false', reason: 'Refused' };
const modification = (action: string) => ({ additionalData: { 'modification.action': action } });

type Case = readonly [code: string, fields: object, means: string, expected: object];

const additional = (fields: object) => ({ additionalData: fields });
const status = (disputeStatus: string, others: object = {}) => additional({ disputeStatus, ...others });
const closed = (outcome: string) => ({ ...ofDispute, outcome });
const withdrawn = { moved: eur(1000), movement: 'withdrawn' };
const reinstated = { moved: eur(1000), movement: 'reinstated' };
const unmoved = { moved: null, movement: null };

// biome-ignore format: one line a case.
const CASES: readonly Case[] = [
  ['AUTHORISATION', { reason: '052095:1111:03/2030' }, 'payment.authorized', { ...ofItself, captured: null, reason: null }],
  ['AUTHORISATION', refused, 'payment.failed', { ...ofItself, reason: 'Refused' }],
  ['AUTHORISATION', { ...refused, amount: null }, 'payment.failed', { ...ofItself, amount: null }],
  ['AUTHORISATION', { paymentMethod: 'bcmc' }, 'payment.succeeded', { ...ofItself, captured: eur(1000), isCaptureAssumed: true }],
  ['AUTHORISATION', { paymentMethod: 'twint' }, 'payment.authorized', { ...ofItself, captured: null }],
  ['AUTHORISATION', { paymentMethod: 'ideal' }, 'payment.succeeded', { ...ofItself, captured: eur(1000), isCaptureAssumed: true }],
  ['AUTHORISATION_ADJUSTMENT', { amount: { currency: 'EUR', value: 1500 } }, 'payment.authorized', { ...ofOriginal, amount: eur(1500), part: null }],
  ['AUTHORISATION_ADJUSTMENT', { paymentMethod: 'ideal' }, 'payment.succeeded', { ...ofOriginal, captured: eur(1000), isCaptureAssumed: true }],
  ['PENDING', {}, 'payment.pending', ofItself],
  ['CAPTURE', {}, 'payment.succeeded', { ...ofCapture, captured: eur(1000), isCaptureAssumed: false }],
  ['CAPTURE', { success: true }, 'payment.succeeded', { ...ofCapture, captured: eur(1000) }],
  ['CAPTURE', refused, 'payment.failed', { ...ofCapture, captured: null, reason: 'Refused' }],
  ['CAPTURE_FAILED', { reason: 'Capture Failed' }, 'payment.failed', { ...ofCapture, captured: eur(0), reason: 'Capture Failed' }],
  ['CAPTURE_FAILED', { amount: undefined }, 'payment.failed', { ...ofCapture, amount: null, captured: null }],
  ['CANCELLATION', {}, 'payment.canceled', { ...ofOriginal, captured: eur(0) }],
  ['CANCELLATION', { amount: undefined }, 'payment.canceled', { ...ofOriginal, amount: null, captured: null }],
  ['TECHNICAL_CANCEL', {}, 'payment.canceled', { ...ofOriginal, captured: eur(0) }],
  ['TECHNICAL_CANCEL', { originalReference: '' }, 'payment.canceled', { paymentId: null }],
  ['EXPIRE', {}, 'payment.canceled', { ...ofOriginal, captured: eur(0) }],
  ['EXPIRE', { originalReference: null }, 'payment.canceled', ofItself],
  ['CANCEL_OR_REFUND', modification('cancel'), 'payment.canceled', { ...ofOriginal, captured: eur(0), isRefundIfCaptured: false }],
  ['CANCEL_OR_REFUND', modification('refund'), 'refund.succeeded', ofRefund],
  ['CANCEL_OR_REFUND', {}, 'payment.canceled', { ...ofOriginal, captured: null, isRefundIfCaptured: true, related: { payment: 'ORIGINAL00000001', refund: 'PSPREFERENCE0001', merchant_reference: 'order-1' } }],
  ['CANCEL_OR_REFUND', modification('shrug'), 'payment.canceled', { ...ofOriginal, isRefundIfCaptured: true }],
  ['CANCEL_OR_REFUND', additional({ 'modification.action': 7 }), 'payment.canceled', { ...ofOriginal, isRefundIfCaptured: true }],
  ['REVERSAL', {}, 'payment.canceled', { ...ofOriginal, isRefundIfCaptured: true }],
  ['REVERSAL', modification('refund'), 'refund.succeeded', ofRefund],
  ['AUTORESCUE', { ...refused, ...additional({ 'retry.rescueReference': '8826173525728789' }) }, 'payment.canceled', { ...ofOriginal, captured: null, attempt: '8826173525728789', reason: 'Refused', isPreliminary: true }],
  ['CANCEL_AUTORESCUE', {}, 'payment.canceled', { ...ofOriginal, isPreliminary: true }],
  ['MANUAL_REVIEW_ACCEPT', {}, 'review.closed', { paymentId: 'ORIGINAL00000001', reviewId: 'ORIGINAL00000001', outcome: 'accepted', reason: null }],
  ['MANUAL_REVIEW_REJECT', { reason: 'expire' }, 'review.closed', { reviewId: 'ORIGINAL00000001', outcome: 'rejected', reason: 'expire' }],
  ['REFUND', {}, 'refund.succeeded', { ...ofRefund, beganAt: Date.UTC(2026, 2, 1, 12, 34, 56) }],
  ['REFUND', refused, 'refund.failed', { ...ofRefund, reason: 'Refused' }],
  ['REFUND_WITH_DATA', {}, 'refund.succeeded', ofRefund],
  ['REFUND_WITH_DATA', { ...refused, originalReference: undefined }, 'refund.failed', { paymentId: null, paymentNames: [], refundId: 'PSPREFERENCE0001' }],
  ['POSTPONED_REFUND', {}, 'refund.pending', ofRefund],
  ['POSTPONED_REFUND', refused, 'refund.failed', ofRefund],
  ['VOID_PENDING_REFUND', {}, 'refund.canceled', { paymentId: null, paymentNames: [], refundId: 'ORIGINAL00000001', amount: eur(1000) }],
  ['VOID_PENDING_REFUND', { originalReference: null }, 'refund.canceled', { refundId: 'PSPREFERENCE0001' }],
  ['REFUND_FAILED', {}, 'refund.failed', ofRefund],
  ['REFUNDED_REVERSED', {}, 'refund.failed', ofRefund],
  ['NOTIFICATION_OF_CHARGEBACK', { reason: 'Other Fraud' }, 'dispute.opened', { ...ofDispute, ...unmoved, isInquiry: false, reason: 'Other Fraud', stage: 'NOTIFICATION_OF_CHARGEBACK' }],
  ['NOTIFICATION_OF_CHARGEBACK', status('Undefended', { defensePeriodEndsAt: '2026-04-01T03:03:07+02:00', chargebackReasonCode: '10.4' }), 'dispute.opened', { status: 'Undefended', deadlineAt: Date.UTC(2026, 3, 1, 1, 3, 7), reason: '10.4' }],
  ['NOTIFICATION_OF_CHARGEBACK', status('Accepted'), 'dispute.closed', { ...closed('lost'), status: 'Accepted', ...unmoved }],
  ['REQUEST_FOR_INFORMATION', additional({ rfiReasonCode: '30' }), 'dispute.opened', { ...ofDispute, ...unmoved, isInquiry: true, reason: '30' }],
  ['REQUEST_FOR_INFORMATION', status('Expired'), 'dispute.closed', { ...closed('closed'), isInquiry: true }],
  ['DISPUTE_OPENED_WITH_CHARGEBACK', {}, 'dispute.opened', { ...ofDispute, ...withdrawn }],
  ['DISPUTE_OPENED_WITH_CHARGEBACK', status('Lost'), 'dispute.closed', { ...closed('lost'), ...withdrawn }],
  ['CHARGEBACK', {}, 'dispute.funds_withdrawn', { ...ofDispute, ...withdrawn, outcome: null, stage: 'CHARGEBACK' }],
  ['CHARGEBACK', status('lost'), 'dispute.closed', { ...closed('lost'), ...withdrawn }],
  ['CHARGEBACK', { amount: undefined }, 'dispute.funds_withdrawn', { amount: null, moved: null, movement: 'withdrawn' }],
  ['CHARGEBACK', additional({ capturePspReference: 'CAPTURE000000001', defensePeriodEndsAt: 7 }), 'dispute.funds_withdrawn', { part: null, deadlineAt: null, related: { capture: 'CAPTURE000000001' } }],
  ['CHARGEBACK_REVERSED', status('Pending'), 'dispute.funds_reinstated', { ...ofDispute, ...reinstated, outcome: null, status: 'Pending' }],
  ['CHARGEBACK_REVERSED', status('Won'), 'dispute.closed', { ...closed('won'), ...reinstated }],
  ['INFORMATION_SUPPLIED', status('Pending'), 'dispute.updated', { ...ofDispute, ...unmoved, outcome: null, status: 'Pending' }],
  ['INFORMATION_SUPPLIED', status('Responded', { rfiReasonCode: '30' }), 'dispute.updated', { isInquiry: true }],
  ['INFORMATION_SUPPLIED', status('Lost'), 'dispute.closed', closed('lost')],
  ['ISSUER_COMMENTS', {}, 'dispute.updated', { ...ofDispute, outcome: null, status: null }],
  ['ISSUER_COMMENTS', status('Won'), 'dispute.closed', closed('won')],
  ['DISPUTE_DEFENSE_PERIOD_ENDED', {}, 'dispute.closed', { ...closed('lost'), ...unmoved }],
  ['DISPUTE_DEFENSE_PERIOD_ENDED', status('Lost'), 'dispute.closed', { ...closed('lost'), status: 'Lost' }],
  ['DISPUTE_DEFENSE_PERIOD_ENDED', status('Expired', { rfiReasonCode: '30' }), 'dispute.closed', { ...closed('closed'), isInquiry: true }],
  ['DISPUTE_DEFENSE_PERIOD_ENDED', status('Pending'), 'dispute.updated', { ...ofDispute, outcome: null }],
  ['DISPUTE_DEFENSE_PERIOD_ENDED', status('Reconsidered'), 'dispute.closed', { ...closed('lost'), status: 'Reconsidered' }],
  ['ISSUER_RESPONSE_TIMEFRAME_EXPIRED', {}, 'dispute.closed', { ...closed('won'), ...unmoved }],
  ['ISSUER_RESPONSE_TIMEFRAME_EXPIRED', status('Pending'), 'dispute.updated', ofDispute],
  ['SECOND_CHARGEBACK', {}, 'dispute.closed', { ...closed('lost'), ...withdrawn }],
  ['SECOND_CHARGEBACK', status('Undefended'), 'dispute.funds_withdrawn', { ...ofDispute, ...withdrawn, outcome: null }],
  ['PREARBITRATION_OPEN', status('Undefended'), 'dispute.updated', { ...ofDispute, stage: 'PREARBITRATION' }],
  ['PREARBITRATION_OPEN', status('Lost'), 'dispute.closed', closed('lost')],
  ['PREARBITRATION_ACCEPTED', {}, 'dispute.closed', { ...closed('lost'), ...withdrawn }],
  ['PREARBITRATION_ACCEPTED', status('Pending'), 'dispute.updated', ofDispute],
  ['PREARBITRATION_DECLINED', {}, 'dispute.updated', { ...ofDispute, ...unmoved, outcome: null }],
  ['PREARBITRATION_DECLINED', status('Won'), 'dispute.closed', closed('won')],
  ['PREARBITRATION_ISSUER_WITHDRAWN', {}, 'dispute.closed', { ...closed('won'), ...unmoved }],
  ['PREARBITRATION_ISSUER_WITHDRAWN', status('Pending'), 'dispute.updated', ofDispute],
  ['PREARBITRATION_LOST', {}, 'dispute.closed', { ...closed('lost'), ...withdrawn }],
  ['PREARBITRATION_LOST', status('Pending'), 'dispute.updated', ofDispute],
  ['PREARBITRATION_WON', {}, 'dispute.closed', { ...closed('won'), ...reinstated }],
  ['PREARBITRATION_WON', status('Pending'), 'dispute.updated', ofDispute],
  ['SCHEME_ARBITRATION', {}, 'dispute.updated', { ...ofDispute, stage: 'SCHEME_ARBITRATION' }],
  ['SCHEME_ARBITRATION', status('Lost'), 'dispute.closed', closed('lost')],
  ['SCHEME_ARBITRATION_LOST', {}, 'dispute.closed', { ...closed('lost'), ...withdrawn }],
  ['SCHEME_ARBITRATION_LOST', status('Pending'), 'dispute.updated', ofDispute],
  ['SCHEME_ARBITRATION_WON', {}, 'dispute.closed', { ...closed('won'), ...reinstated }],
  ['SCHEME_ARBITRATION_WON', status('Pending'), 'dispute.updated', ofDispute],
  ['NOTIFICATION_OF_FRAUD', additional({ nofReasonCode: '6' }), 'dispute.warning', { paymentId: 'ORIGINAL00000001', disputeId: 'PSPREFERENCE0001', amount: null, reason: '6' }],
  ['PAYOUT_THIRDPARTY', {}, 'payout.paid', ofPayout],
  ['PAYOUT_THIRDPARTY', refused, 'payout.failed', { ...ofPayout, reason: 'Refused' }],
  ['PAYOUT_DECLINE', {}, 'payout.failed', ofOriginalPayout],
  ['PAYOUT_EXPIRE', {}, 'payout.failed', ofOriginalPayout],
  ['PAYOUT_EXPIRE', { originalReference: '' }, 'payout.failed', ofPayout],
  ['PAIDOUT_REVERSED', { reason: 'account closed' }, 'payout.failed', { ...ofOriginalPayout, reason: 'account closed', related: { merchant_reference: 'order-1' } }],
  ['ORDER_OPENED', {}, 'order.updated', { orderId: 'PSPREFERENCE0001', amount: eur(1000), status: 'ORDER_OPENED', reason: null }],
  ['ORDER_CLOSED', additional({ 'order-1-pspReference': 'PAYMENT000000001' }), 'order.updated', { orderId: 'PSPREFERENCE0001', status: 'ORDER_CLOSED', reason: null, related: { payment: 'PAYMENT000000001', merchant_reference: 'order-1' } }],
  ['ORDER_CLOSED', { success: 'false' }, 'order.updated', { status: 'ORDER_CLOSED', reason: 'not_paid_in_whole' }],
  ['OFFER_CLOSED', { originalReference: undefined }, 'checkout.expired', { checkoutId: 'PSPREFERENCE0001', amount: eur(1000), related: { merchant_reference: 'order-1' } }],
  ['RECURRING_CONTRACT', additional({ 'recurring.recurringDetailReference': 'STORED0000000001', 'recurring.shopperReference': 'shopper-1' }), 'payment_method.saved', { paymentMethodId: 'STORED0000000001', customerId: 'shopper-1', related: { payment: 'ORIGINAL00000001', customer: 'shopper-1' } }],
  ['RECURRING_CONTRACT', { ...refused, additionalData: undefined }, 'payment_method.failed', { paymentMethodId: 'PSPREFERENCE0001', customerId: null, reason: 'Refused' }],
  ['REPORT_AVAILABLE', { reason: 'https://ca-test.adyen.com/reports/1.csv', pspReference: 'report_1.csv' }, 'report.available', { reportId: 'report_1.csv', url: 'https://ca-test.adyen.com/reports/1.csv' }],
];

describe('the Adyen mapping', () => {
  test.each(CASES)('says what %s means %#', (code, fields, means, expected) => {
    const event = eventOf('adyen', adyenNotification(code, fields));

    expect(event).toMatchObject({ ...expected, type: means, providerType: code, account: 'TestMerchant' });
  });

  test('has a case above for each event that a row says it gives', () => {
    const seen = new Set([...CASES.map(([code, , means]) => `${code} ${means}`), 'AUTHORISATION review.opened']);
    const promised = adyenMapping.rows
      .filter(({ providerType }) => !providerType.includes('.'))
      .flatMap(({ providerType, gives }) => gives.map((means) => `${providerType} ${means}`));

    expect(promised.length).toBeGreaterThan(20);
    expect(promised.filter((one) => !seen.has(one))).toEqual([]);
    expect([...seen].filter((one) => !promised.includes(one))).toEqual([]);
  });

  test('takes an authorisation for a payment where Adyen captures by itself', () => {
    const result = mapBody('adyen', adyenNotification('AUTHORISATION'), { isCaptureAutomatic: true });

    expect(eventsOf(result)).toMatchObject([
      { type: 'payment.succeeded', captured: eur(1000), isCaptureAssumed: true },
    ]);
  });

  test('opens a review of an authorisation that a person has to look at', () => {
    const result = mapBody('adyen', adyenNotification('AUTHORISATION', additional({ fraudManualReview: 'true' })));

    expect(eventsOf(result)).toMatchObject([
      { type: 'payment.authorized' },
      { type: 'review.opened', paymentId: 'PSPREFERENCE0001', reviewId: 'PSPREFERENCE0001' },
    ]);
  });

  test.each([
    'AUTHORISATION_ADJUSTMENT',
    'CANCELLATION',
    'TECHNICAL_CANCEL',
    'EXPIRE',
    'CANCEL_OR_REFUND',
    'REVERSAL',
    'CANCEL_AUTORESCUE',
    'VOID_PENDING_REFUND',
    'PAYOUT_DECLINE',
  ])('ignores a refused %s: all is as before', (code) => {
    expect(mapBody('adyen', adyenNotification(code, refused))).toEqual({
      outcome: 'ignored',
      reason: 'request_refused',
    });
  });

  test('ignores a rescue that succeeded: the authorisation of its last attempt tells of the money', () => {
    expect(mapBody('adyen', adyenNotification('AUTORESCUE'))).toEqual({ outcome: 'ignored', reason: 'informational' });
  });

  test.each(['CAPTURE', 'CAPTURE_FAILED', 'CANCELLATION', 'CANCEL_OR_REFUND', 'AUTHORISATION_ADJUSTMENT', 'REFUND'])(
    'tells of a %s that names no payment without a payment',
    (code) => {
      expect(eventOf('adyen', adyenNotification(code, { originalReference: undefined }))).toMatchObject({
        paymentId: null,
        paymentNames: [],
        related: { merchant_reference: 'order-1' },
      });
    },
  );

  test('gives what nobody promises no say in an odd shape', () => {
    const odd = { additionalData: ['?'], reason: 7, merchantReference: 7, paymentMethod: {}, operations: 'REFUND' };

    for (const code of new Set(CASES.map(([name]) => name))) {
      expect(mapBody('adyen', adyenNotification(code, odd)).outcome, code).not.toBe('shape_unexpected');
    }
  });

  test('has no time of its own but that of the item, which is not signed', () => {
    expect(eventOf('adyen', adyenNotification('AUTHORISATION'))).toMatchObject({
      occurredAt: Date.UTC(2026, 2, 1, 12, 34, 56),
      ordering: { by: 'time', value: Date.UTC(2026, 2, 1, 12, 34, 56) },
    });
    expect(eventOf('adyen', adyenNotification('AUTHORISATION', { eventDate: '2018-19-12T22:20:32Z' }))).toMatchObject({
      occurredAt: null,
      ordering: null,
    });
  });

  test('reads an amount that is written as text', () => {
    const notification = adyenNotification('PENDING', { amount: { value: '1000', currency: 'EUR' } });

    expect(eventOf('adyen', notification)).toMatchObject({ amount: eur(1000) });
  });

  test('counts in the smallest unit that Adyen uses', () => {
    const exponentOf = (currency: string) =>
      eventOf('adyen', adyenNotification('PENDING', { amount: { value: 1000, currency } }));

    expect(exponentOf('CLP')).toMatchObject({ amount: { exponent: 2 } });
    expect(exponentOf('CVE')).toMatchObject({ amount: { exponent: 0 } });
    expect(exponentOf('IDR')).toMatchObject({ amount: { exponent: 0 } });
    expect(exponentOf('ISK')).toMatchObject({ amount: { exponent: 2 } });
    expect(exponentOf('KWD')).toMatchObject({ amount: { exponent: 3 } });
  });

  const at = 'notificationItems.0.NotificationRequestItem';

  // biome-ignore format: one line a case.
  test.each([
    ['AUTHORISATION', { success: 'maybe' }, `${at}.success`, 'word_unknown'],
    ['AUTHORISATION', { success: null }, `${at}.success`, 'missing'],
    ['AUTHORISATION', { amount: undefined }, `${at}.amount`, 'missing'],
    ['AUTHORISATION', { amount: { value: 1 } }, `${at}.amount.currency`, 'currency_missing'],
    ['REFUND', { amount: undefined }, `${at}.amount`, 'missing'],
    ['CHARGEBACK', { amount: { value: 'much', currency: 'EUR' } }, `${at}.amount.value`, 'not_an_amount'],
      ])('says where %s has not the expected shape %#', (code, fields, path, problem) => {
    expect(mapBody('adyen', adyenNotification(code, fields))).toEqual({ outcome: 'shape_unexpected', path, problem });
  });

  test('leaves management out, and says of a code that it does not know that it is unknown', () => {
    const management = { type: 'merchant.created', environment: 'test', data: { merchantId: 'M1' } };

    expect(mapBody('adyen', management)).toEqual({ outcome: 'ignored', reason: 'left_out' });
    expect(mapBody('adyen', adyenNotification('MONEY_RAIN'))).toMatchObject({ reason: 'unknown_type' });
  });
});
