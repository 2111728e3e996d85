/** What a provider holds, against the payments of each local home: named by money, and nothing is changed by it. */
import { describe, expect, test } from 'vitest';
import { LIMITS } from '../../src/core/limits.ts';
import type { ObjectList } from '../../src/core/ports/provider-objects.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../src/core/time.ts';
import { formatMoney } from '../../src/payments/money.ts';
import { type ListReport, moneyOff } from '../../src/reconcile/objects/object-report.ts';
import { HOMES } from '../contract/homes.ts';
import { NOW } from '../support/clock.ts';
import { intent, MADE, openObjectsHome, seconds } from './objects-home.ts';

const refund = (id: string, payment: string, more: object = {}): object => ({
  id,
  object: 'refund',
  created: seconds(MADE),
  status: 'succeeded',
  amount: 500,
  currency: 'usd',
  payment_intent: payment,
  charge: null,
  ...more,
});

const dispute = (id: string, payment: string, more: object = {}): object => ({
  id,
  object: 'dispute',
  created: seconds(MADE),
  livemode: false,
  status: 'needs_response',
  amount: 2000,
  currency: 'usd',
  payment_intent: payment,
  charge: null,
  ...more,
});

const payout = (id: string, more: object = {}): object => ({
  id,
  object: 'payout',
  created: seconds(MADE),
  livemode: false,
  status: 'paid',
  amount: 90_000,
  currency: 'eur',
  ...more,
});

const differencesOf = (reports: readonly ListReport[]) =>
  reports
    .flatMap(({ differences }) => differences)
    .map(({ kind, objectId, paymentId, difference, listed, here }) => ({
      kind,
      objectId,
      paymentId,
      difference,
      listed:
        listed === null
          ? null
          : [listed.state, listed.amount === null ? '' : formatMoney(listed.amount)].join(' ').trim(),
      here: here === null ? null : [here.state, here.amount === null ? '' : formatMoney(here.amount)].join(' ').trim(),
    }));

for (const { name, open } of HOMES) {
  describe(`comparing what a provider holds, ${name}`, () => {
    test('finds nothing where both say the same', async () => {
      await using home = await openObjectsHome(open, 'stripe');
      await home.tell('payment_intent.succeeded', intent('pi_1'));
      await home.tell('refund.created', refund('re_1', 'pi_1'));
      await home.tell('charge.dispute.created', dispute('du_1', 'pi_1'));
      await home.tell('payout.paid', payout('po_1'));
      home.hold('payment_intents', intent('pi_1'));
      home.hold('payment_intents', intent('pi_begun', { status: 'requires_payment_method', amount_received: 0 }));
      home.hold('refunds', refund('re_1', 'pi_1'));
      home.hold('disputes', dispute('du_1', 'pi_1'));
      home.hold('payouts', payout('po_1'));

      const reports = await home.check();

      expect(differencesOf(reports)).toEqual([]);
      expect(reports.map(({ list, listed, end }) => [list, listed, end.outcome])).toEqual([
        ['payment_intents', 2, 'complete'],
        ['charges', 0, 'complete'],
        ['refunds', 1, 'complete'],
        ['disputes', 1, 'complete'],
        ['payouts', 1, 'complete'],
        ['paid here', 1, 'complete'],
      ]);
    });

    test('names what is not known here, and what is in another state or of another amount', async () => {
      await using home = await openObjectsHome(open, 'stripe');
      await home.tell('payment_intent.succeeded', intent('pi_1'));
      await home.tell('payment_intent.processing', intent('pi_slow', { status: 'processing', amount_received: 0 }));
      await home.tell('refund.created', refund('re_1', 'pi_1', { status: 'pending' }));
      await home.tell('charge.dispute.created', dispute('du_1', 'pi_1'));
      await home.tell('payout.paid', payout('po_1', { amount: 80_000 }));
      home.hold('payment_intents', intent('pi_1', { amount_received: 1500 }));
      home.hold('payment_intents', intent('pi_slow'));
      home.hold('payment_intents', intent('pi_never', { amount: 700, amount_received: 700 }));
      home.hold('refunds', refund('re_1', 'pi_1'));
      home.hold('refunds', refund('re_never', 'pi_1', { amount: 300 }));
      home.hold('disputes', dispute('du_1', 'pi_1', { status: 'lost' }));
      home.hold('payouts', payout('po_1'));
      home.hold('payouts', payout('po_never', { status: 'in_transit', amount: 100 }));

      const reports = await home.check();

      expect(differencesOf(reports)).toEqual(
        expect.arrayContaining([
          {
            kind: 'payment',
            objectId: 'pi_1',
            paymentId: 'pi_1',
            difference: 'amount',
            listed: 'paid 15.00 USD',
            here: 'paid 20.00 USD',
          },
          {
            kind: 'payment',
            objectId: 'pi_slow',
            paymentId: 'pi_slow',
            difference: 'state',
            listed: 'paid 20.00 USD',
            here: 'unpaid',
          },
          {
            kind: 'payment',
            objectId: 'pi_never',
            paymentId: null,
            difference: 'not_here',
            listed: 'paid 7.00 USD',
            here: null,
          },
          {
            kind: 'refund',
            objectId: 're_1',
            paymentId: 'pi_1',
            difference: 'state',
            listed: 'refunded 5.00 USD',
            here: 'under_way 5.00 USD',
          },
          {
            kind: 'refund',
            objectId: 're_never',
            paymentId: 'pi_1',
            difference: 'not_here',
            listed: 'refunded 3.00 USD',
            here: null,
          },
          {
            kind: 'dispute',
            objectId: 'du_1',
            paymentId: 'pi_1',
            difference: 'state',
            listed: 'lost 20.00 USD',
            here: 'open 20.00 USD',
          },
          {
            kind: 'payout',
            objectId: 'po_1',
            paymentId: null,
            difference: 'amount',
            listed: 'paid_out 900.00 EUR',
            here: 'paid_out 800.00 EUR',
          },
          {
            kind: 'payout',
            objectId: 'po_never',
            paymentId: null,
            difference: 'not_here',
            listed: 'under_way 1.00 EUR',
            here: null,
          },
        ]),
      );
      expect(differencesOf(reports)).toHaveLength(8);
      expect(moneyOff(reports)).toEqual([
        'payment state: 20.00 USD in 1',
        'payment not_here: 7.00 USD in 1',
        'payment amount: -5.00 USD in 1',
        'refund not_here: 3.00 USD in 1',
        'payout not_here: 1.00 EUR in 1',
        'payout amount: 100.00 EUR in 1',
      ]);
    });

    test('names what is paid here and was in no list: only a forged delivery told of it', async () => {
      await using home = await openObjectsHome(open, 'stripe');
      await home.tell('payment_intent.succeeded', intent('pi_forged'));
      await home.tell('payment_intent.created', intent('pi_begun', { status: 'requires_action', amount_received: 0 }));

      expect(differencesOf(await home.check())).toEqual([
        {
          kind: 'payment',
          objectId: 'pi_forged',
          paymentId: 'pi_forged',
          difference: 'not_listed',
          listed: null,
          here: 'paid 20.00 USD',
        },
      ]);
    });

    test('does not take what it could not list for missing there', async () => {
      await using home = await openObjectsHome(open, 'stripe');
      await home.tell('payment_intent.succeeded', intent('pi_1'));
      home.apis.stripe.faults.push({ status: 403 });

      const reports = await home.check();

      expect(differencesOf(reports)).toEqual([]);
      expect(reports.map(({ end }) => end.outcome)).toEqual(['credential_refused', ...Array(4).fill('complete')]);
    });

    test('knows a payment that was begun the day before', async () => {
      await using home = await openObjectsHome(open, 'stripe');
      await home.tell('payment_intent.succeeded', intent('pi_1'));
      const begun = intent('pi_1', { created: seconds(MADE - 20 * HOUR_MS) });
      home.hold('payment_intents', begun, MADE - 20 * HOUR_MS);

      const [intents, ...others] = await home.check(MADE - HOUR_MS);

      expect(intents).toMatchObject({ listed: 0, differing: 0 });
      expect(differencesOf(others)).toEqual([]);
    });

    test('asks for no more than retention has kept, and for nothing that may be under way', async () => {
      await using home = await openObjectsHome(open, 'stripe', 10 * DAY_MS);

      const [intents] = await home.check(NOW - 90 * DAY_MS);

      expect(intents?.span).toEqual({
        since: NOW - 10 * DAY_MS + LIMITS.reconcileMarginMs,
        until: NOW - LIMITS.reconcileSettleMs,
      });
    });

    test('changes nothing', async () => {
      await using home = await openObjectsHome(open, 'stripe');
      await home.tell('payment_intent.succeeded', intent('pi_1'));
      home.hold('payment_intents', intent('pi_1', { amount_received: 1500 }));
      home.hold('payment_intents', intent('pi_never'));
      const stored = async () => [await home.payments.list({ limit: 10 }), await home.store.list({ limit: 10 })];
      const before = await stored();

      expect(differencesOf(await home.check())).toHaveLength(2);

      expect(await stored()).toEqual(before);
    });
  });
}

test.each(['stripe', 'paypal', 'square'] as const)(
  'says of each kind whether %s lists it, or why not',
  async (provider) => {
    await using home = await openObjectsHome((HOMES[0] as (typeof HOMES)[number]).open, provider);
    const { lists, kinds } = home.source;
    const listed = lists.map(({ kind }) => kind);

    expect(listed.filter((kind) => kinds[kind] !== null)).toEqual([]);
    for (const [kind, why] of Object.entries(kinds)) if (why !== null) expect(why.toLowerCase()).toContain(`${kind}s`);
    expect(Object.values(kinds).filter((why) => why === null).length).toBeGreaterThanOrEqual(3);
  },
);

describe('asking a provider that limits us', () => {
  const [memory] = HOMES as [(typeof HOMES)[number]];

  test('waits for as long as it says, and goes on where it was', async () => {
    await using home = await openObjectsHome(memory.open, 'stripe');
    for (let index = 0; index < 150; index += 1) home.hold('payment_intents', intent(`pi_${1000 + index}`));
    home.apis.stripe.faults.push({ status: 429, retryAfter: '2' }, { status: 429 }, 'dropped');

    const [intents] = await home.check();

    expect(home.waits).toEqual([2 * SECOND_MS, 4 * SECOND_MS, 8 * SECOND_MS]);
    expect(intents).toMatchObject({ end: { outcome: 'complete' }, listed: 150, differing: 150 });
  });

  test('ends a list that leads in circles', async () => {
    await using home = await openObjectsHome(memory.open, 'stripe');
    let requests = 0;
    const inCircles: ObjectList = {
      name: 'payment_intents',
      kind: 'payment',
      listedForMs: 365 * DAY_MS,
      listedAfterMs: 0,
      list: async ({ cursor }) => {
        requests += 1;
        return { outcome: 'page', events: [], next: String((Number(cursor ?? 0) + 1) % 3) };
      },
    };

    const [intents] = await home.check(undefined, { source: { ...home.source, lists: [inCircles] } });

    expect(intents?.end).toEqual({ outcome: 'unavailable', reason: 'cursor_not_usable' });
    expect(requests).toBeLessThan(10);
  });

  test('ends a list whose provider wants a longer wait than a person has, or goes on refusing', async () => {
    await using home = await openObjectsHome(memory.open, 'stripe');
    home.apis.stripe.faults.push(
      { status: 429, retryAfter: '3600' },
      ...Array(LIMITS.objectTriesMax).fill({ status: 500 }),
    );

    const [intents, charges, refunds] = await home.check();

    expect(intents?.end).toEqual({ outcome: 'rate_limited', retryAfterMs: 60 * MINUTE_MS });
    expect(charges?.end).toEqual({ outcome: 'unavailable', reason: 'http_500' });
    expect(refunds?.end).toEqual({ outcome: 'complete' });
    expect(home.waits).toHaveLength(LIMITS.objectTriesMax - 1);
  });
});

const squareMoney = (amount: number, currency = 'EUR') => ({ amount, currency });
const iso = (at: number): string => new Date(at).toISOString();

const squarePayment = (id: string, more: object = {}): object => ({
  id,
  created_at: iso(MADE),
  status: 'COMPLETED',
  amount_money: squareMoney(1200),
  total_money: squareMoney(1200),
  ...more,
});

describe('what Square holds', () => {
  const [memory] = HOMES as [(typeof HOMES)[number]];

  const tell = (
    home: Awaited<ReturnType<typeof openObjectsHome>>,
    type: string,
    kind: string,
    object: { readonly id?: string },
  ) =>
    home
      .deliver(
        'square',
        JSON.stringify({
          event_id: `${type}:${object.id}`,
          merchant_id: 'M1',
          created_at: iso(MADE),
          type,
          data: { type: kind, id: object.id, object: { [kind]: object } },
        }),
      )
      .then(home.work);

  test('is compared over all locations, and disputes by when they were made', async () => {
    await using home = await openObjectsHome(memory.open, 'square');
    await tell(home, 'payment.updated', 'payment', squarePayment('p1'));
    await tell(home, 'payout.paid', 'payout', { id: 'po1', status: 'PAID', amount_money: squareMoney(9000) } as object);
    home.hold('payments', squarePayment('p1'));
    home.hold('payments', squarePayment('p2', { location_id: 'L2' }));
    home.hold('payments', squarePayment('p3', { location_id: 'L3', status: 'APPROVED' }));
    home.hold('refunds', {
      id: 'p1_r1',
      created_at: iso(MADE),
      status: 'COMPLETED',
      amount_money: squareMoney(200),
      payment_id: 'p1',
    });
    home.hold('disputes', {
      id: 'd1',
      created_at: iso(MADE),
      state: 'EVIDENCE_REQUIRED',
      amount_money: squareMoney(1200),
      disputed_payment: { payment_id: 'p1' },
    });
    home.hold('disputes', { id: 'd0', created_at: iso(NOW - 60 * DAY_MS), state: 'LOST' }, NOW - 60 * DAY_MS);
    home.hold('payouts', { id: 'po1', created_at: iso(MADE), status: 'FAILED', amount_money: squareMoney(9000) });

    const reports = await home.check();

    expect(reports.map(({ list, listed }) => [list, listed])).toEqual([
      ['payments', 3],
      ['refunds', 1],
      ['disputes', 1],
      ['payouts', 1],
      ['paid here', 1],
    ]);
    expect(differencesOf(reports)).toEqual([
      {
        kind: 'payment',
        objectId: 'p2',
        paymentId: null,
        difference: 'not_here',
        listed: 'paid 12.00 EUR',
        here: null,
      },
      { kind: 'payment', objectId: 'p3', paymentId: null, difference: 'not_here', listed: 'reserved', here: null },
      {
        kind: 'refund',
        objectId: 'p1_r1',
        paymentId: 'p1',
        difference: 'not_here',
        listed: 'refunded 2.00 EUR',
        here: null,
      },
      {
        kind: 'dispute',
        objectId: 'd1',
        paymentId: 'p1',
        difference: 'not_here',
        listed: 'open 12.00 EUR',
        here: null,
      },
      {
        kind: 'payout',
        objectId: 'po1',
        paymentId: null,
        difference: 'state',
        listed: 'undone 90.00 EUR',
        here: 'paid_out 90.00 EUR',
      },
    ]);
  });
});

const usd = (value: string) => ({ currency_code: 'USD', value });

const transaction = (id: string, code: string, value: string, more: object = {}) => ({
  id,
  transaction_id: id,
  transaction_event_code: code,
  transaction_initiation_date: iso(MADE - 4 * HOUR_MS),
  transaction_status: 'S',
  transaction_amount: usd(value),
  ...more,
});

describe('what PayPal lists of its ledger and its disputes', () => {
  const [memory] = HOMES as [(typeof HOMES)[number]];
  const BEFORE = MADE - 4 * HOUR_MS;

  const tell = (home: Awaited<ReturnType<typeof openObjectsHome>>, type: string, resource: { readonly id: string }) =>
    home
      .deliver(
        'paypal',
        JSON.stringify({ id: `WH-${resource.id}`, create_time: iso(BEFORE), event_type: type, resource }),
      )
      .then(home.work);

  const capture = (id: string, value: string) => ({
    id,
    amount: usd(value),
    status: 'COMPLETED',
    supplementary_data: { related_ids: { order_id: 'ORDER1' } },
  });

  test('is compared by capture and refund; what else moves money is left out', async () => {
    await using home = await openObjectsHome(memory.open, 'paypal');
    await tell(home, 'PAYMENT.CAPTURE.COMPLETED', capture('CAP1', '30.00'));
    await tell(home, 'PAYMENT.CAPTURE.COMPLETED', capture('CAP2', '20.00'));
    const hold = (one: { readonly id: string }) => home.hold('transactions', one, BEFORE);
    hold(transaction('CAP1', 'T0006', '30.00', { transaction_status: 'V' }));
    hold(transaction('CAP2', 'T0006', '25.00'));
    hold(transaction('CAP3', 'T0002', '5.00', { transaction_status: 'P' }));
    hold(transaction('CAP4', 'T0003', '6.00'));
    hold(transaction('REF1', 'T1107', '-30.00', { paypal_reference_id: 'CAP1', paypal_reference_id_type: 'TXN' }));
    hold(transaction('SENT', 'T0001', '-500.00'));
    hold(transaction('FEE', 'T0104', '-1.00'));
    home.hold(
      'disputes',
      {
        id: 'PP-D-1',
        dispute_id: 'PP-D-1',
        create_time: iso(BEFORE),
        status: 'WAITING_FOR_SELLER_RESPONSE',
        dispute_amount: usd('20.00'),
        disputed_transactions: [{ seller_transaction_id: 'CAP2' }],
      },
      BEFORE,
    );

    const reports = await home.check(NOW - 90 * DAY_MS);

    expect(reports.map(({ list, listed, end }) => [list, listed, end.outcome])).toEqual([
      ['transactions', 5, 'complete'],
      ['disputes', 1, 'complete'],
      ['paid here', 1, 'complete'],
    ]);
    expect(differencesOf(reports)).toEqual([
      {
        kind: 'payment',
        objectId: 'CAP2',
        paymentId: 'ORDER1',
        difference: 'amount',
        listed: 'paid 25.00 USD',
        here: 'paid 20.00 USD',
      },
      {
        kind: 'payment',
        objectId: 'CAP4',
        paymentId: null,
        difference: 'not_here',
        listed: 'paid 6.00 USD',
        here: null,
      },
      {
        kind: 'refund',
        objectId: 'REF1',
        paymentId: 'ORDER1',
        difference: 'not_here',
        listed: 'refunded 30.00 USD',
        here: null,
      },
      {
        kind: 'dispute',
        objectId: 'PP-D-1',
        paymentId: 'ORDER1',
        difference: 'not_here',
        listed: 'open 20.00 USD',
        here: null,
      },
    ]);
  });
});
