/**
 * Stage 4: where payment events go on to. A queue for each destination, so that one that is down holds back no other, and
 * `destination-sender`, which takes events from them.
 */
import { Duration } from 'aws-cdk-lib';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import type { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { type NamedDestination, secretNameOf } from '../../src/config/destinations-of.ts';
import { SENDER_BATCH_SIZE, senderExecutionsOf } from '../../src/config/sender-executions.ts';
import { type FunctionCommon, type LiveAlias, PayhookFunction } from '../ground/payhook-function.ts';
import { allow, allowConsume } from '../ground/permissions.ts';
import { createSecretList } from '../ground/provider-secrets.ts';
import { QueueWithDeadLetters } from '../ground/queue.ts';
import type { StackCommon } from '../ground/stack-common.ts';
import { PaymentBus } from './payment-bus.ts';

/**
 * It waits for others most of its time, and pays for the wait by the megabyte; ten webhooks are opened and mapped at once
 * all the same, and the largest are a megabyte each, which is some tens of megabytes while it is read.
 */
const MEMORY_MB = 512;

/** What is under way after four of them is cut off (`send-batch.ts`), and can still be written down. */
const TIMEOUT = Duration.minutes(5);

/** Six time-outs, as AWS asks. A retry does not wait for it: it is a message of its own. */
const VISIBILITY_TIMEOUT = Duration.minutes(30);

/** An entry waits as long as its destination is given (`giveUpAfterHours`, thirteen days at most), and a little longer. */
const RETENTION = Duration.days(14);

/**
 * The backstop: events are given up by their age, in code, and a rest begins the count anew. Half an hour apart these are
 * longer than the longest that an entry may be given, and shorter than the queue keeps it.
 */
const RECEIVES_MAX = 650;

export interface DestinationQueuesProps extends StackCommon {
  readonly destinations: readonly NamedDestination[];
}

/** What was given up, of all destinations, lies in one dead-letter queue. */
export class DestinationQueues extends QueueWithDeadLetters {
  /** By the name of the destination, in the order of the configuration. */
  readonly queues: ReadonlyMap<string, Queue>;

  constructor(scope: Construct, id: string, { names, key, destinations }: DestinationQueuesProps) {
    super(scope, id, {
      key,
      deadLetterName: names.destinationDeadLetterQueue,
      visibilityTimeout: VISIBILITY_TIMEOUT,
      receivesMax: RECEIVES_MAX,
      retentionPeriod: RETENTION,
    });
    this.queues = new Map(
      destinations.map(({ name }) => [name, this.addQueue(`Queue-${name}`, names.destinationQueue(name))]),
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
  /** Those that the queues were made for. */
  readonly destinations: readonly NamedDestination[];
  readonly queues: DestinationQueues;
  /** The queues as JSON. */
  readonly queueUrls: string;
  readonly webhookTable: Table;
  readonly paymentTable: Table;
}

export class Destinations extends Construct {
  readonly function: LambdaFunction;
  readonly alias: LiveAlias;

  constructor(scope: Construct, id: string, props: DestinationsProps) {
    super(scope, id);
    const { common, queues, webhookTable, paymentTable } = props;
    const sender = new PayhookFunction(this, 'Sender', {
      common,
      role: 'sender',
      purpose: 'destination-sender',
      description: 'Payhook: sends payment events on to destinations, with retries',
      memoryMb: MEMORY_MB,
      timeout: TIMEOUT,
      sendsToItself: true,
      environment: {
        PAYHOOK_WEBHOOK_TABLE: webhookTable.tableName,
        PAYHOOK_PAYMENT_TABLE: paymentTable.tableName,
        PAYHOOK_DESTINATION_QUEUE_URLS: props.queueUrls,
        PAYHOOK_DESTINATION_DEAD_LETTER_QUEUE_URL: queues.deadLetterQueue.queueUrl,
        PAYHOOK_DATA_KEY_ARN: common.key.keyArn,
      },
      permissions: [
        allow(['dynamodb:GetItem'], [webhookTable.tableArn]),
        allow(['dynamodb:UpdateItem'], [paymentTable.tableArn]),
        ...this.permissionsOfKinds(props),
      ],
      permissionsApart: [
        allowConsume(...queues.queues.values()),
        // To the queues themselves: an entry that rests is sent again.
        allow(['sqs:SendMessage'], [queues.deadLetterQueue.queueArn, ...queues.arns()]),
      ],
    });
    this.function = sender.function;
    this.alias = sender.alias;
    for (const destination of props.destinations) this.readQueue(queues, destination);
  }

  private readQueue({ queues }: DestinationQueues, destination: NamedDestination): void {
    const queue = queues.get(destination.name);
    if (queue === undefined) throw new TypeError(`destination ${destination.name} has a queue`);
    this.alias.addEventSource(
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

  private addSecrets({ common: { names, key }, destinations }: DestinationsProps): readonly Secret[] {
    const secrets = new Construct(this, 'Secrets');
    return destinations
      .filter(({ kind }) => kind === 'http')
      .map(({ name }) =>
        createSecretList(secrets, name, {
          name: names.secret(secretNameOf(name)),
          description: `Payhook: what events for destination ${name} are signed with; several during rotation`,
          key,
        }),
      );
  }

  private addBus({ common, destinations }: DestinationsProps): PaymentBus | undefined {
    const configured = destinations.find((destination) => destination.kind === 'eventbridge');
    if (configured === undefined) return undefined;
    return new PaymentBus(this, 'PaymentBus', { common, archiveDays: configured.archiveDays });
  }
}
