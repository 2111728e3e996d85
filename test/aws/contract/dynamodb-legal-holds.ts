/** Legal holds on DynamoDB, in the deployed tables. Their time to live is ended by hand: the emulator does it when it likes. */
import { DeleteItemCommand, paginateScan } from '@aws-sdk/client-dynamodb';
import { createDynamodbPaymentStore } from '../../../src/adapters/aws/payments/payment-store.ts';
import { createDynamodbLegalHolds, createRenewLegalHolds } from '../../../src/adapters/aws/webhooks/legal-holds.ts';
import { createSystemRandomness } from '../../../src/adapters/system/system-randomness.ts';
import { MINUTE_MS, SECOND_MS } from '../../../src/core/time.ts';
import { type DynamodbHarness, useDynamodbHomes } from './dynamodb-homes.ts';
import { emulated } from './emulated-adapter.ts';
import { createPaymentsTable } from './payments-table.ts';

const removeExpired = async ({ client, webhookTable, clock }: DynamodbHarness): Promise<void> => {
  const pages = paginateScan({ client }, { TableName: webhookTable, ConsistentRead: true });
  for await (const { Items: items = [] } of pages) {
    for (const { webhookId, timestamp, expiresAt } of items) {
      if (webhookId === undefined || timestamp === undefined || expiresAt?.N === undefined) continue;
      if (Number(expiresAt.N) * SECOND_MS > clock.now()) continue;
      await client.send(new DeleteItemCommand({ TableName: webhookTable, Key: { webhookId, timestamp } }));
    }
  }
};

export const DYNAMODB_LEGAL_HOLDS = emulated('DynamoDB', () => {
  const openHome = useDynamodbHomes();
  return {
    open: async () => {
      const home = await openHome();
      const { client, webhookTable: tableName, store, auditLog, clock } = home;
      const paymentTable = `payments-of-${tableName}`;
      await createPaymentsTable(client, paymentTable);
      const randomness = createSystemRandomness(clock);
      const payments = createDynamodbPaymentStore({ client, tableName: paymentTable, randomness });
      const deps = { client, tableName, store, payments, auditLog, clock, randomness };
      const renew = createRenewLegalHolds(deps);
      return {
        ...home,
        payments,
        legalHolds: createDynamodbLegalHolds(deps),
        passAnHour: async () => {
          for (let minute = 0; minute < 60; minute += 1) {
            await renew();
            clock.advance(MINUTE_MS);
          }
        },
        removeExpired: async () => {
          await home.settle();
          await removeExpired(home);
          await home.settle({ isTimeToLive: true });
        },
      };
    },
  };
});
