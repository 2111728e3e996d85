/**
 * Present states over the tables of the AWS home: the tests that hold for the local homes, told again. The work queue and
 * destinations, which have suites of their own, are in memory.
 */
import { createDynamodbPaymentStore } from '../../../src/adapters/aws/payments/payment-store.ts';
import { createMemoryHome } from '../../../src/adapters/memory/memory-home.ts';
import { createSystemRandomness } from '../../../src/adapters/system/system-randomness.ts';
import type { AuditLog } from '../../../src/audit/audit-log.ts';
import { describePresent } from '../../reconcile/present-cases.ts';
import { useDynamodbHomes } from './dynamodb-homes.ts';
import { createPaymentsTable } from './payments-table.ts';

const openHome = useDynamodbHomes();

describePresent('DynamoDB', async () => {
  const home = await openHome();
  const tableName = `payments-of-${home.webhookTable}`;
  await createPaymentsTable(home.client, tableName);
  // What the stream says is in the trail before anybody reads it: in a stack that takes a moment.
  const auditLog: AuditLog = {
    ...home.auditLog,
    chain: async (...asked) => {
      await home.settle();
      return home.auditLog.chain(...asked);
    },
  };
  return {
    ...createMemoryHome(home.clock),
    ...home,
    auditLog,
    payments: createDynamodbPaymentStore({
      client: home.client,
      tableName,
      randomness: createSystemRandomness(home.clock),
    }),
  };
});
