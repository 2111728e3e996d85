/** A plan as PayPal tells it: an order, its authorization, its captures, and what goes back. */
import type { PaymentStatus } from '../../src/payments/payment.ts';
import type { PaymentEvent } from '../../src/payments/payment-event.ts';
import { clockOf, isoOf, type Plan, shareOf, type ToldPlan } from './plan.ts';
import { eventsOf, mapBody, paypalEvent } from './webhooks.ts';

const decimal = (minor: number): string => `${Math.floor(minor / 100)}.${String(minor % 100).padStart(2, '0')}`;

/** An order that is captured at once or in two parts, after an authorization. PayPal's refunds are done when they are told. */
export const paypalPlan = (from: Plan): ToldPlan => {
  const clock = clockOf(from);
  const webhooks: (readonly PaymentEvent[])[] = [];
  const money = (minor: number): object => ({ value: decimal(minor), currency_code: 'USD' });
  const send = (type: string, resource: object): void => {
    const times = { create_time: isoOf(clock.now()), update_time: isoOf(clock.now()) };
    const body = { ...paypalEvent(type, { ...times, ...resource }), create_time: isoOf(clock.now()) };
    webhooks.push(eventsOf(mapBody('paypal', body)));
  };
  const { amount } = from;
  const captures = new Map<string, number>();
  let status: PaymentStatus = 'created';
  send('CHECKOUT.ORDER.APPROVED', { id: 'O1', purchase_units: [{ amount: money(amount) }] });
  clock.tick();
  const authorization = { id: 'A1', amount: money(amount), supplementary_data: { related_ids: { order_id: 'O1' } } };
  const capture = (id: string, type: string, minor: number): void => {
    clock.tick();
    const related = from.path === 'manual' ? { order_id: 'O1', authorization_id: 'A1' } : { order_id: 'O1' };
    send(type, { id, amount: money(minor), supplementary_data: { related_ids: related } });
    if (type === 'PAYMENT.CAPTURE.COMPLETED') captures.set(id, minor);
  };
  if (from.path === 'canceled') {
    clock.wait();
    send('CHECKOUT.PAYMENT-APPROVAL.REVERSED', { order_id: 'O1', purchase_units: [{ amount: money(amount) }] });
    status = 'canceled';
  }
  if (from.path === 'automatic') {
    capture('C1', 'PAYMENT.CAPTURE.PENDING', amount);
    capture('C1', 'PAYMENT.CAPTURE.COMPLETED', amount);
  }
  if (from.path === 'manual') {
    send('PAYMENT.AUTHORIZATION.CREATED', authorization);
    const first = shareOf(amount, from.capturedShare);
    capture('C1', 'PAYMENT.CAPTURE.COMPLETED', first);
    if (amount > first) {
      capture('C2', 'PAYMENT.CAPTURE.DENIED', amount - first);
      clock.wait();
      send('PAYMENT.AUTHORIZATION.VOIDED', authorization);
    }
  }
  const captured = [...captures.values()].reduce((sum, minor) => sum + minor, 0);
  if (captured > 0) status = 'succeeded';
  let returned = 0;
  for (const [index, { share }] of from.refunds.entries()) {
    const refundable = captured - returned;
    if (refundable === 0) break;
    clock.tick();
    const minor = shareOf(refundable, share);
    returned += minor;
    send('PAYMENT.CAPTURE.REFUNDED', {
      id: `R${index}`,
      amount: money(minor),
      seller_payable_breakdown: { total_refunded_amount: money(returned) },
      links: [{ rel: 'up', href: 'https://api.paypal.com/v2/payments/captures/C1' }],
    });
  }
  let reversed = 0;
  if (from.dispute === 'lost' && captured > returned) {
    clock.wait();
    reversed = captured - returned;
    send('PAYMENT.CAPTURE.REVERSED', {
      id: 'V1',
      amount: money(reversed),
      links: [{ rel: 'up', href: 'https://api.paypal.com/v2/payments/captures/C1' }],
    });
    status = 'reversed';
  }
  return {
    provider: 'paypal',
    webhooks,
    expected: {
      status,
      captured: BigInt(captured),
      refunded: BigInt(returned),
      refundPending: 0n,
      reversed: BigInt(reversed),
      disputed: 0n,
    },
  };
};
