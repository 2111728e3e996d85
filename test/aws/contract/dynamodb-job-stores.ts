/** Stores of jobs on tables of DynamoDB, each its own. */
import { CreateTableCommand, DeleteTableCommand, DynamoDB } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll } from 'vitest';
import { createDynamodbJobStore } from '../../../src/adapters/aws/jobs/job-store.ts';
import type { OpenJobStore } from '../../contract/job-store-contract.ts';
import { createTestClock } from '../../support/clock.ts';
import { type DynamodbLocal, startDynamodbLocal } from '../servers/dynamodb-local.ts';
import { emulatorClientOptions } from '../tools/emulator-clients.ts';
import { emulated } from './emulated-adapter.ts';

/** As the stack makes it, but for time to live: the emulator goes by the machine's clock, not by the test's. */
export const createJobTable = async (client: DynamoDB, tableName: string): Promise<void> => {
  await client.send(
    new CreateTableCommand({
      TableName: tableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [
        { AttributeName: 'id', AttributeType: 'S' },
        { AttributeName: 'sort', AttributeType: 'S' },
      ],
      KeySchema: [
        { AttributeName: 'id', KeyType: 'HASH' },
        { AttributeName: 'sort', KeyType: 'RANGE' },
      ],
    }),
  );
};

const useJobStores = () => {
  let server: DynamodbLocal;
  let opened = 0;
  beforeAll(async () => {
    server = await startDynamodbLocal();
  }, 60_000);
  afterAll(() => server[Symbol.asyncDispose]());
  const open: OpenJobStore = async () => {
    opened += 1;
    const tableName = `jobs-${opened}`;
    const client = new DynamoDB(emulatorClientOptions(server.url));
    await createJobTable(client, tableName);
    const clock = createTestClock();
    return {
      jobs: createDynamodbJobStore({ client, tableName, clock }),
      clock,
      async [Symbol.asyncDispose]() {
        await client.send(new DeleteTableCommand({ TableName: tableName }));
        client.destroy();
      },
    };
  };
  return { open };
};

export const DYNAMODB_JOB_STORE = emulated('DynamoDB', useJobStores);
