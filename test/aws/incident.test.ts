/**
 * The incident, and the approval of a job, told to the tables and the work queue of the AWS home; destinations and rejected
 * deliveries have no part in them.
 */
import { CreateQueueCommand, SQS } from '@aws-sdk/client-sqs';
import { afterAll } from 'vitest';
import { createDynamodbJobStore } from '../../src/adapters/aws/jobs/job-store.ts';
import { createDynamodbPaymentStore } from '../../src/adapters/aws/payments/payment-store.ts';
import { createMemoryHome } from '../../src/adapters/memory/memory-home.ts';
import { createSystemRandomness } from '../../src/adapters/system/system-randomness.ts';
import { describeKilledApproval } from '../faults/approval-in-a-home.ts';
import { describeIncident, type IncidentHome } from '../faults/incident-in-a-home.ts';
import { createClaimingSqsQueue } from './contract/claiming-sqs-queue.ts';
import { type DynamodbHarness, useDynamodbHomes } from './contract/dynamodb-homes.ts';
import { createJobTable } from './contract/dynamodb-job-stores.ts';
import { createPaymentsTable } from './contract/payments-table.ts';
import { useMoto } from './contract/use-moto.ts';
import { emulatorClientOptions } from './tools/emulator-clients.ts';
import { signedCalls } from './tools/signed-clients.ts';

const openTables = useDynamodbHomes();
const moto = useMoto();
const cleanUp = new AsyncDisposableStack();

afterAll(() => cleanUp.disposeAsync());

/** Calls are made as functions make them, at the time of the test's clock. */
const openQueue = async ({ clock, webhookTable }: DynamodbHarness) => {
  const sdk = cleanUp.adopt(new SQS(emulatorClientOptions(moto().url)), (client) => client.destroy());
  moto().follow(sdk, clock);
  const { sqs: client } = signedCalls(moto().url, { before: () => moto().setClock(clock.now()) });
  const urlOf = async (name: string): Promise<string> =>
    (await sdk.send(new CreateQueueCommand({ QueueName: name }))).QueueUrl ?? '';
  const [workQueueUrl, deadLetterQueueUrl] = [
    await urlOf(`work-of-${webhookTable}`),
    await urlOf(`dead-letters-of-${webhookTable}`),
  ];
  return createClaimingSqsQueue({ client, sdk, workQueueUrl, deadLetterQueueUrl, clock });
};

const open = async (): Promise<IncidentHome> => {
  const home = cleanUp.use(await openTables());
  const { client, clock, store, auditLog, webhooks, webhookTable, settle } = home;
  const [paymentTable, jobTable] = [`payments-of-${webhookTable}`, `jobs-of-${webhookTable}`];
  await Promise.all([createPaymentsTable(client, paymentTable), createJobTable(client, jobTable)]);
  return {
    ports: {
      ...createMemoryHome(clock),
      store,
      auditLog,
      webhooks,
      queue: await openQueue(home),
      payments: createDynamodbPaymentStore({
        client,
        tableName: paymentTable,
        randomness: createSystemRandomness(clock),
      }),
      jobs: createDynamodbJobStore({ client, tableName: jobTable, clock }),
    },
    clock,
    settle,
  };
};

describeIncident('on DynamoDB and SQS', open);
describeKilledApproval('on DynamoDB and SQS', open);
