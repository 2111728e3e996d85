/** What the database operations cost by themselves, in this thread, at different numbers of operations a commit. */

import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { openDatabase } from '../src/adapters/sqlite/sqlite-database.ts';
import { type Call, createRunBatch } from '../src/adapters/sqlite/sqlite-executor.ts';
import { NO_EFFECTS } from '../src/core/effects.ts';
import type { Claim } from '../src/core/ports/queue.ts';
import type { Insertion, StatusChange } from '../src/core/ports/webhook-store.ts';
import { median } from './statistics.ts';

export interface OperationCosts {
  readonly insertMicros: number;
  readonly claimMicros: number;
  readonly getMicros: number;
  readonly changeMicros: number;
}

const LEASE_MS = 60_000;
/** Of any value: without one, rows get no codes. */
export const ROW_KEY = new Uint8Array(32).fill(7);

/** Runs the calls `batch` at a time and returns microseconds for each call and what they returned. */
const runCalls = (
  runBatch: ReturnType<typeof createRunBatch>,
  calls: readonly Call[],
  batch: number,
): { micros: number; values: unknown[] } => {
  const values: unknown[] = [];
  const startedAt = performance.now();
  for (let from = 0; from < calls.length; from += batch) {
    for (const result of runBatch(calls.slice(from, from + batch))) {
      if (!result.ok) throw result.error;
      values.push(result.value);
    }
  }
  return { micros: ((performance.now() - startedAt) * 1000) / calls.length, values };
};

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

/** Inserts, claims, reads and ends the webhooks of these insertions, each of which must be new to the database. */
export const measureOperations = (
  path: string,
  insertions: readonly Insertion[],
  batch: number,
  isDurable: boolean,
): OperationCosts => {
  const db = openDatabase({ path });
  if (!isDurable) db.exec('PRAGMA synchronous = OFF;');
  const runBatch = createRunBatch(db, path);
  runBatch([{ name: 'auditUseKeys', input: { keys: [ROW_KEY] } }]);
  const now = Date.now();
  try {
    const inserted = runCalls(
      runBatch,
      insertions.map((input) => ({ name: 'webhookInsert', input })),
      batch,
    );
    const claim: Call = { name: 'queueClaim', input: { limit: batch, now: now + LEASE_MS / 2, leaseMs: LEASE_MS } };
    const claimed = runCalls(runBatch, Array<Call>(Math.floor(insertions.length / batch)).fill(claim), 1);
    const claims = claimed.values.flat() as Claim[];
    const got = runCalls(
      runBatch,
      claims.map(({ entry }) => ({ name: 'webhookGet', input: entry })),
      batch,
    );
    const changed = runCalls(
      runBatch,
      claims.map((of) => ({
        name: 'webhookChange',
        input: {
          key: { webhookId: of.entry.webhookId, timestamp: of.entry.timestamp },
          revision: 1,
          change: processed(now),
          claim: of,
        },
      })),
      batch,
    );
    return {
      insertMicros: inserted.micros,
      claimMicros: claimed.micros / batch,
      getMicros: got.micros,
      changeMicros: changed.micros,
    };
  } finally {
    db.close();
  }
};

/** One write of 64 KiB, about what sixteen webhooks add to the write-ahead log, and its fdatasync. Median microseconds. */
export const measureFsync = (path: string, count: number): number => {
  const file = openSync(path, 'w');
  const bytes = Buffer.alloc(64 * 1024, 1);
  const micros: number[] = [];
  for (let index = 0; index < count; index += 1) {
    writeSync(file, bytes);
    const startedAt = performance.now();
    fdatasyncSync(file);
    micros.push((performance.now() - startedAt) * 1000);
  }
  closeSync(file);
  return median(micros);
};
