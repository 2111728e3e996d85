/** Requirements 3 and 4 of the AWS home: the functions and their layer. */
import { beforeAll, describe, expect, test } from 'vitest';
import { COUNTED_LINES } from '../../src/config/counted-lines.ts';
import { FUNCTION_VARIABLES } from '../../src/config/function-environment.ts';
import { DESTINATIONS, FUNCTION_NAMES, type Json, type Resource, type Synthesised, synthesise } from './synthesised.ts';

const FUNCTION = 'AWS::Lambda::Function';

let stack: Synthesised;
let small: Synthesised;
let unreserved: Synthesised;
beforeAll(() => {
  stack = synthesise();
  small = synthesise({
    config: {
      aws: { reservedConcurrency: { receiver: 5, processor: 4, auditLogger: 3 }, provisionedConcurrency: 2 },
    },
  });
  unreserved = synthesise({ config: { aws: { reservedConcurrency: false } } });
});

const variables = (resource: Resource): Readonly<Record<string, Json>> =>
  (resource.Properties.Environment as { readonly Variables: Record<string, Json> }).Variables;

const readableVariables = (name: string, of = stack): Record<string, string> =>
  Object.fromEntries(
    Object.entries(variables(of.one(FUNCTION, name))).map(([key, value]) => [key, of.readable(value)]),
  );

const versionOf = (of: Synthesised, { FunctionName }: Resource['Properties']): Resource => {
  const found = of
    .all('AWS::Lambda::Version')
    .find(({ Properties }) => JSON.stringify(Properties.FunctionName) === JSON.stringify(FunctionName));
  if (found === undefined) throw new Error(`no version of ${JSON.stringify(FunctionName)}`);
  return found;
};

describe('functions', () => {
  test('webhook-receiver has 30 seconds and 100 reserved executions', () => {
    expect(stack.one(FUNCTION, 'lambda-webhook-receiver-dev').Properties).toMatchObject({
      Timeout: 30,
      ReservedConcurrentExecutions: 100,
      MemorySize: 1024,
    });
  });

  test('payment-processor has 5 minutes and 50 reserved executions', () => {
    expect(stack.one(FUNCTION, 'lambda-payment-processor-dev').Properties).toMatchObject({
      Timeout: 300,
      ReservedConcurrentExecutions: 50,
      MemorySize: 512,
    });
  });

  test('audit-logger has reserved executions of its own', () => {
    expect(stack.one(FUNCTION, 'lambda-audit-logger-dev').Properties).toMatchObject({
      Timeout: 60,
      ReservedConcurrentExecutions: 25,
      MemorySize: 512,
    });
  });

  test('there are these functions, and the one that empties the buckets of an ephemeral stack', () => {
    expect(
      stack
        .all(FUNCTION)
        .map((each) => stack.nameOf(each))
        .sort(),
    ).toEqual([...FUNCTION_NAMES, 'lambda-bucket-cleaner-dev'].sort());
  });

  test('every function runs Node.js 24 on ARM64', () => {
    for (const { Properties } of stack.all(FUNCTION)) {
      expect(Properties).toMatchObject({ Runtime: 'nodejs24.x', Architectures: ['arm64'], Handler: 'index.handler' });
    }
  });

  test('what rests by being sent again is not cut as a loop, and every other loop is', () => {
    const sending = synthesise({ config: { destinations: DESTINATIONS } });
    const allowed = sending
      .all(FUNCTION)
      .filter(({ Properties }) => Properties.RecursiveLoop === 'Allow')
      .map((each) => sending.nameOf(each));

    expect(allowed.sort()).toEqual(['lambda-destination-sender-dev', 'lambda-payment-processor-dev']);
  });

  test('every function is traced', () => {
    for (const { Properties } of stack.all(FUNCTION)) expect(Properties.TracingConfig).toEqual({ Mode: 'Active' });
  });

  test('every function of ours keeps its package under the key', () => {
    for (const name of FUNCTION_NAMES) {
      const { Code } = stack.one(FUNCTION, name).Properties;
      expect(stack.readable((Code as { readonly SourceKMSKeyArn: Json }).SourceKMSKeyArn)).toBe(
        'alias/key-payhook-dev.Arn',
      );
    }
  });

  test('every function encrypts its environment with the key', () => {
    for (const { Properties } of stack.all(FUNCTION)) {
      expect(stack.readable(Properties.KmsKeyArn as Json)).toBe('alias/key-payhook-dev.Arn');
    }
  });

  test('the receiver gets exactly its environment variables', () => {
    const environment = readableVariables('lambda-webhook-receiver-dev');

    expect(Object.keys(environment).sort()).toEqual([...FUNCTION_VARIABLES.receiver].sort());
    expect(environment).toEqual({
      PAYHOOK_ENVIRONMENT_SUFFIX: 'dev',
      PAYHOOK_WEBHOOK_TABLE: 'table-PaymentWebhooks-dev',
      PAYHOOK_REJECTED_TABLE: 'table-RejectedDeliveries-dev',
      PAYHOOK_WORK_QUEUE_URL: 'queue-work-dev',
      PAYHOOK_AUDIT_QUEUE_URL: 'queue-audit-drafts-dev',
      PAYHOOK_DATA_KEY_ARN: 'alias/key-payhook-dev.Arn',
      PAYHOOK_ALERT_TOPIC_ARN: 'topic-critical-alerts-dev',
    });
  });

  test('what a log line says is counted from it, by provider, in the namespace of the other metrics', () => {
    const filters = stack.all('AWS::Logs::MetricFilter').map(({ Properties }) => ({
      from: stack.readable(Properties.LogGroupName as Json),
      pattern: Properties.FilterPattern,
      counted: Properties.MetricTransformations,
    }));

    expect(filters).toHaveLength(Object.values(COUNTED_LINES).flat().length);
    expect(filters).toContainEqual({
      from: 'logs-webhook-receiver-dev',
      pattern: '{ ($.event = "delivery.received") && ($.outcome = "accepted") }',
      counted: [
        {
          MetricNamespace: 'Payhook/dev',
          MetricName: 'DeliveriesAccepted',
          MetricValue: '1',
          Dimensions: [{ Key: 'Provider', Value: '$.provider' }],
        },
      ],
    });
  });

  test('the processor gets exactly its environment variables', () => {
    const environment = readableVariables('lambda-payment-processor-dev');

    expect(Object.keys(environment).sort()).toEqual([...FUNCTION_VARIABLES.processor].sort());
    expect(environment).toEqual({
      PAYHOOK_ENVIRONMENT_SUFFIX: 'dev',
      PAYHOOK_WEBHOOK_TABLE: 'table-PaymentWebhooks-dev',
      PAYHOOK_PAYMENT_TABLE: 'table-Payments-dev',
      PAYHOOK_WORK_QUEUE_URL: 'queue-work-dev',
      PAYHOOK_DEAD_LETTER_QUEUE_URL: 'queue-dead-letters-dev',
      PAYHOOK_DESTINATION_QUEUE_URLS: '{}',
      PAYHOOK_DATA_KEY_ARN: 'alias/key-payhook-dev.Arn',
      PAYHOOK_ALERT_TOPIC_ARN: 'topic-critical-alerts-dev',
    });
  });

  test('the audit logger gets exactly its environment variables', () => {
    const environment = readableVariables('lambda-audit-logger-dev');

    expect(Object.keys(environment).sort()).toEqual([...FUNCTION_VARIABLES.auditLogger].sort());
    expect(environment).toEqual({
      PAYHOOK_ENVIRONMENT_SUFFIX: 'dev',
      PAYHOOK_AUDIT_TABLE: 'table-AuditTrail-dev',
      PAYHOOK_DIGEST_KEY_ARN: 'alias/key-audit-digests-dev.Arn',
      PAYHOOK_ARCHIVE_BUCKET: 's3-audit-archive-ACCOUNT-dev',
      PAYHOOK_ALERT_TOPIC_ARN: 'topic-critical-alerts-dev',
    });
  });

  test('the sender is there only with destinations, and gets exactly its environment variables', () => {
    const sending = synthesise({ config: { destinations: DESTINATIONS } });
    const environment = readableVariables('lambda-destination-sender-dev', sending);

    expect(stack.all(FUNCTION).map((each) => stack.nameOf(each))).not.toContain('lambda-destination-sender-dev');
    expect(Object.keys(environment).sort()).toEqual([...FUNCTION_VARIABLES.sender].sort());
    expect(environment).toEqual({
      PAYHOOK_ENVIRONMENT_SUFFIX: 'dev',
      PAYHOOK_WEBHOOK_TABLE: 'table-PaymentWebhooks-dev',
      PAYHOOK_PAYMENT_TABLE: 'table-Payments-dev',
      PAYHOOK_DESTINATION_QUEUE_URLS: '{"ledger":"queue-destination-ledger-dev","bus":"queue-destination-bus-dev"}',
      PAYHOOK_DESTINATION_DEAD_LETTER_QUEUE_URL: 'queue-destination-dead-letters-dev',
      PAYHOOK_DATA_KEY_ARN: 'alias/key-payhook-dev.Arn',
      PAYHOOK_ALERT_TOPIC_ARN: 'topic-critical-alerts-dev',
    });
    expect(readableVariables('lambda-payment-processor-dev', sending).PAYHOOK_DESTINATION_QUEUE_URLS).toBe(
      environment.PAYHOOK_DESTINATION_QUEUE_URLS,
    );
    expect(sending.one(FUNCTION, 'lambda-destination-sender-dev').Properties).toMatchObject({
      Timeout: 300,
      ReservedConcurrentExecutions: 10,
      MemorySize: 512,
    });
  });

  test('the reconciler runs one at a time, every ten minutes, and gets exactly its environment variables', () => {
    const environment = readableVariables('lambda-reconciler-dev');
    const [rule] = stack.all('AWS::Events::Rule').filter((each) => stack.nameOf(each) === 'rule-reconcile-dev');

    expect(Object.keys(environment).sort()).toEqual([...FUNCTION_VARIABLES.reconciler].sort());
    expect(stack.one(FUNCTION, 'lambda-reconciler-dev').Properties).toMatchObject({
      Timeout: 300,
      ReservedConcurrentExecutions: 1,
      MemorySize: 512,
    });
    expect(rule?.Properties).toMatchObject({ ScheduleExpression: 'rate(10 minutes)', State: 'ENABLED' });
  });

  test('there is no reconciler where it is off, and none where no provider lists what it sends', () => {
    const off = synthesise({ config: { reconcile: { isAutomatic: false } } });
    const unlisted = synthesise({ config: { providers: { 'standard-webhooks': {} } } });

    for (const without of [off, unlisted]) {
      expect(without.text).not.toContain('reconciler');
      expect(without.text).not.toContain('api-credentials');
    }
  });

  test('reserved concurrency can be lowered', () => {
    const reserved = FUNCTION_NAMES.map((name) => small.one(FUNCTION, name).Properties.ReservedConcurrentExecutions);

    expect(reserved).toEqual([5, 4, 3, 1]);
  });

  test('reserved concurrency can be left out for accounts whose quota is too small', () => {
    for (const { Properties } of unreserved.all(FUNCTION)) {
      expect(Properties).not.toHaveProperty('ReservedConcurrentExecutions');
    }
  });

  test('every function of ours is called by the alias of a version, and nothing of it is kept warm by default', () => {
    const aliases = stack.all('AWS::Lambda::Alias');

    expect(aliases.map(({ Properties }) => stack.readable(Properties.FunctionName as Json)).sort()).toEqual(
      [...FUNCTION_NAMES].sort(),
    );
    for (const { Properties } of aliases) {
      const { logicalId } = versionOf(stack, Properties);
      expect(Properties).toMatchObject({ Name: 'live', FunctionVersion: { 'Fn::GetAtt': [logicalId, 'Version'] } });
      expect(Properties).not.toHaveProperty('ProvisionedConcurrencyConfig');
    }
  });

  test('executions are kept warm on an alias of a version', () => {
    const warm = small
      .all('AWS::Lambda::Alias')
      .filter(({ Properties }) => 'ProvisionedConcurrencyConfig' in Properties);

    expect(warm.map(({ Properties }) => small.readable(Properties.FunctionName as Json))).toEqual([
      'lambda-webhook-receiver-dev',
    ]);
    expect(warm[0]?.Properties.ProvisionedConcurrencyConfig).toEqual({ ProvisionedConcurrentExecutions: 2 });
  });
});

describe('layer', () => {
  test('one layer with the shared dependencies is used by all functions', () => {
    const layer = stack.one('AWS::Lambda::LayerVersion', 'layer-shared-dependencies-dev');

    for (const name of FUNCTION_NAMES) {
      expect(stack.one(FUNCTION, name).Properties.Layers).toEqual([{ Ref: layer.logicalId }]);
    }
  });

  test('the layer is for the runtime and the architecture of the functions', () => {
    expect(stack.one('AWS::Lambda::LayerVersion').Properties).toMatchObject({
      CompatibleRuntimes: ['nodejs24.x'],
      CompatibleArchitectures: ['arm64'],
    });
  });
});
