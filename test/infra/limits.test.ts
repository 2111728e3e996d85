/** The largest stack that the configuration allows, with the longest names, against what AWS takes. */
import { beforeAll, describe, expect, test } from 'vitest';
import type { DestinationConfig } from '../../src/config/define-config.ts';
import { at, type Json, type Properties, type Resource, type Synthesised, synthesise } from './synthesised.ts';

const LONGEST_SUFFIX = 'prod-eu-west-2nd';
const ACCOUNT_ID = '123456789012';
const REGION = 'ap-southeast-2';

const destinations: Record<string, DestinationConfig> = Object.fromEntries(
  Array.from({ length: 20 }, (_, index) => [
    `a-ledger-far-away-${String(index).padStart(2, '0')}`,
    { kind: 'http', url: 'https://ledger.example/', concurrencyMax: 10 },
  ]),
);

let stack: Synthesised;
beforeAll(() => {
  stack = synthesise({
    suffix: LONGEST_SUFFIX,
    config: {
      destinations,
      aws: {
        provisionedConcurrency: 10,
        updates: 'canary',
        peak: { webhooksPerSecond: 10_000, from: '2026-11-27T00:00:00Z', until: '2026-11-28T00:00:00Z' },
        reservedConcurrency: { sender: 50 },
        budgetUsdAMonth: 100,
        alarmEmails: ['payments-oncall@shop.example'],
        silenceAlarmHours: { stripe: 1 },
      },
    },
  });
});

/** As AWS will have it: references take the place of what they lead to, which is no shorter than this. */
const sizeOf = (value: Json | undefined): number => JSON.stringify(filledIn(value ?? null)).length;

const filledIn = (value: Json): Json => {
  if (Array.isArray(value)) return value.map(filledIn);
  if (typeof value !== 'object' || value === null) return value;
  const [only] = Object.keys(value);
  if (only === 'Ref' || only === 'Fn::GetAtt' || only === 'Fn::Join') return physical(value);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, filledIn(inner)]));
};

const ARN_TYPES: Readonly<Record<string, string>> = {
  'AWS::SQS::Queue': 'sqs',
  'AWS::SecretsManager::Secret': 'secretsmanager',
  'AWS::DynamoDB::Table': 'dynamodb',
};

const physical = (value: Json): string => {
  const { 'Fn::Join': join, 'Fn::GetAtt': attribute, Ref: ref } = value as Properties;
  if (Array.isArray(join)) {
    return (join[1] as readonly Json[]).map((part) => (typeof part === 'string' ? part : physical(part))).join('');
  }
  const logicalId = String(Array.isArray(attribute) ? attribute[0] : ref);
  if (logicalId === 'AWS::AccountId') return ACCOUNT_ID;
  if (logicalId === 'AWS::Region') return REGION;
  if (logicalId.startsWith('AWS::')) return 'aws';
  const resource = stack.byLogicalId(logicalId);
  const name = stack.nameOf(resource) ?? 'xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx';
  const service = ARN_TYPES[resource.Type] ?? 'service';
  if (resource.Type === 'AWS::SQS::Queue' && ref !== undefined) {
    return `https://sqs.${REGION}.amazonaws.com/${ACCOUNT_ID}/${name}`;
  }
  return `arn:aws:${service}:${REGION}:${ACCOUNT_ID}:${service === 'secretsmanager' ? `secret:${name}-xxxxxx` : name}`;
};

const over = (
  type: string,
  limit: number,
  of: (resource: Resource) => number,
): readonly (readonly [string, number])[] =>
  stack
    .all(type)
    .map((resource) => [stack.nameOf(resource) ?? resource.logicalId, of(resource)] as const)
    .filter(([, size]) => size > limit);

describe('twenty destinations with the longest names', () => {
  test('have managed policies of at most 6,144 characters', () => {
    const sizes = ({ Properties }: Resource) => sizeOf(Properties.PolicyDocument);

    expect(over('AWS::IAM::ManagedPolicy', 6144, sizes)).toEqual([]);
    // The measure is alive: in one policy the sender's two would not fit.
    expect(over('AWS::IAM::ManagedPolicy', 3072, sizes).map(([name]) => name)).toEqual(
      expect.arrayContaining([
        `policy-destination-sender-${LONGEST_SUFFIX}`,
        `policy-destination-sender-apart-${LONGEST_SUFFIX}`,
      ]),
    );
  });

  test('fit into the 4 KB of environment that a function has', () => {
    const sizes = ({ Properties }: Resource) => sizeOf(at(Properties.Environment, 'Variables'));

    expect(over('AWS::Lambda::Function', 4096, sizes)).toEqual([]);
    expect(over('AWS::Lambda::Function', 2048, sizes).length).toBeGreaterThan(0);
  });

  test('make a template of at most 500 resources and a megabyte', () => {
    expect(stack.resources.length).toBeLessThanOrEqual(500);
    expect(Buffer.byteLength(stack.text)).toBeLessThanOrEqual(1024 * 1024);
  });

  test('have rules of at most 2,048 characters and policies of queues and topics of at most 8 KB', () => {
    expect(over('AWS::Events::Rule', 2048, ({ Properties }) => sizeOf(Properties.EventPattern))).toEqual([]);
    expect(over('AWS::SQS::QueuePolicy', 8192, ({ Properties }) => sizeOf(Properties.PolicyDocument))).toEqual([]);
    expect(over('AWS::SNS::TopicPolicy', 8192, ({ Properties }) => sizeOf(Properties.PolicyDocument))).toEqual([]);
    expect(over('AWS::KMS::Key', 32_768, ({ Properties }) => sizeOf(Properties.KeyPolicy))).toEqual([]);
  });
});
