/** A store of payments in memory that shows what it did with each event. For tests of what webhooks add up to. */
import assert from 'node:assert/strict';
import type { News } from '../../src/core/effects.ts';
import type { Payment, PaymentView } from '../../src/payments/payment.ts';
import type { PaymentEvent } from '../../src/payments/payment-event.ts';
import { type NewsOfEvent, type RecordedPayment, recordEvents } from '../../src/payments/record-events.ts';
import { paymentOf } from '../../src/payments/reduce-payment.ts';
import { paymentMapping } from './webhooks.ts';

export interface Applied {
  /** `duplicate`: all events of the webhook were recorded before; `stale`: all are older than what was known. */
  readonly outcome: 'applied' | 'stale' | 'duplicate';
  /** Some event was the first of the payment to say what it says. */
  readonly news: News;
  readonly payment: PaymentView;
  /** One for each event of the webhook that is about this payment. */
  readonly received: readonly NewsOfEvent[];
}

export interface MemoryPayments {
  /** Applies the events of one webhook. */
  apply(events: readonly PaymentEvent[]): readonly Applied[];
  /** Every payment once, by its id. */
  all(): readonly Payment[];
}

const paymentFrom = (recorded: RecordedPayment): Payment => paymentOf(recorded.map(({ event }) => event));

export const createMemoryPayments = (): MemoryPayments => {
  const byName = new Map<string, RecordedPayment>();
  return {
    apply: (events) =>
      paymentMapping.changesOf(events).payments.map((group): Applied => {
        const keyOf = (id: string): string => `${group.provider} ${group.account} ${id}`;
        const found = new Set(group.names.map(({ id }) => byName.get(keyOf(id))).filter((one) => one !== undefined));
        const result = recordEvents([...found], group);
        assert(result.outcome === 'recorded');
        const { recorded, received, isChanged } = result;
        const payment = paymentFrom(recorded).view;
        for (const { id } of payment.names) byName.set(keyOf(id), recorded);
        const isStale = received.every(({ news }) => news === 'stale');
        const outcome = isChanged ? (isStale ? 'stale' : 'applied') : 'duplicate';
        const news = isStale ? 'stale' : received.some((one) => one.news === 'news') ? 'news' : 'repeated';
        return { outcome, news, payment, received };
      }),
    all: () =>
      [...new Set(byName.values())].map(paymentFrom).toSorted((a, b) => (a.view.paymentId < b.view.paymentId ? -1 : 1)),
  };
};

/** What webhooks add up to, when they arrive in this order. */
export const paymentsAfter = (webhooks: readonly (readonly PaymentEvent[])[]): readonly Payment[] => {
  const payments = createMemoryPayments();
  for (const events of webhooks) payments.apply(events);
  return payments.all();
};
