/** Requirement 12 of the AWS home: names, several environments side by side, and what outlives a stack. */
import { beforeAll, describe, expect, test } from 'vitest';
import { FORCED_NAMES } from '../../infra/ground/forced-names.ts';
import type { PayhookConfig } from '../../src/config/define-config.ts';
import {
  at,
  DESTINATIONS,
  NAME_PROPERTIES,
  NAMELESS_TYPES,
  type Properties,
  type Resource,
  type Synthesised,
  synthesise,
} from './synthesised.ts';

const EVERYTHING = {
  aws: {
    budgetUsdAMonth: 100,
    silenceAlarmHours: { stripe: 1 },
    alarmEmails: ['oncall@shop.example'],
    provisionedConcurrency: 1,
  },
  // As long as a name may be.
  destinations: { ...DESTINATIONS, 'a-ledger-far-away-00': { kind: 'http', url: 'https://ledger.example/' } },
} satisfies PayhookConfig;
const LONGEST_SUFFIX = 'prod-eu-west-2nd';

let stack: Synthesised;
let other: Synthesised;
let regulated: Synthesised;
beforeAll(() => {
  stack = synthesise({ config: EVERYTHING });
  other = synthesise({ suffix: LONGEST_SUFFIX, config: EVERYTHING });
  regulated = synthesise({ config: { aws: { retention: 'regulated' }, destinations: DESTINATIONS } });
});

interface Named {
  readonly type: string;
  readonly name: string;
}

/** Names that belong to the API are told apart by the API, which AWS gives an id. */
const namesIn = (of: Synthesised): readonly Named[] =>
  of.resources
    .filter(({ Type }) => Type in NAME_PROPERTIES)
    .map((resource) => ({ type: resource.Type, name: String(of.nameOf(resource)) }));

const forcedNames = (suffix: string): readonly string[] =>
  FORCED_NAMES.map(({ resourceType, name }) =>
    [resourceType, name.replace('SUFFIX', suffix).replace('{api}', `api-webhooks-${suffix}`)].join(' '),
  );

/** An alias is named inside of its function. */
const INNER_TYPES = ['AWS::Lambda::Alias'];

describe('names', () => {
  test('every resource type is known to have a name or to have none', () => {
    const known = [...Object.keys(NAME_PROPERTIES), ...NAMELESS_TYPES, ...INNER_TYPES];
    const types = [...new Set([stack, regulated].flatMap((each) => each.resources.map(({ Type }) => Type)))];

    expect(types.length).toBeGreaterThan(30);
    expect(types.filter((type) => !known.includes(type))).toEqual([]);
  });

  test.each([
    ['dev', () => stack],
    [LONGEST_SUFFIX, () => other],
  ])('every nameable resource is called {type}-{purpose}-%s, or is on the list of forced names', (suffix, of) => {
    const pattern = new RegExp(`^[a-z][a-z0-9]*-[A-Za-z][A-Za-z0-9-]*-${suffix}$`);
    const exceptions = namesIn(of()).filter(({ name }) => !pattern.test(name));

    expect(namesIn(of()).length).toBeGreaterThan(60);
    expect(exceptions.filter(({ type, name }) => !forcedNames(suffix).includes(`${type} ${name}`))).toEqual([]);
  });

  test('every forced name is really there, and has its reason', () => {
    const present = namesIn(stack).map(({ type, name }) => `${type} ${name}`);

    expect(forcedNames('dev').filter((name) => !present.includes(name))).toEqual([]);
    for (const { reason } of FORCED_NAMES) expect(reason.length).toBeGreaterThan(20);
  });

  test('the type in a name is the type of the resource', () => {
    const prefixes: Readonly<Record<string, string>> = {
      'AWS::CloudWatch::Alarm': 'alarm-',
      'AWS::DynamoDB::Table': 'table-',
      'AWS::Events::Archive': 'archive-',
      'AWS::Events::EventBus': 'bus-',
      'AWS::Events::Rule': 'rule-',
      'AWS::IAM::ManagedPolicy': 'policy-',
      'AWS::IAM::Role': 'role-',
      'AWS::Lambda::Function': 'lambda-',
      'AWS::Logs::MetricFilter': 'metricfilter-',
      'AWS::SNS::Topic': 'topic-',
      'AWS::SQS::Queue': 'queue-',
      'AWS::SecretsManager::Secret': 'secret-',
    };

    for (const { type, name } of namesIn(stack)) expect(name).toMatch(new RegExp(`^${prefixes[type] ?? ''}`));
  });

  test('the table is called PaymentWebhooks', () => {
    expect(namesIn(stack)).toContainEqual({ type: 'AWS::DynamoDB::Table', name: 'table-PaymentWebhooks-dev' });
  });

  test('no name is longer than AWS allows, with the longest suffix', () => {
    const charsMax: Readonly<Record<string, number>> = {
      'AWS::IAM::Role': 64,
      'AWS::Lambda::Function': 64,
      'AWS::Events::Archive': 48,
      'AWS::Events::Rule': 64,
      'AWS::SQS::Queue': 80,
      'AWS::S3::Bucket': 63,
      'AWS::XRay::SamplingRule': 32,
    };
    const tooLong = namesIn(other).filter(
      ({ type, name }) => name.replace('ACCOUNT', '123456789012').length > (charsMax[type] ?? 128),
    );

    expect(LONGEST_SUFFIX).toHaveLength(16);
    expect(tooLong).toEqual([]);
  });

  test('two environments have no name in common, and can live side by side', () => {
    const mine = namesIn(stack).map(({ name }) => name);
    const theirs = namesIn(other).map(({ name }) => name);

    expect(new Set(mine).size).toBe(mine.length);
    expect(mine.filter((name) => theirs.includes(name))).toEqual([]);
    expect(Object.values(stack.outputs).filter((output) => 'Export' in output)).toEqual([]);
  });

  test('no name depends on the region', () => {
    const elsewhere = synthesise({ config: { ...EVERYTHING, aws: { ...EVERYTHING.aws, region: 'eu-west-1' } } });

    expect(namesIn(elsewhere)).toEqual(namesIn(stack));
    expect(elsewhere.text).not.toContain('us-east-1');
  });

  test('the same input gives the same template', () => {
    expect(synthesise({ config: EVERYTHING }).text).toBe(stack.text);
  });
});

describe('an ephemeral stack', () => {
  test('leaves nothing behind', () => {
    const kept = stack.resources.filter(
      ({ DeletionPolicy, UpdateReplacePolicy }) =>
        (DeletionPolicy ?? 'Delete') !== 'Delete' || (UpdateReplacePolicy ?? 'Delete') !== 'Delete',
    );

    expect(kept.map(({ logicalId }) => logicalId)).toEqual([]);
  });

  test('says of everything that AWS keeps by default that it goes', () => {
    const keptByDefault = ['AWS::DynamoDB::Table', 'AWS::KMS::Key', 'AWS::Logs::LogGroup', 'AWS::S3::Bucket'];
    const resources = keptByDefault.flatMap((type) => stack.all(type));

    expect(resources.length).toBeGreaterThan(10);
    expect(resources.filter(({ DeletionPolicy }) => DeletionPolicy !== 'Delete')).toEqual([]);
  });

  test('has nothing that would refuse to be removed', () => {
    expect(stack.hasTerminationProtection).toBe(false);
    expect(stack.text).not.toContain('"DeletionProtectionEnabled": true');
    expect(stack.text).not.toContain('ObjectLock');
  });

  test('empties its buckets before they are removed', () => {
    const emptied = stack
      .all('Custom::S3AutoDeleteObjects')
      .map(({ Properties }) => at(Properties.BucketName, 'Ref'))
      .sort();

    expect(emptied).toEqual(
      stack
        .all('AWS::S3::Bucket')
        .map(({ logicalId }) => logicalId)
        .sort(),
    );
  });

  test('its keys are gone after 7 days', () => {
    expect(stack.all('AWS::KMS::Key').map(({ Properties }) => Properties.PendingWindowInDays)).toEqual([7, 7, 7]);
  });

  test('forgets records that could not be audited after 30 days', () => {
    expect(expiryDays(stack)).toBe(30);
  });
});

/** Its resources without the property that protects them. */
const unprotectedOf = (of: Synthesised) =>
  of.resources.map(({ Properties: { DeletionProtectionEnabled: _, ...rest }, ...resource }) => ({ ...resource, rest }));

const expiryDays = (of: Synthesised): unknown => {
  const name = 's3-stream-failures-ACCOUNT-dev';
  const rules = at(of.one('AWS::S3::Bucket', name).Properties, 'LifecycleConfiguration.Rules') as readonly Properties[];
  return rules.find(({ Prefix }) => Prefix === 'aws/lambda/')?.ExpirationInDays;
};

describe('a regulated stack', () => {
  const protectedTypes = ['AWS::DynamoDB::Table', 'AWS::Logs::LogGroup'];
  const keptTypes = [...protectedTypes, 'AWS::KMS::Key', 'AWS::S3::Bucket'];
  const ofTypes = (types: readonly string[]): readonly Resource[] => types.flatMap((type) => regulated.all(type));

  test('cannot be removed by accident', () => {
    expect(regulated.hasTerminationProtection).toBe(true);
  });

  test('protects tables and log groups from deletion', () => {
    const unprotected = ofTypes(protectedTypes).filter(
      ({ Properties }) => Properties.DeletionProtectionEnabled !== true,
    );

    expect(ofTypes(protectedTypes).length).toBeGreaterThan(6);
    expect(unprotected).toEqual([]);
  });

  test('keeps tables, log groups, keys and buckets even when it is removed, and nothing else', () => {
    const kept = regulated.resources.filter(({ DeletionPolicy }) => (DeletionPolicy ?? 'Delete') !== 'Delete');

    expect(kept.map(({ logicalId }) => logicalId).sort()).toEqual(
      ofTypes(keptTypes)
        .map(({ logicalId }) => logicalId)
        .sort(),
    );
    expect(new Set(kept.map(({ UpdateReplacePolicy }) => UpdateReplacePolicy))).toEqual(new Set(['Retain']));
  });

  test('takes back what it made when its creation fails, so that nothing is in the way of the next one', () => {
    const first = synthesise({
      config: { aws: { retention: 'regulated' }, destinations: DESTINATIONS },
      isFirstDeployment: true,
    });
    const kept = first.resources.filter(({ DeletionPolicy }) => (DeletionPolicy ?? 'Delete') !== 'Delete');

    expect(kept.length).toBeGreaterThan(10);
    expect(new Set(kept.map(({ DeletionPolicy }) => DeletionPolicy))).toEqual(new Set(['RetainExceptOnCreate']));
    expect(first.hasTerminationProtection).toBe(false);
    expect(first.text).not.toContain('"DeletionProtectionEnabled": true');
  });

  test('is protected in a second step that changes nothing else', () => {
    const config = { aws: { retention: 'regulated' }, destinations: DESTINATIONS } as const;
    const first = synthesise({ config, isFirstDeployment: true });

    expect(unprotectedOf(first)).toEqual(unprotectedOf(regulated));
  });

  test('locks the audit archive for 400 days, for everybody', () => {
    const { Properties } = regulated.one('AWS::S3::Bucket', 's3-audit-archive-ACCOUNT-dev');

    expect(Properties.ObjectLockEnabled).toBe(true);
    expect(at(Properties, 'ObjectLockConfiguration.Rule.DefaultRetention')).toEqual({ Mode: 'COMPLIANCE', Days: 400 });
    expect(Properties.VersioningConfiguration).toEqual({ Status: 'Enabled' });
  });

  test('does not lock the bucket into which Lambda has to write', () => {
    const { Properties } = regulated.one('AWS::S3::Bucket', 's3-stream-failures-ACCOUNT-dev');

    expect(JSON.stringify(Properties)).not.toContain('ObjectLock');
  });

  test('nobody empties its buckets', () => {
    expect(regulated.all('Custom::S3AutoDeleteObjects')).toEqual([]);
    expect(regulated.text).not.toContain('bucket-cleaner');
  });

  test('its keys can be rescued for 30 days', () => {
    expect(regulated.all('AWS::KMS::Key').map(({ Properties }) => Properties.PendingWindowInDays)).toEqual([
      30, 30, 30,
    ]);
  });

  test('keeps records that could not be audited for 400 days', () => {
    expect(expiryDays(regulated)).toBe(400);
  });
});
