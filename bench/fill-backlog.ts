/**
 * Fills a data directory with webhooks that wait: received by the product's own `receive`, with real sealed payloads,
 * each about a payment of its own. What a server finds after an outage.
 */
import { createMemorySecretSource } from '../src/adapters/memory/memory-secret-source.ts';
import { openDatabase } from '../src/adapters/sqlite/sqlite-database.ts';
import { systemClock } from '../src/adapters/system/system-clock.ts';
import { DAY_MS } from '../src/core/time.ts';
import { openDataDirectory } from '../src/homes/local/data-directory.ts';
import { createLocalHome } from '../src/homes/local/home.ts';
import { stripe } from '../src/providers/stripe/stripe.ts';
import { createReceive } from '../src/receive/receive.ts';
import { createBulkExecutor } from './bulk-executor.ts';
import { createDeliveries, SIGNING_SECRET, STRIPE_SETTINGS } from './deliveries.ts';

/** Blocks this thread for about 150 µs a webhook: no server may be measured meanwhile. */
export const fillBacklog = async (path: string, count: number, next = createDeliveries()): Promise<void> => {
  const directory = openDataDirectory(path);
  const db = openDatabase({ path: directory.database });
  // Nothing here has to survive a power cut.
  db.exec('PRAGMA synchronous = OFF;');
  const executor = createBulkExecutor(db, directory.database);
  const home = await createLocalHome(directory, executor, { areKeysMade: true });
  const receive = createReceive({
    providers: new Map([['stripe', { provider: stripe, settings: STRIPE_SETTINGS }]]),
    secrets: createMemorySecretSource(new Map([['stripe', [SIGNING_SECRET]]])),
    certificates: { fetch: async () => ({ outcome: 'unavailable', reason: 'Stripe has no certificates' }) },
    seal: home.seal,
    store: home.store,
    queue: home.queue,
    clock: systemClock,
    alerts: { raise: () => undefined },
    retentionMs: 400 * DAY_MS,
  });
  for (let index = 0; index < count; index += 1) {
    const { body, headers } = next();
    const outcome = await receive({
      providerName: 'stripe',
      delivery: {
        body,
        headers: new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), [value]])),
        method: 'POST',
        query: '',
        publicUrl: null,
      },
      receivedAt: Date.now(),
      traceId: `trace-${index}`,
    });
    if (outcome.outcome !== 'accepted') throw new Error(`a delivery of the backlog was ${outcome.outcome}`);
  }
  db.exec('PRAGMA wal_checkpoint(TRUNCATE);');
  db.close();
};
