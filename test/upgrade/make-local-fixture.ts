/** The data directory of a local home that the release ran, as a backup that was taken while it was at work. */
import { copyFileSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { gzipSync } from 'node:zlib';
import { loadOfRelease, RELEASE } from './release-checkout.ts';
import { ENDED, FAILED, handlersSource, post, STRIPE_SECRET, UNDONE } from './release-traffic.ts';

interface Release {
  loadConfig(input: { env: object; cwd: string }): Promise<{ readonly settings: unknown }>;
  startServer(input: object): Promise<{ readonly port: number }>;
}

const STARTED_AT = Date.UTC(2026, 10, 23, 12, 0, 0);
const HOUR_MS = 3_600_000;
/** Nobody listens there: every attempt to deliver fails at once. */
const NOWHERE = { kind: 'http', url: 'http://127.0.0.1:9/hook', arePrivateAddressesAllowed: true };

/** Keys get a name that says what they are good for. */
const KEPT_FILES = {
  'payload.key': 'test-only-payload.key',
  'audit-signing.key': 'test-only-audit-signing.key',
  'destination-ledger.secret': 'test-only-destination-ledger.secret',
  'destination-billing.secret': 'test-only-destination-billing.secret',
  'audit-anchor.json': 'audit-anchor.json',
} as const;

const config = {
  handlers: './handlers.mjs',
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
  /** On the clock of the release. */
  readonly savedAt: number;
}

export const makeLocalFixture = async (folder: string): Promise<LocalFixture> => {
  const work = mkdtempSync(join(tmpdir(), 'payhook-fixture-'));
  const data = join(work, 'data');
  writeFileSync(join(work, 'handlers.mjs'), handlersSource(join(RELEASE, 'src', 'payhook.ts')));
  writeFileSync(join(work, 'payhook.config.mjs'), `export default ${JSON.stringify(config)};\n`);

  let ahead = STARTED_AT - Date.now();
  const now = (): number => Date.now() + ahead;
  const port = await serve(work, data, { now });
  const send = async (deliveries: Parameters<typeof post>[1][]): Promise<void> => {
    for (const delivery of deliveries) await post(`http://127.0.0.1:${port}/webhook/stripe`, delivery, now());
  };
  const waitFor = (what: string, count: number): Promise<void> => waitForCount(join(data, 'payhook.db'), what, count);

  await send([...ENDED]);
  await waitFor(`destination_entries WHERE destination = 'billing' AND failures = 1`, 3);
  ahead += 2 * HOUR_MS;
  await waitFor(`destination_entries WHERE state = 'given_up'`, 3);
  await send([...FAILED]);
  await waitFor(`payment_webhooks WHERE status = 'dead_lettered'`, 3);
  await waitFor(`payment_webhooks WHERE status = 'retrying'`, 1);
  // What is signed by now is checked after the upgrade, and so is what is linked only.
  await waitFor('audit_digests', (await countOf(join(data, 'payhook.db'), 'audit_digests')) + 1);
  await send([...UNDONE]);
  await waitFor('queue WHERE claim_number > 0', 2);
  return save(folder, work, data, now());
};

const serve = async (work: string, data: string, clock: object): Promise<number> => {
  const { loadConfig } = await loadOfRelease<Release>('src/config/load-config.ts');
  const { startServer } = await loadOfRelease<Release>('src/server/serve.ts');
  const env = {
    PAYHOOK_CONFIG: join(work, 'payhook.config.mjs'),
    PAYHOOK_DATA_DIR: data,
    PAYHOOK_PORT: '0',
    PAYHOOK_STRIPE_SIGNING_SECRETS: STRIPE_SECRET,
  };
  const { settings } = await loadConfig({ env, cwd: work });
  const write = (event: string, fields: object): void => console.log(event, JSON.stringify(fields));
  const logger = { info: write, warn: write, error: write };
  const onFatal = (error: unknown): never => {
    throw error;
  };
  const { port } = await startServer({ settings, logger, clock, onFatal });
  return port;
};

const countOf = (path: string, rows: string): number => {
  const db = new DatabaseSync(path, { readOnly: true, timeout: 5000 });
  try {
    return Number(db.prepare(`SELECT count(*) AS n FROM ${rows}`).get()?.n);
  } finally {
    db.close();
  }
};

const waitForCount = async (path: string, rows: string, count: number): Promise<void> => {
  const until = Date.now() + 60_000;
  while (countOf(path, rows) < count) {
    if (Date.now() > until) throw new Error(`only ${countOf(path, rows)} of ${count}: ${rows}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};

/** The anchor first: it may know less than the database, never more. */
const save = (folder: string, work: string, data: string, savedAt: number): LocalFixture => {
  for (const [name, kept] of Object.entries(KEPT_FILES)) copyFileSync(join(data, name), join(folder, kept));
  const database = join(work, 'snapshot.db');
  const db = new DatabaseSync(join(data, 'payhook.db'), { timeout: 5000 });
  db.exec(`VACUUM INTO '${database}'`);
  db.close();
  writeFileSync(join(folder, 'payhook.db.gz'), gzipSync(readFileSync(database), { level: 9 }));
  return { database, savedAt };
};
