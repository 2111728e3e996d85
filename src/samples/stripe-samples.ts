/** Stripe's snapshot events and one thin event (docs.stripe.com/api/events, providers' reference for Stripe). */
import { isJsonObject, type JsonObject, type JsonValue } from '../core/read-json.ts';
import type { Sample, SampleInput } from './sample.ts';
import { detailDraw, identityDraw } from './sample-draw.ts';
import { isoMillis } from './sample-time.ts';
import { createStripeBilling, stripeInvoice } from './stripe-billing-objects.ts';
import { stripeCheckoutSession } from './stripe-checkout-objects.ts';
import { type PaymentIntentState, stripeCharge, stripePaymentIntent } from './stripe-payment-objects.ts';
import { stripePayout } from './stripe-payout-object.ts';
import { refundAmount, stripeDispute, stripeRefund } from './stripe-reversal-objects.ts';
import { createStripeScene, type StripeScene } from './stripe-scene.ts';
import { type SubscriptionState, stripeSubscription } from './stripe-subscription-object.ts';

/** The version whose objects are built here. Stripe renders events in the version of the endpoint. */
export const STRIPE_SAMPLE_API_VERSION = '2026-10-28.endive';

interface EventData {
  readonly object: JsonObject;
  /** Former values of what changed; Stripe sends it with `updated` events and their kin. */
  readonly previous_attributes?: JsonObject;
}

const rank = (key: string): string => (key === 'id' ? '0' : key === 'object' ? '1' : `2${key}`);

/** Stripe writes `id` and `object` first and the rest by name, at every level. */
const inStripeOrder = (value: JsonValue): JsonValue => {
  if (Array.isArray(value)) return value.map(inStripeOrder);
  if (!isJsonObject(value)) return value;
  const entries = Object.entries(value).toSorted(([a], [b]) => (rank(a) < rank(b) ? -1 : 1));
  return Object.fromEntries(entries.map(([key, member]) => [key, inStripeOrder(member ?? null)]));
};

const snapshot = (eventType: string, summary: string, data: (scene: StripeScene) => EventData): Sample => ({
  eventType,
  summary,
  build: (input) => {
    const scene = createStripeScene(input);
    return {
      id: `evt_1${identityDraw(input).base62(23)}`,
      object: 'event',
      api_version: STRIPE_SAMPLE_API_VERSION,
      created: scene.nowSeconds,
      data: inStripeOrder({ ...data(scene) }),
      livemode: false,
      pending_webhooks: 1,
      request: { id: `req_${scene.draw.base62(14)}`, idempotency_key: scene.draw.uuid() },
      type: eventType,
    };
  },
});

const intent = (name: string, summary: string, state: PaymentIntentState): Sample =>
  snapshot(`payment_intent.${name}`, summary, (scene) => ({ object: stripePaymentIntent(scene, state) }));

const subscription = (name: string, summary: string, state: SubscriptionState, previous?: JsonObject): Sample =>
  snapshot(`customer.subscription.${name}`, summary, (scene) => ({
    object: stripeSubscription(scene, createStripeBilling(scene), state),
    ...(previous === undefined ? {} : { previous_attributes: previous }),
  }));

const invoice = (name: string, summary: string, status: 'paid' | 'open'): Sample =>
  snapshot(`invoice.${name}`, summary, (scene) => ({
    object: stripeInvoice(scene, createStripeBilling(scene), status),
  }));

/** A notification without the object: who wants it fetches `related_object.url`. Its times have milliseconds. */
const thinEvent = (eventType: string, summary: string): Sample => ({
  eventType,
  summary,
  build: (input: SampleInput) => {
    const meterId = `mtr_test_61${detailDraw(input).base62(30)}`;
    return {
      id: `evt_test_65${identityDraw(input).base62(30)}`,
      object: 'v2.core.event',
      type: eventType,
      created: isoMillis(input.now),
      livemode: false,
      context: null,
      related_object: { id: meterId, type: 'billing.meter', url: `/v1/billing/meters/${meterId}` },
      reason: null,
    };
  },
});

const DAY_SECONDS = 86_400;

/** In the order of a payment's life. */
export const stripeSamples: readonly Sample[] = [
  intent('created', 'a payment was begun', { status: 'requires_payment_method' }),
  intent('requires_action', 'the buyer has to confirm with the bank', { status: 'requires_action' }),
  intent('processing', 'a bank debit is on its way', { status: 'processing' }),
  intent('amount_capturable_updated', 'authorised, waiting for capture', { status: 'requires_capture' }),
  intent('succeeded', 'a payment was made', { status: 'succeeded' }),
  intent('payment_failed', 'a card was declined; the buyer may try again', {
    status: 'requires_payment_method',
    isDeclined: true,
  }),
  intent('canceled', 'a payment was given up', { status: 'canceled' }),
  snapshot('charge.succeeded', 'a card was charged', (scene) => ({
    object: stripeCharge(scene, { status: 'succeeded' }),
  })),
  snapshot('charge.captured', 'an authorised charge was captured', (scene) => ({
    object: stripeCharge(scene, { status: 'succeeded', ageSeconds: DAY_SECONDS }),
    previous_attributes: { amount_captured: 0, balance_transaction: null, captured: false },
  })),
  snapshot('charge.failed', 'a card was declined', (scene) => ({ object: stripeCharge(scene, { status: 'failed' }) })),
  snapshot('charge.refunded', 'money was given back, as the charge tells it', (scene) => ({
    object: stripeCharge(scene, {
      status: 'succeeded',
      amountRefunded: refundAmount(scene),
      ageSeconds: 3 * DAY_SECONDS,
    }),
    previous_attributes: { amount_refunded: 0, receipt_url: null },
  })),
  snapshot('refund.created', 'a refund was begun', (scene) => ({ object: stripeRefund(scene, 'pending') })),
  snapshot('refund.updated', 'a refund went through', (scene) => ({
    object: stripeRefund(scene, 'succeeded'),
    previous_attributes: { status: 'pending' },
  })),
  snapshot('refund.failed', 'a refund came back', (scene) => ({
    object: stripeRefund(scene, 'failed'),
    previous_attributes: { status: 'pending' },
  })),
  snapshot('charge.dispute.created', 'a buyer disputes a charge', (scene) => ({
    object: stripeDispute(scene, 'needs_response'),
  })),
  snapshot('charge.dispute.funds_withdrawn', 'the disputed money was taken', (scene) => ({
    object: stripeDispute(scene, 'needs_response'),
  })),
  snapshot('charge.dispute.closed', 'a dispute was lost', (scene) => ({
    object: stripeDispute(scene, 'lost'),
    previous_attributes: { status: 'under_review' },
  })),
  snapshot('checkout.session.completed', 'a checkout was paid by card', (scene) => ({
    object: stripeCheckoutSession(scene, 'paid'),
  })),
  snapshot('checkout.session.async_payment_succeeded', 'a checkout by bank debit was paid', (scene) => ({
    object: stripeCheckoutSession(scene, 'paid_later'),
  })),
  snapshot('checkout.session.expired', 'a checkout was left', (scene) => ({
    object: stripeCheckoutSession(scene, 'expired'),
  })),
  invoice('paid', 'a subscription was renewed', 'paid'),
  invoice('payment_failed', 'a renewal was declined and will be tried again', 'open'),
  subscription('created', 'a subscription began', 'new'),
  subscription('updated', 'a subscription will end with its period', 'canceling', {
    cancel_at: null,
    cancel_at_period_end: false,
    canceled_at: null,
    cancellation_details: { feedback: null, reason: null },
  }),
  subscription('deleted', 'a subscription ended', 'ended'),
  snapshot('payout.created', 'money is on its way to the bank', (scene) => ({
    object: stripePayout(scene, 'in_transit'),
  })),
  snapshot('payout.paid', 'money arrived at the bank', (scene) => ({ object: stripePayout(scene, 'paid') })),
  snapshot('payout.failed', 'the bank sent the money back', (scene) => ({ object: stripePayout(scene, 'failed') })),
  thinEvent('v1.billing.meter.error_report_triggered', 'a thin event: usage could not be counted'),
];
