/** Alarms of the audit trail: that it is written, in time, of everything, and by nobody else. */
import { Duration } from 'aws-cdk-lib';
import { MathExpression, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { StackNames } from '../ground/stack-names.ts';
import { type AlarmSet, FIVE_MINUTES, LASTING, MINUTE } from './alarm-set.ts';
import { functionMetric } from './function-metrics.ts';

export interface AuditAlarmsProps {
  readonly names: StackNames;
  readonly auditLogger: LambdaFunction;
  /** Drafts of what was turned away. */
  readonly auditQueue: IQueue;
  /** Names the change feed in Lambda's metrics. */
  readonly streamMappingId: string;
  readonly providerNames: readonly string[];
}

export const addAuditAlarms = (set: AlarmSet, props: AuditAlarmsProps): void => {
  const { names, auditLogger, auditQueue } = props;
  set.add('change-feed-lags', {
    metric: auditLogger.metric('IteratorAge', { period: MINUTE, statistic: Stats.MAXIMUM }),
    meaning: 'Changes wait for more than a minute before they are audited',
    runbook: 'changeFeedLags',
    atLeast: MINUTE.toMilliseconds(),
    within: LASTING,
  });
  set.add('change-feed-silent', {
    metric: webhooksWithoutChanges(props),
    meaning: 'Webhooks are accepted, and their changes do not reach the audit logger',
    runbook: 'changeFeedSilent',
    // Its lag is measured only where it runs. Once may be a webhook of the last second; the stream forgets after 24 hours.
    atLeast: 1,
    within: { periods: 2, of: 24 },
  });
  set.add('changes-not-audited', {
    metric: changeFeedMetric(props, 'OnFailureDestinationDeliveredEventCount', MINUTE),
    meaning: 'Changes of webhooks could not be audited and lie in the failure bucket',
    runbook: 'changesNotAudited',
    atLeast: 1,
  });
  set.add('failures-lost', {
    metric: auditLogger.metric('DestinationDeliveryFailures', { period: MINUTE, statistic: Stats.SUM }),
    meaning: 'What the audit logger could not do could not be kept for later either',
    runbook: 'changesNotAudited',
    atLeast: 1,
  });
  set.addSilence('audit-logger-silent', {
    metric: auditLogger.metricInvocations({ period: FIVE_MINUTES }),
    meaning: 'The audit logger has not run for 15 minutes, though a schedule calls it every minute',
    runbook: 'auditLoggerSilent',
    periods: 3,
  });
  set.add('audit-drafts-wait', {
    metric: auditQueue.metricApproximateAgeOfOldestMessage({ period: FIVE_MINUTES, statistic: Stats.MAXIMUM }),
    meaning: 'A delivery that was turned away has been waiting for 20 minutes to be audited',
    runbook: 'auditDraftsWait',
    // Seconds are usual. The queue forgets after four days, and nothing else has the entry.
    atLeast: Duration.minutes(20).toSeconds(),
  });
  set.add('audit-broken', {
    metric: functionMetric(names, 'Alerts', 'audit_broken', MINUTE),
    meaning: 'A webhook or an audit entry was changed behind our back',
    runbook: 'auditBroken',
    atLeast: 1,
  });
};

const changeFeedMetric = (
  { streamMappingId }: Pick<AuditAlarmsProps, 'streamMappingId'>,
  metricName: string,
  period: Duration,
): Metric =>
  new Metric({
    namespace: 'AWS/Lambda',
    metricName,
    dimensionsMap: { EventSourceMappingUUID: streamMappingId },
    statistic: Stats.SUM,
    period,
  });

const webhooksWithoutChanges = (props: AuditAlarmsProps): MathExpression => {
  const { names, providerNames } = props;
  const period = Duration.minutes(15);
  const accepted = providerNames.map((name) => functionMetric(names, 'DeliveriesAccepted', name, period));
  const ids = accepted.map((_, index) => `accepted${index}`);
  return new MathExpression({
    expression: `IF(SUM([${ids.map((id) => `FILL(${id}, 0)`).join(', ')}]) > 0 AND FILL(invoked, 0) < 1, 1, 0)`,
    usingMetrics: {
      ...Object.fromEntries(accepted.map((metric, index) => [`accepted${index}`, metric])),
      invoked: changeFeedMetric(props, 'InvokedEventCount', period),
    },
    label: 'webhooks without changes',
    period,
  });
};
