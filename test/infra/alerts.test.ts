/** Requirement 7 of the AWS home: alerts that really arrive, and say what to do. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { RUNBOOKS } from '../../infra/deploy/runbooks.ts';
import {
  at,
  DESTINATIONS,
  type Json,
  type Properties,
  type Resource,
  type Synthesised,
  synthesise,
} from './synthesised.ts';

const ROOT = join(import.meta.dirname, '../..');
const ALARM = 'AWS::CloudWatch::Alarm';
const FUNCTIONS = ['webhook-receiver', 'payment-processor', 'audit-logger', 'destination-sender'];

let stack: Synthesised;
let other: Synthesised;
beforeAll(() => {
  stack = synthesise({
    config: { aws: { silenceAlarmHours: { stripe: 6, square: 24 }, budgetUsdAMonth: 500 }, destinations: DESTINATIONS },
  });
  other = synthesise({ suffix: 'prod', config: { providers: { stripe: {} }, aws: { updates: 'canary' } } });
});

const alarm = (purpose: string): Properties => stack.one(ALARM, `alarm-${purpose}-dev`).Properties;

/** Namespace, name, statistic and dimensions of what an alarm looks at. */
const metricOf = ({ Namespace, MetricName, Statistic, Dimensions }: Properties): readonly string[] => [
  `${Namespace} ${MetricName} ${Statistic}`,
  ...(Dimensions as readonly Properties[]).map(({ Name, Value }) => `${Name}=${stack.readable(Value as Json)}`).sort(),
];

interface Computed {
  readonly expression: string;
  /** Of each metric that goes into it: its id, and what `metricOf` says. */
  readonly of: Readonly<Record<string, readonly string[]>>;
  readonly seconds: readonly Json[];
}

/** What an alarm computes. */
const computedOf = ({ Metrics }: Properties): Computed => {
  const queries = Metrics as readonly Properties[];
  const metrics = queries.filter(({ MetricStat }) => MetricStat !== undefined);
  return {
    expression: String(queries.find(({ Expression }) => Expression !== undefined)?.Expression),
    of: Object.fromEntries(
      metrics.map(({ Id, MetricStat }) => [
        String(Id),
        metricOf({ ...(at(MetricStat, 'Metric') as Properties), Statistic: at(MetricStat, 'Stat') as Json }),
      ]),
    ),
    seconds: [...new Set(metrics.map(({ MetricStat }) => at(MetricStat, 'Period') as Json))],
  };
};

const threshold = ({
  ComparisonOperator: comparison,
  Threshold: value,
  DatapointsToAlarm: periods,
  EvaluationPeriods: of,
  Period: seconds,
  TreatMissingData: missing,
}: Properties): string =>
  `${comparison === 'GreaterThanOrEqualToThreshold' ? '>=' : comparison === 'LessThanThreshold' ? '<' : comparison} ${value}, ${periods ?? of} of ${of} × ${seconds} s, missing is ${missing}`;

describe('topic of critical alerts', () => {
  const topic = (): Resource => stack.one('AWS::SNS::Topic', 'topic-critical-alerts-dev');
  const statements = (): readonly Properties[] =>
    at(stack.one('AWS::SNS::TopicPolicy').Properties, 'PolicyDocument.Statement') as readonly Properties[];

  test('is encrypted with the key', () => {
    expect(stack.readable(topic().Properties.KmsMasterKeyId as Json)).toBe('alias/key-alerts-dev.Arn');
  });

  test('takes nothing that does not come by TLS', () => {
    expect(statements()).toContainEqual(
      expect.objectContaining({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
    );
  });

  test('every alarm reaches it: action, policy of the topic and policy of its key', () => {
    const alarms = stack.all(ALARM);
    const keyPolicy = at(
      stack.byLogicalId(String((at(topic().Properties, 'KmsMasterKeyId.Fn::GetAtt') as readonly Json[])[0])).Properties,
      'KeyPolicy.Statement',
    );
    const fromAlarms = {
      Effect: 'Allow',
      Principal: { Service: 'cloudwatch.amazonaws.com' },
      Condition: {
        StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } },
        ArnLike: {
          'aws:SourceArn': {
            'Fn::Join': ['', ['arn:aws:cloudwatch:us-east-1:', { Ref: 'AWS::AccountId' }, ':alarm:*']],
          },
        },
      },
    };

    expect(alarms.length).toBeGreaterThan(20);
    for (const { Properties } of alarms) {
      expect(Properties.AlarmActions).toEqual([{ Ref: topic().logicalId }]);
      expect(Properties).not.toHaveProperty('ActionsEnabled', false);
    }
    expect(statements()).toContainEqual(expect.objectContaining({ ...fromAlarms, Action: 'sns:Publish' }));
    expect(keyPolicy).toContainEqual(
      expect.objectContaining({ ...fromAlarms, Action: ['kms:Decrypt', 'kms:GenerateDataKey*'] }),
    );
  });

  test('events about keys and firewall reach it: policy of the topic and policy of its key, without a source', () => {
    const keyPolicy = JSON.stringify(stack.all('AWS::KMS::Key'));

    expect(statements()).toContainEqual(
      expect.objectContaining({
        Effect: 'Allow',
        Action: 'sns:Publish',
        Principal: { Service: 'events.amazonaws.com' },
      }),
    );
    expect(keyPolicy).toContain(
      '{"Action":["kms:Decrypt","kms:GenerateDataKey*"],"Effect":"Allow","Principal":{"Service":"events.amazonaws.com"},"Resource":"*"',
    );
  });
});

describe('alarms', () => {
  test.each([
    ['dead-letters', 'queue-dead-letters-dev'],
    ['audit-dead-letters', 'queue-audit-dead-letters-dev'],
    ['invocation-failures', 'queue-invocation-failures-dev'],
    ['alert-dead-letters', 'queue-alert-dead-letters-dev'],
    ['destination-dead-letters', 'queue-destination-dead-letters-dev'],
  ])('%s rings at the first message in %s', (purpose, queueName) => {
    expect(metricOf(alarm(purpose))).toEqual([
      'AWS/SQS ApproximateNumberOfMessagesVisible Maximum',
      `QueueName=${queueName}.QueueName`,
    ]);
    expect(threshold(alarm(purpose))).toBe('>= 1, 1 of 1 × 60 s, missing is notBreaching');
  });

  test.each(['dead-letters', 'destination-dead-letters'])(
    '%s, where one may lie until a person has decided, rings again when another one comes',
    (purpose) => {
      const { expression, of, seconds } = computedOf(alarm(`${purpose}-more`));

      expect(expression).toBe('DIFF(depth)');
      expect(of.depth).toEqual(metricOf(alarm(purpose)));
      expect(seconds).toEqual([60]);
      expect(alarm(`${purpose}-more`)).toMatchObject({ Threshold: 1, EvaluationPeriods: 1 });
    },
  );

  test('no dead-letter queue is without its alarm', () => {
    const watched = stack
      .all(ALARM)
      .filter(({ Properties }) => Properties.MetricName !== undefined)
      .map(({ Properties }) => metricOf(Properties))
      .filter(([metric]) => metric === 'AWS/SQS ApproximateNumberOfMessagesVisible Maximum')
      .map(([, dimension]) => dimension)
      .sort();
    // What has no redrive policy is where others redrive to.
    const ends = stack.all('AWS::SQS::Queue').filter(({ Properties }) => Properties.RedrivePolicy === undefined);

    expect(watched).toEqual(ends.map((queue) => `QueueName=${stack.nameOf(queue)}.QueueName`).sort());
    expect(watched).toHaveLength(5);
  });

  test.each(FUNCTIONS)('%s rings when it fails for three of five minutes', (name) => {
    expect(metricOf(alarm(`${name}-errors`))).toEqual(['AWS/Lambda Errors Sum', `FunctionName=lambda-${name}-dev`]);
    expect(threshold(alarm(`${name}-errors`))).toBe('>= 1, 3 of 5 × 60 s, missing is notBreaching');
  });

  test.each(FUNCTIONS)('%s rings when it is throttled for three of five minutes', (name) => {
    expect(metricOf(alarm(`${name}-throttles`))).toEqual([
      'AWS/Lambda Throttles Sum',
      `FunctionName=lambda-${name}-dev`,
    ]);
    expect(threshold(alarm(`${name}-throttles`))).toBe('>= 1, 3 of 5 × 60 s, missing is notBreaching');
  });

  test('rings when webhooks were missed, when a list is behind, and when the reconciler fails or does not run', () => {
    expect(metricOf(alarm('webhooks-missed'))).toEqual(['Payhook/dev Alerts Sum', 'Kind=webhooks_missed']);
    expect(threshold(alarm('webhooks-missed'))).toBe('>= 1, 1 of 1 × 1800 s, missing is notBreaching');
    expect(metricOf(alarm('reconciliation-behind'))).toEqual(['Payhook/dev ListsBehind Sum', 'Kind=list']);
    expect(metricOf(alarm('reconciler-errors'))).toEqual([
      'AWS/Lambda Errors Sum',
      'FunctionName=lambda-reconciler-dev',
    ]);
    expect(threshold(alarm('reconciler-silent'))).toBe('< 1, 2 of 2 × 1800 s, missing is breaching');
  });

  test('rings when changes wait for more than a minute before they are audited', () => {
    expect(metricOf(alarm('change-feed-lags'))).toEqual([
      'AWS/Lambda IteratorAge Maximum',
      'FunctionName=lambda-audit-logger-dev',
    ]);
    expect(threshold(alarm('change-feed-lags'))).toBe('>= 60000, 3 of 5 × 60 s, missing is notBreaching');
  });

  test('rings when webhooks are accepted and the change feed hands none of their changes over', () => {
    const { expression, of, seconds } = computedOf(alarm('change-feed-silent'));

    expect(expression).toBe(
      'IF(SUM([FILL(accepted0, 0), FILL(accepted1, 0), FILL(accepted2, 0), FILL(accepted3, 0), FILL(accepted4, 0)]) > 0 AND FILL(invoked, 0) < 1, 1, 0)',
    );
    expect(of.invoked).toEqual([
      'AWS/Lambda InvokedEventCount Sum',
      expect.stringMatching(/^EventSourceMappingUUID=Audit/),
    ]);
    expect(of.accepted0).toEqual(['Payhook/dev DeliveriesAccepted Sum', 'Provider=stripe']);
    expect(Object.keys(of)).toHaveLength(6);
    expect(seconds).toEqual([900]);
    expect(alarm('change-feed-silent')).toMatchObject({ Threshold: 1, DatapointsToAlarm: 2, EvaluationPeriods: 24 });
  });

  test('rings when a change could not be audited', () => {
    const feed = stack
      .all('AWS::Lambda::EventSourceMapping')
      .find(({ Properties }) => stack.readable(Properties.EventSourceArn as Json).endsWith('StreamArn'));

    expect(metricOf(alarm('changes-not-audited'))).toEqual([
      'AWS/Lambda OnFailureDestinationDeliveredEventCount Sum',
      `EventSourceMappingUUID=${feed?.logicalId}`,
    ]);
    expect(threshold(alarm('changes-not-audited'))).toBe('>= 1, 1 of 1 × 60 s, missing is notBreaching');
    expect(metricOf(alarm('failures-lost'))).toEqual([
      'AWS/Lambda DestinationDeliveryFailures Sum',
      'FunctionName=lambda-audit-logger-dev',
    ]);
  });

  test('rings when the audit logger does not run at all', () => {
    expect(metricOf(alarm('audit-logger-silent'))).toEqual([
      'AWS/Lambda Invocations Sum',
      'FunctionName=lambda-audit-logger-dev',
    ]);
    expect(threshold(alarm('audit-logger-silent'))).toBe('< 1, 3 of 3 × 300 s, missing is breaching');
  });

  test('rings when more than 1 of 100 requests is answered 5xx', () => {
    expect(metricOf(alarm('deliveries-unavailable'))).toEqual([
      'AWS/ApiGateway 5XXError Average',
      'ApiName=api-webhooks-dev',
      'Stage=dev',
    ]);
    expect(threshold(alarm('deliveries-unavailable'))).toBe('>= 0.01, 3 of 5 × 60 s, missing is notBreaching');
  });

  test('rings when the firewall blocks many requests', () => {
    expect(metricOf(alarm('requests-blocked'))).toEqual([
      'AWS/WAFV2 BlockedRequests Sum',
      'Region=us-east-1',
      'Rule=ALL',
      'WebACL=webacl-webhooks-dev',
    ]);
    expect(at(stack.one('AWS::WAFv2::WebACL').Properties, 'VisibilityConfig.MetricName')).toBe('webacl-webhooks-dev');
    expect(threshold(alarm('requests-blocked'))).toBe('>= 1000, 1 of 1 × 300 s, missing is notBreaching');
  });

  test.each(['AWSManagedRulesCommonRuleSet', 'AWSManagedRulesKnownBadInputsRuleSet'])(
    'rings at the first request that a rule of %s turns away',
    (group) => {
      expect(metricOf(alarm(`blocked-by-${group}`))).toEqual([
        'AWS/WAFV2 BlockedRequests Sum',
        'Region=us-east-1',
        `Rule=${group}`,
        'WebACL=webacl-webhooks-dev',
      ]);
      expect(threshold(alarm(`blocked-by-${group}`))).toBe('>= 1, 1 of 1 × 300 s, missing is notBreaching');
    },
  );

  test('rings when more than nine tenths of what the stage lets through come', () => {
    expect(metricOf(alarm('stage-near-its-rate'))).toEqual([
      'AWS/ApiGateway Count Sum',
      'ApiName=api-webhooks-dev',
      'Stage=dev',
    ]);
    expect(threshold(alarm('stage-near-its-rate'))).toBe('>= 54000, 2 of 5 × 60 s, missing is notBreaching');
  });

  test('rings when four of five receivers that may run do, and only where they have a cap', () => {
    const unreserved = synthesise({ config: { aws: { reservedConcurrency: false } } });

    expect(metricOf(alarm('receiver-near-its-cap'))).toEqual([
      'AWS/Lambda ConcurrentExecutions Maximum',
      'FunctionName=lambda-webhook-receiver-dev',
    ]);
    expect(threshold(alarm('receiver-near-its-cap'))).toBe('>= 80, 3 of 5 × 60 s, missing is notBreaching');
    expect(unreserved.all(ALARM).map((each) => unreserved.nameOf(each))).not.toContain(
      'alarm-receiver-near-its-cap-dev',
    );
  });

  test('rings when 1 of 100 deliveries waits for 5 seconds', () => {
    const { ExtendedStatistic: statistic, MetricName: metric } = alarm('receiver-slow');

    expect([metric, statistic]).toEqual(['Duration', 'p99']);
    expect(threshold(alarm('receiver-slow'))).toBe('>= 5000, 3 of 5 × 60 s, missing is notBreaching');
  });

  test('rings when DynamoDB turns away writes that webhooks wait for, of any table and any index', () => {
    const { expression, of } = computedOf(alarm('tables-throttled'));
    // No webhook waits for these: what the box does not take is a line in the log, a job is carried on by a command.
    const others = ['table-RejectedDeliveries-dev', 'table-Jobs-dev'];
    const written = stack.all('AWS::DynamoDB::Table').filter((table) => !others.includes(stack.nameOf(table) ?? ''));
    const tables = written.flatMap((table) => {
      const name = `TableName=${stack.nameOf(table)}`;
      const indexes = (table.Properties.GlobalSecondaryIndexes ?? []) as readonly Properties[];
      return [[name], ...indexes.map(({ IndexName }) => [`GlobalSecondaryIndexName=${IndexName}`, name])];
    });

    expect(expression).toBe('SUM(METRICS())');
    expect(tables.length).toBeGreaterThan(5);
    expect(Object.values(of)).toEqual(
      expect.arrayContaining(tables.map((table) => ['AWS/DynamoDB WriteThrottleEvents Sum', ...table])),
    );
    expect(Object.keys(of)).toHaveLength(tables.length);
    expect(alarm('tables-throttled')).toMatchObject({ Threshold: 1, DatapointsToAlarm: 3, EvaluationPeriods: 5 });
  });

  test('rings when a webhook waits longer than any rest and nobody takes it, in a quiet shop too', () => {
    expect(metricOf(alarm('work-queue-waits'))).toEqual([
      'AWS/SQS ApproximateAgeOfOldestMessage Maximum',
      'QueueName=queue-work-dev.QueueName',
    ]);
    expect(threshold(alarm('work-queue-waits'))).toBe('>= 1200, 1 of 1 × 300 s, missing is notBreaching');
  });

  test('rings when what was turned away waits to be audited, which stands nowhere else', () => {
    expect(metricOf(alarm('audit-drafts-wait'))).toEqual([
      'AWS/SQS ApproximateAgeOfOldestMessage Maximum',
      'QueueName=queue-audit-drafts-dev.QueueName',
    ]);
    expect(threshold(alarm('audit-drafts-wait'))).toBe('>= 1200, 1 of 1 × 300 s, missing is notBreaching');
  });

  test('rings when the work queue grows', () => {
    expect(metricOf(alarm('work-queue-backlog'))[0]).toBe('AWS/SQS ApproximateNumberOfMessagesVisible Minimum');
    expect(threshold(alarm('work-queue-backlog'))).toBe('>= 1000, 3 of 3 × 300 s, missing is notBreaching');
  });

  test('rings when a webhook that no longer moved was put on the queue again', () => {
    expect(metricOf(alarm('webhooks-queued-again'))).toEqual(['Payhook/dev QueuedAgain Sum', 'Kind=webhook']);
    expect(threshold(alarm('webhooks-queued-again'))).toBe('>= 1, 1 of 1 × 300 s, missing is notBreaching');
  });

  test.each(['ledger', 'bus'])('rings when destination %s fails for half an hour, though it is only probed', (name) => {
    expect(metricOf(alarm(`destination-down-${name}`))).toEqual([
      'Payhook/dev EventsNotDelivered Sum',
      `Destination=${name}`,
    ]);
    expect(threshold(alarm(`destination-down-${name}`))).toBe('>= 1, 3 of 9 × 300 s, missing is notBreaching');
  });

  test.each(['ledger', 'bus'])('rings when events for %s wait for a quarter of an hour and are not sent', (name) => {
    expect(metricOf(alarm(`destination-waits-${name}`))).toEqual([
      'AWS/SQS ApproximateAgeOfOldestMessage Maximum',
      `QueueName=queue-destination-${name}-dev.QueueName`,
    ]);
    expect(threshold(alarm(`destination-waits-${name}`))).toBe('>= 900, 3 of 3 × 300 s, missing is notBreaching');
  });

  test('a stack without destinations has no alarms about them', () => {
    const purposes = other.all(ALARM).map((each) => other.nameOf(each));

    expect(purposes.filter((name) => name?.startsWith('alarm-destination-'))).toEqual([]);
  });

  test.each(['stripe', 'paypal', 'square', 'adyen', 'standard-webhooks'])(
    'rings when deliveries of %s do not verify',
    (provider) => {
      expect(metricOf(alarm(`signatures-rejected-${provider}`))).toEqual([
        'Payhook/dev DeliveriesRejected Sum',
        `Provider=${provider}`,
      ]);
      expect(threshold(alarm(`signatures-rejected-${provider}`))).toBe(
        '>= 10, 2 of 3 × 300 s, missing is notBreaching',
      );
    },
  );

  test.each([
    ['stripe', 6],
    ['square', 24],
  ])('rings when %s has been silent for %i hours', (provider, hours) => {
    expect(metricOf(alarm(`silence-${provider}`))).toEqual([
      'Payhook/dev DeliveriesAccepted Sum',
      `Provider=${provider}`,
    ]);
    expect(threshold(alarm(`silence-${provider}`))).toBe(`< 1, ${hours} of ${hours} × 3600 s, missing is breaching`);
  });

  test('rings for an hour when a provider, or a type that used to come, is told to be silent, whatever is configured', () => {
    expect(metricOf(alarm('provider-silent'))).toEqual(['Payhook/dev Alerts Sum', 'Kind=provider_silent']);
    expect(threshold(alarm('provider-silent'))).toBe('>= 1, 1 of 12 × 300 s, missing is notBreaching');
    expect(other.one(ALARM, 'alarm-provider-silent-prod').Properties.AlarmDescription).toContain(
      RUNBOOKS.providerSilent,
    );
  });

  test.each([
    ['endpoint-deaf', 'endpoint_deaf', RUNBOOKS.endpointDeaf],
    ['credential-refused', 'credential_refused', RUNBOOKS.credentialRefused],
  ])('%s rings for an hour when it is told, and says what to do', (purpose, kind, runbook) => {
    expect(metricOf(alarm(purpose))).toEqual(['Payhook/dev Alerts Sum', `Kind=${kind}`]);
    expect(threshold(alarm(purpose))).toBe('>= 1, 1 of 12 × 300 s, missing is notBreaching');
    expect(alarm(purpose).AlarmDescription).toContain(runbook);
  });

  test('hours of silence are no alarm where nobody asked for it', () => {
    const purposes = stack.all(ALARM).map((each) => stack.nameOf(each));

    expect(purposes.filter((name) => name?.startsWith('alarm-silence-')).sort()).toEqual([
      'alarm-silence-square-dev',
      'alarm-silence-stripe-dev',
    ]);
  });

  test.each([
    ['audit-broken', 'audit_broken'],
    ['card-data-found', 'card_data_found'],
    ['duplicate-differs', 'duplicate_differs'],
  ])('%s rings at the first alert of its kind', (purpose, kind) => {
    expect(metricOf(alarm(purpose))).toEqual(['Payhook/dev Alerts Sum', `Kind=${kind}`]);
    expect(threshold(alarm(purpose))).toBe('>= 1, 1 of 1 × 60 s, missing is notBreaching');
  });

  test('what arrives in one environment does not keep the alarms of another quiet', () => {
    const namespaces = [stack, other].map((each) =>
      each
        .all(ALARM)
        .map(({ Properties }) => String(Properties.Namespace ?? ''))
        .find((namespace) => namespace.startsWith('Payhook')),
    );

    expect(namespaces).toEqual(['Payhook/dev', 'Payhook/prod']);
  });
});

describe('events', () => {
  const pattern = (name: string): Properties =>
    stack.one('AWS::Events::Rule', name).Properties.EventPattern as Properties;

  test('somebody is told when a key is disabled or being deleted', () => {
    const { detail } = pattern('rule-key-disabled-dev');

    expect(at(detail, 'eventName')).toEqual(['DisableKey', 'ScheduleKeyDeletion']);
    expect((at(detail, 'requestParameters.keyId') as readonly Json[]).map((id) => stack.readable(id))).toEqual([
      'alias/key-payhook-dev',
      'alias/key-payhook-dev.Arn',
      'alias/key-audit-digests-dev',
      'alias/key-audit-digests-dev.Arn',
      'alias/key-alerts-dev',
      'alias/key-alerts-dev.Arn',
    ]);
  });

  const namesOf = (rule: string): readonly string[] =>
    (at(pattern(rule).detail, '$or') as readonly Properties[]).flatMap(
      ({ eventName }) => eventName as readonly string[],
    );

  test.each([
    ['rule-firewall-changed-dev', ['AssociateWebACL', 'UpdateWebACL', 'UpdateIPSet']],
    [
      'rule-processing-stopped-dev',
      ['UpdateEventSourceMapping20150331', 'DeleteEventSourceMapping20150331', 'PutFunctionConcurrency20171031'],
    ],
  ])('somebody is told when a person, and no deployment, does one of these: %s', (rule, names) => {
    expect(namesOf(rule)).toEqual(names);
    expect(at(pattern(rule).detail, 'sourceIPAddress')).toEqual([{ 'anything-but': ['cloudformation.amazonaws.com'] }]);
  });

  test('somebody is told when a key gets another policy, and when CloudTrail is stopped', () => {
    expect(at(pattern('rule-key-policy-changed-dev').detail, 'eventName')).toEqual(['PutKeyPolicy']);
    expect(at(pattern('rule-cloudtrail-stopped-dev').detail, 'eventName')).toEqual(['StopLogging', 'DeleteTrail']);
  });

  test('somebody is told when any queue of this stack is emptied, and of no other', () => {
    const urls = at(pattern('rule-queue-emptied-dev').detail, 'requestParameters.queueUrl') as readonly Properties[];
    const queues = stack.all('AWS::SQS::Queue').map((queue) => ({ suffix: `/${stack.nameOf(queue)}` }));

    expect(queues.length).toBeGreaterThan(6);
    expect(urls.map(({ suffix }) => suffix).sort()).toEqual(queues.map(({ suffix }) => suffix).sort());
  });

  test('what feeds each function is watched, and how many of it may run', () => {
    const [sources, executions] = at(pattern('rule-processing-stopped-dev').detail, '$or') as readonly Properties[];
    const readable = (values: Json | undefined) =>
      (values as readonly Json[]).map((each) => stack.readable(each)).sort();
    const names = [...FUNCTIONS, 'reconciler'].map((name) => `lambda-${name}-dev`).sort();

    expect(readable(at(sources, 'responseElements.functionArn'))).toEqual(names.map((name) => `${name}:live`));
    expect(readable(at(executions, 'requestParameters.functionName'))).toEqual(
      [...names, ...names.map((name) => `${name}.Arn`)].sort(),
    );
  });

  test('somebody is told at 80 and 100 of 100 of the budget, and when it will be used up', () => {
    const { Budget: budget, NotificationsWithSubscribers: told } = stack.one('AWS::Budgets::Budget').Properties;
    const publishers = JSON.stringify([stack.one('AWS::SNS::TopicPolicy'), ...stack.all('AWS::KMS::Key')]);

    expect(budget).toMatchObject({
      BudgetType: 'COST',
      TimeUnit: 'MONTHLY',
      BudgetLimit: { Amount: 500, Unit: 'USD' },
    });
    expect((told as readonly Properties[]).map(({ Notification }) => Notification)).toMatchObject([
      { NotificationType: 'ACTUAL', Threshold: 80 },
      { NotificationType: 'ACTUAL', Threshold: 100 },
      { NotificationType: 'FORECASTED', Threshold: 100 },
    ]);
    expect(publishers.match(/"Service":"budgets\.amazonaws\.com"/g)).toHaveLength(2);
    expect(other.all('AWS::Budgets::Budget')).toEqual([]);
  });

  test('somebody is told when the firewall is taken away or its log is', () => {
    const names = (at(pattern('rule-firewall-removed-dev').detail, '$or') as readonly Properties[]).flatMap(
      ({ eventName }) => eventName as readonly string[],
    );

    expect(names).toEqual(['DisassociateWebACL', 'DeleteLoggingConfiguration']);
  });

  test('events go to the topic of critical alerts', () => {
    const rules = stack.all('AWS::Events::Rule').filter(({ Properties }) => Properties.EventPattern !== undefined);

    expect(rules.length).toBeGreaterThan(5);
    for (const { Properties } of rules) {
      const [target] = Properties.Targets as readonly Properties[];

      expect(stack.readable(target?.Arn as Json)).toBe('topic-critical-alerts-dev');
    }
  });
});

describe('runbooks', () => {
  /** As GitHub makes the anchor of a heading. */
  const anchorsIn = (page: string): readonly string[] =>
    [...readFileSync(join(ROOT, page), 'utf8').matchAll(/^#+ (.+)$/gm)].map((match) =>
      (match[1] ?? '')
        .toLowerCase()
        .replace(/[^\w\- ]/g, '')
        .replaceAll(' ', '-'),
    );

  test.each(Object.entries(RUNBOOKS))('the runbook %s is there: %s', (_, link) => {
    const [page = '', anchor = ''] = link.split('#');

    expect(existsSync(join(ROOT, page))).toBe(true);
    expect(anchorsIn(page)).toContain(anchor);
  });

  test('every alarm and every event names its runbook', () => {
    const described = [
      ...stack.all(ALARM).map(({ Properties }) => String(Properties.AlarmDescription)),
      ...stack
        .all('AWS::Events::Rule')
        .filter(({ Properties }) => Properties.EventPattern !== undefined)
        .map(({ Properties }) => String(Properties.Description)),
    ];
    const links: readonly string[] = Object.values(RUNBOOKS);

    expect(described.length).toBeGreaterThan(20);
    for (const text of described) expect(links).toContain(text.split('Runbook: ')[1]);
  });

  test('every runbook belongs to an alarm or an event', () => {
    const unused = Object.values(RUNBOOKS).filter(
      (link) => ![stack, other].some(({ text }) => text.includes(`Runbook: ${link}"`)),
    );

    expect(unused).toEqual([]);
  });

  test('every heading of a page is reached from an alarm, an event, or the list of what has no alarm', () => {
    const index = readFileSync(join(ROOT, 'docs/runbooks/README.md'), 'utf8');
    const listed = [...index.matchAll(/\]\(([a-z-]+\.md#[^)]+)\)/g)].map(([, link]) => `docs/runbooks/${link}`);
    const links: readonly string[] = [...Object.values(RUNBOOKS), ...listed];
    const pages = globSync('docs/runbooks/*.md', { cwd: ROOT }).filter((page) => !page.endsWith('README.md'));
    const headings = pages.flatMap((page) =>
      anchorsIn(page)
        .slice(1)
        .map((anchor) => `${page}#${anchor}`),
    );

    expect(headings.length).toBeGreaterThan(10);
    expect(headings.filter((heading) => !links.includes(heading))).toEqual([]);
  });
});

describe('dashboard', () => {
  test('shows every alarm, deliveries, queues, functions and audit', () => {
    const body = JSON.stringify(stack.one('AWS::CloudWatch::Dashboard', 'dashboard-payhook-dev').Properties);

    for (const { logicalId } of stack.all(ALARM)) expect(body).toContain(`["${logicalId}","Arn"]`);
    for (const title of [
      'Deliveries accepted',
      'Deliveries rejected: signature',
      'Time to answer, ms',
      'Work queue',
      'Dead letters',
      'Age of the oldest change that is not audited, ms',
      'Events that wait for destinations',
      'Events that were given up',
      'Concurrent executions',
      'Errors and throttles',
    ]) {
      expect(body).toContain(title);
    }
  });
});
