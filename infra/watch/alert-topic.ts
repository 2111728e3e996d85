/** The topic for critical alerts: alarms, the functions and AWS events publish to it, people subscribe. */
import { Stack } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Topic, TracingConfig } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { CfnResourcePolicy } from 'aws-cdk-lib/aws-xray';
import { Construct } from 'constructs';
import { allowAlarms } from '../ground/permissions.ts';
import { createDeadLetterQueue } from '../ground/queue.ts';
import type { StackNames } from '../ground/stack-names.ts';

export interface AlertTopicProps {
  readonly names: StackNames;
  /** Not that of the data; its policy must let CloudWatch alarms use it: see `keys.ts`. */
  readonly key: IKey;
  /** Each has to confirm once. @default nobody */
  readonly emails?: readonly string[];
  /** An account has five of the policies that this takes. @default true */
  readonly isTraced?: boolean;
}

export class AlertTopic extends Construct {
  readonly topic: Topic;
  /** Alerts that SNS could not hand to a subscriber. */
  readonly deadLetterQueue: Queue;

  constructor(scope: Construct, id: string, { names, key, emails = [], isTraced = true }: AlertTopicProps) {
    super(scope, id);
    this.topic = new Topic(this, 'Topic', {
      topicName: names.alertTopic,
      displayName: 'Payhook critical alerts',
      masterKey: key,
      enforceSSL: true,
      tracingConfig: isTraced ? TracingConfig.ACTIVE : TracingConfig.PASS_THROUGH,
    });
    this.deadLetterQueue = createDeadLetterQueue(this, 'DeadLetters', { name: names.alertDeadLetterQueue, key });
    for (const email of emails) {
      this.topic.addSubscription(new EmailSubscription(email, { deadLetterQueue: this.deadLetterQueue }));
    }
    // Asking for TLS replaced SNS's own policy by one that only forbids: without this no alarm comes through.
    const resources = [this.topic.topicArn];
    allowAlarms(this.topic, { sid: 'AlarmsMayPublish', actions: ['sns:Publish'], resources });
    if (isTraced) this.allowTraces(names);
  }

  /** X-Ray takes segments of SNS only where a policy of its own says so; the console adds one, CloudFormation does not. */
  private allowTraces(names: StackNames): void {
    const stack = Stack.of(this);
    new CfnResourcePolicy(this, 'Traces', {
      policyName: names.policy('alert-traces'),
      policyDocument: stack.toJsonString({
        Version: '2012-10-17',
        Statement: [
          {
            Sid: 'TopicMaySendTraces',
            Effect: 'Allow',
            Principal: { Service: 'sns.amazonaws.com' },
            Action: ['xray:PutTraceSegments', 'xray:GetSamplingRules', 'xray:GetSamplingTargets'],
            Resource: '*',
            Condition: {
              StringEquals: { 'aws:SourceAccount': stack.account },
              StringLike: { 'aws:SourceArn': this.topic.topicArn },
            },
          },
        ],
      }),
    });
  }
}
