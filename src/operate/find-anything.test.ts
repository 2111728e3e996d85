import { describe, expect, test } from 'vitest';
import { refundEvent, stateEvent } from '../../test/contract/payment-events.ts';
import { createTestClock, NOW } from '../../test/support/clock.ts';
import { insertionOf } from '../../test/support/insertion.ts';
import { createMemoryHome } from '../adapters/memory/memory-home.ts';
import { hashedId } from '../core/hashed-id.ts';
import type { ReceivedWebhook } from '../core/webhook.ts';
import { createFindAnything } from './find-anything.ts';

const openHome = () => {
  const home = createMemoryHome(createTestClock());
  const find = createFindAnything({ ...home, providers: ['stripe', 'square'] });
  return {
    receive: (webhook: Partial<ReceivedWebhook>) => home.store.insert(insertionOf(webhook)),
    apply: (event: ReturnType<typeof stateEvent>) =>
      home.payments.apply(
        { provider: event.provider, account: event.account, names: event.paymentNames, events: [event] },
        NOW,
      ),
    find: async (id: string) => {
      const { webhooks, payments } = await find(id);
      return [...payments.map(({ payment }) => payment.paymentId), ...webhooks.map(({ webhookId }) => webhookId)];
    },
  };
};

describe('find', () => {
  test('knows a webhook by its id, with its provider and without', async () => {
    const { receive, find } = openHome();
    await receive({ webhookId: 'stripe:evt_1' });
    await receive({ webhookId: 'square:evt_1', provider: 'square' });

    expect(await find('stripe:evt_1')).toEqual(['stripe:evt_1']);
    expect((await find('evt_1')).toSorted()).toEqual(['square:evt_1', 'stripe:evt_1']);
    expect(await find('evt_2')).toEqual([]);
  });

  test('knows an id that is stored as its hash', async () => {
    const { receive, find } = openHome();
    const long = 'x'.repeat(300);
    await receive({ webhookId: `stripe:${hashedId(long)}` });

    expect(await find(long)).toEqual([`stripe:${hashedId(long)}`]);
    expect(await find(`stripe:${long}`)).toEqual([`stripe:${hashedId(long)}`]);
  });

  test('knows a payment by each of its names, and by what belongs to it', async () => {
    const { apply, find } = openHome();
    const related = { customer: 'cus_1', subscription: 'sub_1', merchant_reference: 'order-7' };
    await apply(stateEvent('stripe:evt_1', { payment: 'pi_1', charge: 'ch_1' }, { related }));
    await apply(refundEvent('stripe:evt_2', { payment: 'pi_1' }, { refundId: 're_1' }));

    for (const id of ['pi_1', 'ch_1', 'cus_1', 'sub_1', 'order-7', 're_1'])
      expect(await find(id), id).toEqual(['pi_1']);
  });

  test('knows webhooks by the object that they are about, and by those above it', async () => {
    const { receive, find } = openHome();
    await receive({ webhookId: 'stripe:evt_1', objectId: 'in_1', parentIds: ['sub_1'] });

    expect([await find('in_1'), await find('sub_1')]).toEqual([['stripe:evt_1'], ['stripe:evt_1']]);
  });

  test.each([
    [
      'of one machine',
      `${NOW.toString(16)
        .padStart(12, '0')
        .replace(/^(.{8})/, '$1-')}-7abc-8abc-0123456789ab`,
    ],
    ['of X-Ray', `1-${Math.floor(NOW / 1000).toString(16)}-0123456789abcdef01234567`],
  ])('knows a webhook by its trace %s', async (_, traceId) => {
    const { receive, find } = openHome();
    await receive({ webhookId: 'stripe:evt_1', traceId, receivedAt: NOW });
    await receive({ webhookId: 'stripe:evt_2', traceId: 'another', receivedAt: NOW });

    expect(await find(traceId)).toEqual(['stripe:evt_1']);
  });
});
