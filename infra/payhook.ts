/** The whole AWS home as one construct: the stages in the order in which a webhook passes them, and what they stand on. */
import { Stack, Token } from 'aws-cdk-lib';
import type { Alarm, IMetric, MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import type { IGrantable } from 'aws-cdk-lib/aws-iam';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { ATTENTION_INDEX, RECEIVED_INDEX, STORED_INDEX } from '../src/config/aws-names.ts';
import { destinationsOf } from '../src/config/destinations-of.ts';
import { type KnownProvider, PROVIDERS } from '../src/providers/providers.ts';
import { GradualUpdates, type UpdatedFunction, updateInWaves } from './deploy/gradual-updates.ts';
import { prepareNow } from './deploy/prepare-now.ts';
import { ProtectionChanges } from './deploy/protection-changes.ts';
import { acknowledgeFindings } from './ground/acknowledgements.ts';
import { BucketCleaner } from './ground/bucket-cleaner.ts';
import { grantReplay } from './ground/grant-replay.ts';
import { Keys } from './ground/keys.ts';
import { createSharedLayer, type FunctionCommon } from './ground/payhook-function.ts';
import { ProviderSecrets } from './ground/provider-secrets.ts';
import { createDeadLetterQueue } from './ground/queue.ts';
import { type Retention, retentionOf } from './ground/retention.ts';
import { type StackNames, stackNames } from './ground/stack-names.ts';
import type { PayhookProps, PreparedPayhook } from './payhook-props.ts';
import type { PeakPlan } from './peak/plan-peak.ts';
import { WarmReceivers } from './peak/warm-receivers.ts';
import { Audit, AuditQueues } from './stages/audit.ts';
import { DestinationQueues, Destinations } from './stages/destinations.ts';
import { Edge } from './stages/edge.ts';
import { Firewall } from './stages/firewall.ts';
import { Payments } from './stages/payments.ts';
import { Process, ProcessQueues } from './stages/process.ts';
import { Receive } from './stages/receive.ts';
import { Store } from './stages/store.ts';
import { AlertTopic } from './watch/alert-topic.ts';
import { Alerts } from './watch/alerts.ts';
import { Budget } from './watch/budget.ts';
import { Dashboard } from './watch/dashboard.ts';
import { createTraceSampling } from './watch/tracing.ts';

/** What the constructs are made from, and what stands below all stages. */
interface Ground {
  readonly config: PreparedPayhook['config'];
  readonly knownProviders: readonly KnownProvider[];
  /** Of those that are configured. */
  readonly providerNames: readonly string[];
  readonly keys: Keys;
  readonly alertTopic: AlertTopic;
  readonly common: FunctionCommon;
  readonly peak: PeakPlan | undefined;
}

type Stages = ReturnType<typeof addStages>;

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

const addGround = (
  scope: Construct,
  { config, assets, peak, knownProviders = PROVIDERS }: PreparedPayhook,
  names: StackNames,
  retention: Retention,
): Ground => {
  const keys = new Keys(scope, 'Keys', { names, retention });
  const key = keys.data;
  const alertKey = keys.alerts;
  const alertTopic = new AlertTopic(scope, 'AlertTopic', {
    names,
    key: alertKey,
    emails: config.aws.alarmEmails,
    isTraced: config.aws.areAlertsTraced,
  });
  const failureQueue = createDeadLetterQueue(scope, 'InvocationFailures', { name: names.failureQueue, key: alertKey });
  const layer = createSharedLayer(scope, 'SharedLayer', { names, assetDirectory: assets.layer });
  return {
    config,
    knownProviders,
    providerNames: Object.keys(config.providers),
    keys,
    alertTopic,
    peak,
    common: {
      names,
      key,
      alertKey,
      retention,
      warmTables: peak?.size.tables,
      layer,
      failureQueue,
      alertTopic: alertTopic.topic,
      assets,
      reservedConcurrency: config.aws.reservedConcurrency === false ? {} : config.aws.reservedConcurrency,
    },
  };
};

const addStages = (scope: Construct, ground: Ground) => {
  const { config, knownProviders, providerNames, keys, common, peak } = ground;
  const store = new Store(scope, 'Store', common);
  const { webhookTable } = store;
  const { paymentTable } = new Payments(scope, 'Payments', common);
  const destinations = destinationsOf(config, 'aws');
  // A stack that delivers nothing on has nothing for it.
  const destinationQueues =
    destinations.length === 0
      ? undefined
      : new DestinationQueues(scope, 'DestinationQueues', { ...common, destinations });
  const destinationQueueUrls = Stack.of(scope).toJsonString(destinationQueues?.urls() ?? {});
  const { secrets } = new ProviderSecrets(scope, 'Secrets', { ...common, providerNames });
  const queues = new ProcessQueues(scope, 'ProcessQueues', common);
  const auditQueues = new AuditQueues(scope, 'AuditQueues', common);
  const receive = new Receive(scope, 'Receive', {
    common,
    provisionedConcurrency: config.aws.provisionedConcurrency,
    webhookTable,
    workQueue: queues.workQueue,
    auditQueue: auditQueues.drafts,
    secrets,
  });
  if (peak !== undefined) {
    new WarmReceivers(scope, 'WarmReceivers', { ...receive, plan: peak, otherwise: config.aws.provisionedConcurrency });
  }
  const { edge, firewall } = addEdge(scope, ground, receive);
  const process = new Process(scope, 'Process', {
    common,
    queues,
    webhookTable,
    paymentTable,
    destinationQueueUrls,
    destinationQueueArns: destinationQueues?.arns() ?? [],
  });
  const sender =
    destinationQueues &&
    new Destinations(scope, 'Destinations', {
      common,
      destinations,
      queues: destinationQueues,
      queueUrls: destinationQueueUrls,
      webhookTable,
      paymentTable,
    });
  const audit = new Audit(scope, 'Audit', {
    common,
    queues: auditQueues,
    store,
    digestKey: keys.digests,
    knownProviders,
  });
  process.sweepBy(audit.everyMinute, common);
  const tables = [
    { table: webhookTable, indexNames: [RECEIVED_INDEX, ATTENTION_INDEX] },
    { table: paymentTable, indexNames: [STORED_INDEX] },
    { table: audit.auditTable, indexNames: [] },
  ];
  return {
    webhookTable,
    paymentTable,
    auditTable: audit.auditTable,
    tables,
    queues,
    auditQueues,
    receive,
    edge,
    firewall,
    process,
    audit,
    destinationQueues,
    sender,
  };
};

const addEdge = (scope: Construct, { config, knownProviders, providerNames, common }: Ground, receive: Receive) => {
  const { aws } = config;
  const edge = new Edge(scope, 'Edge', {
    ...common,
    receiver: receive.alias,
    requestsPerSecond: config.edge.requestsPerSecond,
    requestsBurst: config.edge.requestsBurst,
    isApiGatewayAccountManaged: aws.isApiGatewayAccountManaged,
    domain: aws.domain,
  });
  const firewall = new Firewall(scope, 'Firewall', {
    ...common,
    stageArn: edge.api.deploymentStage.stageArn,
    knownProviders,
    providerNames,
    requestsPerSecondPerAddress: config.edge.requestsPerSecondPerAddress,
    requestsPerSecondPerProviderAddress: aws.requestsPerSecondPerProviderAddress,
    strictPerIpRate: aws.strictPerIpRate || !config.edge.arePublishedAddressesExempt,
  });
  createTraceSampling(scope, 'TraceSampling', { names: common.names, sampledRatio: aws.tracesSampledRatio });
  return { edge, firewall };
};

/** Alarms, dashboard, and the alert when protection is taken away. Returns the alarms. */
const addWatch = (scope: Construct, ground: Ground, stages: Stages): readonly Alarm[] => {
  const { providerNames, keys, alertTopic, config } = ground;
  const { names, failureQueue, reservedConcurrency } = ground.common;
  const { queues, auditQueues, receive, edge, firewall, process, audit, destinationQueues, sender } = stages;
  const watched = {
    names,
    api: edge.api,
    receiver: receive.function,
    processor: process.function,
    auditLogger: audit.function,
    workQueue: queues.workQueue,
    deadLetterQueue: queues.deadLetterQueue,
    providerNames,
    destinations:
      destinationQueues === undefined || sender === undefined
        ? undefined
        : {
            sender: sender.function,
            queues: destinationQueues.queues,
            deadLetterQueue: destinationQueues.deadLetterQueue,
          },
  };
  const { alarms } = new Alerts(scope, 'Alerts', {
    ...watched,
    tables: stages.tables,
    requestsPerSecond: config.edge.requestsPerSecond,
    receiverExecutionsMax: reservedConcurrency.receiver,
    topic: alertTopic.topic,
    streamMappingId: audit.streamMappingId,
    auditQueue: auditQueues.drafts,
    auditDeadLetterQueue: auditQueues.deadLetterQueue,
    failureQueue,
    alertDeadLetterQueue: alertTopic.deadLetterQueue,
    silenceAlarmHours: config.aws.silenceAlarmHours,
  });
  new Dashboard(scope, 'Dashboard', { ...watched, alarms });
  if (config.aws.budgetUsdAMonth !== undefined) {
    new Budget(scope, 'Budget', {
      names,
      topic: alertTopic.topic,
      key: keys.alerts,
      usdAMonth: config.aws.budgetUsdAMonth,
    });
  }
  new ProtectionChanges(scope, 'ProtectionChanges', {
    names,
    topic: alertTopic.topic,
    failureQueue,
    keys: [keys.data, keys.digests, keys.alerts],
    stageArn: edge.api.deploymentStage.stageArn,
    webAclArn: firewall.webAcl.attrArn,
    functions: functionsOf(stages),
  });
  return alarms;
};

const functionsOf = ({ receive, process, audit, sender }: Stages) => [
  receive,
  process,
  audit,
  ...(sender === undefined ? [] : [sender]),
];

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
  const { sender } = stages;
  const readers = [auditLogger, ...(sender === undefined ? [] : [{ purpose: 'destination-sender', ...sender }])];
  updateInWaves([readers, [processor], [receiver]]);
  const { updates = retention.isRegulated ? 'canary' : 'all-at-once' } = config.aws;
  if (updates === 'canary')
    new GradualUpdates(scope, 'Updates', { names, functions: [receiver, processor, ...readers] });
};
