/** Every queue of the stack: encrypted, TLS only, with a stated retention. */
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { type DeadLetterQueue, Queue, QueueEncryption, type QueueProps } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';

/** The longest that SQS keeps a message: two weeks to look at what failed. */
const DEAD_LETTER_RETENTION = Duration.days(14);
/** SQS counts the age of a message from its first queue on, so a source keeps it for less than its dead-letter queue. */
const WORK_RETENTION = Duration.days(4);

interface QueueInput {
  readonly name: string;
  readonly key: IKey;
}

export interface WorkQueueInput extends QueueInput {
  /** At least six times the time-out of the function that reads it, as AWS asks. */
  readonly visibilityTimeout: Duration;
  readonly deadLetterQueue: DeadLetterQueue;
}

const createQueue = (scope: Construct, id: string, { name, key }: QueueInput, options: QueueProps): Queue =>
  new Queue(scope, id, {
    queueName: name,
    encryption: QueueEncryption.KMS,
    encryptionMasterKey: key,
    enforceSSL: true,
    // Nothing in a queue is the only copy of a webhook or of an audit entry that was acknowledged.
    removalPolicy: RemovalPolicy.DESTROY,
    ...options,
  });

export const createDeadLetterQueue = (scope: Construct, id: string, input: QueueInput): Queue =>
  createQueue(scope, id, input, { retentionPeriod: DEAD_LETTER_RETENTION });

/** An entry waits as long as its destination is given (`giveUpAfterHours`, thirteen days at the most), and a little longer. */
export const createDestinationQueue = (scope: Construct, id: string, input: WorkQueueInput): Queue =>
  createQueue(scope, id, input, {
    retentionPeriod: DEAD_LETTER_RETENTION,
    visibilityTimeout: input.visibilityTimeout,
    deadLetterQueue: input.deadLetterQueue,
    receiveMessageWaitTime: Duration.seconds(20),
  });

export const createWorkQueue = (scope: Construct, id: string, input: WorkQueueInput): Queue =>
  createQueue(scope, id, input, {
    retentionPeriod: WORK_RETENTION,
    visibilityTimeout: input.visibilityTimeout,
    deadLetterQueue: input.deadLetterQueue,
    receiveMessageWaitTime: Duration.seconds(20),
  });
