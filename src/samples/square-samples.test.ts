import { serialization } from 'square';
import { describe, expect, test } from 'vitest';
import { seededInput } from '../../test/support/sample-input.ts';
import { squareSamples } from './square-samples.ts';

const SCHEMAS = {
  'payment.created': serialization.PaymentCreatedEvent,
  'payment.updated': serialization.PaymentUpdatedEvent,
  'refund.created': serialization.RefundCreatedEvent,
  'refund.updated': serialization.RefundUpdatedEvent,
  'payout.sent': serialization.PayoutSentEvent,
  'payout.paid': serialization.PayoutPaidEvent,
  'invoice.payment_made': serialization.InvoicePaymentMadeEvent,
  'subscription.created': serialization.SubscriptionCreatedEvent,
  'webhooks.test_notification': serialization.Event,
} as const;

const strict = { unrecognizedObjectKeys: 'fail', allowUnrecognizedEnumValues: false } as const;

// biome-ignore lint/suspicious/noExplicitAny: the bodies are walked like any JSON.
const bodyOf = (eventType: string, seed = 'square'): any =>
  squareSamples.find((sample) => sample.eventType === eventType)?.build(seededInput(seed));

describe('squareSamples', () => {
  test.each(Object.entries(SCHEMAS))(
    'builds %s as the square package reads it, without unknown fields',
    (eventType, schema) => {
      const result = schema.parse(bodyOf(eventType), strict);

      expect(result).toMatchObject({ ok: true });
    },
  );

  test.each(['dispute.created', 'dispute.state.updated'])(
    'builds the dispute in %s as the square package reads it',
    (eventType) => {
      // The package's own type of these events calls the wrapper `object`, where Square sends `dispute`.
      const { object, ...data } = bodyOf(eventType).data;

      expect(serialization.Dispute.parse(object.dispute, strict)).toMatchObject({ ok: true });
      expect(data).toEqual({ type: 'dispute', id: object.dispute.id });
    },
  );

  test('would notice a field that Square does not have', () => {
    const body = bodyOf('payment.created');
    body.data.object.payment.amount_cents = 1;

    expect(serialization.PaymentCreatedEvent.parse(body, strict)).toMatchObject({ ok: false });
  });

  test('names the object in the envelope, a refund together with its payment', () => {
    const refund = bodyOf('refund.updated').data;

    expect(refund.object.refund.id).toBe(refund.id);
    expect(refund.id.startsWith(`${refund.object.refund.payment_id}_`)).toBe(true);
    expect(bodyOf('payment.updated').data).toMatchObject({
      type: 'payment',
      object: { payment: { status: 'COMPLETED' } },
    });
  });

  test('takes the fee from completed payments only, and less than the payment', () => {
    const completed = bodyOf('payment.updated').data.object.payment;

    expect(completed.processing_fee[0].amount_money.amount).toBeGreaterThan(0);
    expect(completed.processing_fee[0].amount_money.amount).toBeLessThan(completed.total_money.amount);
    expect(bodyOf('payment.created').data.object.payment).not.toHaveProperty('processing_fee');
  });
});
