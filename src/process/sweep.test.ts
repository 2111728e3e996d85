import { describe, expect, test } from 'vitest';
import { createTestClock, NOW } from '../../test/support/clock.ts';
import { detachQueue } from '../../test/support/detached-queue.ts';
import { insertionOf } from '../../test/support/insertion.ts';
import { createMemoryHome } from '../adapters/memory/memory-home.ts';
import { createMemoryLogger } from '../adapters/memory/memory-recorders.ts';
import { createMemoryWaitingWebhooks } from '../adapters/memory/memory-waiting-webhooks.ts';
import { FIRST_ROUND, NO_EFFECTS } from '../core/effects.ts';
import { LIMITS } from '../core/limits.ts';
import { WEBHOOK_STATUSES } from '../core/status.ts';
import { DAY_MS, MINUTE_MS } from '../core/time.ts';
import type { Webhook } from '../core/webhook.ts';
import { createSweep, isStuck } from './sweep.ts';

const { webhook: received } = insertionOf();

const webhookOf = (overrides: Partial<Webhook> = {}): Webhook => ({
  ...received,
  status: 'received',
  attempts: 0,
  lastError: null,
  nextAttemptAt: null,
  effects: NO_EFFECTS,
  changedAt: NOW,
  changedBy: { type: 'provider', id: 'stripe' },
  revision: 1,
  ...overrides,
});

const sweeper = { type: 'component', id: 'sweeper' } as const;

describe('a webhook is stuck', () => {
  test('when it waits and nothing became of it for the whole time, and not a millisecond before', () => {
    expect(isStuck(webhookOf(), NOW + LIMITS.stuckMs - 1)).toBe(false);
    expect(isStuck(webhookOf(), NOW + LIMITS.stuckMs)).toBe(true);
  });

  test('from when its next attempt was due, and not from when the last one was made', () => {
    const retrying = webhookOf({ status: 'retrying', nextAttemptAt: NOW + DAY_MS });

    expect(isStuck(retrying, NOW + DAY_MS + LIMITS.stuckMs - 1)).toBe(false);
    expect(isStuck(retrying, NOW + DAY_MS + LIMITS.stuckMs)).toBe(true);
  });

  test.each(WEBHOOK_STATUSES.filter((status) => status !== 'received' && status !== 'retrying'))(
    'never when it is %s',
    (status) => {
      expect(isStuck(webhookOf({ status }), NOW + 100 * DAY_MS)).toBe(false);
    },
  );

  test('again only after as long as it had waited by then, so that days of a queue that nobody reads are few copies', () => {
    let webhook = webhookOf();
    let queued = 0;
    for (let now = NOW; now < NOW + 4 * DAY_MS; now += MINUTE_MS) {
      if (!isStuck(webhook, now)) continue;
      queued += 1;
      webhook = webhookOf({ status: 'retrying', nextAttemptAt: now, changedAt: now, changedBy: sweeper });
    }

    expect(queued).toBe(9);
  });

  test('counts from its replay when it was replayed: how long it had lain there before says nothing', () => {
    const startedAt = NOW + 300 * DAY_MS;
    const effects = { ...NO_EFFECTS, round: { ...FIRST_ROUND, startedAt } };
    const sweptAt = startedAt + LIMITS.stuckMs;
    const swept = webhookOf({
      status: 'retrying',
      changedAt: sweptAt,
      nextAttemptAt: sweptAt,
      changedBy: sweeper,
      effects,
    });

    expect(isStuck(swept, sweptAt + LIMITS.stuckMs)).toBe(true);
  });
});

const openSweep = () => {
  const clock = createTestClock();
  const home = detachQueue(createMemoryHome(clock), clock);
  const logger = createMemoryLogger();
  let counted = 0;
  const waiting = createMemoryWaitingWebhooks(home.store);
  const sweep = createSweep({ ...home, waiting, clock, logger, onQueuedAgain: () => (counted += 1) });
  return { ...home, clock, logger, waiting, sweep, counted: () => counted };
};

describe('a sweep', () => {
  test('leaves everything alone while much is ready to be claimed: it may simply wait for its turn', async () => {
    const { store, queue, clock, sweep, counted } = openSweep();
    await store.insert(insertionOf());
    for (let n = 0; n < LIMITS.sweepBacklogMin; n += 1) {
      await queue.enqueue({ webhookId: `stripe:other_${n}`, timestamp: NOW, provider: 'stripe', traceId: 't' });
    }
    clock.advance(10 * LIMITS.stuckMs);

    expect(await sweep()).toEqual({ outcome: 'backlog', ready: LIMITS.sweepBacklogMin });
    expect(counted()).toBe(0);
  });

  test('queues nothing when its webhook moved between the look and the change', async () => {
    const { store, queue, clock, logger } = openSweep();
    await store.insert(insertionOf());
    clock.advance(LIMITS.stuckMs);
    const moved = { ...store, change: async () => ({ outcome: 'stale' }) as const };

    const sweep = createSweep({
      store: moved,
      queue,
      waiting: createMemoryWaitingWebhooks(store),
      clock,
      logger,
      onQueuedAgain: () => expect.unreachable(),
    });

    expect(await sweep()).toEqual({ outcome: 'swept', queuedAgain: 0, isComplete: true });
    expect(await queue.claim(1, 1000)).toEqual([]);
  });

  test('ends after its time and says that there is more', async () => {
    const { store, queue, clock, logger } = openSweep();
    for (let n = 0; n < 30; n += 1) await store.insert(insertionOf({ webhookId: `stripe:evt_${n}` }));
    clock.advance(LIMITS.stuckMs);
    const slow = {
      ...queue,
      enqueue: async (entry: Parameters<typeof queue.enqueue>[0]) => {
        clock.advance(LIMITS.sweepMsMax / 10);
        await queue.enqueue(entry);
      },
    };
    const waiting = createMemoryWaitingWebhooks(store, 10);

    const sweep = createSweep({ store, queue: slow, waiting, clock, logger, onQueuedAgain: () => undefined });

    expect(await sweep()).toEqual({ outcome: 'swept', queuedAgain: 10, isComplete: false });
  });

  test('goes on the next time with what a queue that broke did not take', async () => {
    const { store, queue, clock, logger } = openSweep();
    await store.insert(insertionOf());
    clock.advance(LIMITS.stuckMs);
    const broken = { ...queue, enqueue: () => Promise.reject(new Error('the queue broke')) };
    const deps = { store, waiting: createMemoryWaitingWebhooks(store), clock, logger, onQueuedAgain: () => undefined };

    await expect(createSweep({ ...deps, queue: broken })()).rejects.toThrow('the queue broke');
    clock.advance(LIMITS.stuckMs);

    expect(await createSweep({ ...deps, queue })()).toMatchObject({ queuedAgain: 1 });
  });

  test('says in a line and in the trail what it queued, and why', async () => {
    const { store, clock, sweep, logger, auditLog, counted } = openSweep();
    await store.insert(insertionOf());
    clock.advance(LIMITS.stuckMs);

    await sweep();

    expect(counted()).toBe(1);
    expect(logger.lines).toMatchObject([
      { level: 'warn', event: 'webhook.queued_again', fields: { webhook_id: received.webhookId, status: 'received' } },
    ]);
    const [entry] = await auditLog.latest(1);
    expect(JSON.parse(entry?.text ?? '{}')).toMatchObject({
      event: 'STATUS_CHANGED',
      actor: sweeper,
      reason: 'queued_again',
      change: { from: 'received', to: 'retrying' },
    });
  });
});
