/** Metrics of the functions: lines in the embedded metric format, and log lines that are counted (`COUNTED_LINES`). */
import type { Duration } from 'aws-cdk-lib';
import { Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { metricsNamespace } from '../../src/config/aws-names.ts';
import type { StackNames } from '../ground/stack-names.ts';

/** Names and the one dimension of each, as they are written and counted. */
export const FUNCTION_METRICS = {
  DeliveriesAccepted: 'Provider',
  DeliveriesRejected: 'Provider',
  DeliveriesUnavailable: 'Provider',
  AttemptsDeadLettered: 'Provider',
  CardDataFound: 'Provider',
  EventsNotDelivered: 'Destination',
  Alerts: 'Kind',
  QueuedAgain: 'Kind',
  ListsBehind: 'Kind',
} as const;

export type FunctionMetric = keyof typeof FUNCTION_METRICS;

/** The sum over a period, for one value of the metric's dimension. */
export const functionMetric = (
  { environmentSuffix }: StackNames,
  name: FunctionMetric,
  dimensionValue: string,
  period: Duration,
): Metric =>
  new Metric({
    namespace: metricsNamespace(environmentSuffix),
    metricName: name,
    dimensionsMap: { [FUNCTION_METRICS[name]]: dimensionValue },
    statistic: Stats.SUM,
    period,
  });
