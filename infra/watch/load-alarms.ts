/** Alarms of what is about to be too much, or is already: the stage, the receiver, the tables. */
import { Duration } from 'aws-cdk-lib';
import type { RestApi } from 'aws-cdk-lib/aws-apigateway';
import { MathExpression, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { type AlarmSet, LASTING, MINUTE } from './alarm-set.ts';

export interface WatchedTable {
  readonly table: Pick<Table, 'tableName'>;
  /** Each has throughput of its own, and when it is used up the table takes no writes either. */
  readonly indexNames: readonly string[];
}

export interface LoadAlarmsProps {
  readonly api: RestApi;
  /** What the stage lets through. */
  readonly requestsPerSecond: number;
  readonly receiver: LambdaFunction;
  /** Most of the receiver that run at once; undefined when it has no cap of its own. */
  readonly receiverExecutionsMax: number | undefined;
  readonly tables: readonly WatchedTable[];
}

export const addLoadAlarms = (set: AlarmSet, props: LoadAlarmsProps): void => {
  const { api, requestsPerSecond, receiver, receiverExecutionsMax, tables } = props;
  set.add('stage-near-its-rate', {
    metric: api.deploymentStage.metricCount({ period: MINUTE, statistic: Stats.SUM }),
    meaning: `More than nine tenths of ${requestsPerSecond} requests a second come: soon deliveries are answered 429`,
    runbook: 'stageNearItsRate',
    atLeast: Math.ceil(requestsPerSecond * MINUTE.toSeconds() * 0.9),
    within: { periods: 2, of: 5 },
  });
  if (receiverExecutionsMax !== undefined) {
    set.add('receiver-near-its-cap', {
      metric: receiver.metric('ConcurrentExecutions', { period: MINUTE, statistic: Stats.MAXIMUM }),
      meaning: `Of ${receiverExecutionsMax} receivers that may run at once, four of five do`,
      runbook: 'receiverNearItsCap',
      atLeast: Math.max(1, Math.floor(receiverExecutionsMax * 0.8)),
      within: LASTING,
    });
  }
  set.add('receiver-slow', {
    metric: receiver.metricDuration({ period: MINUTE, statistic: Stats.p(99) }),
    meaning: '1 of 100 deliveries waits for more than 5 seconds for its answer: providers give up after 10',
    runbook: 'receiverSlow',
    atLeast: Duration.seconds(5).toMilliseconds(),
    within: LASTING,
  });
  set.add('tables-throttled', {
    metric: new MathExpression({
      expression: 'SUM(METRICS())',
      usingMetrics: Object.fromEntries(tables.flatMap(throttlesOf).map((metric, index) => [`m${index}`, metric])),
      label: 'throttled writes',
      period: MINUTE,
    }),
    meaning: 'DynamoDB turns writes away; what retries do not save is answered 503',
    runbook: 'tablesThrottled',
    atLeast: 1,
    within: LASTING,
  });
};

const throttlesOf = ({ table, indexNames }: WatchedTable): readonly Metric[] =>
  [undefined, ...indexNames].map(
    (indexName) =>
      new Metric({
        namespace: 'AWS/DynamoDB',
        metricName: 'WriteThrottleEvents',
        dimensionsMap: {
          TableName: table.tableName,
          ...(indexName === undefined ? {} : { GlobalSecondaryIndexName: indexName }),
        },
        statistic: Stats.SUM,
        period: MINUTE,
      }),
  );
