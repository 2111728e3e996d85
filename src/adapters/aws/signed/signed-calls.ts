/** The calls of our adapters without the SDK: signed, sent and read here. */
import type { Randomness } from '../../../core/ports/randomness.ts';
import type { DynamodbCalls, KmsCalls, SecretsManagerCalls, SqsCalls } from '../service-calls.ts';
import type { AwsService, CallService } from './call-service.ts';
import { ServiceError } from './service-error.ts';
import { readBytes, readItemBytes, readWireJson, writeWireJson } from './wire-json.ts';

const DYNAMODB: AwsService = { name: 'dynamodb', target: 'DynamoDB_20120810', jsonVersion: '1.0' };
const SQS: AwsService = { name: 'sqs', target: 'AmazonSQS', jsonVersion: '1.0' };
const KMS: AwsService = { name: 'kms', target: 'TrentService', jsonVersion: '1.1' };
const SECRETS_MANAGER: AwsService = { name: 'secretsmanager', target: 'secretsmanager', jsonVersion: '1.1' };

/** What KMS answers with that is bytes. */
const KMS_BYTES = ['Plaintext', 'CiphertextBlob', 'Signature', 'PublicKey'];

/** A service's answers are what its documents say: nobody checks their shape, and the adapters believe none of it. */
const callWith =
  (call: CallService, service: AwsService, read: (fields: Record<string, unknown>) => void = () => undefined) =>
  <Output>(operation: string) =>
  async (input: object): Promise<Output> => {
    const fields = readWireJson(await call(service, operation, writeWireJson(input)));
    read(fields);
    return fields as Output;
  };

type OutputOf<Call extends (...input: never[]) => Promise<unknown>> = Awaited<ReturnType<Call>>;

export const createSignedDynamodb = (call: CallService, randomness: Pick<Randomness, 'id'>): DynamodbCalls => {
  const ask = callWith(call, DYNAMODB, readItemBytes);
  /** An error brings items, too: the one that a condition failed on. */
  const put = <Output>(operation: string) => {
    const send = ask<Output>(operation);
    return (input: object): Promise<Output> =>
      send(input).catch((error: unknown) => {
        if (error instanceof ServiceError) readItemBytes(error);
        throw error;
      });
  };
  const transact = put<OutputOf<DynamodbCalls['transactWriteItems']>>('TransactWriteItems');
  return {
    putItem: put<OutputOf<DynamodbCalls['putItem']>>('PutItem'),
    updateItem: put<OutputOf<DynamodbCalls['updateItem']>>('UpdateItem'),
    // All tries of one call carry one token, so that a transaction whose answer was lost is not carried out twice.
    transactWriteItems: (input) => transact({ ClientRequestToken: randomness.id(), ...input }),
    getItem: ask<OutputOf<DynamodbCalls['getItem']>>('GetItem'),
    batchGetItem: ask<OutputOf<DynamodbCalls['batchGetItem']>>('BatchGetItem'),
    query: ask<OutputOf<DynamodbCalls['query']>>('Query'),
  };
};

export const createSignedSqs = (call: CallService): SqsCalls => {
  const ask = callWith(call, SQS);
  return {
    sendMessage: ask<OutputOf<SqsCalls['sendMessage']>>('SendMessage'),
    sendMessageBatch: ask<OutputOf<SqsCalls['sendMessageBatch']>>('SendMessageBatch'),
    deleteMessage: ask<OutputOf<SqsCalls['deleteMessage']>>('DeleteMessage'),
    changeMessageVisibility: ask<OutputOf<SqsCalls['changeMessageVisibility']>>('ChangeMessageVisibility'),
    changeMessageVisibilityBatch:
      ask<OutputOf<SqsCalls['changeMessageVisibilityBatch']>>('ChangeMessageVisibilityBatch'),
    getQueueAttributes: ask<OutputOf<SqsCalls['getQueueAttributes']>>('GetQueueAttributes'),
  };
};

export const createSignedKms = (call: CallService): KmsCalls => {
  const ask = callWith(call, KMS, (fields) => readBytes(fields, KMS_BYTES));
  return {
    generateDataKey: ask<OutputOf<KmsCalls['generateDataKey']>>('GenerateDataKey'),
    decrypt: ask<OutputOf<KmsCalls['decrypt']>>('Decrypt'),
    sign: ask<OutputOf<KmsCalls['sign']>>('Sign'),
    getPublicKey: ask<OutputOf<KmsCalls['getPublicKey']>>('GetPublicKey'),
  };
};

export const createSignedSecretsManager = (call: CallService): SecretsManagerCalls => {
  const ask = callWith(call, SECRETS_MANAGER);
  return {
    getSecretValue: ask<OutputOf<SecretsManagerCalls['getSecretValue']>>('GetSecretValue'),
    batchGetSecretValue: ask<OutputOf<SecretsManagerCalls['batchGetSecretValue']>>('BatchGetSecretValue'),
  };
};
