/** The bus of a destination of kind `eventbridge`: teams put their own rules on it. */
import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { CfnArchive, EventBus } from 'aws-cdk-lib/aws-events';
import { Construct } from 'constructs';
import type { FunctionCommon } from '../ground/payhook-function.ts';
import { allowService } from '../ground/permissions.ts';

export interface PaymentBusProps {
  readonly common: FunctionCommon;
  /** @default no archive */
  readonly archiveDays: number | undefined;
}

const service = 'events.amazonaws.com';

export class PaymentBus extends Construct {
  readonly bus: EventBus;

  constructor(scope: Construct, id: string, { common, archiveDays }: PaymentBusProps) {
    super(scope, id);
    const { names, key, failureQueue } = common;
    this.bus = new EventBus(this, 'Bus', {
      eventBusName: names.paymentBus,
      description: 'Payhook: payment events',
      kmsKey: key,
      // Gets events that EventBridge cannot encrypt or decrypt: AWS advises one for every bus under a key.
      deadLetterQueue: failureQueue,
    });
    // What CDK allows is bound to the encryption context, and the question whether the key is fit has none.
    allowService(key, { sid: 'PaymentBusLooksAtKey', service, actions: ['kms:DescribeKey'] });
    this.bus.applyRemovalPolicy(RemovalPolicy.DESTROY);
    const { region, account } = Stack.of(this);
    // Written out: the ARN of the bus would make the key wait for the bus and the bus for the key.
    const busArn = `arn:aws:events:${region}:${account}:event-bus/${names.paymentBus}`;
    allowService(failureQueue, {
      sid: 'PaymentBusSetsAside',
      service,
      actions: ['sqs:SendMessage'],
      resources: [failureQueue.queueArn],
      conditions: { ArnEquals: { 'aws:SourceArn': busArn } },
    });
    if (archiveDays === undefined) return;
    // https://docs.aws.amazon.com/eventbridge/latest/userguide/encryption-archives.html
    allowService(key, {
      sid: 'PaymentEventArchive',
      service,
      actions: ['kms:Decrypt', 'kms:GenerateDataKey', 'kms:ReEncrypt*'],
      conditions: { StringEquals: { 'kms:EncryptionContext:aws:events:event-bus:arn': busArn } },
    });
    new CfnArchive(this, 'Archive', {
      sourceArn: this.bus.eventBusArn,
      archiveName: names.paymentArchive,
      description: 'Payhook: payment events, for replays of EventBridge',
      retentionDays: archiveDays,
      kmsKeyIdentifier: key.keyArn,
    });
  }
}
