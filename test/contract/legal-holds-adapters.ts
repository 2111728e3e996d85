/** Legal holds on SQLite, with the retention that looks at them. In memory nothing is ever removed. */
import { createSqliteAuditLog } from '../../src/adapters/sqlite/sqlite-audit-log.ts';
import { openSqlite, type SqliteExecutor } from '../../src/adapters/sqlite/sqlite-executor.ts';
import { createSqliteAuditedWebhooks } from '../../src/adapters/sqlite/sqlite-kept-state.ts';
import { createSqliteLegalHolds } from '../../src/adapters/sqlite/sqlite-legal-holds.ts';
import { createSqlitePaymentStore } from '../../src/adapters/sqlite/sqlite-payment-store.ts';
import { createSqliteQueue } from '../../src/adapters/sqlite/sqlite-queue.ts';
import { createSqliteWebhookStore } from '../../src/adapters/sqlite/sqlite-webhook-store.ts';
import { DAY_MS, HOUR_MS } from '../../src/core/time.ts';
import { createTestClock, type TestClock } from '../support/clock.ts';
import type { Adapter } from './contract-tests.ts';
import type { OpenLegalHolds } from './legal-holds-contract.ts';

/** Of webhooks, then of the payments that none is left of: as one round of retention does it. */
const removeExpired = async (executor: SqliteExecutor, clock: TestClock): Promise<void> => {
  const input = { now: clock.now(), keptMs: 400 * DAY_MS };
  for (const operation of ['retentionWebhooks', 'retentionPayments'] as const) {
    for (let after: { readonly at: number; readonly position: number } | undefined; ; ) {
      const page = await executor.run(operation, { ...input, after });
      if (page.next === undefined) break;
      after = page.next;
    }
  }
};

export const LEGAL_HOLDS: readonly Adapter<OpenLegalHolds>[] = [
  {
    name: 'sqlite',
    open: async () => {
      const clock = createTestClock();
      const executor = openSqlite({ path: ':memory:' });
      return {
        store: createSqliteWebhookStore(executor),
        queue: createSqliteQueue(executor, clock),
        auditLog: createSqliteAuditLog(executor),
        webhooks: createSqliteAuditedWebhooks(executor),
        payments: createSqlitePaymentStore(executor),
        legalHolds: createSqliteLegalHolds(executor),
        clock,
        passAnHour: async () => clock.advance(HOUR_MS),
        removeExpired: () => removeExpired(executor, clock),
        [Symbol.asyncDispose]: () => executor.close(),
      };
    },
  },
];
