import { describe, expect, test } from 'vitest';
import { paymentMapping } from '../../test/payments/webhooks.ts';
import { createTestHome, stripeDelivery } from '../../test/support/test-home.ts';
import { PayhookError } from '../core/errors.ts';
import type { DestinationEntry } from './destination-queue.ts';
import { createLoadMessage, type LoadMessageDeps } from './load-message.ts';

const KEY = { webhookId: 'stripe:evt_1', timestamp: 1_795_000_000_000 };
const ENTRY: DestinationEntry = {
  ...KEY,
  destination: 'ledger',
  eventId: 'stripe:evt_1',
  provider: 'stripe',
  traceId: 'trace-1',
  news: 'news',
};

/** A home that has received one webhook, and `loadMessage` over it. */
const createSetting = async (overrides: Partial<LoadMessageDeps> = {}) => {
  const home = createTestHome();
  await home.deliver(stripeDelivery(home.clock, 'evt_1'));
  const { store, seal } = home;
  return createLoadMessage({ store, seal, mapping: paymentMapping, ...overrides });
};

describe('loading a message', () => {
  test('a stored webhook becomes the message of the event, with the same bytes each time', async () => {
    const loadMessage = await createSetting();

    const loaded = await loadMessage(ENTRY);

    expect(await loadMessage(ENTRY)).toEqual(loaded);
    expect(loaded).toMatchObject({ outcome: 'loaded', message: { id: 'stripe:evt_1', type: 'payment.succeeded' } });
    const { body } = (loaded as { message: { body: string } }).message;
    expect(JSON.parse(body)).toMatchObject({
      type: 'payment.succeeded',
      timestamp: new Date(KEY.timestamp).toISOString(),
      data: { paymentId: 'pi_evt_1', amount: { minor: '2000', currency: 'USD', exponent: 2 }, news: 'news' },
    });
  });

  test('a webhook that is no longer stored is gone', async () => {
    const loadMessage = await createSetting();

    expect(await loadMessage({ ...ENTRY, webhookId: 'stripe:evt_2' })).toEqual({
      outcome: 'missing',
      reason: 'its webhook is gone: its retention ended',
    });
  });

  test('an event that the webhook does not become any more is gone', async () => {
    const loadMessage = await createSetting();

    expect(await loadMessage({ ...ENTRY, eventId: 'stripe:evt_1#2' })).toMatchObject({ outcome: 'missing' });
  });

  test('a payload that can never be opened is gone, one that cannot be opened now is thrown', async () => {
    const failing = (code: 'seal_broken' | 'data_key_unavailable') =>
      createSetting({ seal: { open: () => Promise.reject(new PayhookError(code, 'no')) } });

    const [broken, unavailable] = await Promise.all([failing('seal_broken'), failing('data_key_unavailable')]);

    expect(await broken(ENTRY)).toEqual({ outcome: 'missing', reason: 'its payload cannot be opened: seal_broken' });
    await expect(unavailable(ENTRY)).rejects.toMatchObject({ code: 'data_key_unavailable' });
  });

  test('a message that processing has just made is taken as it is', async () => {
    const message = { id: 'stripe:evt_1', type: 'payment.succeeded', occurredAt: null, body: '{}' };
    const loadMessage = await createSetting({ recentMessages: { find: () => message } });

    expect(await loadMessage({ ...ENTRY, webhookId: 'stripe:evt_2' })).toEqual({ outcome: 'loaded', message });
  });
});
