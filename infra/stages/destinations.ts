/**
 * Stage 4: where payment events go on to. A queue for each destination, so that one that is down holds back no other, and
 * `destination-sender`, which takes events from them.
 */
import { Duration } from 'aws-cdk-lib';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { Key } from 'aws-cdk-lib/aws-kms';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import type { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { type NamedDestination, secretNameOf } from '../../src/config/destinations-of.ts';
import { DESTINATION_RECEIVES_MAX, SENDER_BATCH_SIZE, senderExecutionsOf } from '../../src/config/sender-executions.ts';
import { type FunctionCommon, PayhookFunction } from '../ground/payhook-function.ts';
import { allow } from '../ground/permissions.ts';
import { createSigningSecrets } from '../ground/provider-secrets.ts';
import { createDeadLetterQueue, createDestinationQueue } from '../ground/queue.ts';
import type { StackNames } from '../ground/stack-names.ts';
import { PaymentBus } from './payment-bus.ts';

/**
 * It waits for others most of its time, and pays for the wait by the megabyte; ten webhooks are opened and mapped at once
 * all the same, and the largest are a megabyte each, which is some tens of megabytes while it is read.
 */
const MEMORY_MB = 512;

/** What is under way after four of them is cut off (`send-batch.ts`), and can still be written down. */
const TIMEOUT = Duration.minutes(5);

/** Six time-outs, as AWS asks. A retry does not wait for it: the sender sets when each message comes back. */
const VISIBILITY_TIMEOUT = Duration.minutes(30);

export interface DestinationQueuesProps {
  readonly names: StackNames;
  readonly key: Key;
  readonly destinations: readonly NamedDestination[];
}

/** The queues stand apart from the function, because the processor needs to know where to send. */
export class DestinationQueues extends Construct {
  /** By the name of the destination, in the order of the configuration. */
  readonly queues: ReadonlyMap<string, Queue>;
  /** What was given up, of all destinations. */
  readonly deadLetterQueue: Queue;

  constructor(scope: Construct, id: string, { names, key, destinations }: DestinationQueuesProps) {
    super(scope, id);
    this.deadLetterQueue = createDeadLetterQueue(this, 'DeadLetters', { name: names.destinationDeadLetterQueue, key });
    this.queues = new Map(
      destinations.map(({ name }) => [
        name,
        createDestinationQueue(this, `Queue-${name}`, {
          name: names.destinationQueue(name),
          key,
          visibilityTimeout: VISIBILITY_TIMEOUT,
          // The backstop: events are given up by their age, in code.
          deadLetterQueue: { queue: this.deadLetterQueue, maxReceiveCount: DESTINATION_RECEIVES_MAX },
        }),
      ]),
    );
  }

  /** As functions are told of them. */
  urls(): Readonly<Record<string, string>> {
    return Object.fromEntries([...this.queues].map(([name, { queueUrl }]) => [name, queueUrl]));
  }

  arns(): readonly string[] {
    return [...this.queues.values()].map(({ queueArn }) => queueArn);
  }
}

export interface DestinationsProps {
  readonly common: FunctionCommon;
  readonly key: Key;
  readonly environmentSuffix: string;
  /** Folder with the built function. */
  readonly assetDirectory: string;
  /** Caps the function. @default no cap of its own */
  readonly reservedConcurrency?: number | undefined;
  /** Those that the queues were made for. */
  readonly destinations: readonly NamedDestination[];
  readonly queues: DestinationQueues;
  /** The queues as JSON. */
  readonly queueUrls: string;
  readonly webhookTable: Table;
  readonly paymentTable: Table;
  readonly alertTopic: ITopic;
}

export class Destinations extends Construct {
  readonly function: LambdaFunction;

  constructor(scope: Construct, id: string, props: DestinationsProps) {
    super(scope, id);
    const { common, queues, webhookTable, paymentTable, alertTopic } = props;
    this.function = new PayhookFunction<'sender'>(this, 'Sender', {
      common,
      functionName: common.names.sender,
      purpose: 'destination-sender',
      description: 'Payhook: sends payment events on to destinations, with retries',
      assetDirectory: props.assetDirectory,
      memoryMb: MEMORY_MB,
      timeout: TIMEOUT,
      reservedConcurrency: props.reservedConcurrency,
      environment: {
        PAYHOOK_ENVIRONMENT_SUFFIX: props.environmentSuffix,
        PAYHOOK_WEBHOOK_TABLE: webhookTable.tableName,
        PAYHOOK_PAYMENT_TABLE: paymentTable.tableName,
        PAYHOOK_DESTINATION_QUEUE_URLS: props.queueUrls,
        PAYHOOK_DESTINATION_DEAD_LETTER_QUEUE_URL: queues.deadLetterQueue.queueUrl,
        PAYHOOK_DATA_KEY_ARN: common.key.keyArn,
        PAYHOOK_ALERT_TOPIC_ARN: alertTopic.topicArn,
      },
      permissions: [
        allow(['dynamodb:GetItem'], [webhookTable.tableArn]),
        allow(['dynamodb:UpdateItem'], [paymentTable.tableArn]),
        allow(
          ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility', 'sqs:GetQueueAttributes'],
          queues.arns(),
        ),
        allow(['sqs:SendMessage'], [queues.deadLetterQueue.queueArn]),
        ...this.permissionsOfKinds(props),
        allow(['sns:Publish'], [alertTopic.topicArn]),
      ],
    }).function;
    for (const destination of props.destinations) this.readQueue(queues, destination);
  }

  private readQueue({ queues }: DestinationQueues, destination: NamedDestination): void {
    const queue = queues.get(destination.name);
    if (queue === undefined) throw new TypeError(`destination ${destination.name} has a queue`);
    this.function.addEventSource(
      new SqsEventSource(queue, {
        batchSize: SENDER_BATCH_SIZE,
        reportBatchItemFailures: true,
        maxConcurrency: senderExecutionsOf(destination),
      }),
    );
  }

  private permissionsOfKinds(props: DestinationsProps) {
    const secrets = this.addSecrets(props);
    const bus = this.addBus(props);
    const arns = secrets.map(({ secretArn }) => secretArn);
    return [
      ...(arns.length === 0 ? [] : [allow(['secretsmanager:GetSecretValue'], arns)]),
      ...(bus === undefined ? [] : [allow(['events:PutEvents'], [bus.bus.eventBusArn])]),
    ];
  }

  private addSecrets({ common, key, destinations }: DestinationsProps): readonly Secret[] {
    const secrets = new Construct(this, 'Secrets');
    return destinations
      .filter(({ kind }) => kind === 'http')
      .map(({ name }) =>
        createSigningSecrets(secrets, name, {
          name: common.names.secret(secretNameOf(name)),
          description: `Payhook: what events for destination ${name} are signed with; several during rotation`,
          key,
        }),
      );
  }

  private addBus({ common, key, destinations }: DestinationsProps): PaymentBus | undefined {
    const configured = destinations.find((destination) => destination.kind === 'eventbridge');
    if (configured === undefined) return undefined;
    return new PaymentBus(this, 'PaymentBus', {
      names: common.names,
      key,
      archiveDays: configured.archiveDays,
      failureQueue: common.failureQueue,
    });
  }
}
