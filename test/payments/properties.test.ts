/** What holds of every payment, whatever its life and however its webhooks arrive. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Payment, PaymentFlag } from '../../src/payments/payment.ts';
import type { PaymentEvent } from '../../src/payments/payment-event.ts';
import { summaryOf } from '../../src/payments/reduce-payment.ts';
import { runs } from '../support/property-runs.ts';
import { adyenPlan } from './adyen-plan.ts';
import { createMemoryPayments, paymentsAfter } from './memory-payments.ts';
import { paypalPlan } from './paypal-plan.ts';
import { type Expected, plan, type ToldPlan } from './plan.ts';
import { squarePlan } from './square-plan.ts';
import { stripePlan } from './stripe-plan.ts';
import { toldPlan } from './told-plans.ts';

const RUNS = runs(400);

const sumsOf = ({ view }: Payment): Expected => ({
  status: view.status,
  captured: view.captured?.minor ?? 0n,
  refunded: view.refunded?.minor ?? 0n,
  refundPending: view.refundPending?.minor ?? 0n,
  reversed: view.reversed?.minor ?? 0n,
  disputed: view.disputed?.minor ?? 0n,
});

/** A whole payment may be disputed of which some was refunded: that is for a person. All else of a plan adds up. */
const isMoreGone = ({ captured, refunded, reversed, disputed }: Omit<Expected, 'status'>): boolean =>
  refunded + reversed + disputed > captured;

const flagsOf = (sums: Expected): readonly PaymentFlag[] => (isMoreGone(sums) ? ['refunded_more_than_captured'] : []);

type Webhooks = ToldPlan['webhooks'];

/** The webhooks in another order, some of them several times. */
const shuffled = (webhooks: Webhooks): fc.Arbitrary<Webhooks> =>
  fc
    .tuple(
      fc.shuffledSubarray([...webhooks], { minLength: webhooks.length }),
      fc.shuffledSubarray([...webhooks]),
      fc.array(fc.nat(), { maxLength: webhooks.length }),
    )
    .map(([all, again, places]) => {
      const order = [...all];
      for (const [index, webhook] of again.entries()) {
        order.splice((places[index] ?? 0) % (order.length + 1), 0, webhook);
      }
      return order;
    });

describe('a payment', () => {
  test.each([
    ['Stripe', stripePlan],
    ['PayPal', paypalPlan],
    ['Square', squarePlan],
    ['Adyen', adyenPlan],
  ])('of %s ends as its life does, in any order and with duplicates', (_provider, tellPlan) => {
    const lives = plan.map(tellPlan).chain((life) => fc.tuple(fc.constant(life), shuffled(life.webhooks)));

    fc.assert(
      fc.property(lives, ([life, arrived]) => {
        const payments = paymentsAfter(arrived);

        expect(payments.map(sumsOf)).toEqual([life.expected]);
        expect(payments[0]?.view.flags).toEqual(flagsOf(life.expected));
      }),
      RUNS,
    );
  });

  test('is the same to the last field in any order and with duplicates, whatever was never delivered', () => {
    const lives = toldPlan.chain((life) =>
      fc
        .subarray([...life.webhooks], { minLength: 1 })
        .chain((delivered) => fc.tuple(fc.constant(delivered), shuffled(delivered))),
    );

    fc.assert(
      fc.property(lives, ([delivered, arrived]) => {
        const payments = paymentsAfter(arrived);

        expect(payments).toEqual(paymentsAfter(delivered));
        for (const { events, view } of payments) {
          expect(view).toMatchObject(summaryOf(events));
          expect(view.lastEvent.status).toBe(view.status);
        }
      }),
      RUNS,
    );
  });

  test('is the same when webhooks of many payments come mixed', () => {
    const lives = fc
      .tuple(plan.map(stripePlan), plan.map(paypalPlan), plan.map(squarePlan), plan.map(adyenPlan))
      .chain((all) => fc.tuple(fc.constant(all), shuffled(all.flatMap(({ webhooks }) => webhooks))));

    fc.assert(
      fc.property(lives, ([all, arrived]) => {
        const payments = paymentsAfter(arrived);

        expect(payments).toHaveLength(4);
        for (const { provider, expected } of all) {
          expect(payments.filter(({ view }) => view.provider === provider).map(sumsOf)).toEqual([expected]);
        }
      }),
      runs(100),
    );
  });

  test('never has a sum below zero, nor lost more than it captured without a flag, at any moment', () => {
    const lives = toldPlan.chain((life) => fc.shuffledSubarray([...life.webhooks]));

    fc.assert(
      fc.property(lives, (arrived) => {
        const payments = createMemoryPayments();
        for (const events of arrived) {
          payments.apply(events);
          for (const { view } of payments.all()) {
            const { status: _, ...sums } = sumsOf({ view, events: [] });
            expect(Object.values(sums).every((sum) => sum >= 0n)).toBe(true);
            expect(view.flags.includes('refunded_more_than_captured')).toBe(isMoreGone(sums));
          }
        }
      }),
      RUNS,
    );
  });

  test('raises no flag where the provider keeps its own books right, but for what a person has to look at', () => {
    fc.assert(
      fc.property(
        toldPlan.chain((life) => shuffled(life.webhooks)),
        (arrived) => {
          for (const payment of paymentsAfter(arrived)) expect(payment.view.flags).toEqual(flagsOf(sumsOf(payment)));
        },
      ),
      RUNS,
    );
  });

  test('is paid, refunded and decided once: each is news exactly once in order, and never twice in any order', () => {
    const ONCE = ['payment.succeeded', 'refund.succeeded', 'refund.failed', 'dispute.closed'];
    const nameOf = (event: PaymentEvent): string => `${event.type} ${'refundId' in event ? event.refundId : ''}`;
    /** A webhook that comes again is answered as the first time: it is no second news. */
    const newsOf = (webhooks: Webhooks): readonly string[] => {
      const payments = createMemoryPayments();
      const news = new Map<string, string>();
      for (const events of webhooks) {
        const received = payments.apply(events).flatMap((applied) => applied.received);
        for (const event of events) {
          const isNews = received.some((one) => one.eventId === event.id && one.news === 'news');
          if (isNews && ONCE.includes(event.type)) news.set(event.id, nameOf(event));
        }
      }
      return [...news.values()].toSorted();
    };
    const told = toldPlan.chain((life) => fc.tuple(fc.constant(life), shuffled(life.webhooks)));

    fc.assert(
      fc.property(told, ([{ webhooks }, arrived]) => {
        const events = webhooks.flat().filter(({ type }) => ONCE.includes(type));
        const inAnyOrder = newsOf(arrived);

        expect(newsOf(webhooks)).toEqual([...new Set(events.map(nameOf))].toSorted());
        expect(inAnyOrder).toEqual([...new Set(inAnyOrder)]);
      }),
      RUNS,
    );
  });

  test('takes each webhook once: the second time is a duplicate and changes nothing', () => {
    const lives = toldPlan.chain(({ webhooks }) => fc.shuffledSubarray([...webhooks], { minLength: webhooks.length }));

    fc.assert(
      fc.property(lives, (arrived) => {
        const payments = createMemoryPayments();
        for (const events of arrived) payments.apply(events);
        const before = payments.all();

        const again = arrived.flatMap((events) => payments.apply(events));

        expect(again.every(({ outcome }) => outcome === 'duplicate')).toBe(true);
        expect(payments.all()).toEqual(before);
      }),
      RUNS,
    );
  });

  test('says of an event that is older than what is known that it is stale, and lets it change no newer state', () => {
    fc.assert(
      fc.property(plan.map(stripePlan), ({ webhooks, expected }) => {
        const payments = createMemoryPayments();
        const outcomes = webhooks.toReversed().map((events: readonly PaymentEvent[]) => {
          const before = payments.all()[0]?.view.status;
          const [result] = payments.apply(events);
          return { result, before, after: payments.all()[0]?.view.status };
        });

        for (const { result, before, after } of outcomes) {
          if (result?.outcome === 'stale') expect(after).toBe(before);
        }
        expect(payments.all()[0]?.view.status).toBe(expected.status);
        expect(outcomes.at(-1)?.result?.outcome).toBe(webhooks.length === 1 ? 'applied' : 'stale');
      }),
      RUNS,
    );
  });
});
