/** Payment stores on tables of DynamoDB, each its own. */
import { createDynamodbPaymentStore } from '../../../src/adapters/aws/payments/payment-store.ts';
import { createSystemRandomness } from '../../../src/adapters/system/system-randomness.ts';
import type { OpenPaymentStore } from '../../contract/payment-store-contract.ts';
import { createTestClock } from '../../support/clock.ts';
import { signedCalls } from '../tools/signed-clients.ts';
import { emulated } from './emulated-adapter.ts';
import { usePaymentsTables } from './payments-table.ts';

const usePaymentStores = () => {
  const openTable = usePaymentsTables();
  const openOn =
    (isSigned: boolean): OpenPaymentStore =>
    async () => {
      const table = await openTable();
      const { tableName } = table;
      const client = isSigned ? signedCalls(table.url).dynamodb : table.client;
      return {
        store: createDynamodbPaymentStore({ client, tableName, randomness: createSystemRandomness(createTestClock()) }),
        [Symbol.asyncDispose]: () => table[Symbol.asyncDispose](),
      };
    };
  return { open: openOn(false), openSigned: openOn(true) };
};

export const DYNAMODB_PAYMENT_STORE = emulated('DynamoDB', usePaymentStores);
