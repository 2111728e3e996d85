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

/** Pages for each webhook: as many as share a commit are stored, then recorded and ended, as a server does it. */
const measureBatch = async (path: string, batch: number, count: number): Promise<readonly number[]> => {
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
    return [stored / count, ended / count];
  } finally {
    db.close();
  }
};

const endOf = ({ insertion, body }: InsertionWithBody, receipt: string, now: number): Call => {
  const { webhookId, timestamp, provider, traceId } = insertion.webhook;
  const entry = { webhookId, timestamp, provider, traceId };
  const payments = changesOfDelivery('stripe', body);
  const recording = { events: payments.flatMap(({ events }) => events), changes: { payments, subjects: [] } };
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
  for (const batch of BATCHES) {
    const pages = await measureBatch(join(directory, `payhook-${batch}.db`), batch, isQuick ? 2048 : 8192);
    const total = pages.reduce((sum, each) => sum + each, 0);
    const [stored = 0, ended = 0] = pages;
    rows.push({
      label: `pages of 4 KiB a webhook, ${batch} a commit`,
      value: total,
      unit: 'pages',
      ...(batch === AIMED_BATCH ? { aim: below(total, PAGES_AIM) } : {}),
      note: `stored ${stored.toFixed(2)}, recorded and ended ${ended.toFixed(2)}`,
    });
  }
  return { section: 'Write-ahead log', rows, errors: [] };
};
