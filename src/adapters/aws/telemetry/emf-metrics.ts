/**
 * Numbers of the AWS home: lines in CloudWatch's Embedded Metric Format on standard output, which CloudWatch Logs turns
 * into metrics. Written by hand: the format is published, and a line costs what its bytes cost.
 */
import { metricsNamespace } from '../../../config/aws-names.ts';
import type { AlertKind } from '../../../core/ports/alerts.ts';
import type { Clock } from '../../../core/ports/clock.ts';
import type { AttemptEnd, DeliveryOutcome, Metrics, SendOutcome } from '../../../core/ports/metrics.ts';
import { writeLine } from './write-line.ts';

export interface EmfMetrics extends Metrics {
  alertRaised(kind: AlertKind): void;
  /** A webhook that waited and did not move was put on the queue again. */
  queuedAgain(): void;
}

export interface EmfMetricsDeps {
  /** Part of the namespace: what arrives in dev must not keep the alarms of prod quiet. */
  readonly environmentSuffix: string;
  readonly clock: Clock;
  /** Takes a line without its end. @default standard output */
  readonly write?: (line: string) => void;
}

const DELIVERY_METRICS = {
  accepted: 'DeliveriesAccepted',
  duplicate: 'DeliveriesDuplicate',
  rejected: 'DeliveriesRejected',
  unavailable: 'DeliveriesUnavailable',
  too_large: 'DeliveriesRefused',
  refused: 'DeliveriesRefused',
} as const satisfies Record<DeliveryOutcome, string>;

const ATTEMPT_METRICS = {
  processed: 'AttemptsProcessed',
  ignored: 'AttemptsIgnored',
  retrying: 'AttemptsRetrying',
  dead_lettered: 'AttemptsDeadLettered',
  skipped: 'AttemptsSkipped',
} as const satisfies Record<AttemptEnd, string>;

const SEND_METRICS = {
  delivered: 'EventsDelivered',
  failed: 'EventsNotDelivered',
  given_up: 'EventsGivenUp',
} as const satisfies Record<SendOutcome, string>;

/**
 * One line per call. Counts carry no unit, which saves bytes and means the same. Providers are known names or `unknown`:
 * each value of a dimension is a metric that is paid for.
 */
export const createEmfMetrics = ({ environmentSuffix, clock, write = writeLine }: EmfMetricsDeps): EmfMetrics => {
  const namespace = metricsNamespace(environmentSuffix);

  const put = (dimension: 'Provider' | 'Kind' | 'Destination', value: string, name: string, count: number): void => {
    const directive = { Namespace: namespace, Dimensions: [[dimension]], Metrics: [{ Name: name }] };
    const _aws = { Timestamp: clock.now(), CloudWatchMetrics: [directive] };
    write(JSON.stringify({ _aws, [dimension]: value, [name]: count }));
  };

  return {
    // How long something took stands in its log line and in Lambda's own metric of durations.
    delivery: (provider, outcome) => put('Provider', provider, DELIVERY_METRICS[outcome], 1),
    attempt: (provider, outcome) => put('Provider', provider, ATTEMPT_METRICS[outcome], 1),
    destination: (name, outcome) => put('Destination', name, SEND_METRICS[outcome], 1),
    cardDataFound: (provider, values) => put('Provider', provider, 'CardDataFound', values),
    duplicateDiffers: (provider) => put('Provider', provider, 'DuplicatesDiffering', 1),
    unknownType: (provider) => put('Provider', provider, 'UnknownTypes', 1),
    alertRaised: (kind) => put('Kind', kind, 'Alerts', 1),
    queuedAgain: () => put('Kind', 'webhook', 'QueuedAgain', 1),
    // DynamoDB commits each write by itself: there is nothing to count.
  };
};
