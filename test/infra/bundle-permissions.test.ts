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

/** The permission that each call is checked against. */
const ACTIONS: Readonly<Record<string, string>> = {
  batchGetItem: 'dynamodb:BatchGetItem',
  batchGetSecretValue: 'secretsmanager:BatchGetSecretValue',
  changeMessageVisibilityBatch: 'sqs:ChangeMessageVisibility',
  changeMessageVisibility: 'sqs:ChangeMessageVisibility',
  decrypt: 'kms:Decrypt',
  deleteMessage: 'sqs:DeleteMessage',
  generateDataKey: 'kms:GenerateDataKey',
  getItem: 'dynamodb:GetItem',
  getObject: 's3:GetObject',
  getPublicKey: 'kms:GetPublicKey',
  getQueueAttributes: 'sqs:GetQueueAttributes',
  getSecretValue: 'secretsmanager:GetSecretValue',
  listObjectVersions: 's3:ListBucketVersions',
  publish: 'sns:Publish',
  putEvents: 'events:PutEvents',
  putItem: 'dynamodb:PutItem',
  putObject: 's3:PutObject',
  query: 'dynamodb:Query',
  receiveMessage: 'sqs:ReceiveMessage',
  sendMessageBatch: 'sqs:SendMessage',
  sendMessage: 'sqs:SendMessage',
  sign: 'kms:Sign',
  // What every transaction of ours has; see also ASKED_BY_AWS.
  transactWriteItems: 'dynamodb:PutItem',
  updateItem: 'dynamodb:UpdateItem',
};

const LIST_OF_STORE = 'lists are for operators; they come with the store';

/** What is in a bundle because it comes with something else, and is never called there. */
const NEVER_CALLED: Readonly<Record<FunctionName, Readonly<Record<string, string>>>> = {
  'webhook-receiver': {
    batchGetItem: LIST_OF_STORE,
    query: LIST_OF_STORE,
    getItem: 'the receiver inserts; what reads comes with the store',
    updateItem: 'the receiver inserts; what changes comes with the store',
  },
  'payment-processor': {},
  'destination-sender': {
    batchGetItem: LIST_OF_STORE,
    query: LIST_OF_STORE,
    putItem: 'the sender reads webhooks; what inserts comes with the store',
    transactWriteItems: 'the sender reads webhooks; what inserts comes with the store',
    batchGetSecretValue: 'only the receiver reads secrets at its start; it comes with their source',
  },
  reconciler: {
    batchGetItem: LIST_OF_STORE,
    updateItem: 'the reconciler inserts; what changes comes with the store',
    batchGetSecretValue: 'only the receiver reads secrets at its start; it comes with their source',
  },
  'audit-logger': {
    batchGetItem: 'comparing the trail with the stored webhooks is for operators; it comes with the audit log',
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
  reconciler: [],
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

/** Names of the calls that adapters may ask for: every method of `service-calls.ts`. */
const CALLS = [
  ...readFileSync(join(import.meta.dirname, '../../src/adapters/aws/service-calls.ts'), 'utf8').matchAll(
    /readonly (\w+): Call(?:Until)?</g,
  ),
].map(([, name]) => name ?? '');

/** Where they are called; names of methods are not shortened in a bundle. */
const callsIn = (name: FunctionName): readonly string[] => {
  const text = readFileSync(join(built.functions[name], 'index.mjs'), 'utf8');
  return CALLS.filter((call) => text.includes(`.${call}(`)).sort();
};

const actionsOf = (name: FunctionName): readonly string[] =>
  [...new Set(permissionsOfRole(stack, `role-${name}-dev`).map((line) => line.split(' on ')[0] ?? ''))].sort();

const FUNCTIONS: readonly FunctionName[] = [
  'webhook-receiver',
  'payment-processor',
  'audit-logger',
  'destination-sender',
  'reconciler',
];

describe.each(FUNCTIONS)('bundle and role of %s', (name) => {
  test('every call that the bundle can make is known', () => {
    expect(callsIn(name).length).toBeGreaterThan(5);
    expect(callsIn(name).filter((call) => ACTIONS[call] === undefined)).toEqual([]);
  });

  test('every call that the function makes is allowed', () => {
    const called = callsIn(name).filter((call) => NEVER_CALLED[name][call] === undefined);
    const denied = called.filter((call) => !actionsOf(name).includes(ACTIONS[call] ?? ''));

    expect(denied).toEqual([]);
  });

  test('what is said never to be called is in the bundle, and the role does not allow it', () => {
    const calls = Object.keys(NEVER_CALLED[name]);

    expect(calls.filter((call) => !callsIn(name).includes(call))).toEqual([]);
    expect(calls.filter((call) => actionsOf(name).includes(ACTIONS[call] ?? ''))).toEqual([]);
  });

  test('nothing is allowed that nobody asks for', () => {
    const asked = [
      ...ASKED_FOR_EVERY_FUNCTION,
      ...ASKED_BY_AWS[name],
      ...callsIn(name).map((call) => ACTIONS[call] ?? ''),
    ];

    expect(actionsOf(name).filter((action) => !asked.includes(action))).toEqual([]);
  });
});

/** An event type that stands in a mapping and nowhere else of what functions are built from. */
const IN_A_MAPPING = 'payment_intent.amount_capturable_updated';

describe('what the three lists of providers keep apart', () => {
  const textOf = (name: FunctionName): string => readFileSync(join(built.functions[name], 'index.mjs'), 'utf8');

  test('no function carries the library that reads the configuration', () => {
    expect(FUNCTIONS.filter((name) => /ZodError|["'/]zod["'/]/.test(textOf(name)))).toEqual([]);
  });

  test('only the functions that map payment events carry mappings', () => {
    expect(FUNCTIONS.filter((name) => textOf(name).includes(IN_A_MAPPING))).toEqual([
      'payment-processor',
      'destination-sender',
      'reconciler',
    ]);
  });
});
