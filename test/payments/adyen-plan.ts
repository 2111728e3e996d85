/** A plan as Adyen tells it. */
import type { PaymentStatus } from '../../src/payments/payment.ts';
import type { PaymentEvent } from '../../src/payments/payment-event.ts';
import { type Back, clockOf, givenBack, isoOf, type Plan, shareOf, sumOf, type ToldPlan } from './plan.ts';
import { adyenNotification, eventsOf, mapBody } from './webhooks.ts';

/** Captures and refunds that were accepted may fail later, under the same reference. */
export const adyenPlan = (from: Plan): ToldPlan => {
  const clock = clockOf(from);
  const webhooks: (readonly PaymentEvent[])[] = [];
  const send = (eventCode: string, pspReference: string, value: number, fields: object = {}): void => {
    const body = adyenNotification(eventCode, {
      pspReference,
      originalReference: 'P1',
      amount: { value, currency: 'EUR' },
      eventDate: isoOf(clock.now()).replace('.000Z', '+00:00'),
      ...fields,
    });
    webhooks.push(eventsOf(mapBody('adyen', body)));
  };
  const { amount } = from;
  let status: PaymentStatus = 'authorized';
  send('AUTHORISATION', 'P1', amount, { originalReference: null });
  clock.tick();
  let captured = 0;
  if (from.path === 'canceled') {
    send('CANCELLATION', 'X1', amount);
    status = 'canceled';
  } else if (from.path !== 'open') {
    captured = from.path === 'manual' ? shareOf(amount, from.capturedShare) : amount;
    send('CAPTURE', 'C1', captured);
    status = 'succeeded';
    if (from.failedAttempts === 2) {
      clock.wait();
      send('CAPTURE_FAILED', 'C1', captured);
      captured = 0;
      status = 'authorized';
    }
  }
  const refunds: Back[] = [];
  for (const [index, { share, ending }] of from.refunds.entries()) {
    const refundable = captured - givenBack(refunds);
    if (refundable === 0) break;
    clock.tick();
    const back: Back = { amount: shareOf(refundable, share), ending: 'succeeded' };
    refunds.push(back);
    send('REFUND', `R${index}`, back.amount);
    if (ending === 'failed' || ending === 'canceled') {
      clock.wait();
      back.ending = 'failed';
      send('REFUND_FAILED', `R${index}`, back.amount);
    }
  }
  let disputed = 0;
  if (from.dispute !== 'none' && captured > 0) {
    clock.tick();
    send('NOTIFICATION_OF_CHARGEBACK', 'D1', captured);
    clock.wait();
    send('CHARGEBACK', 'D1', captured);
    disputed = captured;
    clock.wait();
    if (from.dispute !== 'open') {
      send('CHARGEBACK_REVERSED', 'D1', captured);
      clock.wait();
      disputed = 0;
    }
    if (from.dispute === 'won') send('PREARBITRATION_WON', 'D1', captured);
    if (from.dispute === 'lost') {
      send('SECOND_CHARGEBACK', 'D1', captured);
      disputed = captured;
    }
  }
  return {
    provider: 'adyen',
    webhooks,
    expected: {
      status,
      captured: BigInt(captured),
      refunded: sumOf(refunds, 'succeeded'),
      refundPending: 0n,
      reversed: 0n,
      disputed: BigInt(disputed),
    },
  };
};
