import { beforeEach, describe, expect, test } from 'vitest';
import { createTestHome, stripeDelivery } from '../../test/support/test-home.ts';
import { webhookIdsOf } from '../payments/webhooks-of-payment.ts';
import { createRedrive } from '../process/replay.ts';
import { createListPayments, type PaymentsQuery } from './list-payments.ts';
import { readDecimal } from './read-decimal.ts';
import { findStuckPayments } from './stuck-payments.ts';
import { createSumPayments, currencySumsJson, paymentSumsJson } from './sum-payments.ts';

let home: ReturnType<typeof createTestHome>;

const deliver = async (id: string, type: string, object: Record<string, unknown>): Promise<void> => {
  const { outcome } = await home.deliver(stripeDelivery(home.clock, id, { type, object }));
  if (outcome !== 'accepted') throw new Error(`${id} was ${outcome}`);
  await home.work();
  home.clock.advance(1000);
};

const pay = (name: string, amount: number, currency = 'usd'): Promise<void> =>
  deliver(`evt_${name}`, 'payment_intent.succeeded', {
    id: `pi_${name}`,
    amount,
    amount_received: amount,
    currency,
    latest_charge: `ch_${name}`,
  });

const of = (name: string) => ({ payment_intent: `pi_${name}`, charge: `ch_${name}`, currency: 'usd' });

const refund = (name: string, amount: number): Promise<void> =>
  deliver(`evt_refund_${name}`, 'refund.created', {
    ...of(name),
    id: `re_${name}`,
    object: 'refund',
    amount,
    status: 'succeeded',
  });

const dispute = (name: string, amount: number): Promise<void> =>
  deliver(`evt_dispute_${name}`, 'charge.dispute.created', {
    ...of(name),
    id: `dp_${name}`,
    object: 'dispute',
    amount,
    status: 'needs_response',
    reason: 'fraudulent',
  });

beforeEach(async () => {
  home = createTestHome();
  await pay('plain', 2000);
  await pay('disputed', 5000);
  await dispute('disputed', 5000);
  await pay('yen', 700, 'jpy');
  await pay('twice', 1000);
  await refund('twice', 1500);
  await deliver('evt_warning', 'radar.early_fraud_warning.created', {
    id: 'issfr_1',
    object: 'radar.early_fraud_warning',
    payment_intent: 'pi_none',
    charge: 'ch_none',
    fraud_type: 'misc',
    actionable: true,
  });
});

const listed = async (query: Partial<PaymentsQuery>) =>
  (await createListPayments(home)({ limit: 10, ...query })).items.map(({ payment }) => payment.paymentId);

const amount = (text = '') => readDecimal(text) ?? undefined;

/** Amounts as they are written: a title cannot have any others. */
type Asked = Omit<Partial<PaymentsQuery>, 'amountMin' | 'amountMax'> & {
  readonly amountMin?: string;
  readonly amountMax?: string;
};

describe('payments by what they have', () => {
  test.each<[Asked, readonly string[]]>([
    [{}, ['pi_none', 'pi_twice', 'pi_yen', 'pi_disputed', 'pi_plain']],
    [{ having: ['refund'] }, ['pi_twice']],
    [{ having: ['dispute'] }, ['pi_disputed']],
    [{ having: ['open_dispute', 'refund'] }, ['pi_twice', 'pi_disputed']],
    [{ having: ['flag'] }, ['pi_none', 'pi_twice']],
    [{ having: ['refunded_more_than_captured'] }, ['pi_twice']],
    [{ having: ['fraud_warning'] }, ['pi_none']],
    [{ having: ['in_review'] }, []],
    [{ currency: 'JPY' }, ['pi_yen']],
    [{ currency: 'USD', having: ['dispute'], status: 'failed' }, []],
    [{ currency: 'USD', amountMin: '20' }, ['pi_disputed', 'pi_plain']],
    [{ currency: 'USD', amountMax: '20.00' }, ['pi_twice', 'pi_plain']],
    [{ currency: 'USD', amountMin: '10.01', amountMax: '49.99' }, ['pi_plain']],
    [{ currency: 'JPY', amountMin: '700', amountMax: '700' }, ['pi_yen']],
    [{ having: ['dead_letter'] }, []],
  ])('%j are %j', async ({ amountMin, amountMax, ...query }, ids) => {
    expect(await listed({ ...query, amountMin: amount(amountMin), amountMax: amount(amountMax) })).toEqual(ids);
  });

  test('follow each other page by page, and none is lost or there twice', async () => {
    const list = createListPayments(home);
    const first = await list({ limit: 1, having: ['refund', 'dispute'] });
    const second = await list({ limit: 1, having: ['refund', 'dispute'], after: first.next ?? '' });

    expect([first, second].map(({ items }) => items.map(({ payment }) => payment.paymentId))).toEqual([
      ['pi_twice'],
      ['pi_disputed'],
    ]);
    expect([second.next, second.scannedUntil]).toEqual([null, null]);
  });

  test('are looked for among so many at a time, and the page says how far it came', async () => {
    const list = createListPayments(home);
    const first = await list({ limit: 10, having: ['dispute'], lookAtMax: 2 });
    const second = await list({ limit: 10, having: ['dispute'], after: first.next ?? '', lookAtMax: 2 });

    expect([first.items, first.scannedUntil]).toEqual([[], expect.any(Number)]);
    expect(second.items.map(({ payment }) => payment.paymentId)).toEqual(['pi_disputed']);
  });

  test('that a dead letter holds up are found by it, and say how many, until it is put back', async () => {
    home = createTestHome({
      handler: ({ webhookId }) => {
        if (webhookId.includes('bad')) throw new Error('the warehouse is down');
      },
      attemptsMax: 1,
    });
    await pay('plain', 2000);
    await pay('bad', 3000);
    await pay('bad_yen', 700, 'jpy');
    await deliver('evt_bad_again', 'charge.succeeded', {
      id: 'ch_bad',
      payment_intent: 'pi_bad',
      amount: 3000,
      currency: 'usd',
    });

    expect(await listed({ having: ['dead_letter'] })).toEqual(['pi_bad_yen', 'pi_bad']);
    expect(await listed({ having: ['dead_letter'], currency: 'USD' })).toEqual(['pi_bad']);
    const stuckOf = await findStuckPayments(home, {}, 10);
    const { items } = await createListPayments(home)({ limit: 10 });
    expect(items.map(({ payment }) => stuckOf?.(payment))).toEqual([
      { deadLetters: 1, retrying: 0 },
      { deadLetters: 2, retrying: 0 },
      { deadLetters: 0, retrying: 0 },
    ]);
    for (const { payment } of items) {
      for (const webhook of (await Promise.all(webhookIdsOf(payment).map((id) => home.store.find(id)))).flat())
        await createRedrive(home)(webhook, { type: 'operator', id: 'ada' }, null);
    }
    expect(await listed({ having: ['dead_letter'] })).toEqual([]);
  });

  test('are not said to be stuck or not where more webhooks are than are looked at', async () => {
    home = createTestHome({
      handler: () => {
        throw new Error('the warehouse is down');
      },
      attemptsMax: 1,
    });
    for (const name of ['a', 'b', 'c']) await pay(name, 100);

    expect(await findStuckPayments(home, {}, 3)).not.toBeNull();
    expect(await findStuckPayments(home, {}, 2)).toBeNull();
    expect(await findStuckPayments(home, { provider: 'paypal' }, 10)).not.toBeNull();
  });

  test('of an amount in no currency are refused', async () => {
    await expect(listed({ amountMin: amount('1') })).rejects.toThrow(/of a currency/);
  });

  test('of a time that nothing can be in are refused', async () => {
    await expect(listed({ since: 2, until: 1, having: ['flag'] })).rejects.toThrow(/not before/);
    await expect(listed({ since: 2, until: 1 })).rejects.toThrow(/not before/);
  });
});

describe('sums of payments', () => {
  test('are of each currency alone: what came, what went back, what is argued about, and what is left', async () => {
    const { sums, payments, withoutAmount, scannedUntil } = await createSumPayments(home)({});
    const decimals = sums
      .map(currencySumsJson)
      .map(({ currency, payments, ...parts }) => [
        currency,
        payments,
        ...Object.values(parts).map(({ minor }) => minor),
      ]);

    expect(decimals).toEqual([
      ['JPY', 1, '700', '0', '0', '0', '700'],
      ['USD', 3, '8000', '1500', '0', '5000', '1500'],
    ]);
    expect([payments, withoutAmount, scannedUntil]).toEqual([5, 1, null]);
  });

  test('are of what the filter says', async () => {
    const found = paymentSumsJson(await createSumPayments(home)({ having: ['dispute'] }));

    expect(found).toMatchObject({ payments: 1, sums: [{ currency: 'USD', disputed: { minor: '5000' } }] });
  });

  test('say how far they looked', async () => {
    const found = paymentSumsJson(await createSumPayments(home)({ lookAtMax: 2 }));

    expect([found.payments, found.scannedUntil]).toEqual([2, expect.stringMatching(/Z$/)]);
  });
});
