/**
 * The calls of AWS that our adapters make, in the SDK's own names and shapes: its aggregated clients (`DynamoDB`, `SQS` …)
 * are such calls as they are, and so is what `signed/` makes for functions, which cannot wait for the SDK to load. Both
 * throw errors whose `name` is the type that the service says: adapters tell errors apart by it.
 */
import type {
  BatchGetItemCommandInput,
  BatchGetItemCommandOutput,
  GetItemCommandInput,
  GetItemCommandOutput,
  PutItemCommandInput,
  PutItemCommandOutput,
  QueryCommandInput,
  QueryCommandOutput,
  ScanCommandInput,
  ScanCommandOutput,
  TransactWriteItemsCommandInput,
  TransactWriteItemsCommandOutput,
  UpdateItemCommandInput,
  UpdateItemCommandOutput,
} from '@aws-sdk/client-dynamodb';
import type { PutEventsCommandInput, PutEventsCommandOutput } from '@aws-sdk/client-eventbridge';
import type {
  DecryptCommandInput,
  DecryptCommandOutput,
  GenerateDataKeyCommandInput,
  GenerateDataKeyCommandOutput,
  GetPublicKeyCommandInput,
  GetPublicKeyCommandOutput,
  SignCommandInput,
  SignCommandOutput,
} from '@aws-sdk/client-kms';
import type {
  GetObjectCommandInput,
  GetObjectCommandOutput,
  ListObjectVersionsCommandInput,
  ListObjectVersionsCommandOutput,
  PutObjectCommandInput,
  PutObjectCommandOutput,
} from '@aws-sdk/client-s3';
import type {
  BatchGetSecretValueCommandInput,
  BatchGetSecretValueCommandOutput,
  GetSecretValueCommandInput,
  GetSecretValueCommandOutput,
} from '@aws-sdk/client-secrets-manager';
import type { PublishCommandInput, PublishCommandOutput } from '@aws-sdk/client-sns';
import type {
  ChangeMessageVisibilityBatchCommandInput,
  ChangeMessageVisibilityBatchCommandOutput,
  ChangeMessageVisibilityCommandInput,
  ChangeMessageVisibilityCommandOutput,
  DeleteMessageCommandInput,
  DeleteMessageCommandOutput,
  GetQueueAttributesCommandInput,
  GetQueueAttributesCommandOutput,
  SendMessageBatchCommandInput,
  SendMessageBatchCommandOutput,
  SendMessageCommandInput,
  SendMessageCommandOutput,
} from '@aws-sdk/client-sqs';

type Call<Input, Output> = (input: Input) => Promise<Omit<Output, '$metadata'>>;

export interface DynamodbCalls {
  readonly putItem: Call<PutItemCommandInput, PutItemCommandOutput>;
  readonly getItem: Call<GetItemCommandInput, GetItemCommandOutput>;
  readonly updateItem: Call<UpdateItemCommandInput, UpdateItemCommandOutput>;
  readonly batchGetItem: Call<BatchGetItemCommandInput, BatchGetItemCommandOutput>;
  readonly transactWriteItems: Call<TransactWriteItemsCommandInput, TransactWriteItemsCommandOutput>;
  readonly query: Call<QueryCommandInput, QueryCommandOutput>;
}

/** What only commands ask for. */
export interface DynamodbScan {
  readonly scan: Call<ScanCommandInput, ScanCommandOutput>;
}

export interface SqsCalls {
  readonly sendMessage: Call<SendMessageCommandInput, SendMessageCommandOutput>;
  readonly sendMessageBatch: Call<SendMessageBatchCommandInput, SendMessageBatchCommandOutput>;
  readonly deleteMessage: Call<DeleteMessageCommandInput, DeleteMessageCommandOutput>;
  readonly changeMessageVisibility: Call<ChangeMessageVisibilityCommandInput, ChangeMessageVisibilityCommandOutput>;
  readonly changeMessageVisibilityBatch: Call<
    ChangeMessageVisibilityBatchCommandInput,
    ChangeMessageVisibilityBatchCommandOutput
  >;
  readonly getQueueAttributes: Call<GetQueueAttributesCommandInput, GetQueueAttributesCommandOutput>;
}

export interface KmsCalls {
  readonly generateDataKey: Call<GenerateDataKeyCommandInput, GenerateDataKeyCommandOutput>;
  readonly decrypt: Call<DecryptCommandInput, DecryptCommandOutput>;
  readonly sign: Call<SignCommandInput, SignCommandOutput>;
  readonly getPublicKey: Call<GetPublicKeyCommandInput, GetPublicKeyCommandOutput>;
}

/** What functions ask of secrets; operators ask more: `secrets/secrets.ts`. */
export interface SecretsManagerCalls {
  readonly getSecretValue: Call<GetSecretValueCommandInput, GetSecretValueCommandOutput>;
  readonly batchGetSecretValue: Call<BatchGetSecretValueCommandInput, BatchGetSecretValueCommandOutput>;
}

/** Given up when the signal says so. */
type CallUntil<Input, Output> = (
  input: Input,
  options: { readonly abortSignal: AbortSignal },
) => Promise<Omit<Output, '$metadata'>>;

export interface SnsCalls {
  readonly publish: CallUntil<PublishCommandInput, PublishCommandOutput>;
}

export interface EventbridgeCalls {
  readonly putEvents: CallUntil<PutEventsCommandInput, PutEventsCommandOutput>;
}

export interface S3Calls {
  readonly getObject: Call<GetObjectCommandInput, GetObjectCommandOutput>;
  readonly putObject: Call<PutObjectCommandInput, PutObjectCommandOutput>;
  readonly listObjectVersions: Call<ListObjectVersionsCommandInput, ListObjectVersionsCommandOutput>;
}
