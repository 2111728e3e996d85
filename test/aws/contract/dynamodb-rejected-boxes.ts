/** Rejected boxes on tables of DynamoDB, each its own. */
import { CreateTableCommand, DeleteTableCommand, DynamoDB } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll } from 'vitest';
import {
  createDynamodbKeepRejected,
  createDynamodbRejectedBox,
} from '../../../src/adapters/aws/rejected/rejected-box.ts';
import type { OpenRejectedBox } from '../../contract/rejected-box-contract.ts';
import { createTestClock } from '../../support/clock.ts';
import { type DynamodbLocal, startDynamodbLocal } from '../servers/dynamodb-local.ts';
import { emulatorClientOptions } from '../tools/emulator-clients.ts';
import { signedCalls } from '../tools/signed-clients.ts';
import { emulated } from './emulated-adapter.ts';

/** As the stack makes it, but for time to live: the emulator goes by the machine's clock, not by the test's. */
const createRejectedTable = async (client: DynamoDB, tableName: string): Promise<void> => {
  await client.send(
    new CreateTableCommand({
      TableName: tableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'place', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'place', KeyType: 'HASH' }],
    }),
  );
};

const useRejectedBoxes = () => {
  let server: DynamodbLocal;
  let opened = 0;
  beforeAll(async () => {
    server = await startDynamodbLocal();
  }, 60_000);
  afterAll(() => server[Symbol.asyncDispose]());
  const open: OpenRejectedBox = async () => {
    opened += 1;
    const tableName = `rejected-${opened}`;
    const client = new DynamoDB(emulatorClientOptions(server.url));
    await createRejectedTable(client, tableName);
    const clock = createTestClock();
    const box = createDynamodbRejectedBox({ client, tableName, clock });
    return {
      box,
      clock,
      async [Symbol.asyncDispose]() {
        await client.send(new DeleteTableCommand({ TableName: tableName }));
        client.destroy();
      },
    };
  };
  /** Kept as the receiver keeps, which calls without the SDK. */
  const openSigned: OpenRejectedBox = async () => {
    const harness = await open();
    const kept = createDynamodbKeepRejected({
      client: signedCalls(server.url).dynamodb,
      tableName: `rejected-${opened}`,
    });
    return { ...harness, box: { ...harness.box, keep: kept.keep } };
  };
  return { open, openSigned };
};

export const DYNAMODB_REJECTED_BOX = emulated('DynamoDB', useRejectedBoxes);
