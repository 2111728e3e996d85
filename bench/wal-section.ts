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
import { createInsertionsWithBodies } from './core-costs.ts';
import { ROW_KEY } from './database-costs.ts';
import { changesOfDelivery } from './payment-costs.ts';
import { below, type Row, type SectionReport } from './report.ts';
import type { SectionContext } from './section.ts';

const BATCHES = [4, 16, 64] as const;
const PAGES_AIM = 6.5;
const AIMED_BATCH = 16;
const WAL_HEADER_BYTES = 32;
const FRAME_BYTES = 4096 + 24;

const ended = (now: number): StatusChange => ({
  status: 'processed',
  attempts: 1,
  lastError: null,
  nextAttemptAt: null,
  effects: NO_EFFECTS,
  changedAt: now,
  actor: { type: 'component', id: 'processor' },
  reason: null,
});

const measureBatch = async (path: string, batch: number, count: number): Promise<readonly number[]> => {
  const db = openDatabase({ path });
  db.exec('PRAGMA synchronous = OFF; PRAGMA wal_autocheckpoint = 0;');
  const runBatch = createRunBatch(db, path);
  runBatch([{ name: 'auditUseKeys', input: { keys: [ROW_KEY] } }]);
  const framesNow = (): number => Math.max(0, statSync(`${path}-wal`).size - WAL_HEADER_BYTES) / FRAME_BYTES;
  const pagesOf = (calls: readonly Call[]): { pages: number; values: unknown[] } => {
    const before = framesNow();
    const values: unknown[] = [];
    for (let from = 0; from < calls.length; from += batch) {
      for (const outcome of runBatch(calls.slice(from, from + batch))) {
        if (!outcome.ok) throw outcome.error;
        values.push(outcome.value);
      }
    }
    return { pages: (framesNow() - before) / count, values };
  };
  try {
    const now = Date.now();
    const made = await createInsertionsWithBodies(count);
    const inserted = pagesOf(
      made.map(({ insertion }) => ({
        name: 'webhookInsert',
        input: { ...insertion, heldUntil: now + LIMITS.heldMsMax },
      })),
    );
    const applied = pagesOf(
      made.flatMap(({ body }) =>
        changesOfDelivery('stripe', body).map((change): Call => ({ name: 'paymentApply', input: { change, at: now } })),
      ),
    );
    const changed = pagesOf(
      made.map(({ insertion }, index): Call => {
        const { webhookId, timestamp, provider, traceId } = insertion.webhook;
        const { heldReceipt = '' } = inserted.values[index] as SqliteInsertOutcome;
        const entry = { webhookId, timestamp, provider, traceId };
        const claim: Claim = { entry, receipt: heldReceipt, enqueuedAt: now, claimedTimes: 1 };
        return { name: 'webhookChange', input: { key: entry, revision: 1, change: ended(now), claim } };
      }),
    );
    return [inserted.pages, applied.pages, changed.pages];
  } finally {
    db.close();
  }
};

export const walSection = async ({ isQuick, newDirectory }: SectionContext): Promise<SectionReport> => {
  const directory = newDirectory('wal');
  mkdirSync(directory);
  const rows: Row[] = [];
  for (const batch of BATCHES) {
    const pages = await measureBatch(join(directory, `payhook-${batch}.db`), batch, isQuick ? 2048 : 8192);
    const total = pages.reduce((sum, each) => sum + each, 0);
    const [insert = 0, payment = 0, change = 0] = pages;
    rows.push({
      label: `pages of 4 KiB a webhook, ${batch} a commit`,
      value: total,
      unit: 'pages',
      ...(batch === AIMED_BATCH ? { aim: below(total, PAGES_AIM) } : {}),
      note: `stored ${insert.toFixed(2)}, payment ${payment.toFixed(2)}, ended ${change.toFixed(2)}`,
    });
  }
  return { section: 'Write-ahead log', rows, errors: [] };
};
