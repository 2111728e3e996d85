/** What events add up to, rule by rule; long, because each rule for late, repeated and contradictory events has its test. */
import assert from 'node:assert/strict';
import { describe, expect, test } from 'vitest';
import { createMemoryPayments, paymentsAfter } from '../../test/payments/memory-payments.ts';
import {
  adyenNotification,
  eventOf,
  eventsOf,
  mapBody,
  paymentMapping,
  paypalEvent,
  squareEvent,
  stripeEvent,
} from '../../test/payments/webhooks.ts';
import { LIMITS } from '../core/limits.ts';
import type { PaymentView } from './payment.ts';
import type { PaymentEvent } from './payment-event.ts';
import { knownOf, type RecordedPayment, recordEvents } from './record-events.ts';
import type { EventsOfPayment } from './reduce-payment.ts';

const T0 = 1_772_368_000;

const stripe = (type: string, object: object, at = T0): readonly PaymentEvent[] =>
  eventsOf(mapBody('stripe', stripeEvent(type, object, { created: at })));

const intent = (fields: object = {}): object => ({
  id: 'pi_1',
  amount: 1000,
  amount_received: 0,
  currency: 'usd',
  ...fields,
});
const charge = (fields: object = {}): object => ({
  id: 'ch_1',
  amount: 1000,
  amount_captured: 1000,
  amount_refunded: 0,
  captured: true,
  currency: 'usd',
  payment_intent: 'pi_1',
  ...fields,
});
const refund = (id: string, status: string, amount: number, created = T0): object => ({
  id,
  amount,
  charge: 'ch_1',
  created,
  currency: 'usd',
  payment_intent: 'pi_1',
  status,
});

const created = (at = T0) => stripe('payment_intent.created', intent(), at);
const succeeded = (at = T0) => stripe('payment_intent.succeeded', intent({ amount_received: 1000 }), at);
const failed = (at = T0) => stripe('payment_intent.payment_failed', intent(), at);
const refundedTotal = (total: number, at = T0) => stripe('charge.refunded', charge({ amount_refunded: total }), at);

/** The view of the one payment that the webhooks add up to. */
const viewAfter = (...webhooks: readonly (readonly PaymentEvent[])[]): PaymentView => {
  const payments = paymentsAfter(webhooks);
  expect(payments).toHaveLength(1);
  return payments[0]!.view;
};

const amounts = ({ captured, refunded, refundPending, reversed, disputed }: PaymentView) => ({
  captured: captured?.minor,
  refunded: refunded?.minor,
  refundPending: refundPending?.minor,
  reversed: reversed?.minor,
  disputed: disputed?.minor,
});

describe('the status of a payment', () => {
  test('is that of the newest event, not of the last to arrive', () => {
    expect(viewAfter(succeeded(T0 + 9), created(T0), failed(T0 + 5)).status).toBe('succeeded');
  });

  test('lets a failed attempt be followed by success and by another failure', () => {
    expect(viewAfter(created(), failed(T0 + 1)).status).toBe('failed');
    expect(viewAfter(created(), failed(T0 + 1), succeeded(T0 + 2)).status).toBe('succeeded');
  });

  test('is the one further in the life of the payment when two events have one second', () => {
    expect(viewAfter(succeeded(), created(), failed()).status).toBe('succeeded');
    expect(viewAfter(stripe('payment_intent.canceled', intent()), failed()).status).toBe('canceled');
  });

  test('is unknown while only a refund is known', () => {
    expect(viewAfter(stripe('refund.created', refund('re_1', 'pending', 400)))).toMatchObject({
      status: 'unknown',
      amount: null,
      currency: 'USD',
    });
  });

  test('believes the intent rather than a checkout that ended unpaid', () => {
    const session = {
      id: 'cs_1',
      amount_total: 1000,
      currency: 'usd',
      payment_intent: 'pi_1',
      payment_status: 'unpaid',
    };
    const unpaid = stripe('checkout.session.completed', session, T0 + 5);
    const authorized = stripe('payment_intent.amount_capturable_updated', intent({ amount_capturable: 1000 }), T0 + 4);

    expect(viewAfter(created(), unpaid).status).toBe('pending');
    expect(viewAfter(created(), authorized, unpaid).status).toBe('authorized');
    expect(viewAfter(unpaid, authorized).history.map(({ status }) => status)).toEqual(['authorized', 'authorized']);
  });

  test('takes an event without a time for the oldest', () => {
    const capture = eventsOf(mapBody('adyen', adyenNotification('CAPTURE', { eventDate: 'never' })));
    const authorisation = eventsOf(
      mapBody('adyen', adyenNotification('AUTHORISATION', { pspReference: 'ORIGINAL00000001' })),
    );

    const view = viewAfter(authorisation, capture);

    expect(view.history.map(({ type }) => type)).toEqual(['payment.succeeded', 'payment.authorized']);
    // What was captured is known all the same, and a part that was paid decides.
    expect(view).toMatchObject({ status: 'succeeded', captured: { minor: 1000n } });
  });

  test('of PayPal stays paid when the rest of its authorization is voided', () => {
    const related = { related_ids: { order_id: 'O1', authorization_id: 'A1' } };
    const at = (second: number) => ({ update_time: `2026-03-01T12:00:0${second}Z` });
    const money = (value: string) => ({ value, currency_code: 'USD' });
    const authorization = { id: 'A1', amount: money('10.00'), supplementary_data: { related_ids: { order_id: 'O1' } } };
    const capture = { id: 'C1', amount: money('6.00'), supplementary_data: related };
    const paypal = (type: string, resource: object) => eventsOf(mapBody('paypal', paypalEvent(type, resource)));

    const view = viewAfter(
      paypal('PAYMENT.AUTHORIZATION.VOIDED', { ...authorization, ...at(3) }),
      paypal('PAYMENT.CAPTURE.COMPLETED', { ...capture, ...at(2) }),
      paypal('PAYMENT.AUTHORIZATION.CREATED', { ...authorization, ...at(1) }),
    );

    expect(view).toMatchObject({
      status: 'succeeded',
      paymentId: 'O1',
      amount: { minor: 1000n },
      captured: { minor: 600n },
    });
    expect(view.names.map(({ id }) => id)).toEqual(['O1', 'A1', 'C1']);
  });
});

describe('a payment that PayPal took back', () => {
  test('is reversed, whatever becomes of its authorization later', () => {
    const money = { value: '10.00', currency_code: 'USD' };
    const related = { related_ids: { order_id: 'O1', authorization_id: 'A1' } };
    const at = (second: number) => ({ update_time: `2026-03-01T12:00:0${second}Z` });
    const paypal = (type: string, resource: object) => eventsOf(mapBody('paypal', paypalEvent(type, resource)));
    const link = { rel: 'up', href: 'https://api.paypal.com/v2/payments/captures/C1' };

    const view = viewAfter(
      paypal('PAYMENT.CAPTURE.COMPLETED', { id: 'C1', amount: money, supplementary_data: related, ...at(1) }),
      paypal('PAYMENT.CAPTURE.REVERSED', { id: 'V1', amount: money, links: [link], ...at(2) }),
      paypal('PAYMENT.AUTHORIZATION.VOIDED', { id: 'A1', amount: money, ...at(3) }),
    );

    expect(view.status).toBe('reversed');
    expect(amounts(view)).toMatchObject({ captured: 1000n, reversed: 1000n, refunded: 0n });
    expect(view.flags).toEqual([]);
  });
});

describe('the versions of an object', () => {
  const version = (id: string, status: string, number: number | undefined, at: string) =>
    eventsOf(
      mapBody('square', {
        ...squareEvent('refund.updated', 'refund', {
          id,
          payment_id: 'P1',
          amount_money: { amount: 500, currency: 'USD' },
          status,
          version: number,
        }),
        created_at: at,
      }),
    );

  test('decide before the times do', () => {
    const older = version('R1', 'PENDING', 1, '2026-03-01T12:00:09Z');
    const newer = version('R1', 'COMPLETED', 2, '2026-03-01T12:00:01Z');

    expect(amounts(viewAfter(newer, older))).toMatchObject({ refunded: 500n, refundPending: 0n });
  });

  test('make an event without one the older', () => {
    const without = version('R1', 'PENDING', undefined, '2026-03-01T12:00:09Z');
    const withOne = version('R1', 'COMPLETED', 1, '2026-03-01T12:00:01Z');

    expect(amounts(viewAfter(withOne, without))).toMatchObject({ refunded: 500n });
  });
});

describe('what was captured', () => {
  test('counts once when intent, charge and checkout tell of it', () => {
    const session = { id: 'cs_1', amount_total: 1000, currency: 'usd', payment_intent: 'pi_1', payment_status: 'paid' };

    const view = viewAfter(
      created(),
      stripe('checkout.session.completed', session),
      stripe('charge.succeeded', charge()),
      succeeded(),
    );

    expect(view).toMatchObject({ status: 'succeeded', amount: { minor: 1000n }, captured: { minor: 1000n } });
    expect(view.related).toEqual({ charge: ['ch_1'], checkout: ['cs_1'], payment: ['pi_1'] });
  });

  test('is nothing again when Adyen tells that the capture failed after all, and the reservation stands', () => {
    const item = (code: string, fields: object) => eventsOf(mapBody('adyen', adyenNotification(code, fields)));
    const at = (second: number) => ({ eventDate: `2026-03-01T12:00:0${second}+00:00` });

    const view = viewAfter(
      item('CAPTURE_FAILED', { ...at(5), pspReference: 'C1' }),
      item('CAPTURE', { ...at(2), pspReference: 'C1' }),
      item('AUTHORISATION', { ...at(1), pspReference: 'ORIGINAL00000001' }),
    );

    expect(view).toMatchObject({ status: 'authorized', captured: { minor: 0n } });
  });

  test('may be more than was asked for, which is flagged', () => {
    const more = stripe('payment_intent.succeeded', intent({ amount_received: 1500 }));

    expect(viewAfter(more).flags).toEqual(['captured_more_than_asked']);
  });
});

describe('what was refunded', () => {
  test('is what the charge says while no refund is known', () => {
    expect(amounts(viewAfter(succeeded(), refundedTotal(700)))).toMatchObject({ refunded: 700n });
    expect(amounts(viewAfter(refundedTotal(700, T0 + 5), refundedTotal(300)))).toMatchObject({ refunded: 700n });
  });

  test('counts a refund once that the charge tells of too', () => {
    const view = viewAfter(succeeded(), stripe('refund.created', refund('re_1', 'succeeded', 700)), refundedTotal(700));

    expect(amounts(view)).toMatchObject({ captured: 1000n, refunded: 700n });
    expect(view.flags).toEqual([]);
  });

  test('has the refunds that only the charge tells of beside those that are known', () => {
    const known = stripe('refund.created', refund('re_1', 'succeeded', 300));

    expect(amounts(viewAfter(succeeded(), known, refundedTotal(700)))).toMatchObject({ refunded: 700n });
  });

  test('has refunds that began after the last that the charge told', () => {
    const later = stripe('refund.created', refund('re_2', 'succeeded', 200, T0 + 60), T0 + 60);

    expect(amounts(viewAfter(succeeded(), refundedTotal(700), later))).toMatchObject({ refunded: 900n });
  });

  test('is less again when a refund fails that the charge told of', () => {
    const begun = stripe('refund.created', refund('re_1', 'pending', 700));
    const broken = stripe('refund.failed', refund('re_1', 'failed', 700), T0 + 900);

    expect(amounts(viewAfter(broken, refundedTotal(700), begun, succeeded()))).toMatchObject({ refunded: 0n });
  });

  test('has what the charge tells of after an earlier refund had failed', () => {
    const broken = stripe('refund.failed', refund('re_1', 'failed', 700), T0 + 10);

    expect(amounts(viewAfter(succeeded(), broken, refundedTotal(400, T0 + 20)))).toMatchObject({ refunded: 400n });
  });

  test('is what the larger of two statements of one second says', () => {
    expect(amounts(viewAfter(succeeded(), refundedTotal(300), refundedTotal(700)))).toMatchObject({ refunded: 700n });
    expect(amounts(viewAfter(succeeded(), refundedTotal(700), refundedTotal(300)))).toMatchObject({ refunded: 700n });
  });

  test('goes by when a refund began, not by when we first heard of it', () => {
    const heardLater = stripe('refund.updated', refund('re_1', 'succeeded', 700, T0), T0 + 100);

    expect(amounts(viewAfter(succeeded(), refundedTotal(700, T0 + 50), heardLater))).toMatchObject({ refunded: 700n });
  });

  test('is compared with what is said of the same capture only', () => {
    const money = (value: string) => ({ value, currency_code: 'USD' });
    const paypal = (type: string, resource: object) => eventsOf(mapBody('paypal', paypalEvent(type, resource)));
    const capture = (id: string) =>
      paypal('PAYMENT.CAPTURE.COMPLETED', {
        id,
        amount: money('10.00'),
        supplementary_data: { related_ids: { order_id: 'O1' } },
      });
    const refundOf = (id: string, capturedAs: string, amount: string, total: string) =>
      paypal('PAYMENT.CAPTURE.REFUNDED', {
        id,
        amount: money(amount),
        seller_payable_breakdown: { total_refunded_amount: money(total) },
        links: [{ rel: 'up', href: `https://api.paypal.com/v2/payments/captures/${capturedAs}` }],
      });

    // Of the first capture 3.00 were given back before, which nobody told us.
    const view = viewAfter(
      capture('C1'),
      capture('C2'),
      refundOf('R1', 'C1', '4.00', '7.00'),
      refundOf('R2', 'C2', '3.00', '3.00'),
    );

    expect(amounts(view)).toMatchObject({ captured: 2000n, refunded: 1000n });
  });

  test('keeps refunds under way apart', () => {
    const view = viewAfter(succeeded(), stripe('refund.created', refund('re_1', 'pending', 700)), refundedTotal(700));

    expect(amounts(view)).toMatchObject({ refunded: 0n, refundPending: 700n });
    expect(view.refunds).toMatchObject([{ refundId: 're_1', state: 'pending', amount: { minor: 700n } }]);
  });

  test('is flagged when it is more than was captured', () => {
    expect(viewAfter(stripe('refund.updated', refund('re_1', 'succeeded', 700))).flags).toEqual([
      'refunded_more_than_captured',
    ]);
  });
});

describe('a payment in several currencies', () => {
  test('sums up only its own, and is flagged', () => {
    const foreign = stripe('refund.updated', { ...refund('re_1', 'succeeded', 700), currency: 'eur' }, T0 + 5);

    const view = viewAfter(foreign, succeeded());

    expect(view).toMatchObject({
      currency: 'USD',
      refunded: { minor: 0n, currency: 'USD' },
      flags: ['currencies_mixed'],
    });
  });

  test('has the fees of each currency apart', () => {
    const fee = (id: string, at: number, currency: string) =>
      stripe('charge.succeeded', charge({ balance_transaction: { id, fee: 59, currency } }), at);

    expect(viewAfter(fee('txn_1', T0, 'eur'), fee('txn_1', T0 + 1, 'eur')).fees).toEqual([
      { minor: 59n, currency: 'EUR', exponent: 2 },
    ]);
  });
});

describe('disputes', () => {
  const dispute = (type: string, status: string, at: number, amount = 1000) =>
    stripe(
      `charge.dispute.${type}`,
      {
        id: 'du_1',
        amount,
        currency: 'usd',
        charge: 'ch_1',
        payment_intent: 'pi_1',
        status,
        balance_transactions: [
          { amount: -amount, fee: 1500, currency: 'usd' },
          { amount, fee: -1500, currency: 'usd' },
        ],
      },
      at,
    );

  test('cost what their movements say, and nothing is known of net while the payment does not say its own fee', () => {
    const withdrawn = dispute('funds_withdrawn', 'needs_response', T0 + 1);
    const reinstated = dispute('funds_reinstated', 'won', T0 + 9);
    const paid = stripe(
      'charge.succeeded',
      charge({ balance_transaction: { id: 'txn_1', fee: 59, currency: 'usd' } }),
      T0,
    );

    expect(viewAfter(paid, withdrawn)).toMatchObject({ fees: [{ minor: 1559n }], net: { minor: -1559n } });
    expect(viewAfter(paid, withdrawn, withdrawn, reinstated)).toMatchObject({
      fees: [{ minor: 59n }],
      net: { minor: 941n },
    });
    expect(viewAfter(withdrawn)).toMatchObject({ fees: [{ minor: 1500n }], net: null });
  });

  test('count while they are open and when they are lost', () => {
    const opened = dispute('created', 'needs_response', T0);
    const withdrawn = dispute('funds_withdrawn', 'needs_response', T0);
    const lost = dispute('closed', 'lost', T0 + 9);

    expect(viewAfter(opened, withdrawn)).toMatchObject({
      disputed: { minor: 1000n },
      disputes: [{ disputeId: 'du_1', state: 'open', isWithdrawn: true, isInquiry: false }],
    });
    expect(viewAfter(lost, withdrawn, opened)).toMatchObject({
      disputed: { minor: 1000n },
      disputes: [{ state: 'lost' }],
    });
  });

  test('do not count when they are won, or while the money is back', () => {
    const opened = dispute('created', 'needs_response', T0);
    const reinstated = dispute('funds_reinstated', 'under_review', T0 + 5);

    expect(viewAfter(opened, dispute('closed', 'won', T0 + 9))).toMatchObject({ disputed: { minor: 0n } });
    expect(viewAfter(opened, reinstated)).toMatchObject({
      disputed: { minor: 0n },
      disputes: [{ isWithdrawn: false }],
    });
  });

  test('do not count as inquiries, for no money has moved', () => {
    expect(viewAfter(dispute('created', 'warning_needs_response', T0))).toMatchObject({
      disputed: { minor: 0n },
      disputes: [{ isInquiry: true, isWithdrawn: null }],
    });
  });

  test('leave the status of the payment as it is', () => {
    expect(viewAfter(succeeded(), dispute('created', 'needs_response', T0 + 9)).status).toBe('succeeded');
  });

  test('that are only suspected are a flag', () => {
    const warning = { id: 'issfr_1', charge: 'ch_1', payment_intent: 'pi_1', fraud_type: 'misc' };

    expect(viewAfter(succeeded(), stripe('radar.early_fraud_warning.created', warning))).toMatchObject({
      disputes: [],
      flags: ['fraud_warning'],
    });
  });
});

describe('the history of a payment', () => {
  test('is in the order of what happened, and tells where the status changed', () => {
    const view = viewAfter(refundedTotal(700, T0 + 60), succeeded(T0 + 9), created(T0), failed(T0 + 5));

    expect(view.history.map(({ type, status, isTransition }) => [type, status, isTransition])).toEqual([
      ['payment.created', 'created', true],
      ['payment.failed', 'failed', true],
      ['payment.succeeded', 'succeeded', true],
      ['payment.refund_total', 'succeeded', false],
    ]);
    expect(view.firstEvent).toMatchObject({ type: 'payment.created', at: T0 * 1000 });
    expect(view.lastEvent).toMatchObject({ type: 'payment.refund_total', at: (T0 + 60) * 1000 });
  });
});

describe('recordEvents', () => {
  const changeOf = (events: readonly PaymentEvent[]): EventsOfPayment => paymentMapping.changesOf(events).payments[0]!;
  const recordedOf = (...webhooks: (readonly PaymentEvent[])[]): RecordedPayment =>
    webhooks.reduce((recorded: RecordedPayment, events) => {
      const result = recordEvents(recorded.length === 0 ? [] : [recorded], changeOf(events));
      return result.outcome === 'recorded' ? result.recorded : recorded;
    }, []);

  test('says whether an event was applied, stale or a duplicate', () => {
    const payments = createMemoryPayments();
    const second = failed(T0 + 5);

    expect(payments.apply(succeeded(T0 + 9))).toMatchObject([{ outcome: 'applied', news: 'news' }]);
    expect(payments.apply(second)).toMatchObject([{ outcome: 'stale' }]);
    expect(payments.apply(second)).toMatchObject([{ outcome: 'duplicate' }]);
    expect(payments.apply(refundedTotal(5, T0 + 1))).toMatchObject([{ outcome: 'applied', news: 'news' }]);
  });

  test('does not call an event stale because of another refund', () => {
    const payments = createMemoryPayments();
    payments.apply(stripe('refund.updated', refund('re_1', 'succeeded', 5), T0 + 9));

    expect(payments.apply(stripe('refund.created', refund('re_2', 'pending', 5), T0))).toMatchObject([
      { outcome: 'applied' },
    ]);
    expect(payments.apply(stripe('refund.created', refund('re_1', 'pending', 5), T0))).toMatchObject([
      { outcome: 'stale' },
    ]);
  });

  test('says that it is no news when a provider tells the same again', () => {
    const payments = createMemoryPayments();
    const payment = { id: 'P1', total_money: { amount: 5, currency: 'USD' }, status: 'COMPLETED' };
    const told = (at: string) =>
      eventsOf(mapBody('square', squareEvent('payment.updated', 'payment', { ...payment, updated_at: at })));

    payments.apply(told('2026-03-01T12:00:00Z'));

    expect(payments.apply(told('2026-03-01T12:00:09Z'))).toMatchObject([{ outcome: 'applied', news: 'repeated' }]);
  });

  test('answers a webhook that comes again as it did the first time, news included', () => {
    const change = changeOf(succeeded());
    const first = recordEvents([], change);
    const recorded = first.outcome === 'recorded' ? first.recorded : [];

    expect(recordEvents([recorded], change)).toEqual({ ...first, isChanged: false });
  });

  test('takes an event once that is twice in one call', () => {
    const change = changeOf(succeeded());
    const [event] = change.events;

    const result = recordEvents([], { ...change, events: [event!, event!] });

    expect(result).toMatchObject({ outcome: 'recorded', recorded: [{ event: { id: event!.id } }] });
  });

  test('refuses more events than a payment may have', () => {
    const change = changeOf(succeeded());
    const many = Array.from({ length: LIMITS.paymentEventsMax }, (_, index) => ({
      ...change.events[0]!,
      id: `stripe:evt_${index}`,
    }));
    const full = many.map((event) => ({ event, news: 'news' as const }));

    expect(recordEvents([full], change)).toEqual({ outcome: 'too_many_events' });
    expect(recordEvents([full], { ...change, events: many.slice(0, 1) })).toMatchObject({ isChanged: false });
  });

  test('merges two payments by events that one of them has', () => {
    const told = succeeded();

    const result = recordEvents([recordedOf(told), recordedOf(created())], changeOf(told));

    assert(result.outcome === 'recorded');
    expect(result).toMatchObject({ isChanged: true, recorded: { length: 2 } });
    expect(knownOf(result.recorded, false)).toMatchObject({ summary: { status: 'succeeded' }, payment: null });
  });

  test('does not change what it is given', () => {
    const before = recordedOf(succeeded());
    const copy = structuredClone(before);

    recordEvents([before], changeOf(failed(T0 + 5)));

    expect(before).toEqual(copy);
  });

  test('makes one payment of two that turn out to be one', () => {
    const payments = createMemoryPayments();
    const link = { rel: 'up', href: 'https://api.paypal.com/v2/payments/captures/C1' };
    const money = { value: '10.00', currency_code: 'USD' };
    const paypal = (type: string, resource: object) => eventsOf(mapBody('paypal', paypalEvent(type, resource)));
    payments.apply(paypal('PAYMENT.CAPTURE.REFUNDED', { id: 'R1', amount: money, links: [link] }));
    payments.apply(paypal('CHECKOUT.ORDER.APPROVED', { id: 'O1', purchase_units: [{ amount: money }] }));
    expect(payments.all().map(({ view }) => view.paymentId)).toEqual(['C1', 'O1']);

    const related = { related_ids: { order_id: 'O1' } };
    payments.apply(paypal('PAYMENT.CAPTURE.COMPLETED', { id: 'C1', amount: money, supplementary_data: related }));

    expect(payments.all().map(({ view }) => [view.paymentId, view.status, view.refunded?.minor])).toEqual([
      ['O1', 'succeeded', 1000n],
    ]);
  });
});

describe('paymentChangesOf', () => {
  test('leaves out what is about no payment', () => {
    const expired = { id: 'cs_1', amount_total: 5, currency: 'usd', payment_intent: null };

    const paidOut = stripe('payout.paid', { id: 'po_1', amount: 5, currency: 'usd' });
    expect(paymentMapping.changesOf(paidOut)).toMatchObject({
      payments: [],
      subjects: [{ kind: 'payout', id: 'po_1' }],
    });
    expect(paymentMapping.changesOf(stripe('checkout.session.expired', expired)).payments).toEqual([]);
  });

  test('leaves out simulated events, whose ids are the same every time', () => {
    const event = { ...eventOf('stripe', stripeEvent('payment_intent.created', intent())), isSimulated: true };

    expect(paymentMapping.changesOf([event as PaymentEvent])).toEqual({ payments: [], subjects: [] });
  });

  test('keeps payments of two accounts apart, except at PayPal, whose refunds name none', () => {
    const ofAccount = eventsOf(
      mapBody('stripe', { ...stripeEvent('payment_intent.created', intent()), account: 'acct_1' }),
    );
    const resource = { id: 'C1', amount: { value: '1.00', currency_code: 'USD' }, payee: { merchant_id: 'M1' } };
    const ofPaypal = eventsOf(mapBody('paypal', paypalEvent('PAYMENT.CAPTURE.COMPLETED', resource)));

    expect(paymentMapping.changesOf(ofAccount).payments).toMatchObject([{ provider: 'stripe', account: 'acct_1' }]);
    expect(paymentMapping.changesOf(ofPaypal).payments).toMatchObject([{ provider: 'paypal', account: null }]);
    expect(viewAfter(ofPaypal)).toMatchObject({ account: 'M1' });
  });

  test('puts the events of a dispute to the payments that they name', () => {
    const transactions = [{ seller_transaction_id: 'C1' }, { seller_transaction_id: 'C2' }];
    const resource = {
      dispute_id: 'D1',
      dispute_amount: { value: '9.00', currency_code: 'USD' },
      disputed_transactions: [...transactions, { seller_transaction_id: 'C1' }],
    };

    const { payments: groups } = paymentMapping.changesOf(
      eventsOf(mapBody('paypal', paypalEvent('CUSTOMER.DISPUTE.CREATED', resource))),
    );

    expect(groups.map(({ names, events }) => [names[0]?.id, events.length])).toEqual([
      ['C1', 2],
      ['C2', 1],
    ]);
  });
});
