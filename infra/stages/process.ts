/** Stage 2: the work queue, its dead letters, and `payment-processor`, which takes webhooks from it and sweeps. */
import { Duration } from 'aws-cdk-lib';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { Rule } from 'aws-cdk-lib/aws-events';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { ATTENTION_INDEX, RECEIVED_INDEX } from '../../src/config/aws-names.ts';
import { byTheClock, type FunctionCommon, type LiveAlias, PayhookFunction } from '../ground/payhook-function.ts';
import { allow, allowConsume } from '../ground/permissions.ts';
import { QueueWithDeadLetters } from '../ground/queue.ts';
import type { StackCommon } from '../ground/stack-common.ts';

/**
 * A handler mostly waits for somebody else's API; ours is one decryption and one decompression of about 3 KB, a
 * millisecond at this size. Ten webhooks of a batch are under way together, so half a gigabyte holds the largest too.
 */
const MEMORY_MB = 512;

/** Required. One handler call is stopped long before (`processing.handlerMsMax`). */
const TIMEOUT = Duration.minutes(5);

/**
 * Six time-outs, as AWS asks. A retry does not wait for it: it is a message of its own, and the processor shortens it at the
 * start of each batch, in case it does not come to the end.
 */
const VISIBILITY_TIMEOUT = Duration.minutes(30);

/**
 * The backstop, for messages whose processing nobody survives to count, such as all of them when the function does not
 * start. A rest begins the count anew; receives beyond the first are of executions that died, and of batches that had no
 * time left for one that has to run alone. Neither is a webhook's fault, so there are many. But even half an hour apart
 * they come to an end before the queue forgets the message: 75 hours of 96.
 */
const RECEIVES_MAX = 150;

/** Webhooks in one invocation. */
const BATCH_SIZE = 10;

/**
 * Without reserved concurrency the account has little to give (a new one 10 executions in all), and what Lambda takes
 * from the queue beyond that is thrown back.
 */
const CONCURRENCY_UNRESERVED = 5;

export class ProcessQueues extends QueueWithDeadLetters {
  readonly workQueue: Queue;

  constructor(scope: Construct, id: string, { names, key }: StackCommon) {
    super(scope, id, {
      key,
      deadLetterName: names.deadLetterQueue,
      visibilityTimeout: VISIBILITY_TIMEOUT,
      receivesMax: RECEIVES_MAX,
    });
    this.workQueue = this.addQueue('Work', names.workQueue);
  }
}

/**
 * Less than the function may run: what Lambda takes from the queue and cannot run counts as received, and the sweeper needs an
 * execution a minute. SQS knows no less than two.
 */
const concurrencyOf = ({ reservedConcurrency: { processor } }: FunctionCommon): number =>
  processor === undefined ? CONCURRENCY_UNRESERVED : Math.max(2, processor - 1);

export interface ProcessProps {
  readonly common: FunctionCommon;
  readonly queues: ProcessQueues;
  readonly webhookTable: Table;
  readonly paymentTable: Table;
  /** The queues of destinations as JSON, and their ARNs. */
  readonly destinationQueueUrls: string;
  readonly destinationQueueArns: readonly string[];
  /** Credentials of the APIs that are asked while a webhook is processed. */
  readonly credentialArns: readonly string[];
}

export class Process extends Construct {
  readonly function: LambdaFunction;
  readonly alias: LiveAlias;

  constructor(scope: Construct, id: string, props: ProcessProps) {
    super(scope, id);
    const { common, webhookTable, paymentTable } = props;
    const { workQueue, deadLetterQueue } = props.queues;
    const processor = new PayhookFunction(this, 'Processor', {
      common,
      role: 'processor',
      purpose: 'payment-processor',
      description: 'Payhook: processes queued webhooks with retries and dead letters',
      memoryMb: MEMORY_MB,
      timeout: TIMEOUT,
      sendsToItself: true,
      environment: {
        PAYHOOK_WEBHOOK_TABLE: webhookTable.tableName,
        PAYHOOK_PAYMENT_TABLE: paymentTable.tableName,
        PAYHOOK_WORK_QUEUE_URL: workQueue.queueUrl,
        PAYHOOK_DEAD_LETTER_QUEUE_URL: deadLetterQueue.queueUrl,
        PAYHOOK_DESTINATION_QUEUE_URLS: props.destinationQueueUrls,
        PAYHOOK_DATA_KEY_ARN: common.key.keyArn,
      },
      permissions: [
        allow(['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:UpdateItem'], [webhookTable.tableArn]),
        // The sweeper looks for what waits by when it came, and among what needs attention; legal holds by ids.
        allow(
          ['dynamodb:Query'],
          [
            webhookTable.tableArn,
            ...[RECEIVED_INDEX, ATTENTION_INDEX].map((name) => `${webhookTable.tableArn}/index/${name}`),
          ],
        ),
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
        allowConsume(workQueue),
        // To the work queue: a webhook that rests is sent again, and so is a dead letter that an operator moved back.
        allow(['sqs:SendMessage'], [workQueue.queueArn, deadLetterQueue.queueArn, ...props.destinationQueueArns]),
        ...(props.credentialArns.length === 0 ? [] : [allow(['secretsmanager:GetSecretValue'], props.credentialArns)]),
      ],
    });
    this.function = processor.function;
    this.alias = processor.alias;
    this.alias.addEventSource(
      new SqsEventSource(workQueue, {
        batchSize: BATCH_SIZE,
        reportBatchItemFailures: true,
        maxConcurrency: concurrencyOf(common),
      }),
    );
  }

  /** Once a minute it looks for what waits and no longer moves. */
  sweepBy(rule: Rule, common: FunctionCommon): void {
    rule.addTarget(byTheClock(this.alias, common));
  }
}
