/** Lives of payments as Stripe tells them. */

import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../core/time.ts';
import type { EpochMs } from '../../core/webhook.ts';
import { unixSeconds } from '../sample-time.ts';
import { refundAmount } from '../stripe-reversal-objects.ts';
import { createStripeScene, type StripeScene } from '../stripe-scene.ts';
import type { Life, LifeInput } from './scenario.ts';
import { createTelling, renameIds, type Telling, usd } from './telling.ts';

/** Samples say how old an object is at the time of the event; here it is the same object at several times. */
const createdAt = (at: EpochMs) => (object: object) => ({ ...object, created: unixSeconds(at) });

interface StripeLife extends Telling {
  readonly scene: StripeScene;
}

const begin = (input: LifeInput): StripeLife => {
  const telling = createTelling('stripe', input, () => ['data', 'object']);
  return { ...telling, scene: createStripeScene(telling.inputAt(input.now)) };
};

/** Begun, and paid by card 45 seconds later. Returns when. */
const tellPaid = ({ tell }: StripeLife, begunAt: EpochMs): EpochMs => {
  const paidAt = begunAt + 45 * SECOND_MS;
  tell('payment_intent.created', begunAt, createdAt(begunAt));
  tell('charge.succeeded', paidAt, createdAt(paidAt));
  tell('payment_intent.succeeded', paidAt, createdAt(begunAt));
  return paidAt;
};

/** Paid in a checkout; one piece is sent back two days later, and the refund takes half an hour. */
export const stripeCheckoutRefund: Life = (input) => {
  const life = begin(input);
  const { scene, tell, end } = life;
  const paidAt = tellPaid(life, input.now - 3 * DAY_MS);
  tell('checkout.session.completed', paidAt + SECOND_MS);
  const refundedAt = input.now - 2 * HOUR_MS;
  tell('refund.created', refundedAt, createdAt(refundedAt));
  tell('charge.refunded', refundedAt, createdAt(paidAt));
  tell('refund.updated', refundedAt + 30 * MINUTE_MS, createdAt(refundedAt));
  return end(scene.paymentIntentId, usd(scene.order.total), { refunded: BigInt(refundAmount(scene)) });
};

/** The first card is declined; with another, and after the bank has asked the buyer, it works. */
export const stripeDeclineThenSuccess: Life = (input) => {
  const { scene, tell, end } = begin(input);
  const begunAt = input.now - 20 * MINUTE_MS;
  const declinedAt = begunAt + 30 * SECOND_MS;
  const paidAt = declinedAt + 2 * MINUTE_MS;
  // Each attempt is a charge of its own.
  const declinedCharge = { [scene.chargeId]: `${scene.chargeId.slice(0, -4)}Decl` };
  tell('payment_intent.created', begunAt, createdAt(begunAt));
  tell('charge.failed', declinedAt, (object) => createdAt(declinedAt)(renameIds(object, declinedCharge)));
  tell('payment_intent.payment_failed', declinedAt, (object) => createdAt(begunAt)(renameIds(object, declinedCharge)));
  tell('payment_intent.requires_action', paidAt - 50 * SECOND_MS, (object) =>
    createdAt(begunAt)(renameIds(object, declinedCharge)),
  );
  tell('charge.succeeded', paidAt, createdAt(paidAt));
  tell('payment_intent.succeeded', paidAt, createdAt(begunAt));
  return end(scene.paymentIntentId, usd(scene.order.total));
};

/** A month after it was paid the buyer's bank takes the money back, and three weeks later the dispute is lost. */
export const stripeDisputeLost: Life = (input) => {
  const life = begin(input);
  const { scene, tell, end } = life;
  const openedAt = input.now - 21 * DAY_MS - HOUR_MS;
  tellPaid(life, openedAt - 30 * DAY_MS);
  const opened = createdAt(openedAt);
  tell('charge.dispute.created', openedAt, opened);
  tell('charge.dispute.funds_withdrawn', openedAt, opened);
  tell('charge.dispute.closed', openedAt + 21 * DAY_MS, opened);
  return end(scene.paymentIntentId, usd(scene.order.total), {
    disputed: BigInt(scene.order.total),
    disputes: ['lost'],
  });
};
