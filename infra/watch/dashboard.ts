/** One page for the person on call, read from the top: is anything wrong, is it arriving, is it processed, is it audited. */
import { Duration } from 'aws-cdk-lib';
import {
  type Alarm,
  AlarmStatusWidget,
  Dashboard as CloudwatchDashboard,
  GraphWidget,
  type IMetric,
  type IWidget,
  Stats,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { AlertsProps, WatchedDestinations } from './alerts.ts';
import { functionMetric } from './function-metrics.ts';

export interface DashboardProps
  extends Pick<
    AlertsProps,
    | 'names'
    | 'api'
    | 'receiver'
    | 'processor'
    | 'auditLogger'
    | 'workQueue'
    | 'deadLetterQueue'
    | 'providerNames'
    | 'destinations'
    | 'reconciler'
  > {
  readonly alarms: readonly Alarm[];
}

const WIDTH = 24;
const period = Duration.minutes(5);

export class Dashboard extends Construct {
  constructor(scope: Construct, id: string, props: DashboardProps) {
    super(scope, id);
    const dashboard = new CloudwatchDashboard(this, 'Dashboard', {
      dashboardName: props.names.dashboard,
      defaultInterval: Duration.hours(12),
    });
    const alarms = new AlarmStatusWidget({ title: 'Alarms', width: WIDTH, height: 5, alarms: [...props.alarms] });
    dashboard.addWidgets(alarms);
    dashboard.addWidgets(...deliveryWidgets(props));
    dashboard.addWidgets(...processingWidgets(props));
    if (props.destinations !== undefined) dashboard.addWidgets(...destinationWidgets(props.destinations));
    dashboard.addWidgets(...functionWidgets(props));
  }
}

const graph = (title: string, left: readonly IMetric[], width: number): IWidget =>
  new GraphWidget({ title, left: [...left], width, height: 6, leftYAxis: { min: 0 } });

const deliveryWidgets = ({ names, api, providerNames }: DashboardProps): IWidget[] => {
  const stage = api.deploymentStage;
  const perProvider = (name: 'DeliveriesAccepted' | 'DeliveriesRejected'): IMetric[] =>
    providerNames.map((provider) => functionMetric(names, name, provider, period).with({ label: provider }));
  return [
    graph('Deliveries accepted', perProvider('DeliveriesAccepted'), 6),
    graph('Deliveries rejected: signature', perProvider('DeliveriesRejected'), 6),
    graph(
      'Requests, refused (4xx), unavailable (5xx)',
      [
        stage.metricCount({ period, label: 'requests' }),
        stage.metricClientError({ period, label: '4xx' }),
        stage.metricServerError({ period, label: '5xx' }),
      ],
      6,
    ),
    graph(
      'Time to answer, ms',
      [
        stage.metricLatency({ period, statistic: Stats.p(50), label: 'p50' }),
        stage.metricLatency({ period, statistic: Stats.p(99), label: 'p99' }),
      ],
      6,
    ),
  ];
};

const processingWidgets = ({ workQueue, deadLetterQueue, auditLogger }: DashboardProps): IWidget[] => [
  graph(
    'Work queue',
    [
      workQueue.metricApproximateNumberOfMessagesVisible({ period, label: 'waiting' }),
      workQueue.metricApproximateNumberOfMessagesNotVisible({ period, label: 'being processed, or resting' }),
    ],
    8,
  ),
  graph(
    'Dead letters',
    [deadLetterQueue.metricApproximateNumberOfMessagesVisible({ period, label: 'dead letters' })],
    8,
  ),
  graph(
    'Age of the oldest change that is not audited, ms',
    [auditLogger.metric('IteratorAge', { period, statistic: Stats.MAXIMUM, label: 'age' })],
    8,
  ),
];

const destinationWidgets = ({ queues, deadLetterQueue }: WatchedDestinations): IWidget[] => {
  const each = (metricOf: (queue: IQueue, label: string) => IMetric): IMetric[] =>
    [...queues].map(([name, queue]) => metricOf(queue, name));
  return [
    graph(
      'Events that wait for destinations',
      each((queue, label) => queue.metricApproximateNumberOfMessagesVisible({ period, label })),
      8,
    ),
    graph(
      'Age of the oldest event that waits, s',
      each((queue, label) => queue.metricApproximateAgeOfOldestMessage({ period, statistic: Stats.MAXIMUM, label })),
      8,
    ),
    graph(
      'Events that were given up',
      [deadLetterQueue.metricApproximateNumberOfMessagesVisible({ period, label: 'given up' })],
      8,
    ),
  ];
};

const functionWidgets = ({ receiver, processor, auditLogger, destinations, reconciler }: DashboardProps): IWidget[] => {
  const functions = [
    { lambda: receiver, label: 'receiver' },
    { lambda: processor, label: 'processor' },
    { lambda: auditLogger, label: 'audit logger' },
    ...(destinations === undefined ? [] : [{ lambda: destinations.sender, label: 'destination sender' }]),
    ...(reconciler === undefined ? [] : [{ lambda: reconciler, label: 'reconciler' }]),
  ];
  return [
    graph(
      'Concurrent executions',
      functions.map(({ lambda, label }) =>
        lambda.metric('ConcurrentExecutions', { period, statistic: Stats.MAXIMUM, label }),
      ),
      8,
    ),
    graph(
      'Errors and throttles',
      functions.flatMap(({ lambda, label }) => [
        lambda.metricErrors({ period, label: `${label}: errors` }),
        lambda.metricThrottles({ period, label: `${label}: throttles` }),
      ]),
      8,
    ),
    graph(
      'Duration p99, ms',
      functions.map(({ lambda, label }) => lambda.metricDuration({ period, statistic: Stats.p(99), label })),
      8,
    ),
  ];
};
