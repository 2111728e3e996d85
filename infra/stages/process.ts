/** Stage 2: the work queue, its dead letters, and `payment-processor`, which takes webhooks from it. */
import { Duration } from 'aws-cdk-lib';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { type FunctionCommon, PayhookFunction } from '../ground/payhook-function.ts';
import { allow } from '../ground/permissions.ts';
import { createDeadLetterQueue, createWorkQueue } from '../ground/queue.ts';
import type { StackNames } from '../ground/stack-names.ts';

/**
 * A handler mostly waits for somebody else's API; ours is one decryption and one decompression of about 3 KB, a
 * millisecond at this size. Ten webhooks of a batch are under way together, so half a gigabyte holds the largest too.
 */
const MEMORY_MB = 512;

/** Required. One handler call is stopped long before (`processing.handlerMsMax`). */
const TIMEOUT = Duration.minutes(5);

/** Six time-outs, as AWS asks. A retry does not wait for it: the processor sets when each message comes back. */
const VISIBILITY_TIMEOUT = Duration.minutes(30);

/**
 * The backstop, for messages whose processing nobody survives to count. Attempts are counted in the webhook
 * (`processing.attemptsMax`), and a function that was throttled a few times must not cost a good webhook its place.
 */
const RECEIVES_MAX = 100;

/** Webhooks in one invocation. */
const BATCH_SIZE = 10;

/**
 * Without reserved concurrency the account has little to give (a new one 10 executions in all), and what Lambda takes
 * from the queue beyond that is thrown back.
 */
const CONCURRENCY_UNRESERVED = 5;

export interface ProcessQueuesProps {
  readonly names: StackNames;
  readonly key: IKey;
}

/** The queues stand apart from the function, because the receiver needs to know where to send. */
export class ProcessQueues extends Construct {
  readonly workQueue: Queue;
  readonly deadLetterQueue: Queue;

  constructor(scope: Construct, id: string, { names, key }: ProcessQueuesProps) {
    super(scope, id);
    this.deadLetterQueue = createDeadLetterQueue(this, 'DeadLetters', { name: names.deadLetterQueue, key });
    this.workQueue = createWorkQueue(this, 'Work', {
      name: names.workQueue,
      key,
      visibilityTimeout: VISIBILITY_TIMEOUT,
      deadLetterQueue: { queue: this.deadLetterQueue, maxReceiveCount: RECEIVES_MAX },
    });
  }
}

export interface ProcessProps {
  readonly common: FunctionCommon;
  readonly environmentSuffix: string;
  /** Folder with the built function. */
  readonly assetDirectory: string;
  /** Caps the function, and with it how many batches are taken from the queue at once. @default no cap of its own */
  readonly reservedConcurrency?: number | undefined;
  readonly queues: ProcessQueues;
  readonly webhookTable: Table;
  readonly paymentTable: Table;
  /** The queues of destinations as JSON, and their ARNs. */
  readonly destinationQueueUrls: string;
  readonly destinationQueueArns: readonly string[];
  readonly alertTopic: ITopic;
}

export class Process extends Construct {
  readonly function: LambdaFunction;

  constructor(scope: Construct, id: string, props: ProcessProps) {
    super(scope, id);
    const { common, webhookTable, paymentTable, alertTopic } = props;
    const { workQueue, deadLetterQueue } = props.queues;
    const processor = new PayhookFunction<'processor'>(this, 'Processor', {
      common,
      functionName: common.names.processor,
      purpose: 'payment-processor',
      description: 'Payhook: processes queued webhooks with retries and dead letters',
      assetDirectory: props.assetDirectory,
      memoryMb: MEMORY_MB,
      timeout: TIMEOUT,
      reservedConcurrency: props.reservedConcurrency,
      environment: {
        PAYHOOK_ENVIRONMENT_SUFFIX: props.environmentSuffix,
        PAYHOOK_WEBHOOK_TABLE: webhookTable.tableName,
        PAYHOOK_PAYMENT_TABLE: paymentTable.tableName,
        PAYHOOK_WORK_QUEUE_URL: workQueue.queueUrl,
        PAYHOOK_DEAD_LETTER_QUEUE_URL: deadLetterQueue.queueUrl,
        PAYHOOK_DESTINATION_QUEUE_URLS: props.destinationQueueUrls,
        PAYHOOK_DATA_KEY_ARN: common.key.keyArn,
        PAYHOOK_ALERT_TOPIC_ARN: alertTopic.topicArn,
      },
      permissions: [
        allow(['dynamodb:GetItem', 'dynamodb:UpdateItem'], [webhookTable.tableArn]),
        // A transaction asks for the permissions of its parts.
        allow(
          [
            'dynamodb:GetItem',
            'dynamodb:BatchGetItem',
            'dynamodb:PutItem',
            'dynamodb:UpdateItem',
            'dynamodb:DeleteItem',
          ],
          [paymentTable.tableArn],
        ),
        allow(
          ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility', 'sqs:GetQueueAttributes'],
          [workQueue.queueArn],
        ),
        // To the work queue: a dead letter that an operator moved back is redriven as a message of its own.
        allow(['sqs:SendMessage'], [workQueue.queueArn, deadLetterQueue.queueArn, ...props.destinationQueueArns]),
        allow(['sns:Publish'], [alertTopic.topicArn]),
      ],
    });
    this.function = processor.function;
    this.function.addEventSource(
      new SqsEventSource(workQueue, {
        batchSize: BATCH_SIZE,
        reportBatchItemFailures: true,
        // Never more than the function may run: what Lambda takes and cannot run counts as received.
        maxConcurrency: props.reservedConcurrency ?? CONCURRENCY_UNRESERVED,
      }),
    );
  }
}
