/** Lives of payments as PayPal tells them. */

import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../core/time.ts';
import { createPaypalScene, type PaypalScene } from '../paypal-scene.ts';
import type { Life, LifeInput } from './scenario.ts';
import { createTelling, type Telling, usd } from './telling.ts';

interface PaypalLife extends Telling {
  readonly scene: PaypalScene;
}

const begin = (input: LifeInput): PaypalLife => {
  const telling = createTelling('paypal', input, () => ['resource']);
  return { ...telling, scene: createPaypalScene(telling.inputAt(input.now)) };
};

/** An order is approved and captured; one piece is sent back the day after. */
export const paypalOrderCaptureRefund: Life = (input) => {
  const { scene, tell, end } = begin(input);
  const approvedAt = input.now - DAY_MS - HOUR_MS;
  tell('CHECKOUT.ORDER.APPROVED', approvedAt);
  tell('PAYMENT.CAPTURE.COMPLETED', approvedAt + MINUTE_MS);
  tell('PAYMENT.CAPTURE.REFUNDED', input.now - HOUR_MS);
  return end(scene.orderId, usd(scene.order.total), { refunded: BigInt(scene.order.item.unitAmount) });
};

/** The money is reserved, and given up the day after: there is nothing to ship. */
export const paypalAuthorizeVoid: Life = (input) => {
  const { scene, tell, end } = begin(input);
  const voidedAt = input.now - HOUR_MS;
  const authorizedAt = voidedAt - DAY_MS;
  tell('CHECKOUT.ORDER.APPROVED', authorizedAt - MINUTE_MS, (order) => ({ ...order, intent: 'AUTHORIZE' }));
  tell('PAYMENT.AUTHORIZATION.CREATED', authorizedAt);
  tell('PAYMENT.AUTHORIZATION.VOIDED', voidedAt);
  return end(scene.orderId, usd(scene.order.total), { status: 'canceled', captured: 0n });
};
