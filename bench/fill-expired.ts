/** Fills data directories with what has had its time, for retention to remove; see `fill-database.ts` for how. */
import { openDatabase } from '../src/adapters/sqlite/sqlite-database.ts';
import type { RetentionMark } from '../src/adapters/sqlite/sqlite-retention-operations.ts';
import { DAY_MS } from '../src/core/time.ts';
import type { WebhookKey } from '../src/core/webhook.ts';
import { openDataDirectory } from '../src/homes/local/data-directory.ts';
import { createLocalHome, type LocalHome } from '../src/homes/local/home.ts';
import { changeOf, stateEvent } from '../test/contract/payment-events.ts';
import { createBulkExecutor } from './bulk-executor.ts';
import { fillDataDirectory } from './fill-database.ts';

const KEPT_MS = 400 * DAY_MS;
const EXPIRED_FOR_MS = DAY_MS;
const DESTINATION = 'ledger';
const CLAIMED_MAX = 500;

const inBulk = async (path: string, work: (home: LocalHome, db: ReturnType<typeof openDatabase>) => Promise<void>) => {
  const directory = openDataDirectory(path);
  const db = openDatabase({ path: directory.database });
  db.exec('PRAGMA synchronous = OFF; PRAGMA cache_size = -1000000;');
  await work(await createLocalHome(directory, createBulkExecutor(db, directory.database), { areKeysMade: true }), db);
  db.exec('PRAGMA wal_checkpoint(TRUNCATE);');
  db.close();
};

const expiredAt = (): number => Date.now() - KEPT_MS - EXPIRED_FOR_MS;

/** Each with an event that its destination took long ago. */
export const fillExpiredWebhooks = async (path: string, count: number): Promise<void> => {
  await fillDataDirectory(path, count, expiredAt());
  await inBulk(path, async ({ destinations }, db) => {
    const rows = db.prepare('SELECT webhook_id AS webhookId, timestamp, provider FROM payment_webhooks').all();
    const keys = rows as unknown as readonly (WebhookKey & { readonly provider: string })[];
    for (let from = 0; from < keys.length; from += CLAIMED_MAX) {
      const entries = keys.slice(from, from + CLAIMED_MAX).map((key) => ({
        ...key,
        destination: DESTINATION,
        eventId: key.webhookId,
        traceId: '',
        news: 'news' as const,
      }));
      await destinations.put(entries, expiredAt());
      const claims = await destinations.claim(DESTINATION, CLAIMED_MAX, DAY_MS);
      await destinations.settle(
        claims.map((claim) => ({ outcome: 'delivered' as const, claim })),
        expiredAt(),
      );
    }
  });
};

export const fillExpiredPayments = (path: string, count: number): Promise<void> =>
  inBulk(path, async ({ payments }) => {
    for (let index = 0; index < count; index += 1) {
      const names = { payment: `pi_old_${index}`, charge: `ch_old_${index}` };
      await payments.apply(changeOf(stateEvent(`evt_old_${index}`, names)), expiredAt());
    }
  });

/** Under one digest, as where some dozens come a second. */
const WEBHOOKS_OF_DIGEST = 100;

/** The entries of so many webhooks, which are gone: two each. */
export const fillExpiredTrail = async (path: string, count: number): Promise<void> => {
  await fillDataDirectory(path, count, expiredAt(), WEBHOOKS_OF_DIGEST);
  await inBulk(path, async ({ executor }) => {
    let after: RetentionMark | undefined;
    do {
      after = (await executor.run('retentionWebhooks', { now: Date.now(), keptMs: KEPT_MS, after })).next;
    } while (after !== undefined);
  });
};
