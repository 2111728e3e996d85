import { describe, expect, test } from 'vitest';
import { createTestRandomness } from '../../../../test/support/randomness.ts';
import type { AwsService } from './call-service.ts';
import { ServiceError } from './service-error.ts';
import { createSignedDynamodb, createSignedKms, createSignedSecretsManager, createSignedSqs } from './signed-calls.ts';

/** A service that answers with this, and what it was asked. */
const answering = (answer: string | Error) => {
  const asked: { readonly target: string; readonly input: unknown }[] = [];
  const call = async (service: AwsService, operation: string, body: string): Promise<string> => {
    asked.push({ target: `${service.target}.${operation} ${service.jsonVersion}`, input: JSON.parse(body) });
    if (answer instanceof Error) throw answer;
    return answer;
  };
  return { call, asked };
};

const BYTES = new Uint8Array([0, 127, 255]);
const BASE64 = 'AH//';

describe('createSignedDynamodb', () => {
  test('sends bytes as base64, wherever they stand in an item, and nothing that is undefined', async () => {
    const { call, asked } = answering('{}');
    const dynamodb = createSignedDynamodb(call, createTestRandomness());

    await dynamodb.putItem({
      TableName: 'webhooks',
      Item: { payload: { B: BYTES }, hash: { B: Buffer.from(BYTES) }, list: { L: [{ N: '1' }, { B: BYTES }] } },
      ConditionExpression: undefined,
    });

    expect(asked).toEqual([
      {
        target: 'DynamoDB_20120810.PutItem 1.0',
        input: {
          TableName: 'webhooks',
          Item: { payload: { B: BASE64 }, hash: { B: BASE64 }, list: { L: [{ N: '1' }, { B: BASE64 }] } },
        },
      },
    ]);
  });

  test('reads base64 as bytes and leaves everything else alone, also what is called B itself', async () => {
    const { call } = answering(
      JSON.stringify({ Item: { B: { S: BASE64 }, payload: { B: BASE64 }, map: { M: { B: { B: BASE64 } } } } }),
    );

    const { Item: item } = await createSignedDynamodb(call, createTestRandomness()).getItem({
      TableName: 't',
      Key: {},
    });

    const bytes = Buffer.from(BYTES);
    expect(item).toEqual({ B: { S: BASE64 }, payload: { B: bytes }, map: { M: { B: { B: bytes } } } });
  });

  test('reads the item that a failed condition brings, alone or as a reason of a transaction', async () => {
    const alone = new ServiceError('ConditionalCheckFailedException', 'no', 400, { Item: { hash: { B: BASE64 } } });
    const reasons = [{ Code: 'None' }, { Code: 'ConditionalCheckFailed', Item: { hash: { B: BASE64 } } }];
    const several = new ServiceError('TransactionCanceledException', 'no', 400, { CancellationReasons: reasons });
    const dynamodbOf = (error: Error) => createSignedDynamodb(answering(error).call, createTestRandomness());
    const item = { hash: { B: Buffer.from(BYTES) } };

    await expect(dynamodbOf(alone).putItem({ TableName: 't', Item: {} })).rejects.toMatchObject({ Item: item });
    await expect(dynamodbOf(several).transactWriteItems({ TransactItems: [] })).rejects.toMatchObject({
      CancellationReasons: [{ Code: 'None' }, { Code: 'ConditionalCheckFailed', Item: item }],
    });
  });

  test('gives every transaction a token, so that one whose answer was lost is carried out once', async () => {
    const { call, asked } = answering('');
    const dynamodb = createSignedDynamodb(call, createTestRandomness());

    await dynamodb.transactWriteItems({ TransactItems: [] });
    await dynamodb.transactWriteItems({ TransactItems: [] });

    const tokens = asked.map(({ input }) => (input as { readonly ClientRequestToken?: string }).ClientRequestToken);
    expect(new Set(tokens).size).toBe(2);
    for (const token of tokens) expect(token).toMatch(/^.{1,36}$/);
  });
});

describe('createSignedKms', () => {
  test('sends and reads bytes', async () => {
    const { call, asked } = answering(JSON.stringify({ Plaintext: BASE64, CiphertextBlob: BASE64, KeyId: 'arn' }));

    const answer = await createSignedKms(call).decrypt({ CiphertextBlob: BYTES });

    expect(asked).toEqual([{ target: 'TrentService.Decrypt 1.1', input: { CiphertextBlob: BASE64 } }]);
    expect(answer).toEqual({ Plaintext: Buffer.from(BYTES), CiphertextBlob: Buffer.from(BYTES), KeyId: 'arn' });
  });
});

describe('createSignedSqs and createSignedSecretsManager', () => {
  test('name their operations as the services do, and take an answer without a body', async () => {
    const { call, asked } = answering('');

    await createSignedSqs(call).sendMessage({ QueueUrl: 'url', MessageBody: 'text' });
    await createSignedSecretsManager(call).batchGetSecretValue({ SecretIdList: ['a'] });

    expect(asked).toEqual([
      { target: 'AmazonSQS.SendMessage 1.0', input: { QueueUrl: 'url', MessageBody: 'text' } },
      { target: 'secretsmanager.BatchGetSecretValue 1.1', input: { SecretIdList: ['a'] } },
    ]);
  });
});
