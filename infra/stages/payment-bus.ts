/** The bus of a destination of kind `eventbridge`: teams put their own rules on it. */
import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { CfnArchive, EventBus } from 'aws-cdk-lib/aws-events';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Key } from 'aws-cdk-lib/aws-kms';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { StackNames } from '../ground/stack-names.ts';

export interface PaymentBusProps {
  readonly names: StackNames;
  readonly key: Key;
  /** @default no archive */
  readonly archiveDays: number | undefined;
  /** Gets events that EventBridge cannot encrypt or decrypt: AWS advises one for every bus under a key. */
  readonly failureQueue: IQueue;
}

export class PaymentBus extends Construct {
  readonly bus: EventBus;

  constructor(scope: Construct, id: string, { names, key, archiveDays, failureQueue }: PaymentBusProps) {
    super(scope, id);
    this.bus = new EventBus(this, 'Bus', {
      eventBusName: names.paymentBus,
      description: 'Payhook: payment events',
      kmsKey: key,
      deadLetterQueue: failureQueue,
    });
    // What CDK allows is bound to the encryption context, and the question whether the key is fit has none.
    key.addToResourcePolicy(
      new PolicyStatement({
        sid: 'PaymentBusLooksAtKey',
        principals: [new ServicePrincipal('events.amazonaws.com')],
        actions: ['kms:DescribeKey'],
        resources: ['*'],
      }),
    );
    this.bus.applyRemovalPolicy(RemovalPolicy.DESTROY);
    const { region, account } = Stack.of(this);
    // Written out: the ARN of the bus would make the key wait for the bus and the bus for the key.
    const busArn = `arn:aws:events:${region}:${account}:event-bus/${names.paymentBus}`;
    failureQueue.addToResourcePolicy(
      new PolicyStatement({
        sid: 'PaymentBusSetsAside',
        principals: [new ServicePrincipal('events.amazonaws.com')],
        actions: ['sqs:SendMessage'],
        resources: [failureQueue.queueArn],
        conditions: { ArnEquals: { 'aws:SourceArn': busArn } },
      }),
    );
    if (archiveDays === undefined) return;
    // https://docs.aws.amazon.com/eventbridge/latest/userguide/encryption-archives.html
    key.addToResourcePolicy(
      new PolicyStatement({
        sid: 'PaymentEventArchive',
        principals: [new ServicePrincipal('events.amazonaws.com')],
        actions: ['kms:Decrypt', 'kms:GenerateDataKey', 'kms:ReEncrypt*'],
        resources: ['*'],
        conditions: { StringEquals: { 'kms:EncryptionContext:aws:events:event-bus:arn': busArn } },
      }),
    );
    new CfnArchive(this, 'Archive', {
      sourceArn: this.bus.eventBusArn,
      archiveName: names.paymentArchive,
      description: 'Payhook: payment events, for replays of EventBridge',
      retentionDays: archiveDays,
      kmsKeyIdentifier: key.keyArn,
    });
  }
}
