/** Lines of destinations: queues on moto and their states on DynamoDB Local, handed out as Lambda does. */
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQS,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll } from 'vitest';
import {
  type DestinationBatch,
  type DestinationRecord,
  openDestinationBatch,
} from '../../../src/adapters/aws/destinations/sqs-destination-batch.ts';
import { createSqsDestinationOutbox } from '../../../src/adapters/aws/destinations/sqs-destination-outbox.ts';
import { createDynamodbDestinationStates } from '../../../src/adapters/aws/destinations/states.ts';
import { createSystemRandomness } from '../../../src/adapters/system/system-randomness.ts';
import type { DestinationEntry } from '../../../src/destinations/destination-queue.ts';
import { createTestClock, NOW } from '../../support/clock.ts';
import { type Moto, startMoto } from '../servers/moto.ts';
import { emulatorClientOptions } from '../tools/emulator-clients.ts';
import { usePaymentsTables } from './payments-table.ts';

const VISIBILITY_SECONDS = 1800;
export const RETENTION_MS = 400 * 86_400_000;

export const entryOf = (destination: string, overrides: Partial<DestinationEntry> = {}): DestinationEntry => ({
  webhookId: 'stripe:evt_1',
  timestamp: NOW,
  destination,
  eventId: 'stripe:evt_1',
  provider: 'stripe',
  traceId: 'trace-1',
  news: 'news',
  ...overrides,
});

/** Starts the servers for the tests of a file and returns how lines are opened on them. */
export const useDestinationLines = () => {
  const openTable = usePaymentsTables();
  let moto: Moto;
  let opened = 0;
  beforeAll(async () => {
    moto = await startMoto();
  }, 60_000);
  afterAll(() => moto[Symbol.asyncDispose]());

  return async (...destinations: readonly string[]) => {
    opened += 1;
    const table = await openTable();
    const clock = createTestClock();
    const client = new SQS(emulatorClientOptions(moto.url));
    moto.follow(client, clock);
    const create = async (name: string): Promise<string> => {
      const { QueueUrl: url = '' } = await client.send(new CreateQueueCommand({ QueueName: `${name}-${opened}` }));
      return url;
    };
    const queueUrlOf = new Map<string, string>();
    for (const name of destinations) queueUrlOf.set(name, await create(`destination-${name}`));
    const deadLetterQueueUrl = await create('destination-dead-letters');
    const states = createDynamodbDestinationStates({
      client: table.client,
      tableName: table.tableName,
      retentionMs: RETENTION_MS,
      randomness: createSystemRandomness(clock),
    });
    const deps = { client, queueUrlOf, deadLetterQueueUrl, states, clock };
    const urlOf = (destination: string): string => queueUrlOf.get(destination) ?? deadLetterQueueUrl;

    const receive = async (url: string): Promise<readonly Message[]> => {
      const { Messages: messages = [] } = await client.send(
        new ReceiveMessageCommand({
          QueueUrl: url,
          MaxNumberOfMessages: 10,
          VisibilityTimeout: VISIBILITY_SECONDS,
          MessageSystemAttributeNames: ['All'],
        }),
      );
      return messages;
    };
    const recordOf = (url: string, message: Message): DestinationRecord => ({
      messageId: message.MessageId ?? '',
      receiptHandle: message.ReceiptHandle ?? '',
      body: message.Body ?? '',
      attributes: message.Attributes ?? {},
      eventSourceARN: `arn:aws:sqs:us-east-1:123456789012:${url.slice(url.lastIndexOf('/') + 1)}`,
    });

    return {
      ...deps,
      table,
      outbox: createSqsDestinationOutbox(deps),
      messages: (destination: string) => receive(urlOf(destination)),
      sendRaw: (destination: string, body: string) =>
        client.send(new SendMessageCommand({ QueueUrl: urlOf(destination), MessageBody: body })),
      inFlight: async (destination: string): Promise<number> => {
        const { Attributes: counted = {} } = await client.send(
          new GetQueueAttributesCommand({
            QueueUrl: urlOf(destination),
            AttributeNames: ['ApproximateNumberOfMessagesNotVisible'],
          }),
        );
        return Number(counted.ApproximateNumberOfMessagesNotVisible);
      },
      /** Hands one batch of a destination to the function and then does with its answer what Lambda does. */
      invoke: async (destination: string, work: (batch: DestinationBatch) => Promise<unknown>): Promise<number> => {
        const url = urlOf(destination);
        const messages = await receive(url);
        const batch = openDestinationBatch(deps, { Records: messages.map((message) => recordOf(url, message)) });
        await work(batch);
        const failed = new Set(batch.failures().map(({ itemIdentifier }) => itemIdentifier));
        for (const { MessageId: id = '', ReceiptHandle: handle } of messages) {
          if (!failed.has(id)) await client.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: handle }));
        }
        return failed.size;
      },
      async [Symbol.asyncDispose]() {
        client.destroy();
        await table[Symbol.asyncDispose]();
      },
    };
  };
};
