/** Recording events with the end of their webhook says and leaves the same as doing one after the other. */
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createSqliteAuditLog } from '../../src/adapters/sqlite/sqlite-audit-log.ts';
import { openSqlite, type SqliteExecutor } from '../../src/adapters/sqlite/sqlite-executor.ts';
import { createSqliteHandOver } from '../../src/adapters/sqlite/sqlite-hand-over.ts';
import { createSqlitePaymentStore } from '../../src/adapters/sqlite/sqlite-payment-store.ts';
import { openSqliteThread } from '../../src/adapters/sqlite/sqlite-thread.ts';
import { LIMITS } from '../../src/core/limits.ts';
import type { Insertion, WebhookStore } from '../../src/core/ports/webhook-store.ts';
import { createActOnWebhook } from '../../src/process/act-on-webhook.ts';
import { createInsertProcessed } from '../../src/process/insert-processed.ts';
import { createProcess } from '../../src/process/process.ts';
import { createTestClock } from '../support/clock.ts';
import { createTestHome, LEASE_MS, stripeDelivery } from '../support/test-home.ts';
import { createTemporaryDirectory, removeDirectory } from './homes.ts';
import { changeOf, refundEvent } from './payment-events.ts';

const INTENT = { id: 'pi_9', object: 'payment_intent', amount: 2000, amount_received: 2000, currency: 'usd' };
const CHARGE = {
  id: 'ch_9',
  object: 'charge',
  payment_intent: 'pi_9',
  amount: 2000,
  amount_captured: 2000,
  amount_refunded: 0,
  captured: true,
  currency: 'usd',
  status: 'succeeded',
};
const PAYOUT = {
  id: 'po_1',
  object: 'payout',
  amount: 500,
  currency: 'usd',
  status: 'paid',
  arrival_date: 1_795_000_000,
};

/** Name, type, object and time: news, repeated, stale, of what is no payment, twice, and of nothing that we map. */
const DELIVERIES = [
  ['evt_1', 'payment_intent.succeeded', INTENT, 1_795_000_010],
  ['evt_2', 'charge.succeeded', CHARGE, 1_795_000_011],
  ['evt_3', 'payment_intent.created', { ...INTENT, amount_received: 0 }, 1_795_000_000],
  ['evt_4', 'payout.paid', PAYOUT, 1_795_000_012],
  ['evt_5', 'payout.paid', PAYOUT, 1_795_000_013],
  ['evt_6', 'customer.created', { id: 'cus_1', object: 'customer' }, 1_795_000_014],
] as const;

let directory: string;
let opened: SqliteExecutor[];

beforeEach(() => {
  directory = createTemporaryDirectory();
  opened = [];
});

afterEach(async () => {
  await Promise.all(opened.map((executor) => executor.close()));
  removeDirectory(directory);
});

const openers = {
  'in the calling thread': async (path: string) => openSqlite({ path }),
  'on a thread of its own': (path: string) => openSqliteThread({ path }),
};

type Way = 'apart' | 'with the end' | 'at once';

const openHome = async (open: (path: string) => Promise<SqliteExecutor>, name: string, way: Way) => {
  const executor = await open(join(directory, `${name}.db`));
  opened.push(executor);
  const clock = createTestClock();
  const { store, queue, recordAndChange, insertAndEnd } = createSqliteHandOver(executor, clock);
  const payments = createSqlitePaymentStore(executor);
  const auditLog = createSqliteAuditLog(executor);
  const insertOf: { insert: WebhookStore['insert'] } = { insert: store.insert };
  const received = { ...store, insert: (insertion: Insertion) => insertOf.insert(insertion) };
  const ports = { store: received, queue, payments, auditLog };
  const home = createTestHome({ clock, ports: (memory) => ({ ...memory, ...ports }) });
  const calls: string[] = [];
  const act = createActOnWebhook({
    ...home.actDeps,
    hasHandlers: false,
    payments: {
      ...payments,
      apply(...input) {
        calls.push('apply');
        return payments.apply(...input);
      },
    },
    recordAndChange: way === 'apart' ? undefined : recordAndChange,
  });
  const processDeps = { ...home.processDeps, store, act };
  const process = createProcess(processDeps);
  if (way === 'at once') {
    const metrics = { attempt: () => calls.push('attempt') };
    const beside = { insertAndEnd, clock, isReceivingLate: () => false, logger: home.logger, metrics };
    insertOf.insert = createInsertProcessed({ process: processDeps, ...beside });
  }
  const deliver = async ([id, type, object, created]: (typeof DELIVERIES)[number]) => {
    await home.deliver(stripeDelivery(clock, id, { type, object, created }));
    const [claim] = await queue.claim(1, LEASE_MS);
    return claim === undefined ? undefined : await process(claim);
  };
  return { ...home, store, queue, payments, auditLog, recordAndChange, deliver, calls };
};

/** Everything that is left behind. */
const whatIsLeft = async ({ store, queue, payments, auditLog }: Awaited<ReturnType<typeof openHome>>) => ({
  webhooks: await Promise.all(DELIVERIES.map(([id]) => store.find(`stripe:${id}`))),
  payments: await payments.list({ limit: 10 }),
  entries: await auditLog.read(0, 100),
  depth: await queue.depth(),
});

describe.each(Object.entries(openers))('recording with the end of the webhook, %s', (_, open) => {
  test('leaves the same as recording before it', async () => {
    const [inOne, apart] = [await openHome(open, 'one', 'with the end'), await openHome(open, 'apart', 'apart')];
    const atOnce = await openHome(open, 'once', 'at once');

    for (const home of [inOne, apart]) for (const delivery of DELIVERIES) await home.deliver(delivery);
    for (const delivery of DELIVERIES) expect(await atOnce.deliver(delivery)).toBeUndefined();

    const [left, expected] = [await whatIsLeft(inOne), await whatIsLeft(apart)];
    expect([inOne.calls, apart.calls]).toEqual([[], ['apply', 'apply', 'apply']]);
    expect(atOnce.calls).toEqual(DELIVERIES.map(() => 'attempt'));
    expect(await whatIsLeft(atOnce)).toEqual(expected);
    expect(left.webhooks.flat().map(({ status, effects }) => [status, ...effects.events])).toMatchObject([
      ['processed', { type: 'payment.succeeded', paymentId: 'pi_9', news: 'news' }],
      ['processed', { type: 'payment.succeeded', paymentId: 'pi_9', news: 'repeated' }],
      ['processed', { paymentId: 'pi_9', news: 'stale' }],
      ['processed', { paymentId: null, news: 'news', subject: { kind: 'payout', id: 'po_1', revision: 1 } }],
      ['processed', { paymentId: null, news: 'repeated', subject: { kind: 'payout', id: 'po_1', revision: 2 } }],
      ['ignored'],
    ]);
    expect(left).toEqual(expected);
  });

  test.each(['with the end', 'at once'] as const)(
    'is not done, and the webhook is a dead letter, when its payment has more events than one may have: %s',
    async (way) => {
      const home = await openHome(open, 'full', way);
      const events = Array.from({ length: LIMITS.paymentEventsMax }, (_, index) =>
        refundEvent(`evt_r${index}`, { payment: 'pi_9' }),
      );
      await home.payments.apply(changeOf(...events), home.clock.now());
      const before = await home.payments.list({ limit: 10 });

      expect(await home.deliver(DELIVERIES[0])).toMatchObject({ outcome: 'dead_lettered', reason: 'too_many_events' });

      expect(await home.payments.list({ limit: 10 })).toEqual(before);
      expect(await home.store.find('stripe:evt_1')).toMatchObject([
        { status: 'dead_lettered', effects: { events: [] } },
      ]);
      expect(await home.queue.depth()).toMatchObject({ ready: 0, waiting: 0 });
    },
  );

  test('records, and changes nothing of a webhook that somebody else has changed meanwhile', async () => {
    const home = await openHome(open, 'stale', 'with the end');
    await home.deliver(DELIVERIES[0]);
    const [webhook] = await home.store.find('stripe:evt_1');
    const recording = {
      events: [],
      changes: { payments: [changeOf(refundEvent('evt_r', { payment: 'pi_9' }))], subjects: [] },
    };
    const again = { ...webhook!, actor: webhook!.changedBy, reason: null };

    expect(await home.recordAndChange(recording, webhook!, webhook!.revision - 1, again)).toEqual({ outcome: 'stale' });

    expect(await home.store.find('stripe:evt_1')).toEqual([webhook]);
    expect((await home.payments.find('pi_9'))[0]?.payment.refunded?.minor).toBe(1n);
  });

  test('at once does nothing to a webhook that is there, whatever it says', async () => {
    const home = await openHome(open, 'twice', 'at once');
    await home.deliver(DELIVERIES[0]);
    const before = await whatIsLeft(home);

    const [id, type, , created] = DELIVERIES[0];
    await home.deliver([id, type, { ...INTENT, amount_received: 1 }, created] as never);

    const left = await whatIsLeft(home);
    expect(left.payments).toEqual(before.payments);
    expect(left.webhooks.flat()[0]).toEqual(before.webhooks.flat()[0]);
    expect(home.calls).toEqual(['attempt']);
  });
});
