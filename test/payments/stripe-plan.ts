/** A plan as Stripe tells it: every event of the intent, its charges, its checkout, its refunds and its dispute. */
import type { PaymentStatus } from '../../src/payments/payment.ts';
import type { PaymentEvent } from '../../src/payments/payment-event.ts';
import { type Back, clockOf, givenBack, type Plan, shareOf, sumOf, type ToldPlan } from './plan.ts';
import { eventsOf, mapBody, stripeEvent } from './webhooks.ts';

export const stripePlan = (from: Plan): ToldPlan => {
  const clock = clockOf(from);
  const webhooks: (readonly PaymentEvent[])[] = [];
  const send = (type: string, object: object): void => {
    webhooks.push(eventsOf(mapBody('stripe', stripeEvent(type, object, { created: clock.now() }))));
  };
  const { amount } = from;
  let received = 0;
  let refundable = 0;
  let attempt = 0;
  const refunds: Back[] = [];
  const intent = (status: string, capturable = 0): object => ({
    id: 'pi_1',
    amount,
    amount_capturable: capturable,
    amount_received: received,
    currency: 'usd',
    status,
    latest_charge: attempt === 0 ? null : `ch_${attempt}`,
  });
  const charge = (status: string, isCaptured: boolean): object => ({
    id: `ch_${attempt}`,
    amount,
    amount_captured: isCaptured ? received : 0,
    // What is not captured is released, and Stripe counts it as refunded.
    amount_refunded: givenBack(refunds) + (isCaptured ? amount - received : 0),
    balance_transaction: 'txn_1',
    captured: isCaptured,
    paid: status === 'succeeded',
    currency: 'usd',
    payment_intent: 'pi_1',
    status,
  });
  const session = (paymentStatus: string): object => ({
    id: 'cs_1',
    amount_total: amount,
    currency: 'usd',
    payment_intent: 'pi_1',
    payment_status: paymentStatus,
  });
  let status: PaymentStatus = 'created';
  send('payment_intent.created', intent('requires_payment_method'));
  for (let failed = 0; failed < from.failedAttempts; failed += 1) {
    clock.tick();
    attempt += 1;
    send('charge.failed', charge('failed', false));
    send('payment_intent.payment_failed', intent('requires_payment_method'));
    status = 'failed';
  }
  clock.tick();
  if (from.path === 'canceled') {
    send('payment_intent.canceled', intent('canceled'));
    status = 'canceled';
  }
  if (from.path === 'automatic') {
    attempt += 1;
    received = amount;
    send('charge.succeeded', charge('succeeded', true));
    send('payment_intent.succeeded', intent('succeeded'));
    if (from.hasCheckout) send('checkout.session.completed', session('paid'));
  }
  if (from.path === 'manual') {
    attempt += 1;
    send('charge.succeeded', charge('succeeded', false));
    send('payment_intent.amount_capturable_updated', intent('requires_capture', amount));
    clock.tick();
    if (from.hasCheckout) send('checkout.session.completed', session('unpaid'));
    received = shareOf(amount, from.capturedShare);
    clock.tick();
    send('charge.captured', charge('succeeded', true));
    send('payment_intent.succeeded', intent('succeeded'));
  }
  if (received > 0) status = 'succeeded';
  refundable = received;
  const refundAll = (): void => {
    for (const [index, { share, ending, isSlow }] of from.refunds.entries()) {
      if (refundable === 0) break;
      // What came to nothing before, came to nothing in an earlier second than the next statement.
      clock.wait();
      const back: Back = {
        amount: shareOf(refundable, share),
        ending: isSlow || ending !== 'succeeded' ? 'pending' : ending,
      };
      const createdAt = clock.now();
      const object = (): object => ({
        id: `re_${index}`,
        amount: back.amount,
        charge: `ch_${attempt}`,
        created: createdAt,
        currency: 'usd',
        payment_intent: 'pi_1',
        status: back.ending,
      });
      refunds.push(back);
      send('refund.created', object());
      send('charge.refunded', charge('succeeded', true));
      if (back.ending !== ending) {
        clock.tick();
        back.ending = ending;
        send('charge.refund.updated', object());
        send('refund.updated', object());
        if (ending === 'failed') send('refund.failed', object());
      }
      refundable = received - givenBack(refunds);
    }
  };
  refundAll();
  let disputed = 0;
  if (from.dispute !== 'none' && received > 0) {
    clock.tick();
    const object = (state: string, moved: readonly number[]): object => ({
      id: 'du_1',
      amount: received,
      balance_transactions: moved.map((sum) => ({ amount: sum, fee: 1500, currency: 'usd' })),
      charge: `ch_${attempt}`,
      currency: 'usd',
      payment_intent: 'pi_1',
      reason: 'fraudulent',
      status: state,
    });
    send('charge.dispute.created', object('needs_response', [-received]));
    send('charge.dispute.funds_withdrawn', object('needs_response', [-received]));
    disputed = received;
    clock.tick();
    if (from.dispute === 'won') {
      send('charge.dispute.funds_reinstated', object('won', [-received, received]));
      disputed = 0;
    }
    if (from.dispute !== 'open') send('charge.dispute.closed', object(from.dispute, [-received]));
  }
  return {
    provider: 'stripe',
    webhooks,
    expected: {
      status,
      captured: BigInt(received),
      refunded: sumOf(refunds, 'succeeded'),
      refundPending: sumOf(refunds, 'pending'),
      reversed: 0n,
      disputed: BigInt(disputed),
    },
  };
};
