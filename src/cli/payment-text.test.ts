import { describe, expect, test } from 'vitest';
import { eventOf, stripeEvent } from '../../test/payments/webhooks.ts';
import type { PaymentView } from '../payments/payment.ts';
import type { PaymentChangeEvent } from '../payments/payment-event.ts';
import { paymentOf } from '../payments/reduce-payment.ts';
import { moneyText, paymentLine } from './payment-text.ts';

describe('moneyText', () => {
  test.each([
    [500n, 0, '500 XTS'],
    [5n, 1, '0.5 XTS'],
    [1230n, 2, '12.30 XTS'],
    [1230n, 3, '1.230 XTS'],
    [7n, 4, '0.0007 XTS'],
    [0n, 2, '0.00 XTS'],
    [-49n, 2, '-0.49 XTS'],
    [-1234567n, 2, '-12,345.67 XTS'],
    [123456789012345678901234567890123456n, 2, '1,234,567,890,123,456,789,012,345,678,901,234.56 XTS'],
  ])('%s with exponent %i is %s', (minor, exponent, text) => {
    expect(moneyText({ minor, currency: 'XTS', exponent })).toBe(text);
  });
});

const viewOf = (...bodies: readonly object[]): PaymentView =>
  paymentOf(bodies.map((body) => eventOf('stripe', body) as PaymentChangeEvent)).view;

const intent = (type: string, created: number, received: number): object =>
  stripeEvent(type, { id: 'pi_1', amount: 1230, amount_received: received, currency: 'usd' }, { created });

describe('paymentLine', () => {
  test('says what was asked for while nothing is captured', () => {
    expect(paymentLine(viewOf(intent('payment_intent.created', 1, 0)))).toBe('stripe pi_1: created, amount 12.30 USD');
  });

  test('says what was captured, given back and disputed, and leaves out what is nothing', () => {
    const refund = {
      id: 're_1',
      payment_intent: 'pi_1',
      amount: 200,
      currency: 'usd',
      status: 'succeeded',
      created: 3,
    };
    const dispute = {
      id: 'du_1',
      payment_intent: 'pi_1',
      charge: 'ch_1',
      amount: 1030,
      currency: 'usd',
      status: 'needs_response',
      balance_transactions: [],
    };
    const view = viewOf(
      intent('payment_intent.succeeded', 2, 1230),
      stripeEvent('refund.created', { ...refund, charge: 'ch_1' }, { created: 3 }),
      stripeEvent('charge.dispute.created', dispute, { created: 4 }),
    );
    expect(paymentLine(view)).toBe(
      'stripe pi_1: succeeded, captured 12.30 USD, refunded 2.00 USD, disputed 10.30 USD, dispute open',
    );
  });
});
