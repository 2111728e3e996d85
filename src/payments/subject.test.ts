import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { runs } from '../../test/support/property-runs.ts';
import { PayhookError } from '../core/errors.ts';
import { LIMITS } from '../core/limits.ts';
import { account, balance, invoice, payout, subscription } from './event-bodies.ts';
import type { PaymentEvent } from './payment-event.ts';
import { recordSubject, type SubjectRecord, subjectChangeOf, subjectFromText, subjectToText } from './subject.ts';

const T0 = Date.UTC(2026, 2, 1);

const eventOf = (body: object, number: number, second: number): PaymentEvent =>
  ({
    id: `stripe:evt_${number}`,
    webhookId: `stripe:evt_${number}`,
    provider: 'stripe',
    providerType: 'x',
    account: 'acct_1',
    mode: 'test',
    isSimulated: false,
    occurredAt: T0 + second * 1000,
    ordering: null,
    ...body,
  }) as PaymentEvent;

const changeOf = (body: object, number: number, second: number) => {
  const change = subjectChangeOf(eventOf(body, number, second), true);
  if (change === null) throw new Error('the event of a test is about a subject');
  return change;
};

const usd = (minor: bigint) => ({ minor, currency: 'USD', exponent: 2 });

describe('subjectChangeOf', () => {
  test('is the same state for events that say the same, whatever payments they name', () => {
    const a = changeOf(invoice('invoice.paid', 'in_1', { amount: usd(5n), paymentIds: ['pi_1'] }), 1, 0);
    const b = changeOf(invoice('invoice.paid', 'in_1', { amount: usd(5n), related: { payment: 'pi_1' } }), 2, 9);
    const c = changeOf(invoice('invoice.paid', 'in_1', { amount: usd(6n) }), 3, 9);

    expect(a.state).toBe(b.state);
    expect(c.state).not.toBe(a.state);
  });

  test('keeps a reminder, a reconciliation and a credit note apart from what they are about', () => {
    const kinds = [
      subscription('subscription.trial_ending', 's'),
      subscription('subscription.updated', 's'),
      subscription('subscription.updated', 's', { scheduleId: 'sched_1' }),
      payout('payout.reconciled', 'po_1', usd(1n)),
      payout('payout.paid', 'po_1', usd(1n)),
      invoice('invoice.credited', 'in_1', { creditNoteId: 'cn_1' }),
    ].map((body) => changeOf(body, 1, 0).kind);

    expect(kinds).toEqual([
      'trial',
      'subscription',
      'subscription_schedule',
      'reconciliation',
      'payout',
      'credit_note',
    ]);
  });

  test('keeps an account apart from its bank accounts, and the currencies of a balance from each other', () => {
    const ids = [
      account('account.updated', 'acct_2'),
      account('account.updated', null),
      account('account.updated', 'acct_2', { part: 'ba_1' }),
      balance('customer', 'cus_1'),
      balance('customer', 'cus_1', { amount: usd(5n) }),
      balance('customer', 'cus_1', { amount: usd(5n), movementId: 'move_1' }),
    ].map((body) => changeOf(body, 1, 0).id);

    expect(ids).toEqual(['acct_2', 'acct_1', 'acct_2 ba_1', 'cus_1', 'cus_1 USD', 'move_1']);
  });

  test('is nothing for simulated events, and for what names nothing', () => {
    expect(subjectChangeOf({ ...eventOf(invoice('invoice.paid', 'in_1'), 1, 0), isSimulated: true }, true)).toBe(null);
    expect(subjectChangeOf(eventOf(invoice('invoice.paid', null), 1, 0), true)).toBe(null);
  });

  test('has no account in its key where some events do not name the merchant', () => {
    expect(subjectChangeOf(eventOf(invoice('invoice.paid', 'in_1'), 1, 0), false)?.account).toBe(null);
  });
});

describe('recordSubject', () => {
  const bodies = [
    invoice('invoice.created', 'in_1', { status: 'draft' }),
    invoice('invoice.finalized', 'in_1', { status: 'open' }),
    invoice('invoice.updated', 'in_1', { status: 'open' }),
    invoice('invoice.paid', 'in_1', { status: 'paid' }),
  ];
  const life = bodies.map((body, index) => changeOf(body, index, index));

  const told = (order: typeof life) => {
    let record: SubjectRecord | null = null;
    const news = order.map((change) => {
      const result = recordSubject(record, change);
      record = result.record ?? record;
      return result.received.news;
    });
    return { record: record as SubjectRecord | null, news };
  };

  test('calls an update that says nothing new repeated', () => {
    expect(told(life).news).toEqual(['news', 'news', 'repeated', 'news']);
  });

  test('knows the same state after any order, and the newest event was news in each', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(life, { minLength: life.length }), (order) => {
        const { record, news } = told(order);

        expect([record?.type, record?.state, record?.place]).toEqual(['invoice.paid', life[3]?.state, life[3]?.place]);
        expect(news[order.findIndex(({ type }) => type === 'invoice.paid')]).toBe('news');
      }),
      runs(100),
    );
  });

  test('of two events of one second takes the one that is further in its life for the newer', () => {
    const [created, , , paid] = bodies.map((body, index) => changeOf(body, index, 0));
    if (created === undefined || paid === undefined) throw new Error('both are there');

    expect(told([paid, created]).news).toEqual(['news', 'stale']);
  });

  test('stays small, however many events there are', () => {
    const many = Array.from({ length: 500 }, (_, index) => changeOf(bodies[index % 4] ?? {}, index, index));
    const { record } = told(many);

    expect(record?.received).toHaveLength(LIMITS.subjectEventsMax);
    expect(subjectToText(record as SubjectRecord).length).toBeLessThan(1024);
  });

  test('is read again as it was written, and not when a newer version wrote it', () => {
    const { record } = told(life);

    expect(subjectFromText(subjectToText(record as SubjectRecord))).toEqual(record);
    expect(() => subjectFromText('[3,[],"invoice.paid","x",[]]')).toThrow(PayhookError);
  });
});
