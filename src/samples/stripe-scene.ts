/** What the Stripe objects of one sample event share: ids, amounts, buyer and times. */
import type { SampleInput } from './sample.ts';
import { type Draw, detailDraw } from './sample-draw.ts';
import { drawOrder, type SampleAddress, type SampleOrder } from './sample-order.ts';
import { unixSeconds, utcYear } from './sample-time.ts';

export interface StripeScene {
  readonly draw: Draw;
  readonly order: SampleOrder;
  /** Unix seconds, as every time in a Stripe object. */
  readonly nowSeconds: number;
  readonly paymentIntentId: string;
  readonly chargeId: string;
  readonly customerId: string;
  readonly paymentMethodId: string;
  /** Ids that are made for one object: `re_3…`, `txn_3…`; they share the beginning of the payment's id. */
  readonly paymentScopedId: (prefix: string) => string;
  /** Ids of objects that stand for themselves: `in_1…`, `sub_1…`. */
  readonly ownId: (prefix: string) => string;
}

export const createStripeScene = (input: SampleInput): StripeScene => {
  const draw = detailDraw(input);
  const payment = `3${draw.base62(16)}`;
  const paymentScopedId = (prefix: string): string => `${prefix}_${payment}${draw.base62(7)}`;
  const ownId = (prefix: string): string => `${prefix}_1${draw.base62(23)}`;
  return {
    draw,
    order: drawOrder(draw, utcYear(input.now)),
    nowSeconds: unixSeconds(input.now),
    paymentIntentId: paymentScopedId('pi'),
    chargeId: paymentScopedId('ch'),
    customerId: `cus_${draw.base62(14)}`,
    paymentMethodId: ownId('pm'),
    paymentScopedId,
    ownId,
  };
};

/** The keys in Stripe's order. */
export const stripeAddress = (address: SampleAddress) => ({
  city: address.city,
  country: 'US',
  line1: address.line1,
  line2: null,
  postal_code: address.postalCode,
  state: address.state,
});

export const stripeBillingDetails = ({ order }: StripeScene) => ({
  address: stripeAddress(order.buyer.address),
  email: order.buyer.email,
  name: order.buyer.name,
  phone: null,
  tax_id: null,
});

export const stripeShipping = ({ order }: StripeScene) => ({
  address: stripeAddress(order.buyer.address),
  carrier: null,
  name: order.buyer.name,
  phone: null,
  tracking_number: null,
});
