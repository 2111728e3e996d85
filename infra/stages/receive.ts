/** Stage 1: `webhook-receiver` verifies a delivery, stores it and queues it before it answers. */
import { Duration } from 'aws-cdk-lib';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { type FunctionCommon, type LiveAlias, PayhookFunction } from '../ground/payhook-function.ts';
import { allow } from '../ground/permissions.ts';

/**
 * 1000 deliveries a second through 100 executions leave 100 ms for each. Published measurements of Node.js on ARM64 with
 * DynamoDB calls: at 256 MB 27 ms on average and 101 at p99, at 1024 MB 12 and 30, at 1769 MB (a whole processor) no
 * better; the first call after a cold start takes 553 ms at 256 MB, 153 at 1024. Memory buys processor time, and this is
 * where buying more stops to help.
 */
const MEMORY_MB = 1024;

/** Required. API Gateway gives up after 29 s, and the function answers 503 by itself long before. */
const TIMEOUT = Duration.seconds(30);

export interface ReceiveProps {
  readonly common: FunctionCommon;
  readonly provisionedConcurrency: number;
  readonly webhookTable: Table;
  readonly rejectedTable: Table;
  readonly workQueue: IQueue;
  readonly auditQueue: IQueue;
  readonly secrets: readonly Secret[];
}

export class Receive extends Construct {
  readonly function: LambdaFunction;
  readonly alias: LiveAlias;

  constructor(scope: Construct, id: string, props: ReceiveProps) {
    super(scope, id);
    const { common, webhookTable, rejectedTable, workQueue, auditQueue } = props;
    const receiver = new PayhookFunction(this, 'Receiver', {
      common,
      role: 'receiver',
      purpose: 'webhook-receiver',
      description: 'Payhook: verifies, stores and queues a delivery before it is answered',
      memoryMb: MEMORY_MB,
      timeout: TIMEOUT,
      provisionedConcurrency: props.provisionedConcurrency,
      environment: {
        PAYHOOK_WEBHOOK_TABLE: webhookTable.tableName,
        PAYHOOK_REJECTED_TABLE: rejectedTable.tableName,
        PAYHOOK_WORK_QUEUE_URL: workQueue.queueUrl,
        PAYHOOK_AUDIT_QUEUE_URL: auditQueue.queueUrl,
        PAYHOOK_DATA_KEY_ARN: common.key.keyArn,
      },
      permissions: [
        // A transaction of two puts asks for PutItem as well. It never reads: a conditional put returns what is there.
        allow(['dynamodb:PutItem'], [webhookTable.tableArn, rejectedTable.tableArn]),
        allow(['sqs:SendMessage'], [workQueue.queueArn, auditQueue.queueArn]),
        allow(
          ['secretsmanager:GetSecretValue'],
          props.secrets.map(({ secretArn }) => secretArn),
        ),
        // Several in one call, of those that it may read one by one: the call itself knows no resources.
        allow(['secretsmanager:BatchGetSecretValue'], ['*']),
      ],
    });
    this.function = receiver.function;
    this.alias = receiver.alias;
  }
}
