/** PayPal's webhook events as its sandbox sends them (developer.paypal.com/api/rest/webhooks/event-names). */
import type { JsonObject } from '../core/read-json.ts';
import { dispute, payoutItem, subscription } from './paypal-account-resources.ts';
import { approvedOrder, authorization, capture, captureRefund, subscriptionSale } from './paypal-payment-resources.ts';
import { createPaypalScene, link, type PaypalScene } from './paypal-scene.ts';
import type { Sample } from './sample.ts';
import { identityDraw } from './sample-draw.ts';
import { decimalText } from './sample-order.ts';
import { isoMillis } from './sample-time.ts';

interface Resource {
  readonly type: string;
  /** Null for the resources of version 1 of the API, whose events carry none. */
  readonly version: '2.0' | null;
  readonly of: (scene: PaypalScene) => JsonObject;
  /** PayPal's sentence about the event. */
  readonly sentence: (scene: PaypalScene) => string;
}

const event = (eventType: string, summary: string, resource: Resource): Sample => ({
  eventType,
  summary,
  build: (input) => {
    const scene = createPaypalScene(input);
    const identity = identityDraw(input);
    const id = `WH-${identity.upperAlphanumeric(17)}-${identity.upperAlphanumeric(17)}`;
    const path = `/v1/notifications/webhooks-events/${id}`;
    return {
      id,
      event_version: '1.0',
      create_time: isoMillis(input.now),
      resource_type: resource.type,
      ...(resource.version === null ? {} : { resource_version: resource.version }),
      event_type: eventType,
      summary: resource.sentence(scene),
      resource: resource.of(scene),
      links: [link(path, 'self'), link(`${path}/resend`, 'resend', 'POST')],
    };
  },
});

const dollars = (minorUnits: number): string => `$ ${decimalText(minorUnits)} USD`;

const aboutTotal =
  (words: string) =>
  ({ order }: PaypalScene): string =>
    `${words} for ${dollars(order.total)}`;

const captureResource = (status: 'COMPLETED' | 'PENDING' | 'DECLINED', words: string): Resource => ({
  type: 'capture',
  version: '2.0',
  of: (scene) => capture(scene, status),
  sentence: aboutTotal(words),
});

const refundResource = (by: 'seller' | 'paypal'): Resource => ({
  type: 'refund',
  version: '2.0',
  of: (scene) => captureRefund(scene, by),
  sentence: ({ order }) =>
    by === 'seller'
      ? `A ${dollars(order.item.unitAmount)} capture payment was refunded`
      : `A ${dollars(order.total)} capture payment was reversed`,
});

const authorizationResource = (status: 'CREATED' | 'VOIDED', sentence: string): Resource => ({
  type: 'authorization',
  version: '2.0',
  of: (scene) => authorization(scene, status),
  sentence: () => sentence,
});

const subscriptionResource = (state: 'active' | 'cancelled' | 'failing', sentence: string): Resource => ({
  type: 'subscription',
  version: '2.0',
  of: (scene) => subscription(scene, state),
  sentence: () => sentence,
});

const disputeResource = (state: 'open' | 'resolved', sentence: string): Resource => ({
  type: 'dispute',
  version: null,
  of: (scene) => dispute(scene, state),
  sentence: () => sentence,
});

const approvedOrderResource: Resource = {
  type: 'checkout-order',
  version: '2.0',
  of: approvedOrder,
  sentence: () => 'An order has been approved by buyer',
};

const saleResource: Resource = {
  type: 'sale',
  version: null,
  of: subscriptionSale,
  sentence: aboutTotal('Payment completed'),
};

const payoutItemResource: Resource = {
  type: 'payouts_item',
  version: null,
  of: payoutItem,
  sentence: () => 'A payout item has succeeded',
};

/** In the order of a payment's life. */
export const paypalSamples: readonly Sample[] = [
  event('CHECKOUT.ORDER.APPROVED', 'the buyer approved an order; not paid yet', approvedOrderResource),
  event(
    'PAYMENT.AUTHORIZATION.CREATED',
    'money is reserved, waiting for capture',
    authorizationResource('CREATED', 'A payment authorization was created'),
  ),
  event(
    'PAYMENT.AUTHORIZATION.VOIDED',
    'a reservation was given up',
    authorizationResource('VOIDED', 'A payment authorization was voided'),
  ),
  event('PAYMENT.CAPTURE.COMPLETED', 'a payment was made', captureResource('COMPLETED', 'Payment completed')),
  event('PAYMENT.CAPTURE.PENDING', 'a payment is under review', captureResource('PENDING', 'Payment pending')),
  event('PAYMENT.CAPTURE.DENIED', 'a payment was refused', captureResource('DECLINED', 'Payment denied')),
  event('PAYMENT.CAPTURE.REFUNDED', 'part of a payment was given back', refundResource('seller')),
  event('PAYMENT.CAPTURE.REVERSED', 'PayPal took a payment back', refundResource('paypal')),
  event('PAYMENT.SALE.COMPLETED', 'a subscription was charged', saleResource),
  event(
    'BILLING.SUBSCRIPTION.ACTIVATED',
    'a subscription began',
    subscriptionResource('active', 'Subscription activated'),
  ),
  event(
    'BILLING.SUBSCRIPTION.CANCELLED',
    'a subscription was ended',
    subscriptionResource('cancelled', 'Subscription cancelled'),
  ),
  event(
    'BILLING.SUBSCRIPTION.PAYMENT.FAILED',
    'a subscription could not be charged',
    subscriptionResource('failing', 'Payment failed for subscription'),
  ),
  event(
    'CUSTOMER.DISPUTE.CREATED',
    'a buyer disputes a payment',
    disputeResource('open', 'A new dispute opened with Case'),
  ),
  event(
    'CUSTOMER.DISPUTE.RESOLVED',
    'a dispute was decided for the buyer',
    disputeResource('resolved', 'A dispute was resolved with case'),
  ),
  event('PAYMENT.PAYOUTS-ITEM.SUCCEEDED', 'money was paid out to somebody', payoutItemResource),
];
