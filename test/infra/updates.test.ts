/** How an update reaches the functions: in which order, a part of the calls first, and what takes it back. */
import { beforeAll, describe, expect, test } from 'vitest';
import { permissionsOfRole } from './permission-lines.ts';
import {
  at,
  DESTINATIONS,
  type Json,
  type Properties,
  type Resource,
  type Synthesised,
  synthesise,
} from './synthesised.ts';

const ALIAS = 'AWS::Lambda::Alias';
const GROUP = 'AWS::CodeDeploy::DeploymentGroup';
const RECEIVER = 'lambda-webhook-receiver-dev';
const PROCESSOR = 'lambda-payment-processor-dev';
const AUDIT_LOGGER = 'lambda-audit-logger-dev';
const SENDER = 'lambda-destination-sender-dev';

let gradual: Synthesised;
let atOnce: Synthesised;
beforeAll(() => {
  gradual = synthesise({ config: { aws: { retention: 'regulated' }, destinations: DESTINATIONS } });
  atOnce = synthesise({ config: { destinations: DESTINATIONS } });
});

const aliasOf = (of: Synthesised, functionName: string): Resource => {
  const found = of.all(ALIAS).find(({ Properties }) => of.readable(Properties.FunctionName as Json) === functionName);
  if (found === undefined) throw new Error(`${functionName} has no alias`);
  return found;
};

const updateOf = (alias: Resource): Json | undefined =>
  at((alias as unknown as { UpdatePolicy?: Json }).UpdatePolicy, 'CodeDeployLambdaAliasUpdate');

const alarmsOf = (purpose: string): readonly string[] =>
  (
    at(
      gradual.one(GROUP, `deploymentgroup-${purpose}-dev`).Properties,
      'AlarmConfiguration.Alarms',
    ) as readonly Properties[]
  )
    .map(({ Name }) => gradual.readable(Name as Json))
    .sort();

describe('an update', () => {
  test.each([
    ['all at once', () => atOnce],
    ['gradually', () => gradual],
  ])('reaches readers before writers: %s', (_, of) => {
    const waitsFor = (later: string, sooner: string): boolean =>
      (aliasOf(of(), later).DependsOn ?? []).includes(aliasOf(of(), sooner).logicalId);

    expect(waitsFor(RECEIVER, PROCESSOR)).toBe(true);
    expect(waitsFor(PROCESSOR, AUDIT_LOGGER)).toBe(true);
    expect(waitsFor(PROCESSOR, SENDER)).toBe(true);
  });

  test('of a regulated stack reaches a tenth of the calls of each function first', () => {
    for (const name of [RECEIVER, PROCESSOR, AUDIT_LOGGER, SENDER]) {
      const group = gradual.one(GROUP, name.replace('lambda', 'deploymentgroup'));
      expect(at(updateOf(aliasOf(gradual, name)), 'DeploymentGroupName.Ref')).toBe(group.logicalId);
      expect(group.Properties).toMatchObject({
        DeploymentConfigName: 'CodeDeployDefault.LambdaCanary10Percent5Minutes',
        DeploymentStyle: { DeploymentOption: 'WITH_TRAFFIC_CONTROL', DeploymentType: 'BLUE_GREEN' },
        AutoRollbackConfiguration: { Enabled: true },
      });
      expect(at(group.Properties, 'AutoRollbackConfiguration.Events')).toEqual(
        expect.arrayContaining(['DEPLOYMENT_FAILURE', 'DEPLOYMENT_STOP_ON_ALARM']),
      );
    }
  });

  test('is taken back over errors of the new version, dead letters and answers 5xx, never over what a stranger can send', () => {
    expect(alarmsOf('webhook-receiver')).toEqual([
      'alarm-deliveries-unavailable-dev',
      'alarm-webhook-receiver-update-dev',
    ]);
    expect(alarmsOf('payment-processor')).toEqual([
      'alarm-dead-letters-more-dev',
      'alarm-payment-processor-update-dev',
    ]);
    expect(alarmsOf('audit-logger')).toEqual(['alarm-audit-logger-update-dev']);
    expect(alarmsOf('destination-sender')).toEqual(['alarm-destination-sender-update-dev']);
  });

  test('is watched by the errors of the version that it brings, from before its first call on', () => {
    const alarm = gradual.one('AWS::CloudWatch::Alarm', 'alarm-webhook-receiver-update-dev');
    const alias = aliasOf(gradual, RECEIVER);
    const dimensions = Object.fromEntries(
      (alarm.Properties.Dimensions as readonly Properties[]).map(({ Name, Value }) => [String(Name), Value as Json]),
    );

    expect(alarm.Properties).toMatchObject({ MetricName: 'Errors', Threshold: 1, EvaluationPeriods: 1, Period: 60 });
    expect(dimensions.ExecutedVersion).toEqual(alias.Properties.FunctionVersion);
    expect(gradual.readable(dimensions.Resource as Json)).toBe(`${RECEIVER}:live`);
    expect(alias.DependsOn).toContain(alarm.logicalId);
  });

  test('may do with the functions what it needs, and nothing else', () => {
    expect(permissionsOfRole(gradual, 'role-function-updates-dev')).toEqual(
      expect.arrayContaining(['cloudwatch:DescribeAlarms on *', `lambda:UpdateAlias on ${RECEIVER}.Arn:live`]),
    );
    expect(JSON.stringify(gradual.one('AWS::IAM::Role', 'role-function-updates-dev').Properties)).not.toContain(
      'service-role/AWSCodeDeploy',
    );
  });

  test('comes at once where nothing is at stake, and either way where somebody says so', () => {
    const asked = synthesise({ config: { aws: { updates: 'canary' } } });
    const declined = synthesise({ config: { aws: { retention: 'regulated', updates: 'all-at-once' } } });

    expect(atOnce.all(GROUP)).toEqual([]);
    expect(updateOf(aliasOf(atOnce, RECEIVER))).toBeUndefined();
    expect(asked.all(GROUP)).toHaveLength(4);
    // They are no alarms that anybody is told of.
    expect(asked.one('AWS::CloudWatch::Alarm', 'alarm-audit-logger-update-dev').Properties).not.toHaveProperty(
      'AlarmActions',
    );
    expect(declined.all(GROUP)).toEqual([]);
  });
});
