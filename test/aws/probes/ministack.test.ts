/**
 * What the emulator is known to do otherwise than AWS, as far as our tests rest on it. A probe that fails says that the
 * emulator changed: then the tests that work around the gap are to be looked at, and not the product.
 */
import { CreateTableCommand, DynamoDB, PutItemCommand } from '@aws-sdk/client-dynamodb';
import {
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
} from '@aws-sdk/client-dynamodb-streams';
import { CreateKeyCommand, DecryptCommand, GenerateDataKeyCommand, KMS } from '@aws-sdk/client-kms';
import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import {
  CreateQueueCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQS,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Ministack, startMinistack } from '../servers/ministack.ts';
import { emulatorClientOptions } from '../tools/emulator-clients.ts';

let emulator: Ministack;
beforeAll(async () => {
  emulator = await startMinistack();
});
afterAll(() => emulator?.[Symbol.asyncDispose]());

const changed = (what: string): string => `emulator changed: ${what}`;
const options = () => emulatorClientOptions(emulator.url);
const outcomeOf = async (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'accepted',
    (error: Error) => error.name,
  );

const createTable = async (name: string): Promise<string> => {
  const { TableDescription: table } = await new DynamoDB(options()).send(
    new CreateTableCommand({
      TableName: name,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
    }),
  );
  return table?.LatestStreamArn ?? '';
};

const recordsOf = async (streamArn: string): Promise<readonly (string | undefined)[]> => {
  const streams = new DynamoDBStreamsClient(options());
  const { StreamDescription: stream } = await streams.send(new DescribeStreamCommand({ StreamArn: streamArn }));
  const { ShardIterator: iterator } = await streams.send(
    new GetShardIteratorCommand({
      StreamArn: streamArn,
      ShardId: stream?.Shards?.[0]?.ShardId,
      ShardIteratorType: 'TRIM_HORIZON',
    }),
  );
  const { Records: records = [] } = await streams.send(new GetRecordsCommand({ ShardIterator: iterator }));
  return records.map(({ eventName }) => eventName);
};

describe('ministack', () => {
  test('says nothing to the stream of a write that changed nothing, as DynamoDB does: a repeated put is not audited twice', async () => {
    const dynamodb = new DynamoDB(options());
    const streamArn = await createTable('no-op');
    for (let times = 0; times < 2; times += 1) {
      await dynamodb.send(new PutItemCommand({ TableName: 'no-op', Item: { id: { S: 'a' } } }));
    }

    expect(await recordsOf(streamArn), changed('no-op writes')).toEqual(['INSERT']);
  });

  test('gives the stored item with a failed condition, as DynamoDB does: duplicates are told in one call', async () => {
    const dynamodb = new DynamoDB(options());
    await createTable('condition');
    const put = new PutItemCommand({
      TableName: 'condition',
      Item: { id: { S: 'a' } },
      ConditionExpression: 'attribute_not_exists(id)',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
    await dynamodb.send(put);

    await expect(dynamodb.send(put), changed('condition failures')).rejects.toMatchObject({
      name: 'ConditionalCheckFailedException',
      Item: { id: { S: 'a' } },
    });
  });

  test('cannot move dead letters back: the end-to-end test sends their bodies itself', async () => {
    const sqs = new SQS(options());
    await sqs.send(new CreateQueueCommand({ QueueName: 'dead' }));
    const SourceArn = 'arn:aws:sqs:us-east-1:000000000000:dead';

    expect(await outcomeOf(sqs.send(new StartMessageMoveTaskCommand({ SourceArn }))), changed('redrive')).not.toBe(
      'accepted',
    );
  });

  test('counts how often a message was received, which ends crash loops', async () => {
    const sqs = new SQS(options());
    const { QueueUrl: url } = await sqs.send(new CreateQueueCommand({ QueueName: 'counted' }));
    await sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: 'x' }));
    const receive = async () => {
      const { Messages: [message] = [] } = await sqs.send(
        new ReceiveMessageCommand({
          QueueUrl: url,
          VisibilityTimeout: 0,
          MessageSystemAttributeNames: ['ApproximateReceiveCount'],
        }),
      );
      return message?.Attributes?.ApproximateReceiveCount;
    };

    expect([await receive(), await receive()], changed('receive counts')).toEqual(['1', '2']);
  });

  test('opens a wrapped data key that was tampered with: contract tests of KMS run against moto, which does not', async () => {
    const kms = new KMS(options());
    const { KeyMetadata: key } = await kms.send(new CreateKeyCommand({}));
    const { CiphertextBlob: wrapped = new Uint8Array() } = await kms.send(
      new GenerateDataKeyCommand({ KeyId: key?.KeyId, KeySpec: 'AES_256' }),
    );
    const tampered = Uint8Array.from(wrapped);
    tampered[tampered.length - 1] = (tampered.at(-1) ?? 0) ^ 1;

    expect(await outcomeOf(kms.send(new DecryptCommand({ CiphertextBlob: tampered }))), changed('KMS')).toBe(
      'accepted',
    );
  });

  test('answers for a function that is not there as Lambda does: the host asks it for code', async () => {
    const lambda = new LambdaClient(options());

    const outcome = await outcomeOf(lambda.send(new GetFunctionConfigurationCommand({ FunctionName: 'nowhere' })));
    expect(outcome, changed('missing functions')).toBe('ResourceNotFoundException');
  });
});
