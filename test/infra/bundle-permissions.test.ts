/** Requirement 10 of the AWS home: what the code of a function can ask of AWS against what its role allows, both ways; and what it carries. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BuiltFunctions, buildFunctions, type FunctionName } from '../../infra/deploy/build-functions.ts';
import { permissionsOfRole } from './permission-lines.ts';
import { DESTINATIONS, type Synthesised, synthesise } from './synthesised.ts';

const directory = mkdtempSync(join(tmpdir(), 'payhook-bundles-'));
afterAll(() => rmSync(directory, { recursive: true }));

let stack: Synthesised;
let built: BuiltFunctions;
beforeAll(async () => {
  stack = synthesise({ config: { destinations: DESTINATIONS } });
  const result = await buildFunctions({ env: {}, cwd: directory, outDirectory: join(directory, 'build') });
  if (result.outcome === 'invalid') throw new Error(JSON.stringify(result.problems));
  built = result.built;
});

/** The permission that each call of the SDK is checked against. */
const ACTIONS: Readonly<Record<string, string>> = {
  BatchGetItemCommand: 'dynamodb:BatchGetItem',
  ChangeMessageVisibilityBatchCommand: 'sqs:ChangeMessageVisibility',
  ChangeMessageVisibilityCommand: 'sqs:ChangeMessageVisibility',
  DecryptCommand: 'kms:Decrypt',
  DeleteMessageCommand: 'sqs:DeleteMessage',
  GenerateDataKeyCommand: 'kms:GenerateDataKey',
  GetItemCommand: 'dynamodb:GetItem',
  GetObjectCommand: 's3:GetObject',
  GetPublicKeyCommand: 'kms:GetPublicKey',
  GetQueueAttributesCommand: 'sqs:GetQueueAttributes',
  GetSecretValueCommand: 'secretsmanager:GetSecretValue',
  ListObjectVersionsCommand: 's3:ListBucketVersions',
  PublishCommand: 'sns:Publish',
  PutEventsCommand: 'events:PutEvents',
  PutItemCommand: 'dynamodb:PutItem',
  PutObjectCommand: 's3:PutObject',
  QueryCommand: 'dynamodb:Query',
  ReceiveMessageCommand: 'sqs:ReceiveMessage',
  SendMessageBatchCommand: 'sqs:SendMessage',
  SendMessageCommand: 'sqs:SendMessage',
  SignCommand: 'kms:Sign',
  // What every transaction of ours has; see also ASKED_BY_AWS.
  TransactWriteItemsCommand: 'dynamodb:PutItem',
  UpdateItemCommand: 'dynamodb:UpdateItem',
};

const LIST_OF_STORE = 'lists are for operators; they come with the store';

/** What is in a bundle because it comes with something else, and is never called there. */
const NEVER_CALLED: Readonly<Record<FunctionName, Readonly<Record<string, string>>>> = {
  'webhook-receiver': {
    BatchGetItemCommand: LIST_OF_STORE,
    QueryCommand: LIST_OF_STORE,
    GetItemCommand: 'the receiver inserts; what reads comes with the store',
    UpdateItemCommand: 'the receiver inserts; what changes comes with the store',
  },
  'payment-processor': {},
  'destination-sender': {
    BatchGetItemCommand: LIST_OF_STORE,
    QueryCommand: LIST_OF_STORE,
    PutItemCommand: 'the sender reads webhooks; what inserts comes with the store',
    TransactWriteItemsCommand: 'the sender reads webhooks; what inserts comes with the store',
  },
  'audit-logger': {
    BatchGetItemCommand: 'comparing the trail with the stored webhooks is for operators; it comes with the audit log',
  },
};

/** What AWS itself does in the name of a role, so that no code of ours asks for it. */
const ASKED_BY_AWS: Readonly<Record<FunctionName, readonly string[]>> = {
  'webhook-receiver': [],
  'payment-processor': [
    // Lambda reads the queue; the function only settles what it was handed.
    'sqs:ReceiveMessage',
    'sqs:DeleteMessage',
    // A part of the transaction that joins two payments.
    'dynamodb:DeleteItem',
  ],
  'destination-sender': [
    'sqs:ReceiveMessage',
    'sqs:DeleteMessage',
    'sqs:ChangeMessageVisibility',
    'sqs:GetQueueAttributes',
  ],
  'audit-logger': [
    // Lambda reads the queue and the stream, and keeps records that failed.
    'sqs:ReceiveMessage',
    'sqs:DeleteMessage',
    'sqs:ChangeMessageVisibility',
    'sqs:GetQueueAttributes',
    'dynamodb:DescribeStream',
    'dynamodb:GetRecords',
    'dynamodb:GetShardIterator',
    'dynamodb:ListStreams',
    // Tells "not there" from "access denied".
    's3:ListBucket',
  ],
};

/** For every function: its log, its traces, failed invocations, and the key under everything that it uses. */
const ASKED_FOR_EVERY_FUNCTION = [
  'kms:Decrypt',
  'kms:GenerateDataKey',
  'logs:CreateLogStream',
  'logs:PutLogEvents',
  'sqs:SendMessage',
  'xray:PutTelemetryRecords',
  'xray:PutTraceSegments',
];

const commandsIn = (name: FunctionName): readonly string[] => {
  const text = readFileSync(join(built.functions[name], 'index.mjs'), 'utf8');
  return [...new Set(text.match(/\b[A-Z][A-Za-z]+Command\b/g))].sort();
};

const actionsOf = (name: FunctionName): readonly string[] =>
  [...new Set(permissionsOfRole(stack, `role-${name}-dev`).map((line) => line.split(' on ')[0] ?? ''))].sort();

const FUNCTIONS: readonly FunctionName[] = [
  'webhook-receiver',
  'payment-processor',
  'audit-logger',
  'destination-sender',
];

describe.each(FUNCTIONS)('bundle and role of %s', (name) => {
  test('every call that the bundle can make is known', () => {
    expect(commandsIn(name).length).toBeGreaterThan(5);
    expect(commandsIn(name).filter((command) => ACTIONS[command] === undefined)).toEqual([]);
  });

  test('every call that the function makes is allowed', () => {
    const called = commandsIn(name).filter((command) => NEVER_CALLED[name][command] === undefined);
    const denied = called.filter((command) => !actionsOf(name).includes(ACTIONS[command] ?? ''));

    expect(denied).toEqual([]);
  });

  test('what is said never to be called is in the bundle, and the role does not allow it', () => {
    const commands = Object.keys(NEVER_CALLED[name]);

    expect(commands.filter((command) => !commandsIn(name).includes(command))).toEqual([]);
    expect(commands.filter((command) => actionsOf(name).includes(ACTIONS[command] ?? ''))).toEqual([]);
  });

  test('nothing is allowed that nobody asks for', () => {
    const asked = [
      ...ASKED_FOR_EVERY_FUNCTION,
      ...ASKED_BY_AWS[name],
      ...commandsIn(name).map((command) => ACTIONS[command] ?? ''),
    ];

    expect(actionsOf(name).filter((action) => !asked.includes(action))).toEqual([]);
  });
});

/** An event type that stands in a mapping and nowhere else of what functions are built from. */
const IN_A_MAPPING = 'payment_intent.amount_capturable_updated';

describe('what the three lists of providers keep apart', () => {
  const textOf = (name: FunctionName): string => readFileSync(join(built.functions[name], 'index.mjs'), 'utf8');

  test('no function carries the library that reads the configuration', () => {
    expect(FUNCTIONS.filter((name) => /ZodError|zod/i.test(textOf(name)))).toEqual([]);
  });

  test('only the functions that map payment events carry mappings', () => {
    expect(FUNCTIONS.filter((name) => textOf(name).includes(IN_A_MAPPING))).toEqual([
      'payment-processor',
      'destination-sender',
    ]);
  });
});
