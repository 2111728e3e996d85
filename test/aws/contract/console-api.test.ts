/**
 * What the console asks and does, over the tables of the AWS home: the tests that hold for one in memory, told again. The work
 * queue, destinations and rejected deliveries, which have suites of their own, are in memory.
 */
import { afterEach, beforeEach, describe } from 'vitest';
import { createDynamodbAuditLog } from '../../../src/adapters/aws/audit/audit-log.ts';
import { createDynamodbAuditedWebhooks } from '../../../src/adapters/aws/audit/audited-webhooks.ts';
import { createDynamodbJobStore } from '../../../src/adapters/aws/jobs/job-store.ts';
import { createDynamodbPaymentStore } from '../../../src/adapters/aws/payments/payment-store.ts';
import { createMemoryHome } from '../../../src/adapters/memory/memory-home.ts';
import { createSystemRandomness } from '../../../src/adapters/system/system-randomness.ts';
import type { AuditLog } from '../../../src/audit/audit-log.ts';
import { keepConsoleHomesIn } from '../../console/console-home.ts';
import { type DynamodbHarness, useDynamodbHomes } from './dynamodb-homes.ts';
import { createJobTable } from './dynamodb-job-stores.ts';
import { createPaymentsTable } from './payments-table.ts';

const openHome = useDynamodbHomes();
let home: DynamodbHarness;
let settled: Promise<unknown>;

beforeEach(async () => {
  settled = Promise.resolve();
  home = await openHome();
  await Promise.all([
    createPaymentsTable(home.client, `payments-of-${home.webhookTable}`),
    createJobTable(home.client, `jobs-of-${home.webhookTable}`),
  ]);
});

afterEach(() => home[Symbol.asyncDispose]());

/** One after the other: two at once would write the same changes twice. */
const settle = (): Promise<unknown> => {
  settled = settled.then(() => home.settle());
  return settled;
};

/** What the stream says is in the trail before anybody reads it: in a stack that takes a moment. */
const settling = (auditLog: AuditLog): AuditLog =>
  new Proxy(auditLog, {
    get: (log, name) => {
      const value: unknown = Reflect.get(log, name);
      if (typeof value !== 'function') return value;
      return async (...args: readonly unknown[]) => {
        await settle();
        return value.apply(log, args);
      };
    },
  });

keepConsoleHomesIn((clock) => {
  const { client, webhookTable, auditTable, store } = home;
  const randomness = createSystemRandomness(clock);
  return {
    ...createMemoryHome(clock),
    store,
    auditLog: settling(createDynamodbAuditLog({ client, auditTable, webhookTable, clock, randomness })),
    webhooks: createDynamodbAuditedWebhooks({ client, tableName: webhookTable, clock }),
    payments: createDynamodbPaymentStore({ client, tableName: `payments-of-${webhookTable}`, randomness }),
    jobs: createDynamodbJobStore({ client, tableName: `jobs-of-${webhookTable}`, clock }),
  };
});

// Each with hooks of its own.
describe('what is asked', async () => void (await import('../../console/api.test.ts')));
describe('what is done', async () => void (await import('../../console/actions.test.ts')));
describe('what is exported', async () => void (await import('../../console/export.test.ts')));
describe('the trail that is taken along', async () => void (await import('../../console/take-along.test.ts')));
