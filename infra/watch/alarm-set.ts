/** How every alarm of the stack is made: it publishes to the topic of critical alerts, names its runbook, and is listed. */
import { Duration } from 'aws-cdk-lib';
import { Alarm, type AlarmProps, ComparisonOperator, type IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { RUNBOOKS, type Runbook } from '../deploy/runbooks.ts';
import type { StackNames } from '../ground/stack-names.ts';

export interface AlarmInput {
  readonly metric: IMetric;
  /** What has happened when it rings, as a sentence. */
  readonly meaning: string;
  readonly runbook: Runbook;
  readonly atLeast: number;
  /** Of the last periods, how many have to be over the threshold. @default one of one */
  readonly within?: { readonly periods: number; readonly of: number };
}

export const MINUTE = Duration.minutes(1);
export const FIVE_MINUTES = Duration.minutes(5);

/** One bad minute is retried by whoever sent; three out of five are trouble that stays. */
export const LASTING = { periods: 3, of: 5 } as const;

/** What is told once, when it begins: for an hour it can be seen on the dashboard too. */
export const TOLD_ONCE = { periods: 1, of: 12 } as const;

export interface AlarmSetDeps {
  readonly scope: Construct;
  readonly names: StackNames;
  readonly topic: ITopic;
}

export interface AlarmSet {
  readonly alarms: readonly Alarm[];
  /** A quiet system keeps quiet: missing data is good. */
  add(purpose: string, input: AlarmInput): void;
  /** Rings when nothing at all was counted for so many periods. */
  addSilence(purpose: string, input: Omit<AlarmInput, 'atLeast' | 'within'> & { readonly periods: number }): void;
}

/** Names its runbook. Does nothing yet when it rings. */
export const newAlarm = (
  scope: Construct,
  id: string,
  alarmName: string,
  { meaning, runbook, ...how }: Pick<AlarmInput, 'meaning' | 'runbook'> & AlarmProps,
): Alarm => new Alarm(scope, id, { ...how, alarmName, alarmDescription: `${meaning}. Runbook: ${RUNBOOKS[runbook]}` });

export const createAlarmSet = ({ scope, names, topic }: AlarmSetDeps): AlarmSet => {
  const alarms: Alarm[] = [];

  const addAlarm = (
    purpose: string,
    { meaning, runbook }: Pick<AlarmInput, 'meaning' | 'runbook'>,
    how: AlarmProps,
  ): void => {
    const alarm = newAlarm(scope, purpose, names.alarm(purpose), { meaning, runbook, ...how });
    alarm.addAlarmAction(new SnsAction(topic));
    alarms.push(alarm);
  };

  return {
    alarms,
    add: (purpose, input) => {
      const { periods, of } = input.within ?? { periods: 1, of: 1 };
      addAlarm(purpose, input, {
        metric: input.metric,
        threshold: input.atLeast,
        comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        datapointsToAlarm: periods,
        evaluationPeriods: of,
        treatMissingData: TreatMissingData.NOT_BREACHING,
      });
    },
    addSilence: (purpose, input) =>
      addAlarm(purpose, input, {
        metric: input.metric,
        threshold: 1,
        comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
        evaluationPeriods: input.periods,
        treatMissingData: TreatMissingData.BREACHING,
      }),
  };
};
