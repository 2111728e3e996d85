/** The whole AWS home as one stack: the stages in the order in which a webhook passes them, and what they stand on. */
import { CfnOutput, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { ATTENTION_INDEX, RECEIVED_INDEX, STORED_INDEX } from '../src/config/aws-names.ts';
import { destinationsOf } from '../src/config/destinations-of.ts';
import type { FunctionRole } from '../src/config/function-environment.ts';
import type { CompleteConfig } from '../src/config/schema.ts';
import { type KnownProvider, PROVIDERS } from '../src/providers/providers.ts';
import { GradualUpdates, type UpdatedFunction, updateInWaves } from './deploy/gradual-updates.ts';
import { ProtectionChanges } from './deploy/protection-changes.ts';
import { BucketCleaner } from './ground/bucket-cleaner.ts';
import { Keys } from './ground/keys.ts';
import { createSharedLayer, type FunctionCommon } from './ground/payhook-function.ts';
import { ProviderSecrets } from './ground/provider-secrets.ts';
import { createDeadLetterQueue } from './ground/queue.ts';
import { type Retention, retentionOf } from './ground/retention.ts';
import { type StackNames, stackNames } from './ground/stack-names.ts';
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

/** Folders that `npm run build:functions` has made: of each function, and the layer, which becomes `/opt`. */
export type PayhookAssets = Readonly<Record<FunctionRole | 'layer', string>>;

export interface PayhookStackProps {
  /** Ends every name, so that several stacks can live in one account. Checked by the caller. */
  readonly environmentSuffix: string;
  readonly config: Pick<CompleteConfig, 'aws' | 'edge' | 'providers' | 'destinations'>;
  readonly assets: PayhookAssets;
  /** Nothing is protected from deletion yet, so that a creation that fails leaves nothing behind. @default false */
  readonly isFirstDeployment?: boolean;
  /** That the configuration has room for. @default none */
  readonly peak?: PeakPlan | undefined;
  /** @default all that Payhook knows */
  readonly knownProviders?: readonly KnownProvider[];
}

/** The output with the address that providers call. */
export const WEBHOOK_URL_OUTPUT = 'WebhookUrl';

/** What the constructs are made from, and what stands below all stages. */
interface Ground {
  readonly config: PayhookStackProps['config'];
  readonly knownProviders: readonly KnownProvider[];
  /** Of those that are configured. */
  readonly providerNames: readonly string[];
  readonly keys: Keys;
  readonly alertTopic: AlertTopic;
  readonly common: FunctionCommon;
  readonly peak: PeakPlan | undefined;
}

type Stages = ReturnType<typeof addStages>;

export class PayhookStack extends Stack {
  constructor(scope: Construct, props: PayhookStackProps) {
    const names = stackNames(props.environmentSuffix);
    const retention = retentionOf(props.config.aws.retention, props.isFirstDeployment);
    super(scope, names.stack, {
      stackName: names.stack,
      description: 'Payhook: receives, verifies, stores, processes and audits payment webhooks',
      // The account is left open: the template is the same for every account, and nothing is asked of AWS to make it.
      env: { region: props.config.aws.region },
      terminationProtection: retention.isProtected,
    });
    const ground = addGround(this, props, names, retention);
    const stages = addStages(this, ground);
    addWatch(this, ground, stages);
    addUpdates(this, ground, stages);
    if (!retention.isRegulated) new BucketCleaner(this, 'BucketCleaner', ground.common);

    new CfnOutput(this, WEBHOOK_URL_OUTPUT, {
      value: stages.edge.webhookUrl,
      description: 'Providers call this address, followed by / and their name',
    });
    const { domainTarget } = stages.edge;
    if (domainTarget !== undefined) {
      new CfnOutput(this, 'DomainTarget', {
        value: domainTarget,
        description: 'Where the domain has to lead: a CNAME of its name, or an alias in Route 53',
      });
    }
  }
}

const addGround = (
  stack: Stack,
  { config, assets, peak, knownProviders = PROVIDERS }: PayhookStackProps,
  names: StackNames,
  retention: Retention,
): Ground => {
  const keys = new Keys(stack, 'Keys', { names, retention });
  const key = keys.data;
  const alertKey = keys.alerts;
  const alertTopic = new AlertTopic(stack, 'AlertTopic', {
    names,
    key: alertKey,
    emails: config.aws.alarmEmails,
    isTraced: config.aws.areAlertsTraced,
  });
  const failureQueue = createDeadLetterQueue(stack, 'InvocationFailures', { name: names.failureQueue, key: alertKey });
  const layer = createSharedLayer(stack, 'SharedLayer', { names, assetDirectory: assets.layer });
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

const addStages = (stack: Stack, ground: Ground) => {
  const { config, knownProviders, providerNames, keys, common, peak } = ground;
  const store = new Store(stack, 'Store', common);
  const { webhookTable } = store;
  const { paymentTable } = new Payments(stack, 'Payments', common);
  const destinations = destinationsOf(config, 'aws');
  // A stack that delivers nothing on has nothing for it.
  const destinationQueues =
    destinations.length === 0
      ? undefined
      : new DestinationQueues(stack, 'DestinationQueues', { ...common, destinations });
  const destinationQueueUrls = stack.toJsonString(destinationQueues?.urls() ?? {});
  const { secrets } = new ProviderSecrets(stack, 'Secrets', { ...common, providerNames });
  const queues = new ProcessQueues(stack, 'ProcessQueues', common);
  const auditQueues = new AuditQueues(stack, 'AuditQueues', common);
  const receive = new Receive(stack, 'Receive', {
    common,
    provisionedConcurrency: config.aws.provisionedConcurrency,
    webhookTable,
    workQueue: queues.workQueue,
    auditQueue: auditQueues.drafts,
    secrets,
  });
  if (peak !== undefined) {
    new WarmReceivers(stack, 'WarmReceivers', { ...receive, plan: peak, otherwise: config.aws.provisionedConcurrency });
  }
  const { edge, firewall } = addEdge(stack, ground, receive);
  const process = new Process(stack, 'Process', {
    common,
    queues,
    webhookTable,
    paymentTable,
    destinationQueueUrls,
    destinationQueueArns: destinationQueues?.arns() ?? [],
  });
  const sender =
    destinationQueues &&
    new Destinations(stack, 'Destinations', {
      common,
      destinations,
      queues: destinationQueues,
      queueUrls: destinationQueueUrls,
      webhookTable,
      paymentTable,
    });
  const audit = new Audit(stack, 'Audit', {
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
  return { tables, queues, auditQueues, receive, edge, firewall, process, audit, destinationQueues, sender };
};

const addEdge = (stack: Stack, { config, knownProviders, providerNames, common }: Ground, receive: Receive) => {
  const { aws } = config;
  const edge = new Edge(stack, 'Edge', {
    ...common,
    receiver: receive.alias,
    requestsPerSecond: config.edge.requestsPerSecond,
    requestsBurst: config.edge.requestsBurst,
    isApiGatewayAccountManaged: aws.isApiGatewayAccountManaged,
    domain: aws.domain,
  });
  const firewall = new Firewall(stack, 'Firewall', {
    ...common,
    stageArn: edge.api.deploymentStage.stageArn,
    knownProviders,
    providerNames,
    requestsPerSecondPerAddress: config.edge.requestsPerSecondPerAddress,
    requestsPerSecondPerProviderAddress: aws.requestsPerSecondPerProviderAddress,
    strictPerIpRate: aws.strictPerIpRate || !config.edge.arePublishedAddressesExempt,
  });
  createTraceSampling(stack, 'TraceSampling', { names: common.names, sampledRatio: aws.tracesSampledRatio });
  return { edge, firewall };
};

/** Alarms, dashboard, and the alert when protection is taken away. */
const addWatch = (stack: Stack, ground: Ground, stages: Stages): void => {
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
  const { alarms } = new Alerts(stack, 'Alerts', {
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
  new Dashboard(stack, 'Dashboard', { ...watched, alarms });
  if (config.aws.budgetUsdAMonth !== undefined) {
    new Budget(stack, 'Budget', {
      names,
      topic: alertTopic.topic,
      key: keys.alerts,
      usdAMonth: config.aws.budgetUsdAMonth,
    });
  }
  new ProtectionChanges(stack, 'ProtectionChanges', {
    names,
    topic: alertTopic.topic,
    failureQueue,
    keys: [keys.data, keys.digests, keys.alerts],
    stageArn: edge.api.deploymentStage.stageArn,
    webAclArn: firewall.webAcl.attrArn,
    functions: functionsOf(stages),
  });
};

const functionsOf = ({ receive, process, audit, sender }: Stages) => [
  receive,
  process,
  audit,
  ...(sender === undefined ? [] : [sender]),
];

const addUpdates = (stack: Stack, { config, common }: Ground, stages: Stages): void => {
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
    new GradualUpdates(stack, 'Updates', { names, functions: [receiver, processor, ...readers] });
};
