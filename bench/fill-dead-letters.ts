/** Puts dead letters into a filled data directory, each with a payment, handlers and a history of attempts, as an outage leaves them. */
import { openDatabase } from '../src/adapters/sqlite/sqlite-database.ts';
import type { EventEffect, HandlerEffect } from '../src/core/effects.ts';
import { FIRST_ROUND } from '../src/core/effects.ts';
import { MINUTE_MS } from '../src/core/time.ts';
import { openDataDirectory } from '../src/homes/local/data-directory.ts';
import { createLocalHome } from '../src/homes/local/home.ts';
import { changeOf, stateEvent } from '../test/contract/payment-events.ts';
import { insertionOf } from '../test/support/insertion.ts';
import { createBulkExecutor } from './bulk-executor.ts';

const ATTEMPTS = 10;
const CURRENCIES = ['USD', 'EUR', 'GBP'] as const;
const TROUBLES = ['the warehouse is down', 'answered 503', 'order 4711 is not known'] as const;

const historyOf = (at: number, trouble: string) =>
  Array.from({ length: ATTEMPTS }, (_, index) => ({
    at: at + index * MINUTE_MS,
    outcome: index === ATTEMPTS - 1 ? ('dead_lettered' as const) : ('retrying' as const),
    durationMs: 12,
    reason: 'handler_failed',
    handler: 'shipOrder',
    error: `shipOrder: Error: ${trouble}`,
  }));

const HANDLERS: readonly HandlerEffect[] = [
  { handler: 'shipOrder', event: 0, outcome: 'failed', attempts: ATTEMPTS },
  { handler: 'bookSale', event: 0, outcome: 'done', attempts: 1 },
];

/** Names of payments: `pi_dead_<n>`; of webhooks `stripe:evt_dead_<n>`. */
export const fillDeadLetters = async (path: string, count: number): Promise<void> => {
  const directory = openDataDirectory(path);
  const db = openDatabase({ path: directory.database });
  db.exec('PRAGMA synchronous = OFF; PRAGMA cache_size = -1000000;');
  const home = await createLocalHome(directory, createBulkExecutor(db, directory.database));
  const firstAt = Date.now() - count * 100;
  for (let index = 0; index < count; index += 1) {
    const receivedAt = firstAt + index * 100;
    const id = `evt_dead_${index}`;
    const payment = `pi_dead_${index}`;
    const insertion = insertionOf({ webhookId: `stripe:${id}`, mode: 'live', account: null, receivedAt });
    const amount = { minor: BigInt(1000 + index), currency: CURRENCIES[index % 3] ?? 'USD', exponent: 2 };
    await home.store.insert(insertion);
    await home.payments.apply(
      changeOf(stateEvent(id, { payment }, { amount, mode: 'live', captured: amount })),
      receivedAt,
    );
    const event: EventEffect = { type: 'payment.succeeded', paymentId: payment, news: 'news' };
    const trouble = TROUBLES[index % 3] ?? '';
    await home.store.change(insertion.webhook, 1, {
      status: 'dead_lettered',
      attempts: ATTEMPTS,
      lastError: `shipOrder: Error: ${trouble}`,
      nextAttemptAt: null,
      effects: {
        events: [event],
        handlers: HANDLERS,
        only: null,
        round: FIRST_ROUND,
        history: historyOf(receivedAt, trouble),
      },
      changedAt: receivedAt + 1,
      actor: { type: 'component', id: 'processor' },
      reason: 'handler_failed',
    });
  }
  db.close();
};
