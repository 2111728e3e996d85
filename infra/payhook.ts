/** The whole AWS home as one construct: the stages in the order in which a webhook passes them, and what they stand on. */
import { Stack, Token } from 'aws-cdk-lib';
import type { Alarm, IMetric, MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import type { IGrantable } from 'aws-cdk-lib/aws-iam';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { GradualUpdates, type UpdatedFunction, updateInWaves } from './deploy/gradual-updates.ts';
import { prepareNow } from './deploy/prepare-now.ts';
import { acknowledgeFindings } from './ground/acknowledgements.ts';
import { BucketCleaner } from './ground/bucket-cleaner.ts';
import { grantReplay } from './ground/grant-replay.ts';
import { addGround, type Ground } from './ground/ground.ts';
import { retentionOf } from './ground/retention.ts';
import { stackNames } from './ground/stack-names.ts';
import type { PayhookProps, PreparedPayhook } from './payhook-props.ts';
import { addStages, type Stages } from './stages/stages.ts';
import { addWatch } from './watch/watch.ts';

/**
 * Payhook in a stack of yours, in the region of `aws.region`. Builds the functions with your handlers when it is made; throws one report of
 * everything that is wrong with suffix, region, configuration and handlers. Its names are its own, by the suffix.
 */
export class Payhook extends Construct {
  /** Providers call this address, followed by / and their name. */
  readonly webhookUrl: string;
  /** Where `aws.domain` has to lead; undefined without one. */
  readonly domainTarget: string | undefined;
  readonly alarms: readonly Alarm[];
  /** All alarms publish here. */
  readonly alertTopic: ITopic;
  private readonly environmentSuffix: string;
  private readonly ground: Ground;
  private readonly stages: Stages;

  constructor(scope: Construct, id: string, props: PayhookProps | PreparedPayhook) {
    super(scope, id);
    const prepared = 'assets' in props ? props : prepareNow(props);
    refuseOtherRegion(this, prepared.config.aws.region);
    const retention = retentionOf(prepared.config.aws.retention, prepared.isFirstDeployment);
    this.environmentSuffix = prepared.environmentSuffix;
    this.ground = addGround(this, prepared, stackNames(prepared.environmentSuffix), retention);
    this.stages = addStages(this, this.ground);
    this.webhookUrl = this.stages.edge.webhookUrl;
    this.domainTarget = this.stages.edge.domainTarget;
    this.alarms = addWatch(this, this.ground, this.stages);
    addUpdates(this, this.ground, this.stages);
    this.alertTopic = this.ground.alertTopic.topic;
    if (!retention.isRegulated) new BucketCleaner(this, 'BucketCleaner', this.ground.common);
  }

  /** What `webhooks list|show|replay`, `dead-letters` and `audit show` need, and nothing that shows a payload. */
  grantReplay(grantee: IGrantable): void {
    grantReplay(grantee, { key: this.ground.common.key, ...this.stages, ...this.stages.queues });
  }

  /** How many webhooks were given up on and wait for a person. */
  metricDeadLetters(options?: MetricOptions): IMetric {
    return this.stages.queues.deadLetterQueue.metricApproximateNumberOfMessagesVisible(options);
  }

  /** Answers the findings of cdk-nag that are meant to be as they are, each with its reason. */
  acknowledgeFindings(): void {
    acknowledgeFindings(this, this.environmentSuffix);
  }
}

const refuseOtherRegion = (scope: Construct, wanted: string): void => {
  const { region } = Stack.of(scope);
  if (Token.isUnresolved(region) || region === wanted) return;
  throw new Error(`aws.region is ${wanted}, and the stack is in ${region}: give both the same`);
};

const addUpdates = (scope: Construct, { config, common }: Ground, stages: Stages): void => {
  const { names, retention } = common;
  const receiver: UpdatedFunction = {
    purpose: 'webhook-receiver',
    ...stages.receive,
    // Not signatures that do not verify: whoever sends forged ones could stop every update.
    alarmNames: [names.alarm('deliveries-unavailable')],
  };
  const processor: UpdatedFunction = {
    purpose: 'payment-processor',
    ...stages.process,
    alarmNames: [names.alarm('dead-letters-more')],
  };
  const auditLogger: UpdatedFunction = { purpose: 'audit-logger', ...stages.audit };
  const { sender, reconciler } = stages;
  const readers = [auditLogger, ...(sender === undefined ? [] : [{ purpose: 'destination-sender', ...sender }])];
  // It writes as the receiver does.
  const writers = [receiver, ...(reconciler === undefined ? [] : [{ purpose: 'reconciler', ...reconciler }])];
  updateInWaves([readers, [processor], writers]);
  const { updates = retention.isRegulated ? 'canary' : 'all-at-once' } = config.aws;
  if (updates === 'canary')
    new GradualUpdates(scope, 'Updates', { names, functions: [...writers, processor, ...readers] });
};
