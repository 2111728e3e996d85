import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { eventsOf, mapBody, paymentMapping } from '../../../test/payments/webhooks.ts';
import { runs } from '../../../test/support/property-runs.ts';
import type { PaymentChangeEvent } from '../../payments/payment-event.ts';
import { paymentOf } from '../../payments/reduce-payment.ts';
import type { LifeInput, ScenarioPayment } from './scenario.ts';
import { paymentsOf, SCENARIOS, scenarioNamed } from './scenarios.ts';

const NOW = Date.UTC(2026, 2, 1, 12, 34, 56, 789);
const INPUT: LifeInput = { key: 'test', now: NOW, settingsOf: () => undefined };

const eventsOfPayment = ({ webhooks }: ScenarioPayment, isCaptureAutomatic = false): PaymentChangeEvent[] =>
  webhooks.flatMap(({ provider, body }) =>
    paymentMapping
      .changesOf(eventsOf(mapBody(provider, body, { isCaptureAutomatic })))
      .payments.flatMap(({ events }) => events),
  );

const outcomeOf = (events: readonly PaymentChangeEvent[]) => {
  const { status, captured, refunded, disputed, disputes } = paymentOf(events).view;
  return {
    status,
    captured: captured?.minor,
    refunded: refunded?.minor,
    disputed: disputed?.minor,
    disputes: disputes.map(({ state }) => state),
  };
};

const cases = SCENARIOS.flatMap((scenario) =>
  paymentsOf(scenario, INPUT).map((payment, index) => ({ name: `${scenario.name} #${index + 1}`, payment })),
);

describe('scenarios', () => {
  test.each(cases)('$name comes out as planned, in any order and with any repetition', ({ payment }) => {
    const events = eventsOfPayment(payment);
    expect(outcomeOf(events)).toEqual(payment.planned);
    const orders = fc.shuffledSubarray(events, { minLength: events.length });
    fc.assert(
      fc.property(orders, (order) => {
        expect(outcomeOf(order)).toEqual(payment.planned);
      }),
      runs(30),
    );
  });

  test.each(cases)('$name is about one payment, which every webhook names', ({ payment }) => {
    const { view } = paymentOf(eventsOfPayment(payment));
    expect(view.names.map(({ id }) => id)).toContain(payment.paymentId);
    expect(view.paymentId).toBe(payment.paymentId);
    expect(view.amount).toEqual(payment.asked);
    expect(view.flags).toEqual([]);
    for (const { provider, body } of payment.webhooks) {
      const ids = eventsOf(mapBody(provider, body)).flatMap((event) =>
        'paymentNames' in event ? event.paymentNames.map(({ id }) => id) : [],
      );
      expect(view.names.map(({ id }) => id)).toEqual(expect.arrayContaining(ids));
    }
  });

  test.each(cases)('$name tells what happened in order, up to now', ({ payment }) => {
    const times = eventsOfPayment(payment).map(({ occurredAt }) => {
      assert(occurredAt !== null);
      return occurredAt;
    });
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(times.at(-1)).toBeLessThanOrEqual(NOW);
  });

  test.each(cases)('$name has webhooks that all are different events', ({ payment }) => {
    const ids = eventsOfPayment(payment).map(({ id }) => id);
    expect(new Set(ids).size).toBe(payment.webhooks.length);
  });

  test('the same input gives the same bytes, another key another payment', () => {
    const scenario = scenarioNamed('stripe-checkout-refund');
    assert(scenario !== undefined);
    expect(paymentsOf(scenario, INPUT)).toEqual(paymentsOf(scenario, INPUT));
    const [first, second] = paymentsOf(scenario, INPUT, 2);
    expect(first?.paymentId).not.toBe(second?.paymentId);
  });

  test('where Adyen captures by itself, no capture is told and the payment comes out the same', () => {
    const scenario = scenarioNamed('adyen-auth-capture-refund');
    assert(scenario !== undefined);
    const [payment] = paymentsOf(scenario, { ...INPUT, settingsOf: () => ({ isCaptureAutomatic: true }) });
    assert(payment !== undefined);
    expect(payment.webhooks.map(({ eventType }) => eventType)).toEqual(['AUTHORISATION', 'REFUND']);
    expect(outcomeOf(eventsOfPayment(payment, true))).toEqual(payment.planned);
  });

  test('three-providers takes all of its lives in turn', () => {
    const scenario = scenarioNamed('three-providers');
    assert(scenario !== undefined);
    const payments = paymentsOf(scenario, INPUT, 9);
    expect(payments.map(({ provider }) => provider)).toEqual([
      'stripe',
      'paypal',
      'square',
      'stripe',
      'paypal',
      'square',
      'stripe',
      'stripe',
      'paypal',
    ]);
    expect(new Set(payments.map(({ paymentId }) => paymentId)).size).toBe(9);
  });
});
