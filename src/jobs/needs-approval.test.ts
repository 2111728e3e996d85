import { describe, expect, test } from 'vitest';
import { whyApproval } from './needs-approval.ts';

const usd = (minor: string) => ({ minor, currency: 'USD', exponent: 2 });

describe('whyApproval', () => {
  test('asks for nobody where nothing is configured', () => {
    expect(
      whyApproval({ webhooks: 10_000, money: [usd('999999999')] }, { webhooksMax: null, amountMax: null }),
    ).toBeNull();
  });

  test('counts webhooks, and money to the smallest unit, each currency by itself', () => {
    const limits = { webhooksMax: 100, amountMax: { USD: 10_000, JPY: 500_000 } };
    const yen = (minor: string) => ({ minor, currency: 'JPY', exponent: 0 });

    expect(whyApproval({ webhooks: 100, money: [usd('1000000'), yen('500000')] }, limits)).toBeNull();
    expect(whyApproval({ webhooks: 101, money: [] }, limits)).toBe('more than 100 webhooks');
    expect(whyApproval({ webhooks: 2, money: [] }, { webhooksMax: 1, amountMax: null })).toBe('more than 1 webhook');
    expect(whyApproval({ webhooks: 1, money: [] }, { webhooksMax: 0, amountMax: null })).toBe('more than 0 webhooks');
    expect(whyApproval({ webhooks: 1, money: [usd('1000001')] }, limits)).toBe('more than 10000 USD');
    expect(whyApproval({ webhooks: 101, money: [yen('500001')] }, limits)).toBe(
      'more than 100 webhooks, more than 500000 JPY',
    );
  });

  test('asks for somebody where the currency has no amount and others have', () => {
    expect(
      whyApproval(
        { webhooks: 1, money: [{ ...usd('1'), currency: 'EUR' }] },
        { webhooksMax: null, amountMax: { USD: 10 } },
      ),
    ).toBe('money in EUR, of which no amount is configured');
  });

  test('takes what nobody has read yet for more than is allowed without, where an amount is configured', () => {
    const limits = { webhooksMax: null, amountMax: { USD: 10_000 } };

    expect(whyApproval({ webhooks: 2, money: [], unread: 2 }, limits)).toBe(
      '2 webhooks of which nobody knows the money',
    );
    expect(whyApproval({ webhooks: 2, money: [], unread: 2 }, { webhooksMax: 5, amountMax: null })).toBeNull();
  });
});
