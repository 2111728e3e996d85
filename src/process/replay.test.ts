import { describe, expect, test } from 'vitest';
import { createTestHome, stripeDelivery } from '../../test/support/test-home.ts';
import { NO_EFFECTS } from '../core/effects.ts';
import type { QueueEntry } from '../core/ports/queue.ts';
import type { WebhookStore } from '../core/ports/webhook-store.ts';
import { type Actor, UNPARSABLE_EVENT_TYPE, type Webhook } from '../core/webhook.ts';
import { createRedrive, createReplay } from './replay.ts';

const ANNA: Actor = { type: 'operator', id: 'anna' };

const open = async (store: Partial<WebhookStore> = {}) => {
  const home = createTestHome();
  await home.deliver(stripeDelivery(home.clock, 'evt_1'));
  const [webhook] = await home.store.find('stripe:evt_1');
  if (webhook === undefined) throw new Error('nothing stored');
  const enqueued: QueueEntry[] = [];
  const deps = {
    store: { ...home.store, ...store },
    queue: { enqueue: async (entry: QueueEntry) => void enqueued.push(entry) },
    clock: home.clock,
  };
  /** The webhook as if processing had ended so. */
  const ended = (overrides: Partial<Webhook>): Webhook => ({ ...webhook, ...overrides });
  return { home, webhook, ended, enqueued, replay: createReplay(deps), redrive: createRedrive(deps) };
};

const changed: Partial<WebhookStore> = {
  change: async (_, revision) => ({ outcome: 'changed', revision: revision + 1, isSettled: false }),
};

describe('replaying a webhook', () => {
  test('puts it back with no attempts used and nothing done, and onto a queue that lives elsewhere', async () => {
    const changes: unknown[] = [];
    const { replay, ended, enqueued } = await open({
      change: async (_, revision, change) => {
        changes.push(change);
        return { outcome: 'changed', revision: revision + 1, isSettled: false };
      },
    });
    const done = { handler: 'ship', event: 0, outcome: 'done' as const, attempts: 1 };

    const outcome = await replay(
      ended({ status: 'processed', attempts: 3, effects: { ...NO_EFFECTS, handlers: [done] } }),
      ANNA,
      'the warehouse lost it',
    );

    expect(outcome).toEqual({ outcome: 'queued', from: 'processed' });
    expect(changes).toMatchObject([
      { status: 'received', attempts: 0, actor: ANNA, reason: 'the warehouse lost it', effects: { handlers: [] } },
    ]);
    expect(enqueued).toMatchObject([{ webhookId: 'stripe:evt_1' }]);
  });

  test('for one handler keeps what the others have done', async () => {
    const changes: { readonly effects: Webhook['effects'] }[] = [];
    const { replay, ended } = await open({
      change: async (_, revision, change) => {
        changes.push(change);
        return { outcome: 'changed', revision: revision + 1, isSettled: true };
      },
    });
    const handlers = ['ship', 'book'].map((handler) => ({ handler, event: 0, outcome: 'done' as const, attempts: 1 }));

    await replay(ended({ status: 'processed', effects: { ...NO_EFFECTS, handlers } }), ANNA, null, 'ship');

    expect(changes[0]?.effects).toMatchObject({ events: [], handlers: handlers.slice(1), only: 'ship' });
  });

  test('does not change one that waits for its first attempt, and makes sure that it is on the queue', async () => {
    const { replay, webhook, enqueued } = await open();

    expect(await replay(webhook, ANNA, null)).toEqual({ outcome: 'waiting_already', status: 'received' });
    expect(enqueued).toHaveLength(1);
  });

  test('cannot make sense of a body that was not understood', async () => {
    const { replay, ended } = await open();

    expect(await replay(ended({ eventType: UNPARSABLE_EVENT_TYPE }), ANNA, null)).toEqual({ outcome: 'unparsable' });
  });

  test.each([
    ['missing', 'missing'],
    ['stale', 'changed_meanwhile'],
  ] as const)('of one that the store calls %s is %s', async (outcome, expected) => {
    const { replay, ended } = await open({ change: async () => ({ outcome }) });

    expect(await replay(ended({ status: 'processed' }), ANNA, null)).toEqual({ outcome: expected });
  });
});

describe('redriving a webhook', () => {
  test('puts a dead letter back and keeps what was done', async () => {
    const { redrive, ended } = await open(changed);

    expect(await redrive(ended({ status: 'dead_lettered' }), ANNA, null)).toEqual({
      outcome: 'queued',
      from: 'dead_lettered',
    });
  });

  test('is for dead letters only', async () => {
    const { redrive, ended } = await open(changed);

    expect(await redrive(ended({ status: 'processed' }), ANNA, null)).toEqual({
      outcome: 'not_dead_lettered',
      status: 'processed',
    });
  });
});
