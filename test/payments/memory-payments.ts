/** A store of payments in memory, as `reduce-payment.ts` describes one. For tests of what webhooks add up to. */
import assert from 'node:assert/strict';
import type { Payment } from '../../src/payments/payment.ts';
import type { PaymentEvent } from '../../src/payments/payment-event.ts';
import { type ApplyResult, applyEvents, paymentChangesOf } from '../../src/payments/reduce-payment.ts';

export interface MemoryPayments {
  /** Applies the events of one webhook. */
  apply(events: readonly PaymentEvent[]): readonly ApplyResult[];
  /** Every payment once, by its id. */
  all(): readonly Payment[];
}

export const createMemoryPayments = (): MemoryPayments => {
  const byName = new Map<string, Payment>();
  return {
    apply: (events) =>
      paymentChangesOf(events).map((group) => {
        const keyOf = (id: string): string => `${group.provider} ${group.account} ${id}`;
        const found = new Set(group.names.map(({ id }) => byName.get(keyOf(id))).filter((one) => one !== undefined));
        const result = applyEvents([...found], group.events);
        assert(result.outcome !== 'too_many_events');
        for (const { id } of result.payment.view.names) byName.set(keyOf(id), result.payment);
        return result;
      }),
    all: () => [...new Set(byName.values())].toSorted((a, b) => (a.view.paymentId < b.view.paymentId ? -1 : 1)),
  };
};

/** What webhooks add up to, when they arrive in this order. */
export const paymentsAfter = (webhooks: readonly (readonly PaymentEvent[])[]): readonly Payment[] => {
  const payments = createMemoryPayments();
  for (const events of webhooks) payments.apply(events);
  return payments.all();
};
