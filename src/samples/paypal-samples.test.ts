import { describe, expect, test } from 'vitest';
import { seededInput } from '../../test/support/sample-input.ts';
import { paypalSamples } from './paypal-samples.ts';

// biome-ignore lint/suspicious/noExplicitAny: the bodies are walked like any JSON.
const bodyOf = (eventType: string, seed = 'paypal'): any =>
  paypalSamples.find((sample) => sample.eventType === eventType)?.build(seededInput(seed));

const cents = (text: string): number => Number(text.replace('.', ''));

const SEEDS = Array.from({ length: 20 }, (_, index) => `seed-${index}`);

/** Every amount of money in the body, in either form. */
const moneyIn = (value: unknown): readonly Record<string, unknown>[] => {
  if (typeof value !== 'object' || value === null) return [];
  const isMoney = 'value' in value || 'total' in value;
  return [...(isMoney ? [value as Record<string, unknown>] : []), ...Object.values(value).flatMap(moneyIn)];
};

describe('paypalSamples', () => {
  test.each(paypalSamples)('$eventType has the envelope of a sandbox event', ({ eventType }) => {
    const body = bodyOf(eventType);

    expect(body).toMatchObject({ event_version: '1.0', event_type: eventType });
    expect(body.summary.length).toBeGreaterThan(10);
    for (const { href } of [...body.links, ...body.resource.links]) {
      expect(new URL(href).host).toBe('api.sandbox.paypal.com');
    }
    expect(body.links.map(({ rel }: { rel: string }) => rel)).toEqual(['self', 'resend']);
    expect(body.links[0].href.endsWith(`/${body.id}`)).toBe(true);
  });

  test.each(paypalSamples)('$eventType writes money as decimal text with a currency', ({ eventType }) => {
    const amounts = moneyIn(bodyOf(eventType).resource);

    expect(amounts.length).toBeGreaterThan(0);
    for (const amount of amounts) {
      expect(amount.value ?? amount.total).toMatch(/^[0-9]+\.[0-9]{2}$/);
      expect(amount.currency_code ?? amount.currency).toBe('USD');
    }
  });

  test('lets the parts of an order, a sale and a capture add up', () => {
    for (const seed of SEEDS) {
      const { amount } = bodyOf('CHECKOUT.ORDER.APPROVED', seed).resource.purchase_units[0];
      const { item_total: items, shipping, tax_total: tax } = amount.breakdown;
      expect(cents(amount.value)).toBe(cents(items.value) + cents(shipping.value) + cents(tax.value));

      const { amount: saleAmount } = bodyOf('PAYMENT.SALE.COMPLETED', seed).resource;
      const { details } = saleAmount;
      expect(cents(saleAmount.total)).toBe(cents(details.subtotal) + cents(details.tax) + cents(details.shipping));

      const capture = bodyOf('PAYMENT.CAPTURE.COMPLETED', seed).resource;
      const { gross_amount: gross, paypal_fee: fee, net_amount: net } = capture.seller_receivable_breakdown;
      expect(gross).toEqual(capture.amount);
      expect(cents(gross.value)).toBe(cents(fee.value) + cents(net.value));
    }
  });

  test('calls the resource of refunded and reversed captures a refund and links it to the capture', () => {
    for (const eventType of ['PAYMENT.CAPTURE.REFUNDED', 'PAYMENT.CAPTURE.REVERSED']) {
      const { resource, resource_type: type } = bodyOf(eventType);
      const up = resource.links.find(({ rel }: { rel: string }) => rel === 'up');

      expect(type).toBe('refund');
      expect(up.href).toMatch(/\/v2\/payments\/captures\/[0-9A-Z]{17}$/);
      expect(resource.seller_payable_breakdown.total_refunded_amount).toEqual(resource.amount);
    }
  });

  test('links captures to their order and disputes to their capture', () => {
    const { resource } = bodyOf('PAYMENT.CAPTURE.PENDING');
    const [disputed] = bodyOf('CUSTOMER.DISPUTE.CREATED').resource.disputed_transactions;

    expect(resource.supplementary_data.related_ids.order_id).toMatch(/^[0-9A-Z]{17}$/);
    expect(resource.status_details).toEqual({ reason: 'PENDING_REVIEW' });
    expect(disputed.seller_transaction_id).toMatch(/^[0-9A-Z]{17}$/);
  });
});
