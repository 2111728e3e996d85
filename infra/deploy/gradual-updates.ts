/**
 * How an update reaches the functions: a tenth of the calls for five minutes, then all of them; back to the version before
 * when the new one fails. CodeDeploy does it, CloudFormation waits for it and takes the whole update back.
 */
import { Alarm, ComparisonOperator, Metric, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { LambdaApplication, LambdaDeploymentConfig, LambdaDeploymentGroup } from 'aws-cdk-lib/aws-codedeploy';
import { ManagedPolicy, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { CfnAlias, Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { LIVE_ALIAS } from '../../src/config/aws-names.ts';
import type { LiveAlias } from '../ground/payhook-function.ts';
import { allow } from '../ground/permissions.ts';
import type { StackNames } from '../ground/stack-names.ts';
import { MINUTE, newAlarm } from '../watch/alarm-set.ts';

export interface UpdatedFunction {
  /** As it is called in the names of its resources. */
  readonly purpose: string;
  readonly function: LambdaFunction;
  readonly alias: LiveAlias;
  /**
   * What also takes the update back, besides errors of the new version: names of alarms, because an alarm about the API waits for
   * the API, which waits for the alias. @default none
   */
  readonly alarmNames?: readonly string[];
}

/**
 * Readers before writers: what one version writes is read by the other while both run, and a release reads what the one
 * before wrote, but not the other way round.
 * @param waves each waits until the one before has all of its calls
 */
export const updateInWaves = (waves: readonly (readonly Pick<UpdatedFunction, 'alias'>[])[]): void => {
  for (const [index, wave] of waves.entries()) {
    for (const before of waves[index - 1] ?? []) {
      for (const { alias } of wave) resourceOf(alias).node.addDependency(resourceOf(before.alias));
    }
  }
};

const resourceOf = (alias: LiveAlias): CfnAlias => alias.node.defaultChild as CfnAlias;

export interface GradualUpdatesProps {
  readonly names: StackNames;
  readonly functions: readonly UpdatedFunction[];
}

export class GradualUpdates extends Construct {
  constructor(scope: Construct, id: string, { names, functions }: GradualUpdatesProps) {
    super(scope, id);
    const application = new LambdaApplication(this, 'Application', { applicationName: names.application('functions') });
    const role = this.createRole(names, functions);
    for (const { purpose, function: lambda, alias, alarmNames = [] } of functions) {
      const failing = this.addVersionAlarm(names, purpose, lambda);
      // The alarm must be about the new version before the first call reaches it.
      resourceOf(alias).node.addDependency(failing);
      new LambdaDeploymentGroup(this, purpose, {
        application,
        deploymentGroupName: names.deploymentGroup(purpose),
        deploymentConfig: LambdaDeploymentConfig.CANARY_10PERCENT_5MINUTES,
        alias,
        alarms: [failing, ...alarmNames.map((name) => Alarm.fromAlarmName(this, name, name))],
        // AWS's own policy for it may publish to every topic and read every bucket: it gets what it needs instead.
        role: role.withoutPolicyUpdates(),
      });
    }
  }

  /**
   * Of the new version alone: an alarm about all of them that rings because of the old one would stop the update that mends
   * it. It tells nobody: CloudFormation does, and the alarms of the function do.
   */
  private addVersionAlarm(names: StackNames, purpose: string, lambda: LambdaFunction): Alarm {
    const metric = new Metric({
      namespace: 'AWS/Lambda',
      metricName: 'Errors',
      dimensionsMap: {
        FunctionName: lambda.functionName,
        Resource: `${lambda.functionName}:${LIVE_ALIAS}`,
        ExecutedVersion: lambda.currentVersion.version,
      },
      statistic: Stats.SUM,
      period: MINUTE,
    });
    return newAlarm(this, `${purpose}-failing`, names.alarm(`${purpose}-update`), {
      meaning: `The version of ${purpose} that was deployed last crashes or runs into its time-out: the update is taken back`,
      runbook: 'updateTakenBack',
      metric,
      threshold: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
  }

  private createRole(names: StackNames, functions: readonly UpdatedFunction[]): Role {
    const purpose = 'function-updates';
    const policy = new ManagedPolicy(this, 'Policy', {
      managedPolicyName: names.policy(purpose),
      description: 'What CodeDeploy may do with the functions of Payhook',
      statements: [
        allow(
          ['lambda:GetAlias', 'lambda:UpdateAlias', 'lambda:GetProvisionedConcurrencyConfig'],
          functions.flatMap(({ function: { functionArn } }) => [functionArn, `${functionArn}:${LIVE_ALIAS}`]),
        ),
        // It knows no resources.
        allow(['cloudwatch:DescribeAlarms'], ['*']),
      ],
    });
    return new Role(this, 'Role', {
      roleName: names.role(purpose),
      assumedBy: new ServicePrincipal('codedeploy.amazonaws.com'),
      managedPolicies: [policy],
    });
  }
}
