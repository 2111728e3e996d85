/** What somebody may do who looks at webhooks and puts them back, and nothing that shows a payload. */
import { Stack } from 'aws-cdk-lib';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import { type IGrantable, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { allow } from './permissions.ts';

export interface ReplayedFrom {
  readonly key: IKey;
  readonly webhookTable: Table;
  readonly auditTable: Table;
  readonly paymentTable: Table;
  readonly jobTable: Table;
  readonly workQueue: IQueue;
  readonly deadLetterQueue: IQueue;
}

export const grantReplay = (grantee: IGrantable, from: ReplayedFrom): void => {
  const { key, webhookTable, auditTable, paymentTable, jobTable, workQueue, deadLetterQueue } = from;
  const tables = [webhookTable, paymentTable, auditTable, jobTable].map(({ tableArn }) => tableArn);
  const { region } = Stack.of(key);
  const statements = [
    allow(
      ['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:BatchGetItem'],
      tables.flatMap((arn) => [arn, `${arn}/index/*`]),
    ),
    allow(['dynamodb:UpdateItem'], [webhookTable.tableArn]),
    // Operators are audited.
    allow(['dynamodb:PutItem'], [auditTable.tableArn, jobTable.tableArn]),
    allow(['sqs:GetQueueUrl', 'sqs:SendMessage'], [workQueue.queueArn]),
    allow(
      [
        'sqs:GetQueueUrl',
        'sqs:ReceiveMessage',
        'sqs:DeleteMessage',
        'sqs:ChangeMessageVisibility',
        'sqs:GetQueueAttributes',
      ],
      [deadLetterQueue.queueArn],
    ),
    new PolicyStatement({
      actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
      resources: [key.keyArn],
      // Not by itself, which would open payloads.
      conditions: {
        StringEquals: { 'kms:ViaService': ['dynamodb', 'sqs'].map((service) => `${service}.${region}.amazonaws.com`) },
      },
    }),
  ];
  for (const statement of statements) grantee.grantPrincipal.addToPrincipalPolicy(statement);
};
