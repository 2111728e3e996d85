/** The transformer drops what its table names and says so; what it does not know stops the deployment. */
import { describe, expect, test } from 'vitest';
import { type Template, transformTemplate } from './transform-template.ts';

const ENVIRONMENT = { AWS_ENDPOINT_URL: 'http://127.0.0.1:1' };
const transform = (Resources: Template['Resources']) =>
  transformTemplate({ template: { Resources }, environment: ENVIRONMENT });

const FUNCTION = {
  Type: 'AWS::Lambda::Function',
  Properties: { Environment: { Variables: { OWN: 'kept' } } },
  DependsOn: ['Rule', 'Role'],
};
const ROLE = { Type: 'AWS::IAM::Role' };
const SAMPLING_RULE = { Type: 'AWS::XRay::SamplingRule' };

describe('the template for the emulator', () => {
  test('refuses a type that nobody has looked at', () => {
    expect(() => transform({ New: { Type: 'AWS::Athena::WorkGroup' } })).toThrow('New is an AWS::Athena::WorkGroup');
  });

  test('drops what the emulator cannot create, with a reason, and what depended on it no longer waits for it', () => {
    const { template, removed } = transform({ F: FUNCTION, Role: ROLE, Rule: SAMPLING_RULE });

    expect(removed).toEqual([
      { logicalId: 'Rule', type: 'AWS::XRay::SamplingRule', reason: expect.stringMatching(/./) },
    ]);
    expect(Object.keys(template.Resources)).toEqual(['F', 'Role']);
    expect(template.Resources.F?.DependsOn).toEqual(['Role']);
  });

  test('tells every function where AWS is, and leaves it its own variables', () => {
    const { template } = transform({ F: FUNCTION, Rule: SAMPLING_RULE, Role: ROLE });

    expect(template.Resources.F?.Properties).toEqual({ Environment: { Variables: { OWN: 'kept', ...ENVIRONMENT } } });
  });

  test('names the paths of method settings as they are asked for', () => {
    const settings = (path: string) => ({
      Type: 'AWS::ApiGateway::Stage',
      Properties: { MethodSettings: [{ ResourcePath: '/*' }, { ResourcePath: path }] },
    });

    const { template } = transform({ Stage: settings('/~1webhook~1{provider}') });

    expect(template.Resources.Stage).toEqual(settings('/webhook/{provider}'));
  });

  test('refuses to drop what the flow needs', () => {
    const needy = { Type: 'AWS::Lambda::Permission', Properties: { SourceArn: { Ref: 'Rule' } } };

    expect(() => transform({ Needy: needy, Rule: SAMPLING_RULE })).toThrow('Needy needs Rule, which is dropped');
  });

  test('lets an alias move at once where what would shift it is dropped', () => {
    const group = { Type: 'AWS::CodeDeploy::DeploymentGroup' };
    const alias = {
      Type: 'AWS::Lambda::Alias',
      UpdatePolicy: { CodeDeployLambdaAliasUpdate: { Group: { Ref: 'Group' } } },
    };
    const { template } = transform({ Alias: alias, Group: group });

    expect(template.Resources).toEqual({ Alias: { Type: 'AWS::Lambda::Alias' } });
  });

  test('drops an alarm on metric math, and what only watches something dropped', () => {
    const { template, removed } = transform({
      Plain: { Type: 'AWS::CloudWatch::Alarm', Properties: { MetricName: 'Errors' } },
      Sum: { Type: 'AWS::CloudWatch::Alarm', Properties: { Metrics: [] } },
      Watcher: { Type: 'AWS::CloudWatch::Alarm', Properties: { Dimensions: [{ Value: { Ref: 'Acl' } }] } },
      Acl: { Type: 'AWS::WAFv2::WebACL' },
    });

    expect(Object.keys(template.Resources)).toEqual(['Plain']);
    expect(removed.map(({ logicalId }) => logicalId).sort()).toEqual(['Acl', 'Sum', 'Watcher']);
  });
});
