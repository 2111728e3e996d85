import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { mapBody, paypalEvent } from '../../../../test/payments/webhooks.ts';
import { paypalMapping } from './mapping.ts';

const [header = '', ...published] = readFileSync(
  new URL('../../../../test/payments/catalogues/paypal.txt', import.meta.url),
  'utf8',
)
  .trim()
  .split('\n');

/** Not on the page of event names, and yet subscribed to by integrations. */
const OTHER_NAMES: Readonly<Record<string, readonly string[]>> = {
  'events of orders that the dashboard offers': [
    'CHECKOUT.ORDER.DECLINED',
    'CHECKOUT.ORDER.SAVED',
    'CHECKOUT.ORDER.VOIDED',
  ],
  'the ends of refunds whose beginnings are on the page': ['PAYMENT.REFUND.CANCELLED', 'PAYMENT.REFUND.COMPLETED'],
  'version 1 of the vault, which older integrations use': [
    'VAULT.CREDIT-CARD.CREATED',
    'VAULT.CREDIT-CARD.DELETED',
    'VAULT.CREDIT-CARD.UPDATED',
  ],
};

const mapped = paypalMapping.rows.map(({ providerType }) => providerType);
const leftOut = Object.values(paypalMapping.leftOut).flat();

describe("PayPal's catalogue", () => {
  test('is of the month that the mapping says', () => {
    expect(header).toBe(`# ${paypalMapping.catalogue.source} as of ${paypalMapping.catalogue.asOf}`);
  });

  test('is mapped or left out with a reason, each type once', () => {
    const known = [...mapped, ...leftOut].toSorted();

    expect(published.filter((type) => !known.includes(type))).toEqual([]);
    expect(known).toEqual([...new Set(known)]);
  });

  test('has every type that is mapped or left out, but for names that it keeps to itself', () => {
    const others = Object.values(OTHER_NAMES).flat();

    expect([...mapped, ...leftOut].filter((type) => !published.includes(type)).toSorted()).toEqual(others.toSorted());
  });

  test('tells a type that is left out from one that PayPal adds tomorrow', () => {
    expect(leftOut.map((type) => mapBody('paypal', paypalEvent(type, {})))).toEqual(
      leftOut.map(() => ({ outcome: 'ignored', reason: 'left_out' })),
    );
    expect(mapBody('paypal', paypalEvent('PAYMENT.WALLET.EMPTIED', {}))).toEqual({
      outcome: 'ignored',
      reason: 'unknown_type',
    });
  });
});
