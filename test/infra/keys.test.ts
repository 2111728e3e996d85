/** Requirements 8, 9, 11 and 13 of the AWS home: keys, traces, logs, secrets. */
import { beforeAll, describe, expect, test } from 'vitest';
import { at, DESTINATIONS, type Json, type Properties, type Synthesised, synthesise } from './synthesised.ts';

let stack: Synthesised;
let twoProviders: Synthesised;
let regulated: Synthesised;
beforeAll(() => {
  stack = synthesise();
  twoProviders = synthesise({ config: { providers: { stripe: {}, square: {} }, aws: { tracesSampledRatio: 0.2 } } });
  regulated = synthesise({ config: { aws: { retention: 'regulated' } } });
});

const key = (alias: string): Properties => {
  const target = stack.one('AWS::KMS::Alias', alias).Properties.TargetKeyId;
  return stack.byLogicalId(String((at(target, 'Fn::GetAtt') as readonly Json[])[0])).Properties;
};

const statements = (alias: string): readonly Properties[] =>
  at(key(alias), 'KeyPolicy.Statement') as readonly Properties[];

describe('keys', () => {
  test('the key of all data is rotated', () => {
    expect(key('alias/key-payhook-dev').EnableKeyRotation).toBe(true);
    expect(key('alias/key-payhook-dev')).not.toHaveProperty('KeySpec');
  });

  test('digests are signed with an asymmetric key of their own', () => {
    expect(key('alias/key-audit-digests-dev')).toMatchObject({ KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' });
  });

  test('CloudWatch Logs may use the key, for log groups of this account', () => {
    expect(statements('alias/key-payhook-dev')).toContainEqual(
      expect.objectContaining({
        Principal: { Service: 'logs.us-east-1.amazonaws.com' },
        Condition: {
          ArnLike: {
            'kms:EncryptionContext:aws:logs:arn': {
              'Fn::Join': ['', ['arn:aws:logs:us-east-1:', { Ref: 'AWS::AccountId' }, ':log-group:*']],
            },
          },
        },
      }),
    );
  });

  test('alarms, events and subscriptions may use the key of alerts, which is rotated too', () => {
    const services = statements('alias/key-alerts-dev').flatMap(({ Principal }) => at(Principal, 'Service') ?? []);

    expect(new Set(services)).toEqual(
      new Set(['cloudwatch.amazonaws.com', 'events.amazonaws.com', 'sns.amazonaws.com']),
    );
    expect(key('alias/key-alerts-dev').EnableKeyRotation).toBe(true);
  });

  test('that the key of all data is gone can be told: nothing on the way of an alert is under it', () => {
    const onTheWay = [
      stack.one('AWS::SNS::Topic'),
      stack.one('AWS::SQS::Queue', 'queue-alert-dead-letters-dev'),
      stack.one('AWS::SQS::Queue', 'queue-invocation-failures-dev'),
    ];

    for (const { Properties } of onTheWay) {
      expect(stack.readable(Properties.KmsMasterKeyId as Json)).toBe('alias/key-alerts-dev.Arn');
    }
    expect(JSON.stringify(statements('alias/key-payhook-dev'))).not.toMatch(/cloudwatch|events|sns/);
  });

  test.each(['alias/key-payhook-dev', 'alias/key-audit-digests-dev', 'alias/key-alerts-dev'])(
    'nobody but the account itself has all rights on %s',
    (alias) => {
      const owners = statements(alias)
        .filter(({ Action }) => Action === 'kms:*')
        .map(({ Principal }) => stack.readable(at(Principal, 'AWS') as Json));

      expect(owners).toEqual(['arn:aws:iam::ACCOUNT:root']);
      expect(JSON.stringify(statements(alias))).not.toContain('Role');
    },
  );

  test('everything that can be encrypted is, with the key of all data or that of alerts', () => {
    const where: Readonly<Record<string, string>> = {
      'AWS::DynamoDB::Table': 'SSESpecification.KMSMasterKeyId',
      'AWS::Lambda::Function': 'KmsKeyArn',
      'AWS::Logs::LogGroup': 'KmsKeyId',
      'AWS::SNS::Topic': 'KmsMasterKeyId',
      'AWS::SQS::Queue': 'KmsMasterKeyId',
      'AWS::SecretsManager::Secret': 'KmsKeyId',
    };
    const found = Object.entries(where).flatMap(([type, path]) =>
      stack
        .all(type)
        .map(({ logicalId, Properties }) => `${logicalId} ${stack.readable(at(Properties, path) as Json)}`),
    );

    expect(found.length).toBeGreaterThan(20);
    expect(found.filter((line) => !/ alias\/key-(?:payhook|alerts)-dev\.Arn$/.test(line))).toEqual([]);
  });
});

describe('bus of payment events', () => {
  const sending = () => synthesise({ config: { destinations: DESTINATIONS } });
  const BUS_ARN = 'event-bus/bus-payment-events-dev';

  test('is encrypted with the key, which EventBridge may use for this bus', () => {
    const of = sending();
    const toBus = (at(of.byLogicalId(keyIdIn(of)).Properties, 'KeyPolicy.Statement') as readonly Properties[]).filter(
      ({ Principal }) => at(Principal, 'Service') === 'events.amazonaws.com',
    );
    const actions = toBus.flatMap(({ Action }) => Action as string | string[]);

    expect(of.readable(of.one('AWS::Events::EventBus').Properties.KmsKeyIdentifier as Json)).toBe(
      'alias/key-payhook-dev.Arn',
    );
    expect(actions).toEqual(
      expect.arrayContaining(['kms:DescribeKey', 'kms:GenerateDataKey', 'kms:Decrypt', 'kms:ReEncrypt*']),
    );
    const bound = toBus.filter(({ Condition }) => Condition !== undefined);
    expect(bound).toHaveLength(2);
    for (const { Condition } of bound) {
      const context = at(Condition, 'StringEquals') as Properties;
      expect(of.readable(context['kms:EncryptionContext:aws:events:event-bus:arn'] as Json)).toContain(BUS_ARN);
    }
  });

  test('sets aside what it cannot encrypt, and the failure queue takes it from this bus only', () => {
    const of = sending();

    expect(of.readable(at(of.one('AWS::Events::EventBus').Properties, 'DeadLetterConfig.Arn') as Json)).toBe(
      'queue-invocation-failures-dev.Arn',
    );
    const policies = of
      .all('AWS::SQS::QueuePolicy')
      .flatMap(({ Properties: { PolicyDocument: document } }) => at(document, 'Statement') as readonly Properties[]);
    const fromBus = policies.filter(({ Sid }) => Sid === 'PaymentBusSetsAside');
    expect(
      fromBus.map((one) => of.readable(at(one, 'Condition.ArnEquals') === undefined ? '' : sourceOf(one))),
    ).toEqual([expect.stringContaining(BUS_ARN)]);
  });

  test('keeps events for its own replay only where it was asked to, under the key', () => {
    const archive = sending().one('AWS::Events::Archive', 'archive-payment-events-dev').Properties;
    const without = synthesise({ config: { destinations: { bus: { kind: 'eventbridge' } } } });

    expect(archive.RetentionDays).toBe(30);
    expect(archive.KmsKeyIdentifier).toBeDefined();
    expect(without.all('AWS::Events::EventBus')).toHaveLength(1);
    expect(without.all('AWS::Events::Archive')).toEqual([]);
    expect(without.text).not.toContain('PaymentEventArchive');
  });

  test('nobody of another account may put events on it', () => {
    expect(sending().all('AWS::Events::EventBusPolicy')).toEqual([]);
  });
});

const keyIdIn = (of: Synthesised): string =>
  String(
    (at(of.one('AWS::KMS::Alias', 'alias/key-payhook-dev').Properties.TargetKeyId, 'Fn::GetAtt') as readonly Json[])[0],
  );

const sourceOf = (statement: Properties): Json =>
  (at(statement, 'Condition.ArnEquals') as Properties)['aws:SourceArn'] as Json;

describe('traces', () => {
  test('one delivery a second and 1 of 100 besides are traced', () => {
    expect(stack.one('AWS::XRay::SamplingRule').Properties.SamplingRule).toMatchObject({
      RuleName: 'rule-tracing-dev',
      ReservoirSize: 1,
      FixedRate: 0.01,
      ServiceType: 'AWS::ApiGateway::Stage',
      ServiceName: 'api-webhooks-dev/dev',
    });
  });

  test('how many are traced can be configured', () => {
    expect(at(twoProviders.one('AWS::XRay::SamplingRule').Properties, 'SamplingRule.FixedRate')).toBe(0.2);
  });

  test('a sixth stack of an account goes without the policy of which X-Ray takes five', () => {
    const sixth = synthesise({ config: { aws: { areAlertsTraced: false } } });

    expect(sixth.all('AWS::XRay::ResourcePolicy')).toEqual([]);
    expect(sixth.one('AWS::SNS::Topic').Properties.TracingConfig).toBe('PassThrough');
  });

  test('the topic is traced, and X-Ray takes its segments', () => {
    const policy = stack.readable(stack.one('AWS::XRay::ResourcePolicy').Properties.PolicyDocument as Json);

    expect(stack.one('AWS::SNS::Topic').Properties.TracingConfig).toBe('Active');
    expect(JSON.parse(policy).Statement).toEqual([
      {
        Sid: 'TopicMaySendTraces',
        Effect: 'Allow',
        Principal: { Service: 'sns.amazonaws.com' },
        Action: ['xray:PutTraceSegments', 'xray:GetSamplingRules', 'xray:GetSamplingTargets'],
        Resource: '*',
        Condition: {
          StringEquals: { 'aws:SourceAccount': 'ACCOUNT' },
          StringLike: { 'aws:SourceArn': 'topic-critical-alerts-dev' },
        },
      },
    ]);
  });
});

describe('logs', () => {
  const LOG_GROUPS = [
    'API-Gateway-Execution-Logs_api-webhooks-dev/dev',
    'aws-waf-logs-webhooks-dev',
    'logs-audit-logger-dev',
    'logs-bucket-cleaner-dev',
    'logs-payment-processor-dev',
    'logs-reconciler-dev',
    'logs-requests-dev',
    'logs-webhook-receiver-dev',
  ];

  test('every log group is owned by the stack', () => {
    expect(
      stack
        .all('AWS::Logs::LogGroup')
        .map((group) => stack.nameOf(group))
        .sort(),
    ).toEqual(LOG_GROUPS);
  });

  test('logs are kept for 30 days, in a regulated stack for 400', () => {
    const days = (of: Synthesised) => of.all('AWS::Logs::LogGroup').map(({ Properties }) => Properties.RetentionInDays);

    expect(new Set(days(stack))).toEqual(new Set([30]));
    expect(new Set(days(regulated))).toEqual(new Set([400]));
  });

  test('every function writes JSON into its own log group, without the lines of the platform', () => {
    for (const resource of stack.all('AWS::Lambda::Function')) {
      const { LoggingConfig: config } = resource.Properties;
      const name = String(stack.nameOf(resource)).replace(/^lambda-/, 'logs-');

      expect(stack.readable(at(config, 'LogGroup') as Json)).toBe(name);
      expect(config).toMatchObject({ LogFormat: 'JSON', SystemLogLevel: 'WARN' });
    }
  });

  test('our functions log from level info on', () => {
    for (const name of ['webhook-receiver', 'payment-processor', 'audit-logger']) {
      const { LoggingConfig: config } = stack.one('AWS::Lambda::Function', `lambda-${name}-dev`).Properties;

      expect(at(config, 'ApplicationLogLevel')).toBe('INFO');
    }
  });

  test('the execution log of API Gateway is there before the stage, which would create it for ever', () => {
    const group = stack.one('AWS::Logs::LogGroup', 'API-Gateway-Execution-Logs_api-webhooks-dev/dev');

    expect(stack.one('AWS::ApiGateway::Stage').DependsOn).toContain(group.logicalId);
  });
});

describe('secrets', () => {
  const names = (of: Synthesised) =>
    of
      .all('AWS::SecretsManager::Secret')
      .map((secret) => of.nameOf(secret))
      .sort();

  test('there is one secret for each configured provider, for the API of those that list events, and for each HTTP destination', () => {
    expect(names(stack)).toEqual([
      'secret-adyen-signing-secrets-dev',
      'secret-paypal-api-credentials-dev',
      'secret-paypal-signing-secrets-dev',
      'secret-square-api-credentials-dev',
      'secret-square-signing-secrets-dev',
      'secret-standard-webhooks-signing-secrets-dev',
      'secret-stripe-api-credentials-dev',
      'secret-stripe-signing-secrets-dev',
    ]);
    expect(names(synthesise({ config: { providers: { stripe: {} }, destinations: DESTINATIONS } }))).toEqual([
      'secret-destination-ledger-signing-secrets-dev',
      'secret-stripe-api-credentials-dev',
      'secret-stripe-signing-secrets-dev',
    ]);
    expect(names(twoProviders)).toEqual([
      'secret-square-api-credentials-dev',
      'secret-square-signing-secrets-dev',
      'secret-stripe-api-credentials-dev',
      'secret-stripe-signing-secrets-dev',
    ]);
  });

  test('a secret begins as an empty list, and no deployment changes it', () => {
    for (const { Properties } of stack.all('AWS::SecretsManager::Secret')) {
      expect(Properties.SecretString).toBe('{"secrets":[]}');
      expect(Properties).not.toHaveProperty('GenerateSecretString');
    }
  });

  test('no environment variable of a function holds a secret', () => {
    for (const { Properties } of stack.all('AWS::Lambda::Function')) {
      expect(JSON.stringify(Properties.Environment ?? {})).not.toMatch(/secret|resolve:/i);
    }
  });
});
