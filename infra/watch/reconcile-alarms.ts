/** Alarms of reconciliation: that it runs, is not behind, and what it had to find. */
import { Duration } from 'aws-cdk-lib';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { StackNames } from '../ground/stack-names.ts';
import { type AlarmSet, FIVE_MINUTES, TOLD_ONCE } from './alarm-set.ts';
import { functionMetric } from './function-metrics.ts';

/** Three rounds. */
const ROUNDS = Duration.minutes(30);

export const addReconcileAlarms = (set: AlarmSet, names: StackNames, reconciler: LambdaFunction): void => {
  set.add('webhooks-missed', {
    metric: functionMetric(names, 'Alerts', 'webhooks_missed', ROUNDS),
    meaning: 'Webhooks were missing and have been recovered; the alert beside this one names their money',
    runbook: 'webhooksMissed',
    atLeast: 1,
  });
  set.add('reconciliation-behind', {
    metric: functionMetric(names, 'ListsBehind', 'list', ROUNDS),
    meaning: 'What a provider lists was not compared for six hours',
    runbook: 'reconciliationBehind',
    atLeast: 1,
  });
  set.add('credential-refused', {
    metric: functionMetric(names, 'Alerts', 'credential_refused', FIVE_MINUTES),
    meaning: 'The API of a provider does not take our credential; the alert beside this one names it',
    runbook: 'credentialRefused',
    atLeast: 1,
    within: TOLD_ONCE,
  });
  set.add('endpoint-deaf', {
    metric: functionMetric(names, 'Alerts', 'endpoint_deaf', FIVE_MINUTES),
    meaning: 'A provider has disabled our endpoint, or has none of ours; the alert beside this one names it',
    runbook: 'endpointDeaf',
    atLeast: 1,
    within: TOLD_ONCE,
  });
  set.add('reconciler-errors', {
    metric: reconciler.metricErrors({ period: ROUNDS }),
    meaning: 'reconciler crashes or runs into its time-out again and again',
    runbook: 'functionErrors',
    // Each of a round's three tries counts.
    atLeast: 6,
  });
  set.addSilence('reconciler-silent', {
    metric: reconciler.metricInvocations({ period: ROUNDS }),
    meaning: 'The reconciler has not run for an hour, though a schedule calls it every ten minutes',
    runbook: 'reconciliationBehind',
    periods: 2,
  });
};
