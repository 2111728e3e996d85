/** What is in the database of a server under test: the judge of what the load generator was told. */
import { setTimeout as sleep } from 'node:timers/promises';
import { openDatabase } from '../src/adapters/sqlite/sqlite-database.ts';

const one = (path: string, sql: string): Record<string, unknown> => {
  const db = openDatabase({ path, isReadOnly: true });
  try {
    return db.prepare(sql).get() ?? {};
  } finally {
    db.close();
  }
};

export const countWebhooks = (path: string): number =>
  Number(one(path, 'SELECT count(*) AS n FROM payment_webhooks').n);

export const countWaiting = (path: string): number => Number(one(path, 'SELECT count(*) AS n FROM queue').n);

const DRAIN_MS_MAX = 120_000;
const LOOK_EVERY_MS = 50;

/** Waits until no webhook waits. Looks often and cheaply: whoever waits has an entry on the queue. */
export const waitUntilDrained = async (path: string): Promise<void> => {
  const deadline = Date.now() + DRAIN_MS_MAX;
  while (countWaiting(path) > 0) {
    if (Date.now() > deadline) throw new Error(`webhooks still wait after ${DRAIN_MS_MAX} ms`);
    await sleep(LOOK_EVERY_MS);
  }
};

export interface ProcessedRun {
  readonly processed: number;
  /** Entries in the audit trail that belong to webhooks. */
  readonly auditEntries: number;
  /** From the first webhook received to the last one processed, by the server's clock. */
  readonly elapsedMs: number;
}

/** Waits until no webhook waits, then says how long all of it took. */
export const waitUntilProcessed = async (path: string, waitMsMax: number): Promise<ProcessedRun> => {
  const deadline = Date.now() + waitMsMax;
  while (countWaiting(path) > 0) {
    if (Date.now() > deadline) throw new Error(`webhooks still wait after ${waitMsMax} ms`);
    await sleep(250);
  }
  const row = one(
    path,
    `SELECT count(*) FILTER (WHERE status = 'processed') AS processed,
       max(changed_at) - min(received_at) AS elapsed,
       (SELECT count(*) FROM audit_entries WHERE chain_id LIKE 'stripe:%') AS entries FROM payment_webhooks`,
  );
  return { processed: Number(row.processed), auditEntries: Number(row.entries), elapsedMs: Number(row.elapsed) };
};
