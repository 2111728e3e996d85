/**
 * Numbers of the AWS home: lines in CloudWatch's Embedded Metric Format on standard output, which CloudWatch Logs turns
 * into metrics. Written by hand: the format is published, and a line costs what its bytes cost.
 */
import { metricsNamespace } from '../../../config/aws-names.ts';
import type { COUNTED_DELIVERIES } from '../../../config/counted-lines.ts';
import { LIMITS } from '../../../core/limits.ts';
import type { AlertKind } from '../../../core/ports/alerts.ts';
import type { Clock } from '../../../core/ports/clock.ts';
import type { DeliveryOutcome, Metrics, ReconcileMetrics, SendOutcome } from '../../../core/ports/metrics.ts';
import { writeLine } from './write-line.ts';

export interface EmfMetrics extends Metrics, ReconcileMetrics {
  alertRaised(kind: AlertKind): void;
  /** A webhook that waited and did not move was put on the queue again. */
  queuedAgain(): void;
  /** Writes what was counted since the last time: at the end of each invocation. */
  flush(): void;
}

export interface EmfMetricsDeps {
  /** Part of the namespace: what arrives in dev must not keep the alarms of prod quiet. */
  readonly environmentSuffix: string;
  readonly clock: Clock;
  /** Takes a line without its end. @default standard output */
  readonly write?: (line: string) => void;
}

const DELIVERY_METRICS = {
  rejected: 'DeliveriesRejected',
  unavailable: 'DeliveriesUnavailable',
  too_large: 'DeliveriesRefused',
  refused: 'DeliveriesRefused',
} as const satisfies Record<Exclude<DeliveryOutcome, keyof typeof COUNTED_DELIVERIES>, string>;

const SEND_METRICS = {
  delivered: 'EventsDelivered',
  failed: 'EventsNotDelivered',
  given_up: 'EventsGivenUp',
} as const satisfies Record<SendOutcome, string>;

type Dimension = 'Provider' | 'Kind' | 'Destination';

/** What is counted of one value of a dimension, by name. */
interface Counted {
  readonly dimension: Dimension;
  readonly value: string;
  readonly counts: Map<string, number>;
}

/**
 * Counts, and one line for each value of a dimension when it is told to flush: many say no more than one of them.
 * What an invocation has counted that is killed is lost with it. Counts carry no unit, which saves bytes and means the same.
 * Providers are known names or `unknown`: each value of a dimension is a metric that is paid for.
 */
export const createEmfMetrics = ({ environmentSuffix, clock, write = writeLine }: EmfMetricsDeps): EmfMetrics => {
  const namespace = metricsNamespace(environmentSuffix);

  const counted = new Map<string, Counted>();

  const put = (dimension: Dimension, value: string, name: string, count: number): void => {
    const key = `${dimension} ${value}`;
    const known = counted.get(key) ?? { dimension, value, counts: new Map<string, number>() };
    known.counts.set(name, (known.counts.get(name) ?? 0) + count);
    counted.set(key, known);
  };

  const writeCounted = ({ dimension, value, counts }: Counted): void => {
    const metrics = [...counts.keys()].map((Name) => ({ Name }));
    const directive = { Namespace: namespace, Dimensions: [[dimension]], Metrics: metrics };
    const _aws = { Timestamp: clock.now(), CloudWatchMetrics: [directive] };
    write(JSON.stringify({ _aws, [dimension]: value, ...Object.fromEntries(counts) }));
  };

  return {
    // How long something took stands in its log line and in Lambda's own metric of durations.
    delivery(provider, outcome) {
      // Their log line is counted: `COUNTED_LINES`.
      if (outcome === 'accepted' || outcome === 'duplicate') return;
      put('Provider', provider, DELIVERY_METRICS[outcome], 1);
    },
    // Each has a log line, which is counted.
    attempt: () => undefined,
    destination: (name, outcome) => put('Destination', name, SEND_METRICS[outcome], 1),
    cardDataFound: (provider, values) => put('Provider', provider, 'CardDataFound', values),
    duplicateDiffers: (provider) => put('Provider', provider, 'DuplicatesDiffering', 1),
    unknownType: (provider) => put('Provider', provider, 'UnknownTypes', 1),
    alertRaised: (kind) => put('Kind', kind, 'Alerts', 1),
    queuedAgain: () => put('Kind', 'webhook', 'QueuedAgain', 1),
    reconciled(provider, _source, { recovered, differing, behindSeconds }) {
      if (recovered > 0) put('Provider', provider, 'WebhooksRecovered', recovered);
      if (differing > 0) put('Provider', provider, 'WebhooksListedDifferently', differing);
      if (behindSeconds * 1000 > LIMITS.reconcileBehindMs) put('Kind', 'list', 'ListsBehind', 1);
    },
    flush() {
      for (const each of counted.values()) writeCounted(each);
      counted.clear();
    },
    // DynamoDB commits each write by itself: there is nothing to count.
  };
};
