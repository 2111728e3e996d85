import type Stripe from 'stripe';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { seededInput } from '../../test/support/sample-input.ts';
import type { JsonObject } from '../core/read-json.ts';
import {
  createStripeBilling,
  type stripeInvoice,
  type stripeInvoiceLine,
  type stripeInvoicePayment,
} from './stripe-billing-objects.ts';
import type { stripeCheckoutSession } from './stripe-checkout-objects.ts';
import type { stripeCharge, stripePaymentIntent } from './stripe-payment-objects.ts';
import type { stripePayout } from './stripe-payout-object.ts';
import type { stripeDispute, stripeRefund } from './stripe-reversal-objects.ts';
import { STRIPE_SAMPLE_API_VERSION, stripeSamples } from './stripe-samples.ts';
import { createStripeScene } from './stripe-scene.ts';
import type { stripeSubscription } from './stripe-subscription-object.ts';

type RequiredKeys<T> = { [Key in keyof T]-?: Record<never, never> extends Pick<T, Key> ? never : Key }[keyof T];

/** Fields that Stripe's types require and ours lacks, and fields of ours that Stripe's types do not know. */
type FieldDifference<Ours, Theirs> = Exclude<RequiredKeys<Theirs>, keyof Ours> | Exclude<keyof Ours, keyof Theirs>;

// biome-ignore lint/suspicious/noExplicitAny: the snapshots are walked like any JSON.
const objectOf = (eventType: string, seed = 'stripe'): any => {
  const sample = stripeSamples.find((candidate) => candidate.eventType === eventType);
  const data = (sample?.build(seededInput(seed)).data ?? {}) as JsonObject;
  return data.object;
};

const SEEDS = Array.from({ length: 20 }, (_, index) => `seed-${index}`);

/** These say something when the type check runs: `stripe` brings the types of exactly this version of the API. */
describe('the objects in Stripe samples', () => {
  test('have the fields of the types in the stripe package, all the required ones and no others', () => {
    type SubscriptionItem = ReturnType<typeof stripeSubscription>['items']['data'][number];
    expectTypeOf<FieldDifference<ReturnType<typeof stripePaymentIntent>, Stripe.PaymentIntent>>().toBeNever();
    expectTypeOf<FieldDifference<ReturnType<typeof stripeCharge>, Stripe.Charge>>().toBeNever();
    expectTypeOf<FieldDifference<ReturnType<typeof stripeRefund>, Stripe.Refund>>().toBeNever();
    expectTypeOf<FieldDifference<ReturnType<typeof stripeDispute>, Stripe.Dispute>>().toBeNever();
    expectTypeOf<FieldDifference<ReturnType<typeof stripeCheckoutSession>, Stripe.Checkout.Session>>().toBeNever();
    expectTypeOf<FieldDifference<ReturnType<typeof stripeInvoice>, Stripe.Invoice>>().toBeNever();
    expectTypeOf<FieldDifference<ReturnType<typeof stripeInvoiceLine>, Stripe.InvoiceLineItem>>().toBeNever();
    expectTypeOf<FieldDifference<ReturnType<typeof stripeInvoicePayment>, Stripe.InvoicePayment>>().toBeNever();
    expectTypeOf<FieldDifference<ReturnType<typeof stripeSubscription>, Stripe.Subscription>>().toBeNever();
    expectTypeOf<FieldDifference<SubscriptionItem, Stripe.SubscriptionItem>>().toBeNever();
    expectTypeOf<FieldDifference<SubscriptionItem['price'], Stripe.Price>>().toBeNever();
    expectTypeOf<FieldDifference<SubscriptionItem['plan'], Stripe.Plan>>().toBeNever();
    expectTypeOf<FieldDifference<ReturnType<typeof stripePayout>, Stripe.Payout>>().toBeNever();
  });

  test('can be used as the types in the stripe package, at every level', () => {
    expectTypeOf<ReturnType<typeof stripePaymentIntent>>().toExtend<Stripe.PaymentIntent>();
    expectTypeOf<ReturnType<typeof stripeCharge>>().toExtend<Stripe.Charge>();
    expectTypeOf<ReturnType<typeof stripeRefund>>().toExtend<Stripe.Refund>();
    expectTypeOf<ReturnType<typeof stripeDispute>>().toExtend<Stripe.Dispute>();
    expectTypeOf<ReturnType<typeof stripeCheckoutSession>>().toExtend<Stripe.Checkout.Session>();
    expectTypeOf<ReturnType<typeof stripePayout>>().toExtend<Stripe.Payout>();
    expectTypeOf<typeof STRIPE_SAMPLE_API_VERSION>().toExtend<NonNullable<Stripe.StripeConfig['apiVersion']>>();
  });
});

describe('stripeSamples', () => {
  test('wraps every object into an event in the version that the objects have', () => {
    const snapshots = stripeSamples.filter((sample) => !sample.eventType.startsWith('v1.'));

    for (const sample of snapshots) {
      const event = sample.build(seededInput('envelope'));

      expect(event).toMatchObject({ object: 'event', api_version: STRIPE_SAMPLE_API_VERSION, livemode: false });
      expect(Object.keys((event.data as JsonObject).object as JsonObject).slice(0, 2)).toEqual(['id', 'object']);
    }
  });

  test('writes the fields of an object by name, after id and object', () => {
    const names = Object.keys(objectOf('invoice.paid')).slice(2);

    expect(names).toEqual(names.toSorted());
  });

  test('makes ids of the shapes that Stripe gives', () => {
    const charge = objectOf('charge.succeeded');

    expect(charge.id).toMatch(/^ch_3[0-9A-Za-z]{23}$/);
    expect(charge.payment_intent).toMatch(/^pi_3[0-9A-Za-z]{23}$/);
    expect(charge.balance_transaction).toMatch(/^txn_3[0-9A-Za-z]{23}$/);
    expect(charge.payment_method).toMatch(/^pm_1[0-9A-Za-z]{23}$/);
    expect(charge.customer).toMatch(/^cus_[0-9A-Za-z]{14}$/);
    expect(charge.id.slice(3, 20)).toBe(charge.payment_intent.slice(3, 20));
  });

  test('lets the amounts of an event agree', () => {
    for (const seed of SEEDS) {
      const succeeded = objectOf('payment_intent.succeeded', seed);
      expect(succeeded.amount_received).toBe(succeeded.amount);
      expect(objectOf('payment_intent.amount_capturable_updated', seed)).toMatchObject({
        amount_capturable: succeeded.amount,
        amount_received: 0,
      });

      const session = objectOf('checkout.session.completed', seed);
      const { amount_shipping: shipping, amount_tax: tax } = session.total_details;
      expect(session.amount_total).toBe(session.amount_subtotal + shipping + tax);

      const refunded = objectOf('charge.refunded', seed);
      expect(refunded.amount_refunded).toBeGreaterThan(0);
      expect(refunded.amount_refunded).toBeLessThan(refunded.amount_captured);
      expect(refunded.refunded).toBe(false);

      const [withdrawal] = objectOf('charge.dispute.created', seed).balance_transactions;
      expect(withdrawal.net).toBe(withdrawal.amount - withdrawal.fee);

      const invoice = objectOf('invoice.paid', seed);
      const line = invoice.lines.data[0];
      expect(invoice.total).toBe(invoice.subtotal + invoice.total_taxes[0].amount);
      expect(invoice.amount_paid).toBe(invoice.total);
      expect(line.amount).toBe(line.quantity * Number(line.pricing.unit_amount_decimal));
      expect(invoice.payments.data[0].amount_paid).toBe(invoice.amount_paid);
    }
  });

  test('tells failures as Stripe does', () => {
    expect(objectOf('payment_intent.payment_failed')).toMatchObject({
      status: 'requires_payment_method',
      amount_received: 0,
      last_payment_error: { type: 'card_error', code: 'card_declined' },
    });
    expect(objectOf('charge.failed')).toMatchObject({ status: 'failed', paid: false, captured: false });
    expect(objectOf('invoice.payment_failed')).toMatchObject({ status: 'open', amount_paid: 0 });
    expect(objectOf('payout.failed')).toMatchObject({ status: 'failed', failure_code: 'account_closed' });
  });

  test('sends the thin event without an object', () => {
    const sample = stripeSamples.find(({ eventType }) => eventType === 'v1.billing.meter.error_report_triggered');

    const event = sample?.build(seededInput('thin'));

    expect(event).toMatchObject({ object: 'v2.core.event', related_object: { type: 'billing.meter' } });
    expect(event).not.toHaveProperty('data');
  });
});

describe('createStripeBilling', () => {
  test('adds tax to the price of the seats', () => {
    const billing = createStripeBilling(createStripeScene(seededInput('billing')));

    expect(billing.subtotal % billing.seats).toBe(0);
    expect(billing.total).toBe(billing.subtotal + billing.tax);
  });
});
