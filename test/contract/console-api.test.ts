/** What the console asks and does, over a home on the disk: the tests that hold for one in memory, told again. */
import { join } from 'node:path';
import { afterEach, describe } from 'vitest';
import { createSqliteAuditLog } from '../../src/adapters/sqlite/sqlite-audit-log.ts';
import { createSqliteDestinationQueue } from '../../src/adapters/sqlite/sqlite-destination-queue.ts';
import { openSqlite, type SqliteExecutor } from '../../src/adapters/sqlite/sqlite-executor.ts';
import { createSqliteJobStore } from '../../src/adapters/sqlite/sqlite-job-store.ts';
import { createSqliteAuditedWebhooks } from '../../src/adapters/sqlite/sqlite-kept-state.ts';
import { createSqlitePaymentStore } from '../../src/adapters/sqlite/sqlite-payment-store.ts';
import { createSqliteQueue } from '../../src/adapters/sqlite/sqlite-queue.ts';
import { createSqliteReconcileCheckpoints } from '../../src/adapters/sqlite/sqlite-reconcile-checkpoints.ts';
import { createSqliteRejectedBox } from '../../src/adapters/sqlite/sqlite-rejected-box.ts';
import { createSqliteSilenceRecords } from '../../src/adapters/sqlite/sqlite-silence-records.ts';
import { createSqliteWebhookStore } from '../../src/adapters/sqlite/sqlite-webhook-store.ts';
import { keepConsoleHomesIn } from '../console/console-home.ts';
import { createTemporaryDirectory, removeDirectory } from './homes.ts';

const opened: { readonly directory: string; readonly executor: SqliteExecutor }[] = [];

keepConsoleHomesIn((clock) => {
  const directory = createTemporaryDirectory();
  const executor = openSqlite({ path: join(directory, 'payhook.db') });
  opened.push({ directory, executor });
  return {
    store: createSqliteWebhookStore(executor),
    queue: createSqliteQueue(executor, clock),
    auditLog: createSqliteAuditLog(executor),
    webhooks: createSqliteAuditedWebhooks(executor),
    payments: createSqlitePaymentStore(executor),
    destinations: createSqliteDestinationQueue(executor, clock),
    rejected: createSqliteRejectedBox(executor, clock),
    jobs: createSqliteJobStore(executor, clock),
    checkpoints: createSqliteReconcileCheckpoints(executor),
    checkProgress: createSqliteReconcileCheckpoints(executor),
    silence: createSqliteSilenceRecords(executor),
  };
});

afterEach(async () => {
  for (const { directory, executor } of opened.splice(0)) {
    await executor.close();
    removeDirectory(directory);
  }
});

// Each with hooks of its own.
describe('what is asked', async () => void (await import('../console/api.test.ts')));
describe('what is done', async () => void (await import('../console/actions.test.ts')));
describe('what is taken along', async () => void (await import('../console/export.test.ts')));
describe('the trail that is taken along', async () => void (await import('../console/take-along.test.ts')));
