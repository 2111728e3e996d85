/** What watches the stages and tells people. */
import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { ProtectionChanges } from '../deploy/protection-changes.ts';
import type { Ground } from '../ground/ground.ts';
import { functionsOf, type Stages } from '../stages/stages.ts';
import { Alerts } from './alerts.ts';
import { Budget } from './budget.ts';
import { Dashboard } from './dashboard.ts';

/** Alarms, dashboard, and the alert when protection is taken away. Returns the alarms. */
export const addWatch = (scope: Construct, ground: Ground, stages: Stages): readonly Alarm[] => {
  const { providerNames, keys, alertTopic, config } = ground;
  const { names, failureQueue, reservedConcurrency } = ground.common;
  const { queues, auditQueues, receive, edge, firewall, process, audit, destinationQueues, sender, reconciler } =
    stages;
  const watched = {
    names,
    api: edge.api,
    receiver: receive.function,
    processor: process.function,
    auditLogger: audit.function,
    workQueue: queues.workQueue,
    deadLetterQueue: queues.deadLetterQueue,
    providerNames,
    reconciler: reconciler?.function,
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
    destinations: [...(destinationQueues?.queues.keys() ?? [])],
  });
  return alarms;
};
