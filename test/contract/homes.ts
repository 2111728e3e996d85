/** The homes that the suites of everything that is kept run against, each fresh and empty. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createMemoryHome } from '../../src/adapters/memory/memory-home.ts';
import { createSqliteAuditLog } from '../../src/adapters/sqlite/sqlite-audit-log.ts';
import { createSqliteDestinationQueue } from '../../src/adapters/sqlite/sqlite-destination-queue.ts';
import { openSqlite, type SqliteExecutor } from '../../src/adapters/sqlite/sqlite-executor.ts';
import { createSqliteHandOver } from '../../src/adapters/sqlite/sqlite-hand-over.ts';
import { createSqliteJobStore } from '../../src/adapters/sqlite/sqlite-job-store.ts';
import { createSqliteAuditedWebhooks } from '../../src/adapters/sqlite/sqlite-kept-state.ts';
import { createSqlitePaymentStore } from '../../src/adapters/sqlite/sqlite-payment-store.ts';
import { createSqliteQueue } from '../../src/adapters/sqlite/sqlite-queue.ts';
import { createSqliteReconcileCheckpoints } from '../../src/adapters/sqlite/sqlite-reconcile-checkpoints.ts';
import { createSqliteRejectedBox } from '../../src/adapters/sqlite/sqlite-rejected-box.ts';
import { createSqliteSilenceRecords } from '../../src/adapters/sqlite/sqlite-silence-records.ts';
import { openSqliteThread } from '../../src/adapters/sqlite/sqlite-thread.ts';
import { createSqliteWebhookStore } from '../../src/adapters/sqlite/sqlite-webhook-store.ts';
import type { AuditLog } from '../../src/audit/audit-log.ts';
import type { AuditedWebhooks } from '../../src/audit/audited-webhooks.ts';
import { NO_EFFECTS } from '../../src/core/effects.ts';
import type { Queue } from '../../src/core/ports/queue.ts';
import type { CheckProgress, Checkpoints, ReconcileCheckpoints } from '../../src/core/ports/reconcile-checkpoints.ts';
import type { RejectedBox } from '../../src/core/ports/rejected-box.ts';
import type { SilenceRecords } from '../../src/core/ports/silence-records.ts';
import type { Insertion, WebhookStore } from '../../src/core/ports/webhook-store.ts';
import { isWaiting } from '../../src/core/status.ts';
import type { Webhook, WebhookKey } from '../../src/core/webhook.ts';
import type { DestinationQueues } from '../../src/destinations/destination-queue.ts';
import type { JobStore } from '../../src/jobs/job-store.ts';
import type { PaymentStore } from '../../src/payments/payment-store.ts';
import { createTestClock, type TestClock } from '../support/clock.ts';
import { insertionOf } from '../support/insertion.ts';
import type { Adapter } from './contract-tests.ts';

export interface HomeHarness extends AsyncDisposable {
  readonly store: WebhookStore;
  readonly queue: Queue;
  readonly auditLog: AuditLog;
  readonly webhooks: AuditedWebhooks;
  readonly clock: TestClock;
  /** Waits until what was written can be read everywhere. Only for homes that are eventually consistent. */
  readonly settle?: () => Promise<void>;
}

export type OpenHome = () => Promise<HomeHarness>;

/** A home that keeps payments and the queues of destinations in the same place as everything else. */
export interface LocalHarness extends HomeHarness {
  readonly payments: PaymentStore;
  readonly destinations: DestinationQueues;
  readonly rejected: RejectedBox;
  readonly jobs: JobStore;
  readonly checkpoints: ReconcileCheckpoints;
  readonly checkProgress: Checkpoints<CheckProgress>;
  readonly silence: SilenceRecords;
}

export type OpenLocalHome = () => Promise<LocalHarness>;

/** A new directory under the system's temporary one. */
export const createTemporaryDirectory = (): string => mkdtempSync(join(tmpdir(), 'payhook-contract-'));

export const removeDirectory = (path: string): void => rmSync(path, { recursive: true, force: true });

const openMemoryHarness: OpenLocalHome = async () => {
  const clock = createTestClock();
  return { ...createMemoryHome(clock), clock, [Symbol.asyncDispose]: async () => undefined };
};

const openSqliteWork = (executor: SqliteExecutor, clock: TestClock): { store: WebhookStore; queue: Queue } => ({
  store: createSqliteWebhookStore(executor),
  queue: createSqliteQueue(executor, clock),
});

const openSqliteHarness =
  (openExecutor: (path: string) => Promise<SqliteExecutor>, openWork = openSqliteWork): OpenLocalHome =>
  async () => {
    const clock = createTestClock();
    const directory = createTemporaryDirectory();
    const executor = await openExecutor(join(directory, 'payhook.db'));
    return {
      ...openWork(executor, clock),
      auditLog: createSqliteAuditLog(executor),
      webhooks: createSqliteAuditedWebhooks(executor),
      payments: createSqlitePaymentStore(executor),
      destinations: createSqliteDestinationQueue(executor, clock),
      rejected: createSqliteRejectedBox(executor, clock),
      jobs: createSqliteJobStore(executor, clock),
      checkpoints: createSqliteReconcileCheckpoints(executor),
      checkProgress: createSqliteReconcileCheckpoints(executor),
      silence: createSqliteSilenceRecords(executor),
      clock,
      async [Symbol.asyncDispose]() {
        await executor.close();
        removeDirectory(directory);
      },
    };
  };

export const HOMES: readonly Adapter<OpenLocalHome>[] = [
  { name: 'memory', open: openMemoryHarness },
  { name: 'sqlite in the calling thread', open: openSqliteHarness(async (path) => openSqlite({ path })) },
  { name: 'sqlite on its thread', open: openSqliteHarness((path) => openSqliteThread({ path })) },
  {
    name: 'sqlite on its thread, handed over in memory',
    open: openSqliteHarness((path) => openSqliteThread({ path }), createSqliteHandOver),
  },
];

/** Inserts as `receive` does: where the store does not put the webhook on the queue, the caller does. */
export const insertQueued = async (home: HomeHarness, insertion: Insertion): Promise<void> => {
  const result = await home.store.insert(insertion);
  const { webhookId, timestamp, provider, traceId } = insertion.webhook;
  const isCallersTurn = result.outcome !== 'conflict' && !result.isQueued && isWaiting(insertion.status);
  if (isCallersTurn) await home.queue.enqueue({ webhookId, timestamp, provider, traceId });
  await home.settle?.();
};

/** Inserts webhooks `evt_1` to `evt_{count}` that are not on the queue, because nothing can process them. */
export const insertUnqueued = async (home: HomeHarness, ...names: string[]): Promise<readonly Insertion[]> => {
  const insertions = names.map((name) =>
    insertionOf({ webhookId: `stripe:${name}`, traceId: `trace-${name}` }, { status: 'dead_lettered' }),
  );
  for (const insertion of insertions) await home.store.insert(insertion);
  await home.settle?.();
  return insertions;
};

/** The stored webhook; fails the test when there is none. */
export const getStored = async (home: HomeHarness, key: WebhookKey): Promise<Webhook> => {
  await home.settle?.();
  const webhook = await home.store.get(key);
  if (webhook === undefined) throw new Error(`webhook ${key.webhookId} is not stored`);
  return webhook;
};

/** The webhook as a store returns it when nothing has happened to it since it was inserted. */
export const asStored = ({ webhook, status, lastError, actor }: Insertion): Webhook => ({
  ...webhook,
  status,
  attempts: 0,
  lastError,
  nextAttemptAt: null,
  effects: NO_EFFECTS,
  changedAt: webhook.receivedAt,
  changedBy: actor,
  revision: 1,
});
