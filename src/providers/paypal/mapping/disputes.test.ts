import { describe, expect, test } from 'vitest';
import { paymentsAfter } from '../../../../test/payments/memory-payments.ts';
import { capture, dispute, refund, resolvedAs, usd, v1, v2 } from '../../../../test/payments/paypal-resources.ts';
import { eventOf, eventsOf, mapBody, paypalEvent } from '../../../../test/payments/webhooks.ts';

const OPENED = 'CUSTOMER.DISPUTE.CREATED';
const UPDATED = 'CUSTOMER.DISPUTE.UPDATED';
const RESOLVED = 'CUSTOMER.DISPUTE.RESOLVED';

const over = (...transactions: readonly object[]) => ({ ...dispute, disputed_transactions: transactions });
const first = { seller_transaction_id: 'C1', gross_amount: v2('2.00') };
const second = { seller_transaction_id: 'C2', gross_amount: v2('1.00') };

const disputed = (type: string, resource: object) => eventsOf(mapBody('paypal', paypalEvent(type, resource)));

const captureOf = (id: string, value: string, orderId: string) =>
  eventsOf(
    mapBody(
      'paypal',
      paypalEvent('PAYMENT.CAPTURE.COMPLETED', {
        ...capture,
        id,
        amount: v2(value),
        supplementary_data: { related_ids: { order_id: orderId } },
      }),
    ),
  );

const viewsOf = (webhooks: readonly ReturnType<typeof disputed>[]) => paymentsAfter(webhooks).map(({ view }) => view);

describe('a dispute of PayPal', () => {
  test('over several captures tells each with its own amount', () => {
    const events = disputed(OPENED, over(first, second));

    expect(events).toMatchObject([
      { paymentId: 'C1', part: 'C1', amount: usd(200), togetherAmount: usd(300), togetherParts: 2 },
      { paymentId: 'C2', part: 'C2', amount: usd(100), togetherAmount: usd(300), togetherParts: 2 },
    ]);
    expect(events[1]?.id).toBe(`${events[0]?.id}#2`);
    expect(events[1]?.webhookId).toBe(events[0]?.webhookId);
  });

  test.each([
    ['does not say what the captures were', { seller_transaction_id: 'C1' }],
    ['is about a part of them', { seller_transaction_id: 'C1', gross_amount: v2('20.00') }],
    ['counts in another currency', { seller_transaction_id: 'C1', gross_amount: v2('2.00', 'EUR') }],
  ])('that %s has one sum for all of them', (_, transaction) => {
    expect(disputed(OPENED, over(transaction, second))).toMatchObject([
      { paymentId: 'C1', amount: null, togetherAmount: usd(300), togetherParts: 2 },
      { paymentId: 'C2', amount: null, togetherAmount: usd(300), togetherParts: 2 },
    ]);
  });

  test('without a sum has the amounts of its captures', () => {
    const resource = { ...over(first, second), dispute_amount: undefined };

    expect(disputed(OPENED, resource)).toMatchObject([{ amount: usd(200) }, { amount: usd(100) }]);
    expect(disputed(OPENED, { ...over(first), dispute_amount: null })).toMatchObject([{ amount: usd(200) }]);
  });

  test('over captures of two orders takes from each no more than what is disputed of it', () => {
    const lost = { ...resolvedAs('RESOLVED_BUYER_FAVOUR', v2('3.00')), ...over(first, second), status: 'RESOLVED' };

    const views = viewsOf([captureOf('C1', '2.00', 'O1'), captureOf('C2', '1.00', 'O2'), disputed(RESOLVED, lost)]);

    expect(views).toMatchObject([{ disputed: usd(200) }, { disputed: usd(100) }]);
  });

  test('over captures of one order is their sum, also where only the sum is told', () => {
    const together = over({ seller_transaction_id: 'C1' }, { seller_transaction_id: 'C2' });

    const views = viewsOf([captureOf('C1', '2.00', 'O1'), captureOf('C2', '1.00', 'O1'), disputed(OPENED, together)]);

    expect(views).toMatchObject([{ disputed: usd(300), disputes: [{ state: 'open', amount: usd(300) }] }]);
  });

  test('that was lost in part takes only that part, once, whatever reversal pays it', () => {
    const webhooks = [
      captureOf(capture.id, '3.00', 'O1'),
      disputed(OPENED, dispute),
      disputed(RESOLVED, resolvedAs('RESOLVED_BUYER_FAVOUR', v2('1.20'))),
      disputed('PAYMENT.CAPTURE.REVERSED', { ...refund, amount: v2('1.20') }),
    ];

    for (const order of [webhooks, webhooks.toReversed()]) {
      expect(viewsOf(order)).toMatchObject([
        { status: 'succeeded', captured: usd(300), disputed: usd(120), reversed: usd(0), flags: [] },
      ]);
    }
    expect(webhooks[2]).toMatchObject([{ outcome: 'lost', moved: usd(120), movement: 'withdrawn' }]);
  });

  test('that is decided is not opened again by an update', () => {
    const views = viewsOf([
      captureOf(capture.id, '3.00', 'O1'),
      disputed(RESOLVED, { ...resolvedAs('RESOLVED_SELLER_FAVOUR'), update_time: '2026-03-02T00:00:00Z' }),
      disputed(UPDATED, { ...resolvedAs('RESOLVED_SELLER_FAVOUR'), update_time: '2026-03-02T00:00:02Z' }),
    ]);

    expect(views).toMatchObject([{ disputed: usd(0), disputes: [{ state: 'won' }], flags: [] }]);
  });

  test('is opened again by an appeal, whose outcome of before still stands there', () => {
    const appealed = { ...resolvedAs('RESOLVED_BUYER_FAVOUR'), status: 'UNDER_REVIEW' };

    expect(eventOf('paypal', paypalEvent(UPDATED, appealed))).toMatchObject({
      type: 'dispute.updated',
      outcome: null,
      status: 'UNDER_REVIEW',
    });
  });

  test.each([
    ['without an outcome', RESOLVED, { ...dispute, dispute_outcome: undefined }, 'closed'],
    ['without an outcome by its status', UPDATED, { ...dispute, status: 'RESOLVED' }, 'closed'],
    ['for nobody by a word of tomorrow', RESOLVED, resolvedAs('COIN_TOSS'), 'closed'],
    ['by its outcome where no status is told', UPDATED, { ...resolvedAs('DENIED'), status: undefined }, 'won'],
  ])('ends %s', (_, type, resource, outcome) => {
    expect(eventOf('paypal', paypalEvent(type, resource))).toMatchObject({ type: 'dispute.closed', outcome });
  });

  test('takes the stage of inquiry for an inquiry', () => {
    const inquiry = { ...dispute, dispute_life_cycle_stage: 'INQUIRY' };

    expect(eventOf('paypal', paypalEvent(OPENED, inquiry))).toMatchObject({ isInquiry: true, stage: 'INQUIRY' });
  });

  test.each([
    ['names only what the buyer has', over({ buyer_transaction_id: 'B1' })],
    ['names no transaction', over()],
    ['has transactions in an odd shape', { ...dispute, disputed_transactions: 'C1' }],
  ])('that %s is told without a payment', (_, resource) => {
    expect(eventOf('paypal', paypalEvent(OPENED, resource))).toMatchObject({
      type: 'dispute.opened',
      paymentId: null,
      paymentNames: [],
      part: null,
      disputeId: dispute.dispute_id,
      amount: usd(300),
      reason: dispute.reason,
    });
  });

  test('is told with only its id, each other field being optional', () => {
    expect(eventOf('paypal', paypalEvent(OPENED, { dispute_id: 'PP-1' }))).toMatchObject({
      type: 'dispute.opened',
      disputeId: 'PP-1',
      amount: null,
      status: null,
      stage: null,
      deadlineAt: null,
      outcome: null,
      reason: null,
    });
    expect(eventOf('paypal', paypalEvent('RISK.DISPUTE.CREATED', { id: 'PP-2' }))).toMatchObject({ disputeId: 'PP-2' });
  });

  test.each([
    ['dispute_amount', 'three'],
    ['dispute_amount', v2('3.00', 'XQX')],
    ['seller_response_due_date', '2026-19-01T00:00:00Z'],
    ['dispute_life_cycle_stage', 7],
    ['status', {}],
    ['reason', []],
    ['dispute_outcome', 'won'],
  ])('with %s as %j is told without it', (field, value) => {
    const resource = { ...dispute, [field]: value };

    expect(eventOf('paypal', paypalEvent(OPENED, resource))).toMatchObject({
      type: 'dispute.opened',
      part: capture.id,
    });
    expect(eventOf('paypal', paypalEvent(RESOLVED, resource))).toMatchObject({ type: 'dispute.closed' });
  });

  test('reads an amount of version 1', () => {
    expect(eventOf('paypal', paypalEvent(OPENED, { ...dispute, dispute_amount: v1('3.00') }))).toMatchObject({
      amount: usd(300),
    });
  });
});
