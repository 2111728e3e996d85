/** A plan as Square tells it. */
import type { PaymentStatus } from '../../src/payments/payment.ts';
import type { PaymentEvent } from '../../src/payments/payment-event.ts';
import { type Back, clockOf, givenBack, isoOf, type Plan, shareOf, sumOf, type ToldPlan } from './plan.ts';
import { eventsOf, mapBody, squareEvent } from './webhooks.ts';

/** Square tells the payment again whenever anything about it changes, its refunds included. */
export const squarePlan = (from: Plan): ToldPlan => {
  const clock = clockOf(from);
  const webhooks: (readonly PaymentEvent[])[] = [];
  const money = (minor: number): object => ({ amount: minor, currency: 'USD' });
  const send = (type: string, kind: string, object: object): void => {
    const body = { ...squareEvent(type, kind, object), created_at: isoOf(clock.now()) };
    webhooks.push(eventsOf(mapBody('square', body)));
  };
  const { amount } = from;
  const refunds: Back[] = [];
  let state = 'APPROVED';
  const payment = (type: string): void =>
    send(type, 'payment', {
      id: 'P1',
      total_money: money(amount),
      refunded_money: money(givenBack(refunds)),
      status: state,
      updated_at: isoOf(clock.now()),
    });
  payment('payment.created');
  clock.tick();
  if (from.path === 'canceled') state = 'CANCELED';
  if (from.path === 'automatic' || from.path === 'manual') state = 'COMPLETED';
  payment('payment.updated');
  if (from.hasCheckout) payment('payment.updated');
  const captured = state === 'COMPLETED' ? amount : 0;
  const refundAll = (): void => {
    for (const [index, { share, ending, isSlow }] of from.refunds.entries()) {
      const refundable = captured - givenBack(refunds);
      if (refundable === 0) break;
      clock.wait();
      const back: Back = { amount: shareOf(refundable, share), ending: 'pending' };
      refunds.push(back);
      const createdAt = isoOf(clock.now());
      const refund = (type: string, status: string, version: number): void =>
        send(type, 'refund', {
          id: `R${index}`,
          payment_id: 'P1',
          amount_money: money(back.amount),
          status,
          version,
          created_at: createdAt,
        });
      refund('refund.created', 'PENDING', 1);
      payment('payment.updated');
      if (ending === 'pending') continue;
      clock.tick();
      if (isSlow) refund('refund.updated', 'PENDING', 2);
      back.ending = ending === 'canceled' ? 'failed' : ending;
      refund('refund.updated', back.ending === 'succeeded' ? 'COMPLETED' : 'FAILED', 3);
    }
  };
  refundAll();
  const disputed = from.dispute === 'none' || from.dispute === 'won' ? 0 : captured;
  if (from.dispute !== 'none' && captured > 0) {
    clock.tick();
    const dispute = (type: string, disputeState: string, version: number): void =>
      send(type, 'dispute', {
        id: 'D1',
        amount_money: money(captured),
        disputed_payment: { payment_id: 'P1' },
        state: disputeState,
        version,
      });
    dispute('dispute.created', 'EVIDENCE_REQUIRED', 1);
    dispute('dispute.state.updated', 'PROCESSING', 2);
    if (from.dispute === 'won') dispute('dispute.state.updated', 'WON', 3);
    if (from.dispute === 'lost') dispute('dispute.state.updated', 'LOST', 3);
  }
  const statuses: Readonly<Record<string, PaymentStatus>> = {
    APPROVED: 'authorized',
    COMPLETED: 'succeeded',
    CANCELED: 'canceled',
  };
  return {
    provider: 'square',
    webhooks,
    expected: {
      status: statuses[state] ?? 'unknown',
      captured: BigInt(captured),
      refunded: sumOf(refunds, 'succeeded'),
      refundPending: sumOf(refunds, 'pending'),
      reversed: 0n,
      disputed: BigInt(disputed),
    },
  };
};
