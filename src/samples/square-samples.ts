/** Square's webhook events (developer.squareup.com/reference/square/webhooks). */
import type { JsonObject } from '../core/read-json.ts';
import type { Sample } from './sample.ts';
import { identityDraw } from './sample-draw.ts';
import { isoMillis } from './sample-time.ts';
import {
  squareDispute,
  squareInvoice,
  squarePayment,
  squarePayout,
  squareRefund,
  squareSubscription,
} from './square-objects.ts';
import { createSquareScene, type SquareScene } from './square-scene.ts';

interface EventData {
  /** Also the key of the object: Square wraps it once more under its own name. */
  readonly type: string;
  readonly id: string;
  readonly object: JsonObject;
}

/** Only events about money at one location name it in the envelope. */
const LOCATED: ReadonlySet<string> = new Set(['dispute', 'payout']);

const event = (eventType: string, summary: string, data: (scene: SquareScene) => EventData): Sample => ({
  eventType,
  summary,
  build: (input) => {
    const scene = createSquareScene(input);
    const { type, id, object } = data(scene);
    return {
      merchant_id: scene.merchantId,
      ...(LOCATED.has(type) ? { location_id: scene.locationId } : {}),
      type: eventType,
      event_id: identityDraw(input).uuid(),
      created_at: isoMillis(input.now),
      data: { type, id, object: { [type]: object } },
    };
  },
});

const payment = (eventType: string, summary: string, status: 'APPROVED' | 'COMPLETED'): Sample =>
  event(eventType, summary, (scene) => ({
    type: 'payment',
    id: scene.paymentId,
    object: squarePayment(scene, status),
  }));

const refund = (eventType: string, summary: string, status: 'PENDING' | 'COMPLETED'): Sample =>
  event(eventType, summary, (scene) => {
    const id = `${scene.paymentId}_${scene.draw.base62(44)}`;
    return { type: 'refund', id, object: squareRefund(scene, id, status) };
  });

const dispute = (eventType: string, summary: string, state: 'EVIDENCE_REQUIRED' | 'WON'): Sample =>
  event(eventType, summary, (scene) => {
    const id = scene.draw.base62(22);
    return { type: 'dispute', id, object: squareDispute(scene, id, state) };
  });

const payout = (eventType: string, summary: string, status: 'SENT' | 'PAID'): Sample =>
  event(eventType, summary, (scene) => {
    const id = `po_${scene.draw.uuid()}`;
    return { type: 'payout', id, object: squarePayout(scene, id, status) };
  });

/** The test button: no object, and a time with nanoseconds. */
const testNotification: Sample = {
  eventType: 'webhooks.test_notification',
  summary: 'the test button of the developer console',
  build: (input) => {
    const scene = createSquareScene(input);
    return {
      merchant_id: scene.merchantId,
      type: 'webhooks.test_notification',
      event_id: identityDraw(input).uuid(),
      created_at: isoMillis(input.now).replace('Z', `${scene.draw.digits(6)}Z`),
      data: { type: 'webhooks', id: scene.draw.uuid() },
    };
  },
};

/** In the order of a payment's life. */
export const squareSamples: readonly Sample[] = [
  payment('payment.created', 'a payment was approved, waiting for completion', 'APPROVED'),
  payment('payment.updated', 'a payment was completed', 'COMPLETED'),
  refund('refund.created', 'a refund was begun', 'PENDING'),
  refund('refund.updated', 'a refund went through', 'COMPLETED'),
  dispute('dispute.created', 'a buyer disputes a payment', 'EVIDENCE_REQUIRED'),
  dispute('dispute.state.updated', 'a dispute was won', 'WON'),
  payout('payout.sent', 'money is on its way to the bank', 'SENT'),
  payout('payout.paid', 'money arrived at the bank', 'PAID'),
  event('invoice.payment_made', 'an invoice was paid', (scene) => {
    const id = `inv:0-Ch${scene.draw.base62(28)}`;
    return { type: 'invoice', id, object: squareInvoice(scene, id) };
  }),
  event('subscription.created', 'a subscription began', (scene) => {
    const id = scene.draw.uuid();
    return { type: 'subscription', id, object: squareSubscription(scene, id) };
  }),
  testNotification,
];
