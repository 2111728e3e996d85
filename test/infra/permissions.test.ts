/** Requirement 10 of the AWS home: one role for each function, and nothing in it that the function does not need. */
import { beforeAll, describe, expect, test } from 'vitest';
import { permissionsOfRole } from './permission-lines.ts';
import {
  at,
  DESTINATIONS,
  FUNCTION_NAMES,
  type Json,
  type Properties,
  type Synthesised,
  synthesise,
} from './synthesised.ts';

const ROLES = [
  'role-webhook-receiver-dev',
  'role-payment-processor-dev',
  'role-audit-logger-dev',
  'role-destination-sender-dev',
  'role-reconciler-dev',
];

let stack: Synthesised;
beforeAll(() => {
  stack = synthesise({ config: { destinations: DESTINATIONS } });
});

const roleOf = (functionName: string): string =>
  stack.readable(stack.one('AWS::Lambda::Function', functionName).Properties.Role as Json);

describe('permissions', () => {
  test('every function has a role of its own', () => {
    expect([...FUNCTION_NAMES, 'lambda-destination-sender-dev'].map(roleOf).sort()).toEqual(
      ROLES.map((role) => `${role}.Arn`).sort(),
    );
    expect(roleOf('lambda-bucket-cleaner-dev')).toBe('role-bucket-cleaner-dev.Arn');
  });

  test('only Lambda may take the role of a function', () => {
    for (const role of [...ROLES, 'role-bucket-cleaner-dev']) {
      expect(at(stack.one('AWS::IAM::Role', role).Properties, 'AssumeRolePolicyDocument.Statement')).toEqual([
        { Action: 'sts:AssumeRole', Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' } },
      ]);
    }
  });

  test('all roles and what they may do are as the snapshot says', async () => {
    const roles = stack
      .all('AWS::IAM::Role')
      .map((role) => String(stack.nameOf(role)))
      .sort();
    const text = roles.map((role) => [role, ...permissionsOfRole(stack, role).map((line) => `  ${line}`)].join('\n'));

    await expect(`${text.join('\n\n')}\n`).toMatchFileSnapshot('permissions.snapshot.txt');
  });

  test('no role has inline policies beside the written ones', () => {
    expect(stack.all('AWS::IAM::Policy')).toEqual([]);
    for (const { Properties } of stack.all('AWS::IAM::Role')) expect(Properties).not.toHaveProperty('Policies');
  });

  test('no action is a wildcard, and no resource is everything but where an action knows no resources', () => {
    const lines = [...ROLES, 'role-bucket-cleaner-dev'].flatMap((role) => permissionsOfRole(stack, role));

    expect(lines.length).toBeGreaterThan(40);
    expect(lines.filter((line) => /^[^ ]*\*/.test(line))).toEqual([]);
    expect([...new Set(lines.filter((line) => line.endsWith(' on *')))].sort()).toEqual([
      // Reads nothing by itself: each secret of it has to be allowed, too.
      'secretsmanager:BatchGetSecretValue on *',
      'xray:PutTelemetryRecords on *',
      'xray:PutTraceSegments on *',
    ]);
  });

  test('no function can bring a log group back after the stack is gone', () => {
    expect(stack.text).not.toContain('logs:CreateLogGroup');
    expect(stack.text).not.toContain('AWSLambdaBasicExecutionRole');
  });

  test('the receiver can store and queue, and can neither read a webhook nor change the audit trail', () => {
    const lines = permissionsOfRole(stack, 'role-webhook-receiver-dev');

    expect(lines.filter((line) => line.startsWith('dynamodb:'))).toEqual([
      'dynamodb:PutItem on table-PaymentWebhooks-dev.Arn',
      'dynamodb:PutItem on table-RejectedDeliveries-dev.Arn',
    ]);
    expect(lines.filter((line) => line.includes('AuditTrail'))).toEqual([]);
  });

  test('the audit logger can add to the audit trail, and change or remove nothing in it', () => {
    const lines = permissionsOfRole(stack, 'role-audit-logger-dev');

    expect(lines.filter((line) => line.endsWith(' on table-AuditTrail-dev.Arn'))).toEqual([
      'dynamodb:PutItem on table-AuditTrail-dev.Arn',
      'dynamodb:Query on table-AuditTrail-dev.Arn',
    ]);
    expect(lines.filter((line) => line.startsWith('s3:Delete'))).toEqual([]);
  });

  test('the reconciler can find and insert webhooks, and can neither change nor remove one', () => {
    const lines = permissionsOfRole(stack, 'role-reconciler-dev');

    expect(lines.filter((line) => line.startsWith('dynamodb:'))).toEqual([
      'dynamodb:GetItem on table-PaymentWebhooks-dev.Arn',
      'dynamodb:PutItem on table-PaymentWebhooks-dev.Arn',
      'dynamodb:Query on table-PaymentWebhooks-dev.Arn',
    ]);
  });

  test('nobody but the audit logger can sign a digest', () => {
    const signers = stack
      .all('AWS::IAM::Role')
      .map((role) => String(stack.nameOf(role)))
      .filter((role) => permissionsOfRole(stack, role).some((line) => line.startsWith('kms:Sign')));

    expect(signers).toEqual(['role-audit-logger-dev']);
  });

  test.each([
    ['confirmed', 'paypal', { stripe: {}, paypal: { isConfirmedByApi: true } }],
    ['asked for as they are now', 'square', { stripe: {}, square: { isPresentStateAsked: true } }],
  ])(
    'the processor reads the credential of a provider whose events are %s, and of no other',
    (_what, name, providers) => {
      const asking = synthesise({ config: { providers } });

      const secrets = permissionsOfRole(asking, 'role-payment-processor-dev').filter((line) =>
        line.includes('secretsmanager'),
      );

      expect(secrets).toEqual([
        expect.stringMatching(new RegExp(`GetSecretValue on secret-${name}-api-credentials-dev`)),
      ]);
    },
  );

  test('only the receiver reads the secrets of providers, only the sender those of destinations, only the reconciler credentials', () => {
    const readersOf = (secret: RegExp): readonly string[] =>
      stack
        .all('AWS::IAM::Role')
        .map((role) => String(stack.nameOf(role)))
        .filter((role) =>
          permissionsOfRole(stack, role).some((line) => line.startsWith('secretsmanager:') && secret.test(line)),
        );

    expect(readersOf(/ on secret-destination-/)).toEqual(['role-destination-sender-dev']);
    expect(readersOf(/ on secret-.*-api-credentials-/)).toEqual(['role-reconciler-dev']);
    expect(readersOf(/ on secret-(?!destination-).*-signing-secrets-/)).toEqual(['role-webhook-receiver-dev']);
  });

  test('no function can be called from outside but through the API', () => {
    expect(stack.all('AWS::Lambda::Url')).toEqual([]);
    expect(
      stack
        .all('AWS::Lambda::Permission')
        .map(({ Properties }) => Properties.Principal)
        .sort(),
    ).toEqual([...Array(2).fill('apigateway.amazonaws.com'), ...Array(3).fill('events.amazonaws.com')]);
    for (const { Properties } of stack.all('AWS::Lambda::Permission')) expect(Properties.SourceArn).toBeDefined();
  });
});

describe('policies of resources', () => {
  test('allow nobody of another account', () => {
    const statements = stack.resources.flatMap(({ Properties }) =>
      ['PolicyDocument.Statement', 'KeyPolicy.Statement'].flatMap(
        (path) => (at(Properties, path) as readonly Properties[] | undefined) ?? [],
      ),
    );
    const principals = statements
      .filter(({ Effect, Principal }) => Effect === 'Allow' && Principal !== undefined)
      .map(({ Principal }) => at(Principal, 'Service') ?? stack.readable(at(Principal, 'AWS') as Json));

    expect(principals.length).toBeGreaterThan(5);
    expect([...new Set(principals.map(String))].sort()).toEqual([
      'arn:aws:iam::ACCOUNT:root',
      'cloudwatch.amazonaws.com',
      'events.amazonaws.com',
      'logs.us-east-1.amazonaws.com',
      'role-bucket-cleaner-dev.Arn',
      'sns.amazonaws.com',
    ]);
  });
});
