/** Every queue of the stack: encrypted, TLS only, with a stated retention. */
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Queue, QueueEncryption, type QueueProps } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';

/** The longest that SQS keeps a message: two weeks to look at what failed. */
const DEAD_LETTER_RETENTION = Duration.days(14);
/** SQS counts the age of a message from its first queue on, so a source keeps it for less than its dead-letter queue. */
const WORK_RETENTION = Duration.days(4);

const createQueue = (scope: Construct, id: string, key: IKey, props: QueueProps): Queue =>
  new Queue(scope, id, {
    encryption: QueueEncryption.KMS,
    encryptionMasterKey: key,
    enforceSSL: true,
    // Nothing in a queue is the only copy of a webhook or of an audit entry that was acknowledged.
    removalPolicy: RemovalPolicy.DESTROY,
    ...props,
  });

export const createDeadLetterQueue = (
  scope: Construct,
  id: string,
  { name, key }: { readonly name: string; readonly key: IKey },
): Queue => createQueue(scope, id, key, { queueName: name, retentionPeriod: DEAD_LETTER_RETENTION });

export interface QueueWithDeadLettersProps {
  readonly key: IKey;
  readonly deadLetterName: string;
  /** At least six times the time-out of the function that reads from the queues, as AWS asks. */
  readonly visibilityTimeout: Duration;
  /** Receives before a message goes to the dead letters, throttled ones included. */
  readonly receivesMax: number;
  /** How long a message waits for its turn. @default 4 days, which leaves it 10 among the dead letters */
  readonly retentionPeriod?: Duration;
}

/**
 * The queues that one function reads, with the dead letters of all of them. They stand apart from the function, because
 * another one needs to know where to send.
 */
export class QueueWithDeadLetters extends Construct {
  readonly deadLetterQueue: Queue;
  private readonly props: QueueWithDeadLettersProps;

  constructor(scope: Construct, id: string, props: QueueWithDeadLettersProps) {
    super(scope, id);
    this.props = props;
    this.deadLetterQueue = createDeadLetterQueue(this, 'DeadLetters', { name: props.deadLetterName, key: props.key });
  }

  protected addQueue(id: string, name: string): Queue {
    const { key, visibilityTimeout, receivesMax, retentionPeriod = WORK_RETENTION } = this.props;
    return createQueue(this, id, key, {
      queueName: name,
      retentionPeriod,
      visibilityTimeout,
      deadLetterQueue: { queue: this.deadLetterQueue, maxReceiveCount: receivesMax },
      receiveMessageWaitTime: Duration.seconds(20),
    });
  }
}
