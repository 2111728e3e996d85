/** `reconciler`: asks providers by the clock for what no delivery brought. Not there where no provider's API lists events. */
import { Duration } from 'aws-cdk-lib';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { LIMITS } from '../../src/core/limits.ts';
import { byTheClock, type FunctionCommon, type LiveAlias, PayhookFunction } from '../ground/payhook-function.ts';
import { allow } from '../ground/permissions.ts';
import { createSecretList } from '../ground/provider-secrets.ts';

/** A page of a hundred events and what it is compared with; it mostly waits for the provider. */
const MEMORY_MB = 512;

/** Shorter than the time between two rounds, so that one execution is enough. A round that is cut short is gone on with. */
const TIMEOUT = Duration.minutes(5);

export interface ReconcileProps {
  readonly common: FunctionCommon;
  /** Those whose API lists events. */
  readonly providerNames: readonly string[];
  readonly webhookTable: Table;
  readonly workQueue: IQueue;
}

export class Reconcile extends Construct {
  readonly function: LambdaFunction;
  readonly alias: LiveAlias;
  /** What the API of each provider is asked with, by its name. */
  readonly credentials: ReadonlyMap<string, Secret>;

  constructor(scope: Construct, id: string, { common, providerNames, webhookTable, workQueue }: ReconcileProps) {
    super(scope, id);
    const { names, key } = common;
    const credentials = new Construct(this, 'Credentials');
    const secrets = providerNames.map((name) =>
      createSecretList(credentials, name, {
        name: names.apiCredentials(name),
        description: `Payhook: what the API of ${name} is asked with, one of each mode`,
        key,
      }),
    );
    this.credentials = new Map(providerNames.map((name, index) => [name, secrets[index] as Secret]));
    const reconciler = new PayhookFunction(this, 'Reconciler', {
      common,
      role: 'reconciler',
      purpose: 'reconciler',
      description: 'Payhook: asks providers for what no delivery brought',
      memoryMb: MEMORY_MB,
      timeout: TIMEOUT,
      environment: {
        PAYHOOK_WEBHOOK_TABLE: webhookTable.tableName,
        PAYHOOK_WORK_QUEUE_URL: workQueue.queueUrl,
        PAYHOOK_DATA_KEY_ARN: key.keyArn,
      },
      permissions: [
        // It finds, inserts and opens webhooks, and keeps how far it came; it changes and removes none.
        allow(['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query'], [webhookTable.tableArn]),
        allow(['sqs:SendMessage'], [workQueue.queueArn]),
        allow(
          ['secretsmanager:GetSecretValue'],
          secrets.map(({ secretArn }) => secretArn),
        ),
      ],
    });
    this.function = reconciler.function;
    this.alias = reconciler.alias;
    new Rule(this, 'Rounds', {
      ruleName: names.rule('reconcile'),
      description: 'Compares what providers list with what was delivered',
      schedule: Schedule.rate(Duration.millis(LIMITS.reconcileEveryMs)),
    }).addTarget(byTheClock(this.alias, common));
  }
}
