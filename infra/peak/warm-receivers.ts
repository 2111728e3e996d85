/** Receivers that are kept warm while a peak lasts, and only then. */
import { CfnScalableTarget } from 'aws-cdk-lib/aws-applicationautoscaling';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { LIVE_ALIAS } from '../../src/config/aws-names.ts';
import type { LiveAlias } from '../ground/payhook-function.ts';
import type { PeakPlan } from './plan-peak.ts';

export interface WarmReceiversProps {
  readonly function: LambdaFunction;
  readonly alias: LiveAlias;
  readonly plan: PeakPlan;
  /** Kept warm at all times. */
  readonly otherwise: number;
}

export class WarmReceivers extends Construct {
  constructor(scope: Construct, id: string, { function: lambda, alias, plan, otherwise }: WarmReceiversProps) {
    super(scope, id);
    const { warmFrom, until } = plan;
    const warm = Math.max(otherwise, plan.size.warmReceivers);
    const action = (scheduledActionName: string, at: Date, executions: number) => ({
      scheduledActionName,
      schedule: `at(${at.toISOString().slice(0, 19)})`,
      timezone: 'UTC',
      scalableTargetAction: { minCapacity: executions, maxCapacity: executions },
    });
    new CfnScalableTarget(this, 'Target', {
      serviceNamespace: 'lambda',
      scalableDimension: 'lambda:function:ProvisionedConcurrency',
      resourceId: `function:${lambda.functionName}:${LIVE_ALIAS}`,
      minCapacity: warmFrom === null ? warm : otherwise,
      maxCapacity: warm,
      scheduledActions: [
        ...(warmFrom === null ? [] : [action('peak-begins', warmFrom, warm)]),
        action('peak-ends', until, otherwise),
      ],
    }).node.addDependency(alias);
  }
}
