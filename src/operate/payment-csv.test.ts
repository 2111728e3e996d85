import { expect, test } from 'vitest';
import { createTestHome, stripeDelivery } from '../../test/support/test-home.ts';
import { csvLines } from './csv.ts';
import { paymentCsv } from './payment-csv.ts';
import { paymentJson } from './payment-json.ts';

const DUE = 1_795_600_000;

test('a payment as CSV is one line without JSON: amounts as numbers, refunds, disputes and the first deadline as text', async () => {
  const home = createTestHome();
  const of = { payment_intent: 'pi_1', charge: 'ch_1', currency: 'usd' };
  const deliver = async (id: string, type: string, object: Record<string, unknown>): Promise<void> => {
    await home.deliver(stripeDelivery(home.clock, id, { type, object: { ...of, ...object } }));
    await home.work();
  };
  await deliver('evt_1', 'payment_intent.succeeded', { id: 'pi_1', latest_charge: 'ch_1', customer: 'cus_1' });
  await deliver('evt_2', 'refund.created', { id: 're_1', object: 'refund', amount: 2500, status: 'succeeded' });
  for (const [index, due] of [DUE + 60, DUE].entries()) {
    await deliver(`evt_d${index}`, 'charge.dispute.created', {
      id: `dp_${index}`,
      object: 'dispute',
      amount: 100,
      status: 'needs_response',
      evidence_details: { due_by: due },
    });
  }
  const [stored] = (await home.payments.list({ limit: 1 })).items;
  if (stored === undefined) throw new Error('the payment is not there');

  const row = paymentCsv(paymentJson(stored));
  const [, line = ''] = csvLines([row]);
  expect(row).toMatchObject({
    flags: 'refunded_more_than_captured',
    refunds: 're_1 succeeded 25.00 USD',
    disputes: 'dp_0 open 1.00 USD; dp_1 open 1.00 USD',
    answerUntil: new Date(DUE * 1000).toISOString(),
    names: expect.stringContaining('pi_1'),
    related: expect.stringContaining('customer cus_1'),
  });
  expect(line).toContain(',USD,20.00,20.00,25.00,');
  expect(line).not.toMatch(/[{}[\]]/);
});
