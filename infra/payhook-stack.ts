/** The whole AWS home as one stack: the stages in the order in which a webhook passes them, and what they stand on. */
import { CfnOutput, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { AWS_REGION } from '../src/config/aws-names.ts';
import type { CompleteConfig } from '../src/config/schema.ts';
import { acknowledgeFindings } from './acknowledgements.ts';
import { AlertTopic } from './alert-topic.ts';
import { Alerts } from './alerts.ts';
import { Audit, AuditQueues } from './audit.ts';
import { keepBucketCleanerInLine } from './bucket-cleaner.ts';
import { Dashboard } from './dashboard.ts';
import { Edge } from './edge.ts';
import { Firewall } from './firewall.ts';
import { Keys } from './keys.ts';
import { createSharedLayer, type FunctionCommon } from './payhook-function.ts';
import { Process, ProcessQueues } from './process.ts';
import { ProtectionChanges } from './protection-changes.ts';
import { ProviderSecrets } from './provider-secrets.ts';
import { createDeadLetterQueue } from './queue.ts';
import { Receive } from './receive.ts';
import { retentionOf } from './retention.ts';
import { stackNames } from './stack-names.ts';
import { Store } from './store.ts';
import { createTraceSampling } from './tracing.ts';

/** Folders that `npm run build` has made. */
export interface PayhookAssets {
  readonly receiver: string;
  readonly processor: string;
  readonly auditLogger: string;
  /** Becomes `/opt`. */
  readonly layer: string;
}

export interface PayhookStackProps {
  /** Ends every name, so that several stacks can live in one account. Checked by the caller. */
  readonly environmentSuffix: string;
  readonly config: Pick<CompleteConfig, 'aws' | 'edge' | 'providers'>;
  readonly assets: PayhookAssets;
}

export class PayhookStack extends Stack {
  constructor(scope: Construct, props: PayhookStackProps) {
    const { environmentSuffix, config, assets } = props;
    const { aws, edge } = config;
    const names = stackNames(environmentSuffix);
    const retention = retentionOf(aws.retention);
    super(scope, names.stack, {
      stackName: names.stack,
      description: 'Payhook: receives, verifies, stores, processes and audits payment webhooks',
      // The account is left open: the template is the same for every account, and nothing is asked of AWS to make it.
      env: { region: AWS_REGION },
      terminationProtection: retention.isRegulated,
    });
    const providerNames = Object.keys(config.providers);
    const reserved = aws.reservedConcurrency === false ? undefined : aws.reservedConcurrency;

    const keys = new Keys(this, 'Keys', { names, retention });
    const key = keys.data;
    const alertTopic = new AlertTopic(this, 'AlertTopic', { names, key, emails: aws.alarmEmails });
    const { topic } = alertTopic;
    const failureQueue = createDeadLetterQueue(this, 'InvocationFailures', { name: names.failureQueue, key });
    const layer = createSharedLayer(this, 'SharedLayer', { names, assetDirectory: assets.layer });
    const common: FunctionCommon = { names, key, layer, failureQueue, retention };
    const { secrets } = new ProviderSecrets(this, 'Secrets', { names, key, providerNames });

    const store = new Store(this, 'Store', { names, key, retention });
    const { webhookTable } = store;
    const queues = new ProcessQueues(this, 'ProcessQueues', { names, key });
    const auditQueues = new AuditQueues(this, 'AuditQueues', { names, key });

    const receive = new Receive(this, 'Receive', {
      common,
      environmentSuffix,
      assetDirectory: assets.receiver,
      reservedConcurrency: reserved?.receiver,
      provisionedConcurrency: aws.provisionedConcurrency,
      webhookTable,
      workQueue: queues.workQueue,
      auditQueue: auditQueues.drafts,
      alertTopic: topic,
      secrets,
    });
    const edgeStage = new Edge(this, 'Edge', {
      names,
      key,
      retention,
      receiver: receive.target,
      requestsPerSecond: edge.requestsPerSecond,
      requestsBurst: edge.requestsBurst,
      isApiGatewayAccountManaged: aws.isApiGatewayAccountManaged,
    });
    const firewall = new Firewall(this, 'Firewall', {
      names,
      key,
      retention,
      stageArn: edgeStage.api.deploymentStage.stageArn,
      providerNames,
      requestsPerSecondPerAddress: edge.requestsPerSecondPerAddress,
      requestsPerSecondPerProviderAddress: aws.requestsPerSecondPerProviderAddress,
      strictPerIpRate: aws.strictPerIpRate || !edge.arePublishedAddressesExempt,
    });
    const process = new Process(this, 'Process', {
      common,
      environmentSuffix,
      assetDirectory: assets.processor,
      reservedConcurrency: reserved?.processor,
      queues,
      webhookTable,
      alertTopic: topic,
    });
    const audit = new Audit(this, 'Audit', {
      common,
      environmentSuffix,
      assetDirectory: assets.auditLogger,
      reservedConcurrency: reserved?.auditLogger,
      queues: auditQueues,
      store,
      digestKey: keys.digests,
      alertTopic: topic,
    });
    createTraceSampling(this, 'TraceSampling', { names, sampledRatio: aws.tracesSampledRatio });

    const watched = {
      names,
      environmentSuffix,
      api: edgeStage.api,
      receiver: receive.function,
      processor: process.function,
      auditLogger: audit.function,
      workQueue: queues.workQueue,
      deadLetterQueue: queues.deadLetterQueue,
      providerNames,
    };
    const { alarms } = new Alerts(this, 'Alerts', {
      ...watched,
      topic,
      streamMappingId: audit.streamMappingId,
      auditDeadLetterQueue: auditQueues.deadLetterQueue,
      failureQueue,
      alertDeadLetterQueue: alertTopic.deadLetterQueue,
      silenceAlarmHours: aws.silenceAlarmHours,
    });
    new Dashboard(this, 'Dashboard', { ...watched, alarms });
    new ProtectionChanges(this, 'ProtectionChanges', {
      names,
      topic,
      failureQueue,
      keys: [keys.data, keys.digests],
      stageArn: edgeStage.api.deploymentStage.stageArn,
      webAclArn: firewall.webAcl.attrArn,
    });

    new CfnOutput(this, 'WebhookUrl', { value: edgeStage.webhookUrl, description: 'Providers call this address, followed by / and their name' });
    keepBucketCleanerInLine(this, { common });
    acknowledgeFindings(this, retention);
  }
}
