/** The data directory of a local home that this checkout ran, as a backup that was taken while it was at work. */
import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { gzipSync } from 'node:zlib';
import { systemClock } from '../../src/adapters/system/system-clock.ts';
import type { PayhookConfig } from '../../src/config/define-config.ts';
import type { EpochMs } from '../../src/core/webhook.ts';
import { startLocalServer, type TestFolder, waitUntil } from '../support/running-server.ts';
import { CLAIMED, type Delivery, ENDED, FAILED, HANDLERS, post, STRIPE_SECRET, UNDONE } from './release-traffic.ts';

const STARTED_AT = Date.UTC(2026, 10, 23, 12, 0, 0);
const HOUR_MS = 3_600_000;
/** Nobody listens there: every attempt to deliver fails at once. */
const NOWHERE = { kind: 'http', url: 'http://127.0.0.1:9/hook', arePrivateAddressesAllowed: true } as const;

/** Keys get a name that says what they are good for. */
const KEPT_FILES = {
  'payload.key': 'test-only-payload.key',
  'audit-signing.key': 'test-only-audit-signing.key',
  'destination-ledger.secret': 'test-only-destination-ledger.secret',
  'destination-billing.secret': 'test-only-destination-billing.secret',
  'audit-anchor.json': 'audit-anchor.json',
} as const;

const CONFIG: PayhookConfig = {
  destinations: {
    archive: { kind: 'ndjson', path: 'events.ndjson' },
    ledger: { ...NOWHERE, giveUpAfterHours: 300 },
    billing: { ...NOWHERE, giveUpAfterHours: 1 },
  },
  // One at a time, so that what hangs keeps the next one on the queue; what failed waits for up to an hour.
  processing: { attemptsMax: 3, concurrency: 1, backoffBaseMs: HOUR_MS, handlerMsMax: 300_000 },
};

export interface LocalFixture {
  /** The snapshot, not compressed. */
  readonly database: string;
  /** On the clock of the home. */
  readonly savedAt: EpochMs;
}

/** Writes it into `to`. `folder`: an empty one to work in. Leaves its server running, for the process to end with. */
export const makeLocalFixture = async (folder: TestFolder, to: string): Promise<LocalFixture> => {
  let ahead = STARTED_AT - Date.now();
  const clock = { ...systemClock, now: () => Date.now() + ahead };
  // Not stopped: one of its handlers hangs for good.
  const server = await startLocalServer({
    folder,
    clock,
    config: CONFIG,
    env: { PAYHOOK_STRIPE_SIGNING_SECRETS: STRIPE_SECRET },
    handlers: HANDLERS,
  });
  const path = join(folder.data, 'payhook.db');
  const send = async (deliveries: readonly Delivery[]): Promise<void> => {
    for (const delivery of deliveries) await post(`${server.url}/webhook/stripe`, delivery, clock.now());
  };
  const waitFor = (rows: string, count: number): Promise<void> =>
    waitUntil(`there are ${count} ${rows}`, () => countOf(path, rows) >= count);

  await send(ENDED);
  await waitFor(`destination_entries WHERE destination = 'billing' AND failures = 1`, 3);
  ahead += 2 * HOUR_MS;
  await waitFor(`destination_entries WHERE state = 'given_up'`, 3);
  await send(FAILED);
  await waitFor(`payment_webhooks WHERE status = 'dead_lettered'`, 3);
  await waitFor(`payment_webhooks WHERE status = 'retrying'`, 1);
  // What is signed by now is checked after the upgrade, and so is what is linked only.
  await waitFor('audit_digests', countOf(path, 'audit_digests') + 1);
  await send(UNDONE);
  await waitUntil('the first is at its handler', () => existsSync(join(folder.path, CLAIMED)));
  const savedAt = clock.now();
  // The anchor first: it may know less than the database, never more.
  for (const [name, kept] of Object.entries(KEPT_FILES)) copyFileSync(join(folder.data, name), join(to, kept));
  const database = join(folder.path, 'snapshot.db');
  const db = new DatabaseSync(path, { timeout: 5000 });
  db.exec(`VACUUM INTO '${database}'`);
  db.close();
  writeFileSync(join(to, 'payhook.db.gz'), gzipSync(readFileSync(database), { level: 9 }));
  return { database, savedAt };
};

const countOf = (path: string, rows: string): number => {
  const db = new DatabaseSync(path, { readOnly: true, timeout: 5000 });
  try {
    return Number(db.prepare(`SELECT count(*) AS n FROM ${rows}`).get()?.n);
  } finally {
    db.close();
  }
};
