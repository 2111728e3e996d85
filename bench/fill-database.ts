/**
 * Fills a data directory with processed webhooks, quickly: the product's own operations write rows, indexes, queue,
 * audit entries and digests, in large transactions and without waiting for the disk. Only the payloads are not real:
 * they are the sealed bytes of a few others, which nothing here opens.
 */

import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { closeSync, fsyncSync, openSync } from 'node:fs';
import { rowKeyOf } from '../src/adapters/file/file-digest-signer.ts';
import { openDatabase } from '../src/adapters/sqlite/sqlite-database.ts';
import { createOperations, type Operations } from '../src/adapters/sqlite/sqlite-statements.ts';
import { systemClock } from '../src/adapters/system/system-clock.ts';
import { createCloseDigests } from '../src/audit/digests.ts';
import { NO_EFFECTS } from '../src/core/effects.ts';
import type { Insertion, StatusChange } from '../src/core/ports/webhook-store.ts';
import { DAY_MS } from '../src/core/time.ts';
import type { SealedPayload } from '../src/core/webhook.ts';
import { openDataDirectory } from '../src/homes/local/data-directory.ts';
import { createLocalHome } from '../src/homes/local/home.ts';
import { createBulkExecutor } from './bulk-executor.ts';
import { createDeliveries } from './deliveries.ts';
import { STRIPE_ID_CHARS, stripeIdEnd } from './stripe-ids.ts';

const TRANSACTION_ROWS = 20_000;
const PAYLOADS = 64;
/** Between two webhooks: the stored ones spread over the time before the run. */
const SPACING_MS = 40;
/** Of a thousand webhooks: what a home looks like after some months. The rest is Stripe's and processed. */
const providerOf = (index: number): string => {
  const place = index % 1000;
  if (place < 20) return 'square';
  return place < 150 ? 'paypal' : 'stripe';
};

const endOf = (index: number): 'processed' | 'ignored' | 'dead_lettered' => {
  const place = index % 1009;
  if (place === 0) return 'dead_lettered';
  return place < 10 ? 'ignored' : 'processed';
};

const insertionOf = (index: number, receivedAt: number, payload: SealedPayload): Insertion => {
  const provider = providerOf(index);
  const random = randomBytes(23);
  const end = provider === 'stripe' ? stripeIdEnd(receivedAt) : random.toString('hex').slice(0, STRIPE_ID_CHARS);
  const id = `evt_1${end}`;
  const objectId = `pi_3${end}`;
  const timestamp = Math.floor(receivedAt / 1000) * 1000 - 1000;
  return {
    webhook: {
      webhookId: `${provider}:${id}`,
      timestamp,
      provider,
      providerEventId: id,
      eventType: 'payment_intent.succeeded',
      mode: 'test',
      isSimulated: false,
      account: null,
      objectId,
      parentIds: [`ch_3${objectId.slice(4)}`, `cus_${objectId.slice(4, 18)}`],
      ordering: { by: 'time', value: timestamp },
      payload,
      payloadBytes: 2877,
      bodySha256: createHash('sha256').update(random).digest('hex'),
      headers: {
        [`${provider}-signature`]: `t=${timestamp / 1000},v1=${random.toString('hex')}${random.toString('hex').slice(0, 18)}`,
        'user-agent': 'Stripe/1.0 (+https://stripe.com/docs/webhooks)',
      },
      secretId: `${provider}#1`,
      cardData: { cardNumbers: 0, securityCodes: 0, trackData: 0 },
      receivedAt,
      traceId: randomUUID(),
      expiresAt: receivedAt + 400 * DAY_MS,
    },
    status: 'received',
    lastError: null,
    actor: { type: 'provider', id: provider },
    transmission: null,
  };
};

const changeOf = (index: number, receivedAt: number): StatusChange => {
  const status = endOf(index);
  return {
    status,
    attempts: status === 'dead_lettered' ? 10 : 1,
    lastError: status === 'dead_lettered' ? 'TypeError: the order is not known' : null,
    nextAttemptAt: null,
    effects: NO_EFFECTS,
    changedAt: receivedAt + 5,
    actor: { type: 'component', id: 'processor' },
    reason: status === 'dead_lettered' ? 'handler_failed' : status === 'ignored' ? 'handler_ignored' : null,
  };
};

const store = (operations: Operations, index: number, receivedAt: number, payload: SealedPayload): void => {
  const insertion = insertionOf(index, receivedAt, payload);
  const { webhook } = insertion;
  operations.webhookInsert(insertion);
  operations.webhookChange({
    key: { webhookId: webhook.webhookId, timestamp: webhook.timestamp },
    revision: 1,
    change: changeOf(index, receivedAt),
    // The database was empty: positions are given out from 1 on. The claim takes the entry off the queue.
    claim: {
      entry: {
        webhookId: webhook.webhookId,
        timestamp: webhook.timestamp,
        provider: webhook.provider,
        traceId: webhook.traceId,
      },
      receipt: `${index + 1}.0`,
      enqueuedAt: receivedAt,
      claimedTimes: 1,
    },
  });
};

/**
 * Makes the directory with `count` webhooks in it, the newest of `until`, and digests behind each so many of them. Blocks this thread meanwhile: no server may be
 * measured then.
 */
export const fillDataDirectory = async (
  path: string,
  count: number,
  until = Date.now(),
  rowsTogether = TRANSACTION_ROWS,
): Promise<void> => {
  const directory = openDataDirectory(path);
  const db = openDatabase({ path: directory.database });
  db.exec('PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; PRAGMA cache_size = -1000000;');
  const executor = createBulkExecutor(db, directory.database);
  const home = await createLocalHome(directory, executor, { areKeysMade: true });
  const nextDelivery = createDeliveries();
  const payloads: SealedPayload[] = [];
  for (let index = 0; index < PAYLOADS; index += 1) {
    payloads.push(await home.seal.seal(nextDelivery().body, { webhookId: 'stripe:evt_filled', timestamp: 0 }));
  }

  const operations = createOperations(db);
  operations.auditUseKeys({ keys: [rowKeyOf(home.keys.audit.current)] });
  const firstAt = until - count * SPACING_MS;
  const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
  let written: { number: number; hash: string } | undefined;
  // Each digest replaces the anchor; only the last one is written to the disk.
  const anchor = {
    read: async () => written,
    write: async (next: { number: number; hash: string }) => {
      written = next;
    },
  };
  const closeDigests = createCloseDigests({
    auditLog: home.auditLog,
    signer: home.signer,
    anchor,
    clock: { ...systemClock, now: () => until },
    logger: silent,
  });
  for (let from = 0; from < count; from += rowsTogether) {
    db.exec('BEGIN');
    for (let index = from; index < Math.min(count, from + rowsTogether); index += 1) {
      store(operations, index, firstAt + index * SPACING_MS, payloads[index % PAYLOADS] as SealedPayload);
    }
    db.exec('COMMIT');
    await closeDigests();
  }
  if (written !== undefined) await home.anchor.write(written);
  db.exec('PRAGMA journal_mode = WAL;');
  db.close();
  // What the system has not written yet would be written while something is measured.
  const file = openSync(directory.database, 'r+');
  fsyncSync(file);
  closeSync(file);
};
