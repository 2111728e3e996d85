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

const refused = { success: 'false', reason: 'Refused' };
const modification = (action: string) => ({ additionalData: { 'modification.action': action } });

type Case = readonly [code: string, fields: object, means: string, expected: object];

// biome-ignore format: one line a case.
const CASES: readonly Case[] = [
  ['AUTHORISATION', { reason: '052095:1111:03/2030' }, 'payment.authorized', { ...ofItself, captured: null, reason: null }],
  ['AUTHORISATION', refused, 'payment.failed', { ...ofItself, reason: 'Refused' }],
  ['PENDING', {}, 'payment.pending', ofItself],
  ['CAPTURE', {}, 'payment.succeeded', { ...ofCapture, captured: eur(1000) }],
  ['CAPTURE', { success: true }, 'payment.succeeded', { ...ofCapture, captured: eur(1000) }],
  ['CAPTURE', refused, 'payment.failed', { ...ofCapture, captured: eur(0), reason: 'Refused' }],
  ['CAPTURE_FAILED', {}, 'payment.failed', { ...ofCapture, captured: eur(0) }],
  ['CANCELLATION', {}, 'payment.canceled', ofOriginal],
  ['TECHNICAL_CANCEL', {}, 'payment.canceled', ofOriginal],
  ['TECHNICAL_CANCEL', { originalReference: '' }, 'payment.canceled', { paymentId: null }],
  ['EXPIRE', {}, 'payment.canceled', ofOriginal],
  ['EXPIRE', { originalReference: null }, 'payment.canceled', ofItself],
  ['CANCEL_OR_REFUND', modification('cancel'), 'payment.canceled', ofOriginal],
  ['CANCEL_OR_REFUND', modification('refund'), 'refund.succeeded', ofRefund],
  ['REFUND', {}, 'refund.succeeded', { ...ofRefund, beganAt: Date.UTC(2026, 2, 1, 12, 34, 56) }],
  ['REFUND', refused, 'refund.failed', { ...ofRefund, reason: 'Refused' }],
  ['REFUND_FAILED', {}, 'refund.failed', ofRefund],
  ['REFUNDED_REVERSED', {}, 'refund.failed', ofRefund],
  ['NOTIFICATION_OF_CHARGEBACK', { reason: 'Other Fraud' }, 'dispute.opened', { ...ofDispute, isInquiry: false, reason: 'Other Fraud' }],
  ['REQUEST_FOR_INFORMATION', {}, 'dispute.opened', { ...ofDispute, isInquiry: true }],
  ['CHARGEBACK', {}, 'dispute.funds_withdrawn', { ...ofDispute, moved: eur(1000) }],
  ['CHARGEBACK_REVERSED', {}, 'dispute.funds_reinstated', { ...ofDispute, moved: eur(1000) }],
  ['SECOND_CHARGEBACK', {}, 'dispute.closed', { ...ofDispute, outcome: 'lost', moved: eur(1000), movement: 'withdrawn' }],
  ['PREARBITRATION_LOST', {}, 'dispute.closed', { ...ofDispute, outcome: 'lost' }],
  ['PREARBITRATION_WON', {}, 'dispute.closed', { ...ofDispute, outcome: 'won' }],
  ['PAYOUT_THIRDPARTY', {}, 'payout.paid', ofPayout],
  ['PAYOUT_THIRDPARTY', refused, 'payout.failed', { ...ofPayout, reason: 'Refused' }],
  ['PAIDOUT_REVERSED', {}, 'payout.failed', ofPayout],
  ['REPORT_AVAILABLE', { reason: 'https://ca-test.adyen.com/reports/1.csv', pspReference: 'report_1.csv' }, 'report.available', { reportId: 'report_1.csv', url: 'https://ca-test.adyen.com/reports/1.csv' }],
];

describe('the Adyen mapping', () => {
  test.each(CASES)('says what %s means %#', (code, fields, means, expected) => {
    const event = eventOf('adyen', adyenNotification(code, fields));

    expect(event).toMatchObject({ ...expected, type: means, providerType: code, account: 'TestMerchant' });
  });

  test('has a case above for each event that a row says it gives', () => {
    const seen = new Set([...CASES.map(([code, , means]) => `${code} ${means}`), 'AUTHORISATION payment.succeeded']);
    const promised = adyenMapping.rows.flatMap(({ providerType, gives }) =>
      gives.map((means) => `${providerType} ${means}`),
    );

    expect(promised.length).toBeGreaterThan(20);
    expect(promised.filter((one) => !seen.has(one))).toEqual([]);
    expect([...seen].filter((one) => !promised.includes(one))).toEqual([]);
  });

  test('takes an authorisation for a payment where Adyen captures by itself', () => {
    const result = mapBody('adyen', adyenNotification('AUTHORISATION'), { isCaptureAutomatic: true });

    expect(eventsOf(result)).toMatchObject([{ type: 'payment.succeeded', captured: eur(1000) }]);
  });

  test.each(['CANCELLATION', 'TECHNICAL_CANCEL', 'CANCEL_OR_REFUND'])(
    'ignores a refused %s: the payment is as before',
    (code) => {
      expect(mapBody('adyen', adyenNotification(code, refused))).toEqual({
        outcome: 'ignored',
        reason: 'request_refused',
      });
    },
  );

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
    ['CAPTURE', { originalReference: undefined }, `${at}.originalReference`, 'missing'],
    ['CANCEL_OR_REFUND', modification('shrug'), `${at}.additionalData.modification.action`, 'word_unknown'],
    ['CANCEL_OR_REFUND', {}, `${at}.additionalData.modification.action`, 'missing'],
  ])('says where %s has not the expected shape %#', (code, fields, path, problem) => {
    expect(mapBody('adyen', adyenNotification(code, fields))).toEqual({ outcome: 'shape_unexpected', path, problem });
  });

  test('ignores banking webhooks and codes that it does not know', () => {
    const banking = { type: 'balancePlatform.accountHolder.created', environment: 'test', data: { id: 'AH1' } };

    expect(mapBody('adyen', banking)).toEqual({ outcome: 'ignored', reason: 'unknown_type' });
    expect(mapBody('adyen', adyenNotification('AUTHORISATION_ADJUSTMENT'))).toMatchObject({
      reason: 'unknown_type',
    });
  });
});
