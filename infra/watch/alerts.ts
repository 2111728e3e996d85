/**
 * When a person is told. Every alarm publishes to the topic of critical alerts and names its runbook; every threshold has
 * its reason here. A quiet system keeps quiet: missing data is good, unless silence itself is what the alarm is about.
 */
import { Duration } from 'aws-cdk-lib';
import { type Alarm, type IMetric, MathExpression, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { Runbook } from '../deploy/runbooks.ts';
import { MANAGED_GROUPS } from '../stages/managed-rules.ts';
import { type AlarmSet, createAlarmSet, FIVE_MINUTES, LASTING, MINUTE, TOLD_ONCE } from './alarm-set.ts';
import { type AuditAlarmsProps, addAuditAlarms } from './audit-alarms.ts';
import { functionMetric } from './function-metrics.ts';
import { addLoadAlarms, type LoadAlarmsProps } from './load-alarms.ts';
import { addReconcileAlarms } from './reconcile-alarms.ts';

export interface WatchedDestinations {
  readonly sender: LambdaFunction;
  readonly queues: ReadonlyMap<string, IQueue>;
  readonly deadLetterQueue: IQueue;
}

export interface AlertsProps extends LoadAlarmsProps, AuditAlarmsProps {
  readonly topic: ITopic;
  readonly processor: LambdaFunction;
  readonly workQueue: IQueue;
  readonly deadLetterQueue: IQueue;
  readonly auditDeadLetterQueue: IQueue;
  readonly failureQueue: IQueue;
  /** Undefined when there is none. */
  readonly reconciler: LambdaFunction | undefined;
  readonly alertDeadLetterQueue: IQueue;
  /** Undefined when there are none. */
  readonly destinations: WatchedDestinations | undefined;
  /** Providers that always send something, and after how many hours without a webhook somebody is told. @default none */
  readonly silenceAlarmHours?: Readonly<Record<string, number>>;
}

const HOUR = Duration.hours(1);

export class Alerts extends Construct {
  readonly alarms: readonly Alarm[];
  private readonly props: AlertsProps;
  private readonly set: AlarmSet;

  constructor(scope: Construct, id: string, props: AlertsProps) {
    super(scope, id);
    this.props = props;
    this.set = createAlarmSet({ scope: this, names: props.names, topic: props.topic });
    this.alarms = this.set.alarms;
    this.addDeadLetterAlarms();
    this.addFunctionAlarms('webhook-receiver', props.receiver);
    this.addFunctionAlarms('payment-processor', props.processor);
    this.addFunctionAlarms('audit-logger', props.auditLogger);
    this.addDeliveryAlarms();
    if (props.destinations !== undefined) this.addDestinationAlarms(props.destinations);
    this.addProviderAlarms();
    if (props.reconciler !== undefined) addReconcileAlarms(this.set, props.names, props.reconciler);
    addAuditAlarms(this.set, props);
    addLoadAlarms(this.set, props);
  }

  /** One message is one too many. The depth counts, not what was sent: messages moved by hand are in it too. */
  private watch(purpose: string, queue: IQueue, meaning: string, runbook: Runbook): IMetric {
    const depth = queue.metricApproximateNumberOfMessagesVisible({ period: MINUTE, statistic: Stats.MAXIMUM });
    this.set.add(purpose, { metric: depth, meaning, runbook, atLeast: 1 });
    return depth;
  }

  /** Where one may lie for days until a person has decided: the first alarm does not ring again meanwhile, this one does. */
  private watchEach(purpose: string, queue: IQueue, meaning: string, runbook: Runbook): void {
    const depth = this.watch(purpose, queue, meaning, runbook);
    const more = new MathExpression({
      expression: 'DIFF(depth)',
      usingMetrics: { depth },
      label: 'more',
      period: MINUTE,
    });
    this.set.add(`${purpose}-more`, { metric: more, meaning: `${meaning}, beside others`, runbook, atLeast: 1 });
  }

  private addDeadLetterAlarms(): void {
    const { deadLetterQueue, auditDeadLetterQueue, failureQueue, alertDeadLetterQueue } = this.props;
    this.watchEach('dead-letters', deadLetterQueue, 'A webhook was given up on', 'deadLetters');
    this.watch(
      'audit-dead-letters',
      auditDeadLetterQueue,
      'A delivery that was turned away was not audited',
      'auditDeadLetters',
    );
    this.watch('invocation-failures', failureQueue, 'An invocation failed for good', 'invocationFailures');
    this.watch('alert-dead-letters', alertDeadLetterQueue, 'An alert reached nobody', 'alertDeadLetters');
  }

  private addFunctionAlarms(purpose: string, lambda: LambdaFunction): void {
    this.set.add(`${purpose}-errors`, {
      metric: lambda.metricErrors({ period: MINUTE }),
      meaning: `${purpose} crashes or runs into its time-out again and again`,
      runbook: 'functionErrors',
      atLeast: 1,
      within: LASTING,
    });
    this.set.add(`${purpose}-throttles`, {
      metric: lambda.metricThrottles({ period: MINUTE }),
      meaning: `${purpose} needs more concurrent executions than it may have`,
      runbook: 'functionThrottles',
      atLeast: 1,
      within: LASTING,
    });
  }

  private addDestinationAlarms({ sender, queues, deadLetterQueue }: WatchedDestinations): void {
    this.addFunctionAlarms('destination-sender', sender);
    const meaning = 'An event was given up: its destination never took it';
    this.watchEach('destination-dead-letters', deadLetterQueue, meaning, 'destinationDeadLetters');
    for (const [name, queue] of queues) {
      this.set.add(`destination-down-${name}`, {
        metric: functionMetric(this.props.names, 'EventsNotDelivered', name, FIVE_MINUTES),
        meaning: `Destination ${name} has not taken events for half an hour`,
        runbook: 'destinationDown',
        // One that is down is only probed, at least once in a quarter of an hour: so every third period has a failure.
        atLeast: 1,
        within: { periods: 3, of: 9 },
      });
      this.set.add(`destination-waits-${name}`, {
        metric: queue.metricApproximateAgeOfOldestMessage({ period: FIVE_MINUTES, statistic: Stats.MAXIMUM }),
        meaning: `Events have been waiting for a quarter of an hour before they are sent to ${name} at all`,
        runbook: 'destinationWaits',
        // SQS leaves out what was received three times, as everything is while the destination is down.
        atLeast: Duration.minutes(15).toSeconds(),
        within: { periods: 3, of: 3 },
      });
    }
  }

  private addDeliveryAlarms(): void {
    const { api, names, workQueue } = this.props;
    this.set.add('deliveries-unavailable', {
      // The average of this metric is the part of all requests.
      metric: api.deploymentStage.metricServerError({ period: MINUTE, statistic: Stats.AVERAGE }),
      meaning: 'More than 1 of 100 requests is answered 5xx',
      runbook: 'deliveriesUnavailable',
      atLeast: 0.01,
      within: LASTING,
    });
    this.set.add('requests-blocked', {
      metric: this.blockedBy('ALL'),
      meaning: 'The firewall blocked 1000 requests within 5 minutes',
      runbook: 'requestsBlocked',
      // A scanner in passing stays far below. A flood does not, nor a provider whose addresses are not listed.
      atLeast: 1000,
    });
    for (const { name } of MANAGED_GROUPS) {
      this.set.add(`blocked-by-${name}`, {
        metric: this.blockedBy(name),
        meaning: `A rule that AWS maintains turned a request away (${name})`,
        runbook: 'managedRuleBlocks',
        // A scanner does it too. A webhook that does is lost without a trace after three days of retries.
        atLeast: 1,
      });
    }
    this.set.add('work-queue-waits', {
      metric: workQueue.metricApproximateAgeOfOldestMessage({ period: FIVE_MINUTES, statistic: Stats.MAXIMUM }),
      meaning: 'A webhook has been waiting for 20 minutes and nobody takes it',
      runbook: 'workQueueWaits',
      // Few of them are no backlog, and are forgotten after four days all the same. No rest is longer than a quarter of an hour.
      atLeast: Duration.minutes(20).toSeconds(),
    });
    this.set.add('work-queue-backlog', {
      metric: workQueue.metricApproximateNumberOfMessagesVisible({ period: FIVE_MINUTES, statistic: Stats.MINIMUM }),
      meaning: 'More than 1000 webhooks have been waiting for 15 minutes',
      runbook: 'workQueueBacklog',
      // 50 executions of ten webhooks each take this many within seconds.
      atLeast: 1000,
      within: { periods: 3, of: 3 },
    });
    this.set.add('card-data-found', {
      metric: functionMetric(names, 'Alerts', 'card_data_found', MINUTE),
      meaning: 'A delivery held card data; it was masked before anything was stored',
      runbook: 'cardDataFound',
      atLeast: 1,
    });
    this.set.add('duplicate-differs', {
      metric: functionMetric(names, 'Alerts', 'duplicate_differs', MINUTE),
      meaning: 'A genuine delivery says something else than what is stored under its id',
      runbook: 'duplicateDiffers',
      atLeast: 1,
    });
    this.set.add('webhooks-queued-again', {
      metric: functionMetric(names, 'QueuedAgain', 'webhook', FIVE_MINUTES),
      meaning: 'Webhooks that waited did not move and were put on the queue again',
      runbook: 'webhooksQueuedAgain',
      // The queue loses nothing by itself: one that was lost has a reason, and others may follow it.
      atLeast: 1,
    });
  }

  private blockedBy(rule: string): Metric {
    const { api, names } = this.props;
    return new Metric({
      namespace: 'AWS/WAFV2',
      metricName: 'BlockedRequests',
      dimensionsMap: { WebACL: names.webAcl, Region: api.env.region, Rule: rule },
      statistic: Stats.SUM,
      period: FIVE_MINUTES,
    });
  }

  private addProviderAlarms(): void {
    const { names, providerNames, silenceAlarmHours = {} } = this.props;
    for (const name of providerNames) {
      this.set.add(`signatures-rejected-${name}`, {
        metric: functionMetric(names, 'DeliveriesRejected', name, FIVE_MINUTES),
        meaning: `Deliveries of ${name} do not verify: a wrong secret, or somebody forges`,
        runbook: 'deliveriesRejected',
        // A provider sends one webhook again three times in this time at most; ten are more than one mistake.
        atLeast: 10,
        within: { periods: 2, of: 3 },
      });
    }
    this.set.add('provider-silent', {
      metric: functionMetric(names, 'Alerts', 'provider_silent', FIVE_MINUTES),
      meaning:
        'Nothing of a provider, or of one type, came for much longer than usual; the alert beside this one names it',
      runbook: 'providerSilent',
      atLeast: 1,
      within: TOLD_ONCE,
    });
    for (const [name, hours] of Object.entries(silenceAlarmHours)) {
      this.set.addSilence(`silence-${name}`, {
        metric: functionMetric(names, 'DeliveriesAccepted', name, HOUR),
        meaning: `No webhook of ${name} came for ${hours} hours`,
        runbook: 'providerSilent',
        periods: hours,
      });
    }
  }
}
