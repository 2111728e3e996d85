/** Requirement 6 of the AWS home: queues, and a place for every failure. */
import { beforeAll, describe, expect, test } from 'vitest';
import { PROVIDERS } from '../../src/providers/providers.ts';
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

const QUEUE = 'AWS::SQS::Queue';
const MAPPING = 'AWS::Lambda::EventSourceMapping';
const DAY_SECONDS = 24 * 60 * 60;

const DEAD_LETTER_QUEUES = [
  'queue-dead-letters-dev',
  'queue-audit-dead-letters-dev',
  'queue-invocation-failures-dev',
  'queue-alert-dead-letters-dev',
];

let stack: Synthesised;
let small: Synthesised;
let unreserved: Synthesised;
let withEmails: Synthesised;
beforeAll(() => {
  stack = synthesise();
  small = synthesise({
    config: { aws: { reservedConcurrency: { processor: 4, auditLogger: 2 }, provisionedConcurrency: 1 } },
  });
  unreserved = synthesise({ config: { aws: { reservedConcurrency: false } } });
  withEmails = synthesise({ config: { aws: { alarmEmails: ['oncall@shop.example', 'second@shop.example'] } } });
});

const queue = (name: string): Properties => stack.one(QUEUE, name).Properties;

const mapping = (of: Synthesised, source: string): Resource => {
  const found = of.all(MAPPING).find(({ Properties }) => of.readable(Properties.EventSourceArn as Json) === source);
  if (found === undefined) throw new Error(`nothing reads ${source}`);
  return found;
};

const reserved = (of: Synthesised, resource: Resource): Json | undefined =>
  of.one('AWS::Lambda::Function', of.readable(resource.Properties.FunctionName as Json).replace(':live', '')).Properties
    .ReservedConcurrentExecutions;

describe('queues', () => {
  test('there are these queues and no others', () => {
    expect(
      stack
        .all(QUEUE)
        .map((each) => stack.nameOf(each))
        .sort(),
    ).toEqual([...DEAD_LETTER_QUEUES, 'queue-work-dev', 'queue-audit-drafts-dev'].sort());
  });

  test.each(DEAD_LETTER_QUEUES)('%s keeps messages for 14 days', (name) => {
    expect(queue(name).MessageRetentionPeriod).toBe(14 * DAY_SECONDS);
  });

  test.each([
    ['queue-work-dev', 'queue-dead-letters-dev', 150],
    ['queue-audit-drafts-dev', 'queue-audit-dead-letters-dev', 20],
  ])('%s redrives to %s after %i receives', (source, target, receives) => {
    const { RedrivePolicy: policy } = queue(source);

    expect(stack.readable(at(policy, 'deadLetterTargetArn') as Json)).toBe(`${target}.Arn`);
    expect(at(policy, 'maxReceiveCount')).toBe(receives);
  });

  test.each(['queue-work-dev', 'queue-audit-drafts-dev'])(
    '%s keeps messages shorter than its dead-letter queue, whose clock does not begin anew',
    (name) => {
      expect(queue(name).MessageRetentionPeriod).toBe(4 * DAY_SECONDS);
    },
  );

  test('a message that nobody survives to look at becomes a dead letter before its queue forgets it', () => {
    const stackOfDestinations = synthesise({ config: { destinations: DESTINATIONS } });
    const withRedrive = stackOfDestinations.all(QUEUE).filter(({ Properties }) => 'RedrivePolicy' in Properties);

    expect(withRedrive).toHaveLength(4);
    for (const { Properties } of withRedrive) {
      const hiddenSeconds =
        Number(at(Properties, 'RedrivePolicy.maxReceiveCount')) * Number(Properties.VisibilityTimeout);
      expect(hiddenSeconds).toBeLessThan(Number(Properties.MessageRetentionPeriod));
    }
  });

  test.each([
    ['queue-work-dev', 'lambda-payment-processor-dev', 1800],
    ['queue-audit-drafts-dev', 'lambda-audit-logger-dev', 365],
  ])('%s hides a message for six time-outs of %s, and while a batch is gathered', (name, reader, seconds) => {
    const { Timeout: timeout } = stack.one('AWS::Lambda::Function', reader).Properties;

    expect(queue(name).VisibilityTimeout).toBe(seconds);
    const { MaximumBatchingWindowInSeconds: window = 0 } = mapping(stack, `${name}.Arn`).Properties;
    expect(seconds).toBeGreaterThanOrEqual(6 * Number(timeout) + Number(window));
  });

  test('every queue is encrypted and reached by TLS only, under the key of alerts where alerts end', () => {
    const ofAlerts = ['queue-alert-dead-letters-dev', 'queue-invocation-failures-dev'];
    for (const resource of stack.all(QUEUE)) {
      const policy = stack
        .all('AWS::SQS::QueuePolicy')
        .find(({ Properties }) => at((Properties.Queues as readonly Json[])[0], 'Ref') === resource.logicalId);

      expect(stack.readable(resource.Properties.KmsMasterKeyId as Json)).toBe(
        ofAlerts.includes(String(stack.nameOf(resource))) ? 'alias/key-alerts-dev.Arn' : 'alias/key-payhook-dev.Arn',
      );
      expect(at(policy?.Properties, 'PolicyDocument.Statement')).toContainEqual(
        expect.objectContaining({
          Effect: 'Deny',
          Action: 'sqs:*',
          Condition: { Bool: { 'aws:SecureTransport': 'false' } },
        }),
      );
    }
  });
});

describe('event sources', () => {
  test('a message that fails does not take the others of its batch along', () => {
    const sources = stack.all(MAPPING).map(({ Properties }) => stack.readable(Properties.EventSourceArn as Json));

    expect(sources.sort()).toEqual([
      'queue-audit-drafts-dev.Arn',
      'queue-work-dev.Arn',
      'table-PaymentWebhooks-dev.StreamArn',
    ]);
    for (const { Properties } of stack.all(MAPPING)) {
      expect(Properties.FunctionResponseTypes).toEqual(['ReportBatchItemFailures']);
    }
  });

  test.each([
    ['as it is', () => stack, 49, 2],
    ['with lowered concurrency', () => small, 3, 2],
  ])(
    'less is taken from a queue than the function may run, which the clock calls too: %s',
    (_, of, processorMax, draftsMax) => {
      const work = mapping(of(), 'queue-work-dev.Arn');
      const drafts = mapping(of(), 'queue-audit-drafts-dev.Arn');

      expect(at(work.Properties, 'ScalingConfig.MaximumConcurrency')).toBe(processorMax);
      expect(at(drafts.Properties, 'ScalingConfig.MaximumConcurrency')).toBe(draftsMax);
      expect(Number(reserved(of(), work))).toBeGreaterThan(processorMax);
      expect(Number(reserved(of(), drafts))).toBeGreaterThanOrEqual(draftsMax);
    },
  );

  test('an account without reserved concurrency is not overrun by the queue', () => {
    expect(at(mapping(unreserved, 'queue-work-dev.Arn').Properties, 'ScalingConfig.MaximumConcurrency')).toBe(5);
  });

  test('the processor takes ten webhooks at once and does not wait for them', () => {
    const { Properties } = mapping(stack, 'queue-work-dev.Arn');

    expect(Properties.BatchSize).toBe(10);
    expect(Properties).not.toHaveProperty('MaximumBatchingWindowInSeconds');
  });

  test('rejected deliveries are audited in batches', () => {
    expect(mapping(stack, 'queue-audit-drafts-dev.Arn').Properties).toMatchObject({
      BatchSize: 100,
      MaximumBatchingWindowInSeconds: 5,
    });
  });
});

describe('queues of destinations', () => {
  let sending: Synthesised;
  beforeAll(() => {
    sending = synthesise({
      config: {
        destinations: {
          ...DESTINATIONS,
          busy: { kind: 'http', url: 'https://busy.example/', concurrencyMax: 35 },
          lines: { kind: 'ndjson', path: 'lines.ndjson' },
        },
        aws: { reservedConcurrency: { sender: 20 } },
      },
    });
  });
  const NAMES = ['ledger', 'bus', 'busy'];

  test('there is one for each destination that works on AWS, and one for what was given up', () => {
    const names = sending.all(QUEUE).map((each) => String(sending.nameOf(each)));

    expect(names.filter((name) => name.startsWith('queue-destination-')).sort()).toEqual(
      [...NAMES.map((name) => `queue-destination-${name}-dev`), 'queue-destination-dead-letters-dev'].sort(),
    );
    expect(sending.one(QUEUE, 'queue-destination-dead-letters-dev').Properties).not.toHaveProperty('RedrivePolicy');
  });

  test.each(NAMES)('that of %s keeps events as long as SQS can, and leaves giving up to the sender', (name) => {
    const { Properties } = sending.one(QUEUE, `queue-destination-${name}-dev`);

    expect(Properties.MessageRetentionPeriod).toBe(14 * DAY_SECONDS);
    expect(sending.readable(at(Properties, 'RedrivePolicy.deadLetterTargetArn') as Json)).toBe(
      'queue-destination-dead-letters-dev.Arn',
    );
    expect(at(Properties, 'RedrivePolicy.maxReceiveCount')).toBe(650);
  });

  test.each(NAMES)('that of %s hides an event for six time-outs of the sender', (name) => {
    const { Timeout: timeout } = sending.one('AWS::Lambda::Function', 'lambda-destination-sender-dev').Properties;
    const { VisibilityTimeout: seconds } = sending.one(QUEUE, `queue-destination-${name}-dev`).Properties;

    expect(seconds).toBeGreaterThanOrEqual(6 * Number(timeout));
  });

  test('the sender reads all of them, each with executions of its own, ten events at a time', () => {
    const executions = NAMES.map((name) => {
      const { Properties } = mapping(sending, `queue-destination-${name}-dev.Arn`);
      expect(Properties).toMatchObject({ BatchSize: 10, FunctionResponseTypes: ['ReportBatchItemFailures'] });
      expect(sending.readable(Properties.FunctionName as Json)).toBe('lambda-destination-sender-dev:live');
      return at(Properties, 'ScalingConfig.MaximumConcurrency');
    });

    expect(executions).toEqual([2, 5, 4]);
  });
});

describe('change feed', () => {
  const feed = (): Properties => mapping(stack, 'table-PaymentWebhooks-dev.StreamArn').Properties;

  test('goes to the audit logger in batches, from the first change on', () => {
    expect(stack.readable(feed().FunctionName as Json)).toBe('lambda-audit-logger-dev:live');
    expect(feed()).toMatchObject({
      BatchSize: 100,
      MaximumBatchingWindowInSeconds: 1,
      StartingPosition: 'TRIM_HORIZON',
    });
  });

  test('a record that fails is isolated, tried ten times whatever its age, and then kept whole in a bucket', () => {
    expect(feed()).toMatchObject({
      BisectBatchOnFunctionError: true,
      MaximumRetryAttempts: 10,
    });
    // Left out is -1: as long as the stream keeps it.
    expect(feed()).not.toHaveProperty('MaximumRecordAgeInSeconds');
    expect(stack.readable(at(feed(), 'DestinationConfig.OnFailure.Destination') as Json)).toBe(
      's3-stream-failures-ACCOUNT-dev.Arn',
    );
  });

  test('counts what went to the bucket', () => {
    expect(feed().MetricsConfig).toEqual({ Metrics: ['EventCount'] });
  });

  const patterns = (): Json[] =>
    (at(feed(), 'FilterCriteria.Filters') as readonly Properties[]).map(({ Pattern }) => JSON.parse(String(Pattern)));
  const prefixes = (): readonly string[] =>
    (at(patterns()[0], 'dynamodb.Keys.webhookId.S') as readonly Properties[]).map(({ prefix }) => String(prefix));

  test('passes over transmissions and data keys', () => {
    const passes = (webhookId: string): boolean => prefixes().some((prefix) => webhookId.startsWith(prefix));

    expect(passes('transmission:paypal:1')).toBe(false);
    expect(passes('data-key:1')).toBe(false);
    expect(passes('stripe:evt_1')).toBe(true);
  });

  test('has the webhooks of every provider, and any other item that could be listed as one', () => {
    expect(prefixes()).toEqual(PROVIDERS.map(({ name }) => `${name}:`));
    expect(patterns()).toHaveLength(3);
    expect(patterns()[1]).toEqual({ dynamodb: { NewImage: { listShard: { N: [{ exists: true }] } } } });
  });

  test('has data keys that are changed or removed, which nothing of Payhook does', () => {
    expect(patterns()[2]).toEqual({
      eventName: ['MODIFY', 'REMOVE'],
      dynamodb: { Keys: { webhookId: { S: [{ prefix: 'data-key:' }] } } },
    });
  });
});

describe('every asynchronous path has a place for what fails', () => {
  test('asynchronous invocations of every function go to the failure queue, with the error', () => {
    const configs = stack.all('AWS::Lambda::EventInvokeConfig');
    const covered = configs.map(
      ({ Properties }) =>
        `${stack.readable(Properties.FunctionName as Json)}:${stack.readable(Properties.Qualifier as Json)}`,
    );

    expect(covered.sort()).toEqual(
      [
        ...stack.all('AWS::Lambda::Function').map((each) => `${stack.nameOf(each)}:$LATEST`),
        ...stack.all('AWS::Lambda::Alias').map(({ logicalId }) => stack.readable({ Ref: logicalId })),
      ].sort(),
    );
    for (const { Properties } of configs) {
      expect(stack.readable(at(Properties, 'DestinationConfig.OnFailure.Destination') as Json)).toBe(
        'queue-invocation-failures-dev.Arn',
      );
      expect(Properties).toMatchObject({ MaximumRetryAttempts: 2, MaximumEventAgeInSeconds: 3600 });
    }
  });

  test('what EventBridge cannot hand over goes to the failure queue', () => {
    const rules = stack.all('AWS::Events::Rule');

    expect(rules.map((rule) => stack.nameOf(rule)).sort()).toEqual([
      'rule-audit-digests-dev',
      'rule-cloudtrail-stopped-dev',
      'rule-firewall-changed-dev',
      'rule-firewall-removed-dev',
      'rule-key-disabled-dev',
      'rule-key-policy-changed-dev',
      'rule-processing-stopped-dev',
      'rule-queue-emptied-dev',
      'rule-reconcile-dev',
    ]);
    for (const { logicalId, Properties } of rules) {
      for (const target of Properties.Targets as readonly Properties[]) {
        expect(stack.readable(at(target, 'DeadLetterConfig.Arn') as Json)).toBe('queue-invocation-failures-dev.Arn');
      }
      expect(JSON.stringify(failureQueuePolicy())).toContain(
        JSON.stringify({ 'aws:SourceArn': { 'Fn::GetAtt': [logicalId, 'Arn'] } }),
      );
    }
  });

  const failureQueuePolicy = (): Json => {
    const { logicalId } = stack.one(QUEUE, 'queue-invocation-failures-dev');
    const policy = stack
      .all('AWS::SQS::QueuePolicy')
      .find(({ Properties }) => at((Properties.Queues as readonly Json[])[0], 'Ref') === logicalId);
    return at(policy?.Properties, 'PolicyDocument.Statement') as Json;
  };

  test('every function may write to the failure queue', () => {
    for (const role of ['webhook-receiver', 'payment-processor', 'audit-logger', 'bucket-cleaner']) {
      expect(permissionsOfRole(stack, `role-${role}-dev`)).toContain(
        'sqs:SendMessage on queue-invocation-failures-dev.Arn',
      );
    }
  });

  test('alerts that SNS cannot deliver go to a dead-letter queue, for every subscription', () => {
    const subscriptions = withEmails.all('AWS::SNS::Subscription');

    expect(subscriptions.map(({ Properties }) => Properties.Endpoint)).toEqual([
      'oncall@shop.example',
      'second@shop.example',
    ]);
    for (const { Properties } of subscriptions) {
      expect(Properties.Protocol).toBe('email');
      expect(withEmails.readable(at(Properties, 'RedrivePolicy.deadLetterTargetArn') as Json)).toBe(
        'queue-alert-dead-letters-dev.Arn',
      );
    }
    expect(JSON.stringify(withEmails.all('AWS::SQS::QueuePolicy'))).toMatch(
      /"Service":"sns\.amazonaws\.com".*AlertTopicDeadLetters/,
    );
  });

  test('the audit logger and the processor are called once a minute', () => {
    const { Properties } = stack.one('AWS::Events::Rule', 'rule-audit-digests-dev');
    const targets = Properties.Targets as readonly Properties[];

    expect(Properties).toMatchObject({ ScheduleExpression: 'rate(1 minute)', State: 'ENABLED' });
    expect(targets.map(({ Arn }) => stack.readable(Arn as Json)).sort()).toEqual([
      'lambda-audit-logger-dev:live',
      'lambda-payment-processor-dev:live',
    ]);
  });
});
