import { describe, expect, test } from 'vitest';
import { createTestHome, LEASE_MS, stripeDelivery } from '../../test/support/test-home.ts';
import { PayhookError } from '../core/errors.ts';
import type { Insertion, WebhookStore } from '../core/ports/webhook-store.ts';
import type { InsertAndEnd } from '../payments/record-and-change.ts';
import type { Act } from './act.ts';
import { createActOnWebhook } from './act-on-webhook.ts';
import { createInsertProcessed } from './insert-processed.ts';

const INTENT = { id: 'pi_9', object: 'payment_intent', amount: 2000, amount_received: 2000, currency: 'usd' };

/** A home that stores what it receives as processed, over a store that can only do it in two steps. */
const open = (overrides: { readonly isLate?: boolean; readonly act?: Act } = {}) => {
  const atOnce: { insert?: WebhookStore['insert'] } = {};
  const home = createTestHome({
    ports: (memory) => ({
      ...memory,
      store: { ...memory.store, insert: (insertion: Insertion) => (atOnce.insert ?? memory.store.insert)(insertion) },
    }),
  });
  const { store, queue } = home.memory;
  const ended: string[] = [];
  const insertAndEnd: InsertAndEnd = async (insertion, _, change) => {
    const inserted = await store.insert(insertion);
    if (inserted.outcome !== 'inserted') return { inserted, isEnded: false };
    ended.push(insertion.webhook.eventType);
    await store.change(insertion.webhook, 1, change);
    for (const claim of await queue.claim(1, LEASE_MS)) await queue.complete(claim);
    return { inserted: { ...inserted, isQueued: true }, isEnded: true };
  };
  const recordAndChange = async (): Promise<never> => {
    throw new Error('what is stored as ended is not written once more');
  };
  const act = createActOnWebhook({ ...home.actDeps, hasHandlers: false, recordAndChange });
  const attempts: string[] = [];
  atOnce.insert = createInsertProcessed({
    process: { ...home.processDeps, store, act: overrides.act ?? act },
    insertAndEnd,
    clock: home.clock,
    isReceivingLate: () => overrides.isLate ?? false,
    logger: home.logger,
    metrics: { attempt: (_, outcome) => void attempts.push(outcome) },
  });
  const deliver = (id: string, type: string, object: object = INTENT) =>
    home.deliver(stripeDelivery(home.clock, id, { type, object: { ...object } }));
  const statusOf = async (id: string) => (await store.find(`stripe:${id}`))[0]?.status;
  const waiting = async () => (await queue.claim(10, LEASE_MS)).map(({ entry }) => entry.webhookId);
  return { ...home, deliver, statusOf, waiting, ended, attempts };
};

describe('a webhook that nobody is told of', () => {
  test('is stored as processed, is on no queue, and its attempt is told as any other', async () => {
    const home = open();

    expect(await home.deliver('evt_1', 'payment_intent.succeeded')).toMatchObject({ outcome: 'accepted' });

    expect(await home.statusOf('evt_1')).toBe('processed');
    expect(await home.waiting()).toEqual([]);
    expect(home.attempts).toEqual(['processed']);
    expect(home.logger.lines.filter(({ event }) => event === 'attempt.finished')).toMatchObject([
      {
        fields: {
          webhook_id: 'stripe:evt_1',
          outcome: 'processed',
          event_type: 'payment_intent.succeeded',
          attempt: 1,
        },
      },
    ]);
  });

  test('is told of once, however often it is delivered', async () => {
    const home = open();

    await home.deliver('evt_1', 'payment_intent.succeeded');
    expect(await home.deliver('evt_1', 'payment_intent.succeeded')).toMatchObject({ outcome: 'duplicate' });

    expect(home.attempts).toEqual(['processed']);
    expect(home.ended).toHaveLength(1);
  });

  test('is stored as ignored when its type means nothing here', async () => {
    const home = open();

    await home.deliver('evt_1', 'customer.created', { id: 'cus_1', object: 'customer' });

    expect(await home.statusOf('evt_1')).toBe('ignored');
    expect(home.attempts).toEqual(['ignored']);
  });
});

describe('a webhook is stored as it came and waits for its turn', () => {
  test.each([
    ['while deliveries wait for their answer for too long', { isLate: true }],
    [
      'when the machine breaks while its meaning is looked for',
      {
        act: async () => {
          throw new PayhookError('store_unavailable', 'the disk is gone');
        },
      },
    ],
    [
      'when it does not end well',
      {
        act: async (webhook) => ({
          outcome: { outcome: 'failed', reason: 'internal', error: 'a fault of ours', waitMs: null },
          effects: webhook.effects,
        }),
      },
    ],
  ] satisfies readonly [string, Parameters<typeof open>[0]][])('%s', async (_, overrides) => {
    const home = open(overrides);

    expect(await home.deliver('evt_1', 'payment_intent.succeeded')).toMatchObject({ outcome: 'accepted' });

    expect(await home.statusOf('evt_1')).toBe('received');
    expect(await home.waiting()).toEqual(['stripe:evt_1']);
    expect([home.ended, home.attempts]).toEqual([[], []]);
  });

  test('when its type is one that nobody knows, which is alarmed when it is processed', async () => {
    const home = open();

    await home.deliver('evt_1', 'invented.today');

    expect(await home.statusOf('evt_1')).toBe('received');
    expect(await home.waiting()).toEqual(['stripe:evt_1']);
  });

  test('when its payload has not the documented shape', async () => {
    const home = open();

    await home.deliver('evt_1', 'payment_intent.succeeded', { ...INTENT, currency: 7 });

    expect(await home.statusOf('evt_1')).toBe('received');
    expect(await home.waiting()).toEqual(['stripe:evt_1']);
  });
});
