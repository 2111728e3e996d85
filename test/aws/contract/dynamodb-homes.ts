/** A home for the contract suites: webhook store and audit log on DynamoDB Local, its stream read as Lambda would. */
import { CreateTableCommand, DeleteTableCommand, DynamoDB } from '@aws-sdk/client-dynamodb';
import {
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  GetRecordsCommand,
  type GetRecordsCommandOutput,
  GetShardIteratorCommand,
  type _Record as StreamsRecord,
  TrimmedDataAccessException,
} from '@aws-sdk/client-dynamodb-streams';
import { afterAll, beforeAll } from 'vitest';
import { createDynamodbAuditLog, type DynamodbAuditLog } from '../../../src/adapters/aws/audit/audit-log.ts';
import { createDynamodbAuditedWebhooks } from '../../../src/adapters/aws/audit/audited-webhooks.ts';
import { readChange, type StreamRecord } from '../../../src/adapters/aws/audit/change-feed.ts';
import { createDynamodbWebhookStore } from '../../../src/adapters/aws/webhooks/webhook-store.ts';
import { createMemoryHome } from '../../../src/adapters/memory/memory-home.ts';
import { createSystemRandomness } from '../../../src/adapters/system/system-randomness.ts';
import type { AuditDraft } from '../../../src/audit/audit.ts';
import { ATTENTION_INDEX, RECEIVED_INDEX } from '../../../src/config/aws-names.ts';
import type { HomeHarness } from '../../contract/homes.ts';
import { createTestClock } from '../../support/clock.ts';
import { type DynamodbLocal, startDynamodbLocal } from '../servers/dynamodb-local.ts';
import { emulatorClientOptions } from '../tools/emulator-clients.ts';
import { signedCalls } from '../tools/signed-clients.ts';
import { emulated } from './emulated-adapter.ts';

export interface DynamodbHarness extends HomeHarness {
  readonly client: DynamoDB;
  readonly webhookTable: string;
  readonly auditTable: string;
  readonly auditLog: DynamodbAuditLog;
  /** What the feed could not explain since the home was opened. */
  readonly unexplained: readonly AuditDraft[];
  /** Records of the stream since the home was opened, as they were fed. */
  readonly fed: readonly StreamRecord[];
  /** `isTimeToLive`: what was removed since the last time was removed by time to live. */
  readonly settle: (options?: { readonly isTimeToLive?: boolean }) => Promise<void>;
}

const throughput = { BillingMode: 'PAY_PER_REQUEST' } as const;
const keysOnly = { ProjectionType: 'KEYS_ONLY' } as const;

/** The two tables as the stack makes them; returns the stream of the first. */
export const createTables = async (client: DynamoDB, webhookTable: string, auditTable: string): Promise<string> => {
  const { TableDescription: table } = await client.send(
    new CreateTableCommand({
      TableName: webhookTable,
      ...throughput,
      AttributeDefinitions: [
        { AttributeName: 'webhookId', AttributeType: 'S' },
        { AttributeName: 'timestamp', AttributeType: 'N' },
        { AttributeName: 'listShard', AttributeType: 'N' },
        { AttributeName: 'receivedAt', AttributeType: 'N' },
        { AttributeName: 'attention', AttributeType: 'S' },
      ],
      KeySchema: [
        { AttributeName: 'webhookId', KeyType: 'HASH' },
        { AttributeName: 'timestamp', KeyType: 'RANGE' },
      ],
      GlobalSecondaryIndexes: [
        {
          IndexName: RECEIVED_INDEX,
          KeySchema: [
            { AttributeName: 'listShard', KeyType: 'HASH' },
            { AttributeName: 'receivedAt', KeyType: 'RANGE' },
          ],
          Projection: keysOnly,
        },
        {
          IndexName: ATTENTION_INDEX,
          KeySchema: [
            { AttributeName: 'attention', KeyType: 'HASH' },
            { AttributeName: 'receivedAt', KeyType: 'RANGE' },
          ],
          Projection: keysOnly,
        },
      ],
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
    }),
  );
  await client.send(
    new CreateTableCommand({
      TableName: auditTable,
      ...throughput,
      AttributeDefinitions: [
        { AttributeName: 'part', AttributeType: 'S' },
        { AttributeName: 'number', AttributeType: 'N' },
      ],
      KeySchema: [
        { AttributeName: 'part', KeyType: 'HASH' },
        { AttributeName: 'number', KeyType: 'RANGE' },
      ],
    }),
  );
  return table?.LatestStreamArn ?? '';
};

/** The emulator says of a shard in which nothing is yet that it was trimmed: it is read from where it was the next time. */
const getRecords = async (
  client: DynamoDBStreamsClient,
  iterator: string,
): Promise<Pick<GetRecordsCommandOutput, 'Records' | 'NextShardIterator'>> => {
  try {
    return await client.send(new GetRecordsCommand({ ShardIterator: iterator }));
  } catch (error) {
    if (error instanceof TrimmedDataAccessException) return {};
    throw error;
  }
};

/** Reads everything that is new in the stream, shard after shard. */
export const createStreamReader = (url: string, streamArn: string) => {
  const client = new DynamoDBStreamsClient(emulatorClientOptions(url));
  const iterators = new Map<string, string>();
  return async (): Promise<readonly StreamsRecord[]> => {
    const { StreamDescription: stream } = await client.send(new DescribeStreamCommand({ StreamArn: streamArn }));
    const records: StreamsRecord[] = [];
    for (const { ShardId: shardId = '' } of stream?.Shards ?? []) {
      let iterator = iterators.get(shardId);
      if (iterator === undefined) {
        const from = { StreamArn: streamArn, ShardId: shardId, ShardIteratorType: 'TRIM_HORIZON' } as const;
        iterator = (await client.send(new GetShardIteratorCommand(from))).ShardIterator ?? '';
      }
      for (;;) {
        const { Records: page = [], NextShardIterator: next } = await getRecords(client, iterator);
        records.push(...page);
        if (next === undefined) break;
        iterator = next;
        iterators.set(shardId, next);
        if (page.length === 0) break;
      }
    }
    return records;
  };
};

/**
 * Loses the answer of the next call of this name, after it took effect. `isRepeated`: as the SDK does, the call is made
 * once more before the caller hears of it. Returns a function that says how many answers were lost.
 */
export const loseAnswerOf = (client: DynamoDB, name: string, { isRepeated = false } = {}): (() => number) => {
  let lost = 0;
  client.middlewareStack.add(
    (next, context) => async (args) => {
      if (context.commandName !== name || lost > 0) return next(args);
      lost += 1;
      await next(args);
      if (isRepeated) return next(args);
      throw Object.assign(new Error('the connection broke'), { name: 'TimeoutError' });
    },
    { step: 'initialize', name: 'loseAnswer' },
  );
  return () => lost;
};

let homesOpened = 0;

const openHome = async (url: string, { isSigned }: { readonly isSigned: boolean }): Promise<DynamodbHarness> => {
  homesOpened += 1;
  const [webhookTable, auditTable] = [`webhooks-${homesOpened}`, `audit-${homesOpened}`];
  const client = new DynamoDB(emulatorClientOptions(url));
  const readStream = createStreamReader(url, await createTables(client, webhookTable, auditTable));
  const clock = createTestClock();
  const randomness = createSystemRandomness(clock);
  const calls = isSigned ? signedCalls(url).dynamodb : client;
  const auditLog = createDynamodbAuditLog({ client: calls, auditTable, webhookTable, clock, randomness });
  const unexplained: AuditDraft[] = [];
  const fed: StreamRecord[] = [];
  return {
    client,
    webhookTable,
    auditTable,
    store: createDynamodbWebhookStore({ client: calls, tableName: webhookTable, randomness }),
    // Its queue is SQS, which has suites of its own.
    queue: createMemoryHome(clock).queue,
    auditLog,
    webhooks: createDynamodbAuditedWebhooks({ client: calls, tableName: webhookTable, clock }),
    clock,
    unexplained,
    fed,
    async settle({ isTimeToLive = false } = {}) {
      for (const read of await readStream()) {
        const isByIt = isTimeToLive && read.eventName === 'REMOVE';
        const record = isByIt ? { ...read, userIdentity: { PrincipalId: 'dynamodb.amazonaws.com' } } : read;
        const change = readChange(record as StreamRecord);
        fed.push(record as StreamRecord);
        if (change.outcome === 'entries') await auditLog.appendLinked(change.entries);
        if (change.outcome === 'unexplained') {
          unexplained.push(change.draft);
          await auditLog.append([change.draft]);
        }
        if (change.outcome === 'unreadable')
          throw new Error(`a record of the stream was not readable: ${change.reason}`);
      }
    },
    async [Symbol.asyncDispose]() {
      for (const TableName of [webhookTable, auditTable]) await client.send(new DeleteTableCommand({ TableName }));
      client.destroy();
    },
  };
};

/** Starts one server for the tests of a file; homes on it make their calls with the SDK, or as functions do, without. */
const useServer = () => {
  let server: DynamodbLocal | undefined;
  beforeAll(async () => {
    server = await startDynamodbLocal();
  }, 60_000);
  afterAll(() => server?.[Symbol.asyncDispose]());
  const openOn = (isSigned: boolean) => (): Promise<DynamodbHarness> => {
    if (server === undefined) throw new Error('the server is started before the tests');
    return openHome(server.url, { isSigned });
  };
  return { open: openOn(false), openSigned: openOn(true) };
};

export const useDynamodbHomes = (): (() => Promise<DynamodbHarness>) => useServer().open;

export const DYNAMODB_HOME = emulated('DynamoDB', useServer);
