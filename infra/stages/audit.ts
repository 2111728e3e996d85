/**
 * Stage 3: the audit trail and `audit-logger`, which fills it from the table's change feed and from the queue of rejected
 * deliveries, and signs it once a minute.
 */
import { Duration } from 'aws-cdk-lib';
import { AttributeType, type Table } from 'aws-cdk-lib/aws-dynamodb';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import {
  EventSourceMapping,
  FilterCriteria,
  type Function as LambdaFunction,
  MetricType,
  StartingPosition,
} from 'aws-cdk-lib/aws-lambda';
import { S3OnFailureDestination, SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { STREAM_FAILURE_PREFIX } from '../../src/config/aws-names.ts';
import type { KnownProvider } from '../../src/providers/providers.ts';
import { byTheClock, type FunctionCommon, type LiveAlias, PayhookFunction } from '../ground/payhook-function.ts';
import { allow, allowConsume } from '../ground/permissions.ts';
import { QueueWithDeadLetters } from '../ground/queue.ts';
import type { StackCommon } from '../ground/stack-common.ts';
import { createTable } from '../ground/table.ts';
import { ANCHOR_PREFIX, Archive } from './archive.ts';
import type { Store } from './store.ts';

/**
 * A batch is a hundred hashes and one compression. Appending is a race for the end of the trail with the other shards:
 * the processor time that memory buys makes the race short, and costs nothing as long as the function then ends sooner.
 */
const MEMORY_MB = 512;

/** A batch takes well under a second; this leaves room for throttled calls and their retries. */
const TIMEOUT = Duration.seconds(60);

/** How long a batch of drafts is gathered. */
const DRAFTS_WINDOW = Duration.seconds(5);

/** Six time-outs and the time in which a batch is gathered, as AWS asks. */
const VISIBILITY_TIMEOUT = Duration.seconds(6 * TIMEOUT.toSeconds() + DRAFTS_WINDOW.toSeconds());

/** Receives before a delivery that was turned away and cannot be audited is set aside; throttles count too, so it is not small. */
const RECEIVES_MAX = 20;

/** The lowest that Lambda knows: rejections are not urgent, and each writer more makes the race for the trail longer. */
const DRAFTS_CONCURRENCY = 2;

/**
 * A record that fails is tried again this often, alone in the end; then it is kept in the bucket. No age ends it: that would
 * also count while the function cannot be called, and put everything there that the next minute could have audited. The
 * stream keeps a record for 24 hours.
 */
const RECORD_RETRIES = 10;

export class AuditQueues extends QueueWithDeadLetters {
  /** Audit drafts of deliveries that were refused: the change feed does not see them. */
  readonly drafts: Queue;

  constructor(scope: Construct, id: string, { names, key }: StackCommon) {
    super(scope, id, {
      key,
      deadLetterName: names.auditDeadLetterQueue,
      visibilityTimeout: VISIBILITY_TIMEOUT,
      receivesMax: RECEIVES_MAX,
    });
    this.drafts = this.addQueue('Drafts', names.auditQueue);
  }
}

export interface AuditProps {
  readonly common: FunctionCommon;
  readonly queues: AuditQueues;
  readonly store: Store;
  readonly digestKey: IKey;
  /** Changes of their webhooks are audited, whether they are configured or not. */
  readonly knownProviders: readonly KnownProvider[];
}

export class Audit extends Construct {
  readonly function: LambdaFunction;
  readonly alias: LiveAlias;
  readonly auditTable: Table;
  readonly archive: Archive;
  /** Names the change feed in Lambda's metrics. */
  readonly streamMappingId: string;
  /** Calls what has to be done by the clock. */
  readonly everyMinute: Rule;

  constructor(scope: Construct, id: string, props: AuditProps) {
    super(scope, id);
    const { common, queues } = props;
    this.auditTable = createTable(this, 'Trail', common, {
      tableName: common.names.auditTable,
      partitionKey: { name: 'part', type: AttributeType.STRING },
      sortKey: { name: 'number', type: AttributeType.NUMBER },
    });
    this.archive = new Archive(this, 'Archive', common);
    const logger = new PayhookFunction(this, 'Logger', {
      common,
      role: 'auditLogger',
      purpose: 'audit-logger',
      description: 'Payhook: writes and signs the audit trail',
      memoryMb: MEMORY_MB,
      timeout: TIMEOUT,
      environment: {
        PAYHOOK_AUDIT_TABLE: this.auditTable.tableName,
        PAYHOOK_DIGEST_KEY_ARN: props.digestKey.keyArn,
        PAYHOOK_ARCHIVE_BUCKET: this.archive.anchors.bucketName,
      },
      permissions: this.permissions(props),
    });
    this.function = logger.function;
    this.alias = logger.alias;

    this.streamMappingId = this.readChangeFeed(props);
    this.alias.addEventSource(
      new SqsEventSource(queues.drafts, {
        batchSize: 100,
        maxBatchingWindow: DRAFTS_WINDOW,
        maxConcurrency: DRAFTS_CONCURRENCY,
        reportBatchItemFailures: true,
      }),
    );
    this.everyMinute = new Rule(this, 'EveryMinute', {
      ruleName: common.names.rule('audit-digests'),
      description: 'Closes what was audited with a signed digest, and looks for webhooks that no longer move',
      schedule: Schedule.rate(Duration.minutes(1)),
    });
    this.everyMinute.addTarget(byTheClock(this.alias, common));
  }

  private permissions({ queues, store, digestKey }: AuditProps) {
    const { anchors, streamFailures } = this.archive;
    return [
      // Append-only: nothing here changes or removes an entry. What is learnt of silence is one item beside them.
      allow(['dynamodb:PutItem', 'dynamodb:Query'], [this.auditTable.tableArn]),
      allow(['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'], [store.webhookStreamArn]),
      // Lambda refuses the event source without it. It lists the streams of this one table.
      allow(['dynamodb:ListStreams'], [`${store.webhookTable.tableArn}/stream/*`]),
      allowConsume(queues.drafts),
      allow(['s3:PutObject', 's3:GetObject'], [anchors.arnForObjects(`${ANCHOR_PREFIX}*`)]),
      // Without it S3 answers "access denied" instead of "not there": the first anchor could not be told from trouble.
      allow(['s3:ListBucket'], [anchors.bucketArn, streamFailures.bucketArn]),
      allow(['s3:ListBucketVersions'], [anchors.bucketArn]),
      allow(['s3:PutObject'], [streamFailures.arnForObjects(`${STREAM_FAILURE_PREFIX}*`)]),
      allow(['kms:Sign', 'kms:GetPublicKey'], [digestKey.keyArn]),
    ];
  }

  private readChangeFeed({ store, knownProviders }: AuditProps): string {
    const changeFeed = new EventSourceMapping(this, 'ChangeFeed', {
      target: this.alias,
      eventSourceArn: store.webhookStreamArn,
      startingPosition: StartingPosition.TRIM_HORIZON,
      batchSize: 100,
      maxBatchingWindow: Duration.seconds(1),
      bisectBatchOnError: true,
      reportBatchItemFailures: true,
      retryAttempts: RECORD_RETRIES,
      // S3 keeps the whole record; a queue would get its number only, which is worth nothing after 24 hours.
      onFailure: new S3OnFailureDestination(this.archive.streamFailures),
      supportS3OnFailureDestination: true,
      filters: changesOfWebhooks(knownProviders),
      metricsConfig: { metrics: [MetricType.EVENT_COUNT] },
    });
    return changeFeed.eventSourceMappingId;
  }
}

/**
 * Everything but transmissions and new data keys, which are written once and belong to no webhook. A data key that is
 * changed or removed is seen: nothing of Payhook's does that. Lambda knows "begins with" but not its opposite, so
 * webhooks are named by how their ids begin; an item of any other kind is seen as soon as it has the attribute by which
 * webhooks are listed.
 */
const changesOfWebhooks = (known: readonly KnownProvider[]) => [
  FilterCriteria.filter({
    dynamodb: { Keys: { webhookId: { S: known.map(({ name }) => ({ prefix: `${name}:` })) } } },
  }),
  FilterCriteria.filter({ dynamodb: { NewImage: { listShard: { N: [{ exists: true }] } } } }),
  FilterCriteria.filter({
    eventName: ['MODIFY', 'REMOVE'],
    dynamodb: { Keys: { webhookId: { S: [{ prefix: 'data-key:' }] } } },
  }),
];
