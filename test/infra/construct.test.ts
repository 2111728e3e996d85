/** What the construct says about what it is given, before anything is made. */
import { App, Aspects, CfnResource, Stack, Tags } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { ManagedPolicy, PermissionsBoundary } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { describe, expect, test } from 'vitest';
import { Payhook } from '../../infra/payhook.ts';
import type { PayhookProps } from '../../infra/payhook-props.ts';
import { configSchemaOf } from '../../src/config/schema.ts';
import { CONFIGURABLE_PROVIDERS } from '../../src/providers/settings.ts';
import { assets, DESTINATIONS } from './synthesised.ts';

const make =
  (props: PayhookProps, region = 'us-east-1') =>
  () =>
    new Payhook(new Stack(new App(), 'Shop', { env: { region } }), 'Payhook', props);

describe('new Payhook', () => {
  test.each<[string, PayhookProps, RegExp]>([
    ['a suffix that cannot be in names', { environmentSuffix: 'Shop' }, /environment suffix "Shop" cannot be part/],
    ['a setting that there is not', { environmentSuffix: 'shop', config: { mdoe: 'test' } as object }, /mdoe/],
    ['handlers that are not there', { environmentSuffix: 'shop', handlers: './nowhere.ts' }, /nowhere\.ts/],
    ['real payments and nobody who is told', { environmentSuffix: 'shop', config: { mode: 'live' } }, /alarmEmails/],
  ])('throws one report over %s', (_, props, problem) => {
    expect(make(props)).toThrow(problem);
  });

  test('refuses a stack of another region', () => {
    expect(make({ environmentSuffix: 'shop' }, 'eu-west-1')).toThrow(
      'aws.region is us-east-1, and the stack is in eu-west-1: give both the same',
    );
  });
});

interface Resource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
}

describe('in a stack of somebody else', () => {
  const BOUNDARY = 'policy-of-the-company';
  const TAGS = [
    { Key: 'cost-centre', Value: 'payments' },
    { Key: 'team', Value: 'shop' },
  ];
  /** With something of its own beside Payhook, and what a company lays over all of its stacks. */
  const resourcesOf = (layOver: (stack: Stack) => void = () => {}): Readonly<Record<string, Resource>> => {
    const stack = new Stack(new App(), 'Shop', { env: { region: 'us-east-1' } });
    new Topic(stack, 'Own');
    const config = configSchemaOf(CONFIGURABLE_PROVIDERS).parse({ destinations: DESTINATIONS });
    const payhook = new Payhook(stack, 'Payhook', { environmentSuffix: 'shop', config, peak: undefined, assets });
    payhook.acknowledgeFindings();
    layOver(stack);
    return Template.fromStack(stack).toJSON().Resources;
  };
  const plain = resourcesOf();
  const overlaid = resourcesOf((stack) => {
    for (const { Key, Value } of TAGS) Tags.of(stack).add(Key, Value);
    PermissionsBoundary.of(stack).apply(ManagedPolicy.fromManagedPolicyName(stack, 'Boundary', BOUNDARY));
    Aspects.of(stack).add({
      visit: (node) => {
        if (node instanceof CfnResource && node.cfnResourceType === 'AWS::Lambda::Function') {
          node.addPropertyOverride('Environment.Variables.COMPANY', 'shop');
        }
      },
    });
  });
  /** CDK's own, which empties buckets and which its library does not tag. */
  const OF_CDK = /^CustomS3AutoDeleteObjects/;
  const ofType = (type: string): readonly Resource[] =>
    Object.entries(overlaid)
      .filter(([id, { Type }]) => Type === type && !OF_CDK.test(id))
      .map(([, resource]) => resource);
  /** A version of a function, and a deployment of an API, is another one with each change of it. */
  const ANOTHER_WITH_EACH_CHANGE = ['AWS::Lambda::Version', 'AWS::ApiGateway::Deployment'];
  const stableId = (id: string, type: string): string =>
    ANOTHER_WITH_EACH_CHANGE.includes(type) ? id.slice(0, -32) : id;

  test('no resource comes, goes or gets another logical id or name by tags and aspects', () => {
    const namesOf = (resources: typeof plain) =>
      Object.entries(resources).map(([id, { Type, Properties = {} }]) => [
        stableId(id, Type),
        Type,
        Object.entries(Properties).filter(
          ([property, value]) => property.endsWith('Name') && typeof value === 'string',
        ),
      ]);

    expect(namesOf(overlaid)).toEqual(namesOf(plain));
  });

  test.each([
    'AWS::DynamoDB::Table',
    'AWS::IAM::Role',
    'AWS::KMS::Key',
    'AWS::Lambda::Function',
    'AWS::Logs::LogGroup',
    'AWS::S3::Bucket',
    'AWS::SecretsManager::Secret',
    'AWS::SNS::Topic',
    'AWS::SQS::Queue',
    'AWS::WAFv2::WebACL',
  ])('every %s has the tags of its stack', (type) => {
    const found = ofType(type);

    expect(found.length).toBeGreaterThan(0);
    for (const { Properties } of found) expect(Properties?.Tags).toEqual(expect.arrayContaining(TAGS));
  });

  test('every role is within the boundary of the company', () => {
    for (const { Properties } of ofType('AWS::IAM::Role')) {
      expect(JSON.stringify(Properties?.PermissionsBoundary)).toContain(BOUNDARY);
    }
  });

  test('an aspect reaches every function, and what it says of the others stays', () => {
    const functions = Object.entries(overlaid).filter(([, { Type }]) => Type === 'AWS::Lambda::Function');

    for (const [id, { Properties }] of functions) {
      const before = plain[id]?.Properties?.Environment;
      const variables = Reflect.get(before ?? {}, 'Variables');
      expect(Properties?.Environment).toEqual({ Variables: { ...variables, COMPANY: 'shop' } });
    }
  });
});
