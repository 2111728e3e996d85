/**
 * Samples in the form that the Standard Webhooks specification recommends: `type`, `timestamp`, `data`. The `id` in the
 * body repeats what a sender puts into the `webhook-id` header.
 */
import type { JsonObject } from '../core/read-json.ts';
import { SECOND_MS } from '../core/time.ts';
import type { Sample, SampleInput } from './sample.ts';
import { type Draw, detailDraw, identityDraw } from './sample-draw.ts';
import { drawOrder, type SampleOrder } from './sample-order.ts';
import { isoMillis, utcYear } from './sample-time.ts';

interface Payment {
  readonly draw: Draw;
  readonly order: SampleOrder;
  readonly input: SampleInput;
  readonly paymentId: string;
}

const paymentObject = ({ draw, order, input, paymentId }: Payment, status: 'succeeded' | 'failed'): JsonObject => ({
  id: paymentId,
  object: 'payment',
  amount: order.total,
  currency: 'USD',
  status,
  order_id: order.reference,
  customer: { id: `cus_${draw.lowerAlphanumeric(16)}`, name: order.buyer.name, email: order.buyer.email },
  payment_method: {
    type: 'card',
    card: {
      brand: order.card.brand,
      last4: order.card.last4,
      exp_month: order.card.expMonth,
      exp_year: order.card.expYear,
    },
  },
  created_at: isoMillis(input.now - 3 * SECOND_MS),
});

const sample = (eventType: string, summary: string, data: (payment: Payment) => JsonObject): Sample => ({
  eventType,
  summary,
  build: (input) => {
    const draw = detailDraw(input);
    const payment = {
      draw,
      order: drawOrder(draw, utcYear(input.now)),
      input,
      paymentId: `pay_${draw.lowerAlphanumeric(20)}`,
    };
    return {
      id: `msg_${identityDraw(input).base62(27)}`,
      type: eventType,
      timestamp: isoMillis(input.now),
      data: data(payment),
    };
  },
});

/** Amounts are whole minor units beside an upper-case ISO currency. */
export const standardWebhooksSamples: readonly Sample[] = [
  sample('payment.succeeded', 'a card payment went through', (payment) => paymentObject(payment, 'succeeded')),
  sample('payment.failed', 'a card payment was declined', (payment) => ({
    ...paymentObject(payment, 'failed'),
    failure_code: 'card_declined',
    failure_message: 'The card was declined.',
  })),
  sample('refund.succeeded', 'a payment was paid back in full', ({ draw, order, input, paymentId }) => ({
    id: `ref_${draw.lowerAlphanumeric(20)}`,
    object: 'refund',
    payment_id: paymentId,
    amount: order.total,
    currency: 'USD',
    status: 'succeeded',
    reason: 'requested_by_customer',
    order_id: order.reference,
    created_at: isoMillis(input.now - 2 * SECOND_MS),
  })),
];
