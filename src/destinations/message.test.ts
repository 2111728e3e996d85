import { describe, expect, test } from 'vitest';
import { eventOf, sampleObject, stripeEvent } from '../../test/payments/webhooks.ts';
import type { PaymentEvent } from '../payments/payment-event.ts';
import { type MessageContext, messageOf } from './message.ts';

const RECEIVED_AT = Date.UTC(2026, 2, 1, 12, 34, 56, 789);
const CONTEXT: MessageContext = { receivedAt: RECEIVED_AT, news: 'news' };

const paid = (overrides: Partial<PaymentEvent> = {}): PaymentEvent =>
  Object.assign({}, eventOf('stripe', sampleObject('stripe', 'payment_intent.succeeded')), overrides);

describe('messageOf', () => {
  test('has the type, the time and every field of the event, amounts as text, and whether it is news', () => {
    const event = paid({ occurredAt: Date.UTC(2026, 2, 1, 12) });

    const message = messageOf(event, { ...CONTEXT, news: 'repeated' });

    expect(message).toMatchObject({ id: event.id, type: 'payment.succeeded', occurredAt: '2026-03-01T12:00:00.000Z' });
    const body = JSON.parse(message.body);
    expect(Object.keys(body)).toEqual(['type', 'timestamp', 'data']);
    expect([body.type, body.timestamp]).toEqual(['payment.succeeded', '2026-03-01T12:00:00.000Z']);
    expect(Object.keys(body.data)).toEqual([...Object.keys(event), 'news']);
    expect(body.data.news).toBe('repeated');
    expect(body.data.amount).toEqual({ minor: expect.stringMatching(/^\d+$/), currency: 'USD', exponent: 2 });
  });

  test('keeps amounts that are too large for a JSON number', () => {
    const huge = 123_456_789_012_345_678_901_234_567_890n;
    const event = eventOf(
      'stripe',
      stripeEvent('payout.paid', { id: 'po_1', object: 'payout', amount: huge, currency: 'usd' }),
    );

    expect(JSON.parse(messageOf(event, CONTEXT).body).data.amount.minor).toBe(huge.toString());
  });

  test('says when the webhook was received where the provider says no time, and that nobody knows when it happened', () => {
    const message = messageOf(paid({ occurredAt: null }), CONTEXT);

    expect(message.occurredAt).toBeNull();
    expect(JSON.parse(message.body)).toMatchObject({
      timestamp: '2026-03-01T12:34:56.789Z',
      data: { occurredAt: null },
    });
  });

  test('has the same bytes when the webhook is mapped again', () => {
    const wire = sampleObject('stripe', 'payment_intent.succeeded');

    const [first, again] = [eventOf('stripe', wire), eventOf('stripe', wire)];

    expect(messageOf(again, CONTEXT)).toEqual(messageOf(first, CONTEXT));
  });

  test('is one line, whatever a provider writes into a text', () => {
    const event = paid({ account: 'a\n"b"\u2028\ud800</script>' });

    const { body } = messageOf(event, CONTEXT);

    expect(body).not.toMatch(/[\n\r]/);
    expect(JSON.parse(body).data.account).toBe(event.account);
    expect(Buffer.from(body).toString('utf8')).toBe(body);
  });
});
