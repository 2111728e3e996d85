/** Lives of payments as Square tells them. It tells the payment again whenever anything about it changes. */

import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../core/time.ts';
import type { EpochMs } from '../../core/webhook.ts';
import { isoMillis } from '../sample-time.ts';
import { createSquareScene, type SquareScene, squareMoney } from '../square-scene.ts';
import type { Life, LifeInput } from './scenario.ts';
import { createTelling, type Telling, usd } from './telling.ts';

interface SquareLife extends Telling {
  readonly scene: SquareScene;
}

const begin = (input: LifeInput): SquareLife => {
  const telling = createTelling('square', input, (eventType) => {
    const kind = eventType.split('.')[0] ?? '';
    return ['data', 'object', kind];
  });
  return { ...telling, scene: createSquareScene(telling.inputAt(input.now)) };
};

/** Approved, and completed 20 seconds later. */
const tellPaid = ({ tell }: SquareLife, begunAt: EpochMs): void => {
  tell('payment.created', begunAt);
  tell('payment.updated', begunAt + 20 * SECOND_MS);
};

/** Paid; a piece is sent back two days later, and the refund goes through within the hour. */
export const squarePaymentRefund: Life = (input) => {
  const life = begin(input);
  const { scene, tell, end } = life;
  const begunAt = input.now - 2 * DAY_MS;
  const refundedAt = input.now - 2 * HOUR_MS;
  const refunded = scene.order.item.unitAmount;
  tellPaid(life, begunAt);
  tell('refund.created', refundedAt);
  tell('payment.updated', refundedAt + SECOND_MS, (payment) => ({
    ...payment,
    created_at: isoMillis(begunAt),
    refunded_money: squareMoney(refunded),
  }));
  tell('refund.updated', refundedAt + HOUR_MS);
  return end(scene.paymentId, usd(scene.order.total), { refunded: BigInt(refunded) });
};

/** Disputed a week after it was paid; the shop proves that it delivered, and wins a month later. */
export const squareDisputeWon: Life = (input) => {
  const life = begin(input);
  const { scene, tell, end } = life;
  const disputedAt = input.now - 30 * DAY_MS - HOUR_MS;
  tellPaid(life, disputedAt - 7 * DAY_MS);
  tell('dispute.created', disputedAt);
  tell('dispute.state.updated', disputedAt + 30 * DAY_MS - MINUTE_MS);
  return end(scene.paymentId, usd(scene.order.total), { disputes: ['won'] });
};
