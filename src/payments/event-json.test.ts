import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toldPlan } from '../../test/payments/told-plans.ts';
import { paymentMapping } from '../../test/payments/webhooks.ts';
import { runs } from '../../test/support/property-runs.ts';
import { paymentEventsFromJson, paymentEventsToJson, paymentEventsToStoredJson } from './event-json.ts';
import type { PaymentChangeEvent } from './payment-event.ts';
import { paymentOf } from './reduce-payment.ts';

describe('payment events as JSON', () => {
  test('come back as they were, and add up to the same payment', () => {
    fc.assert(
      fc.property(toldPlan, ({ webhooks }) => {
        const events = webhooks.flatMap((webhook) =>
          paymentMapping.changesOf(webhook).payments.flatMap((group) => group.events),
        );

        for (const write of [paymentEventsToJson, paymentEventsToStoredJson]) {
          const read = paymentEventsFromJson<PaymentChangeEvent>(write(events));

          expect(read).toEqual(events);
          expect(paymentOf(read)).toEqual(paymentOf(events));
        }
      }),
      runs(100),
    );
  });

  test('say nothing in a store of what nobody said, and all of it to others', () => {
    const [event] = webhooksWithAmount(1n);

    expect(paymentEventsToJson([event!])).toContain('"isRefundIfCaptured":false');
    expect(paymentEventsToStoredJson([event!])).not.toContain('isRefundIfCaptured');
  });

  test('have amounts as text with every digit', () => {
    const [event] = webhooksWithAmount(123_456_789_012_345_678_901_234_567_890n);

    expect(paymentEventsToJson([event!])).toContain(
      '"amount":{"minor":"123456789012345678901234567890","currency":"USD"',
    );
  });
});

const webhooksWithAmount = (minor: bigint): readonly PaymentChangeEvent[] =>
  fc.sample(toldPlan, { numRuns: 1, seed: 1 }).flatMap(({ webhooks }) =>
    webhooks
      .flatMap((webhook) => paymentMapping.changesOf(webhook).payments.flatMap((group) => group.events))
      .slice(0, 1)
      .map((event) => ({ ...event, amount: { minor, currency: 'USD', exponent: 2 } }) as PaymentChangeEvent),
  );
