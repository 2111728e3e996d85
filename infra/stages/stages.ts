/** The stages in the order in which a webhook passes them. */
import { Stack } from 'aws-cdk-lib';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';
import { askedApisOf, askingSettings } from '../../src/config/asked-apis.ts';
import { ATTENTION_INDEX, RECEIVED_INDEX, STORED_INDEX } from '../../src/config/aws-names.ts';
import { destinationsOf } from '../../src/config/destinations-of.ts';
import { reconciledProviders } from '../../src/config/event-sources.ts';
import type { Ground } from '../ground/ground.ts';
import { ProviderSecrets } from '../ground/provider-secrets.ts';
import { WarmReceivers } from '../peak/warm-receivers.ts';
import { createTraceSampling } from '../watch/tracing.ts';
import { Audit, AuditQueues } from './audit.ts';
import { DestinationQueues, Destinations } from './destinations.ts';
import { Edge } from './edge.ts';
import { Firewall } from './firewall.ts';
import { Payments } from './payments.ts';
import { Process, ProcessQueues } from './process.ts';
import { Receive } from './receive.ts';
import { Reconcile } from './reconcile.ts';
import { Store } from './store.ts';

export type Stages = ReturnType<typeof addStages>;

export const addStages = (scope: Construct, ground: Ground) => {
  const { config, knownProviders, providerNames, keys, common, peak } = ground;
  const store = new Store(scope, 'Store', common);
  const { webhookTable, rejectedTable, jobTable } = store;
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
    rejectedTable,
    workQueue: queues.workQueue,
    auditQueue: auditQueues.drafts,
    secrets,
  });
  if (peak !== undefined) {
    new WarmReceivers(scope, 'WarmReceivers', { ...receive, plan: peak, otherwise: config.aws.provisionedConcurrency });
  }
  const { edge, firewall } = addEdge(scope, ground, receive);
  const reconciler = addReconcile(scope, ground, webhookTable, queues);
  const process = new Process(scope, 'Process', {
    common,
    queues,
    webhookTable,
    paymentTable,
    destinationQueueUrls,
    destinationQueueArns: destinationQueues?.arns() ?? [],
    credentialArns: askingSettings(askedApisOf(knownProviders, (name) => config.providers[name])).flatMap(
      ({ provider }) => reconciler?.credentials.get(provider)?.secretArn ?? [],
    ),
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
    jobTable,
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
    reconciler,
  };
};

/** Undefined where it is off, or where no configured provider lists events. */
const addReconcile = (
  scope: Construct,
  { config, common }: Ground,
  webhookTable: Table,
  { workQueue }: ProcessQueues,
): Reconcile | undefined => {
  const providerNames = reconciledProviders(config);
  return providerNames.length === 0
    ? undefined
    : new Reconcile(scope, 'Reconcile', { common, providerNames, webhookTable, workQueue });
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
    requestsPerSecond: config.edge.requestsPerSecond,
    strictPerIpRate: aws.strictPerIpRate || !config.edge.arePublishedAddressesExempt,
  });
  createTraceSampling(scope, 'TraceSampling', { names: common.names, sampledRatio: aws.tracesSampledRatio });
  return { edge, firewall };
};

/** The stages that are functions. */
export const functionsOf = ({ receive, process, audit, sender, reconciler }: Stages) => [
  receive,
  process,
  audit,
  ...(sender === undefined ? [] : [sender]),
  ...(reconciler === undefined ? [] : [reconciler]),
];
