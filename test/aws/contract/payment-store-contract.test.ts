/** The suite of the payment store against the DynamoDB adapter. */
import { createDynamodbPaymentStore } from '../../../src/adapters/aws/payments/payment-store.ts';
import { createSystemRandomness } from '../../../src/adapters/system/system-randomness.ts';
import { describePaymentStore } from '../../contract/payment-store-contract.ts';
import { createTestClock } from '../../support/clock.ts';
import { usePaymentsTables } from './payments-table.ts';

const openTable = usePaymentsTables();

describePaymentStore('dynamodb', async () => {
  const table = await openTable();
  const { client, tableName } = table;
  return {
    store: createDynamodbPaymentStore({ client, tableName, randomness: createSystemRandomness(createTestClock()) }),
    [Symbol.asyncDispose]: () => table[Symbol.asyncDispose](),
  };
});
