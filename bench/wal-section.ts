/** Pages of the write-ahead log for each webhook: counted, so that no other load on the machine changes them. */
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { openDatabase } from '../src/adapters/sqlite/sqlite-database.ts';
import { type Call, createRunBatch } from '../src/adapters/sqlite/sqlite-executor.ts';
import type { SqliteInsertOutcome } from '../src/adapters/sqlite/sqlite-webhook-operations.ts';
import { NO_EFFECTS } from '../src/core/effects.ts';
import { LIMITS } from '../src/core/limits.ts';
import type { Claim } from '../src/core/ports/queue.ts';
import type { StatusChange } from '../src/core/ports/webhook-store.ts';
import type { Recording } from '../src/payments/record-and-change.ts';
import { createInsertionsWithBodies, type InsertionWithBody } from './core-costs.ts';
import { ROW_KEY } from './database-costs.ts';
import { changesOfDelivery } from './payment-costs.ts';
import { below, type Row, type SectionReport } from './report.ts';
import type { SectionContext } from './section.ts';

const BATCHES = [4, 16, 64] as const;
const PAGES_AIM = 6.5;
const AIMED_BATCH = 16;
const WAL_HEADER_BYTES = 32;
const FRAME_BYTES = 4096 + 24;

const processed = (now: number): StatusChange => ({
  status: 'processed',
  attempts: 1,
  lastError: null,
  nextAttemptAt: null,
  effects: NO_EFFECTS,
  changedAt: now,
  actor: { type: 'component', id: 'processor' },
  reason: null,
});

interface Pages {
  readonly stored: number;
  readonly ended: number;
}

/**
 * Pages for each webhook: as many as share a commit are stored, then recorded and ended, as a server does it with what
 * waits; or all of it at once, as with what does not.
 */
export const pagesOfWebhooks = async (
  path: string,
  batch: number,
  count: number,
  isAtOnce: boolean,
): Promise<Pages> => {
  const db = openDatabase({ path });
  db.exec('PRAGMA synchronous = OFF; PRAGMA wal_autocheckpoint = 0;');
  const runBatch = createRunBatch(db, path);
  runBatch([{ name: 'auditUseKeys', input: { keys: [ROW_KEY] } }]);
  const framesNow = (): number => Math.max(0, statSync(`${path}-wal`).size - WAL_HEADER_BYTES) / FRAME_BYTES;
  const commit = (calls: readonly Call[]): { pages: number; values: unknown[] } => {
    const before = framesNow();
    const values = runBatch(calls).map((outcome) => {
      if (!outcome.ok) throw outcome.error;
      return outcome.value;
    });
    return { pages: framesNow() - before, values };
  };
  try {
    const now = Date.now();
    const made = await createInsertionsWithBodies(count);
    let stored = 0;
    let ended = 0;
    for (let from = 0; from < count; from += batch) {
      const together = made.slice(from, from + batch);
      if (isAtOnce) {
        ended += commit(together.map((each) => atOnce(each, now))).pages;
        continue;
      }
      const inserted = commit(
        together.map(({ insertion }) => ({
          name: 'webhookInsert',
          input: { ...insertion, heldUntil: now + LIMITS.heldMsMax },
        })),
      );
      stored += inserted.pages;
      const receipts = (inserted.values as SqliteInsertOutcome[]).map(({ heldReceipt = '' }) => heldReceipt);
      ended += commit(together.map((each, index) => endOf(each, receipts[index] ?? '', now))).pages;
    }
    return { stored: stored / count, ended: ended / count };
  } finally {
    db.close();
  }
};

const recordingOf = (body: Uint8Array): Recording => {
  const payments = changesOfDelivery('stripe', body);
  return { events: payments.flatMap(({ events }) => events), changes: { payments, subjects: [] } };
};

const atOnce = ({ insertion, body }: InsertionWithBody, now: number): Call => ({
  name: 'webhookInsertAndEnd',
  input: { insertion, recording: recordingOf(body), change: processed(now) },
});

const endOf = ({ insertion, body }: InsertionWithBody, receipt: string, now: number): Call => {
  const { webhookId, timestamp, provider, traceId } = insertion.webhook;
  const entry = { webhookId, timestamp, provider, traceId };
  const recording = recordingOf(body);
  const claim: Claim = { entry, receipt, enqueuedAt: now, claimedTimes: 1 };
  return {
    name: 'webhookRecordAndChange',
    input: { recording, of: { key: { webhookId, timestamp }, revision: 1, change: processed(now), claim } },
  };
};

export const walSection = async ({ isQuick, newDirectory }: SectionContext): Promise<SectionReport> => {
  const directory = newDirectory('wal');
  mkdirSync(directory);
  const rows: Row[] = [];
  const count = isQuick ? 2048 : 8192;
  for (const batch of BATCHES) {
    const once = await pagesOfWebhooks(join(directory, `once-${batch}.db`), batch, count, true);
    const apart = await pagesOfWebhooks(join(directory, `apart-${batch}.db`), batch, count, false);
    rows.push(
      {
        label: `pages of 4 KiB a webhook, ${batch} a commit`,
        value: once.ended,
        unit: 'pages',
        ...(batch === AIMED_BATCH ? { aim: below(once.ended, PAGES_AIM) } : {}),
      },
      {
        label: '  what waits before it is processed',
        value: apart.stored + apart.ended,
        unit: 'pages',
        note: `stored ${apart.stored.toFixed(2)}, recorded and ended ${apart.ended.toFixed(2)}`,
      },
    );
  }
  return { section: 'Write-ahead log', rows, errors: [] };
};
