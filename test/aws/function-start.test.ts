/** How the built functions start under Lambda's own runtime client, and what they say when they cannot. */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type BuiltFunctions,
  buildFunctions,
  FUNCTIONS,
  type FunctionName,
} from '../../infra/deploy/build-functions.ts';
import { FUNCTION_VARIABLES, type FunctionRole } from '../../src/config/function-environment.ts';
import { createEnvironment, type EnvironmentResult } from './servers/lambda-host-environment.ts';

const directory = mkdtempSync(join(tmpdir(), 'payhook-functions-'));
let built: BuiltFunctions;

beforeAll(async () => {
  const result = await buildFunctions({ env: {}, cwd: directory, outDirectory: join(directory, 'build') });
  if (result.outcome === 'invalid') throw new Error('the default configuration is not valid');
  built = result.built;
});
afterAll(() => rm(directory, { recursive: true, force: true }));

const ROLES: Readonly<Record<FunctionName, FunctionRole>> = {
  'webhook-receiver': 'receiver',
  'payment-processor': 'processor',
  'audit-logger': 'auditLogger',
  'destination-sender': 'sender',
  reconciler: 'reconciler',
};

/** Stands for the value of every variable but the one that is JSON. */
const ARN = 'arn:aws:kms:us-east-1:000000000000:key/00000000-0000-0000-0000-000000000000';
/** Nothing answers there: what a function asks at init fails at once. */
const NOBODY = 'http://127.0.0.1:9';

const start = async (
  name: FunctionName,
  overrides: {
    readonly layer?: string | null;
    readonly without?: string;
    readonly of?: BuiltFunctions;
    /** Events that it is invoked with, one after the other. */
    readonly payloads?: readonly string[];
  } = {},
): Promise<{
  readonly result: EnvironmentResult;
  readonly answers: readonly unknown[];
  readonly lines: readonly string[];
}> => {
  const lines: string[] = [];
  const variables = FUNCTION_VARIABLES[ROLES[name]].filter((variable) => variable !== overrides.without);
  const result = await createEnvironment({
    handler: 'index.handler',
    environment: {
      AWS_ENDPOINT_URL: NOBODY,
      ...Object.fromEntries(
        variables.map((variable) => [variable, variable === 'PAYHOOK_DESTINATION_QUEUE_URLS' ? '{}' : ARN]),
      ),
    },
    taskDirectory: (overrides.of ?? built).functions[name],
    layerDirectory: overrides.layer === undefined ? built.layer : overrides.layer,
    onLine: ({ text }) => lines.push(text),
  });
  if (result.outcome !== 'ready') return { result, answers: [], lines };
  await using environment = result.environment;
  const answers: unknown[] = [];
  for (const payload of overrides.payloads ?? []) {
    const answer = await environment.invoke({
      requestId: `request-${answers.length}`,
      deadlineAt: Date.now() + 60_000,
      functionArn: ARN,
      traceHeader: 'Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0',
      payload: Buffer.from(payload),
    });
    await environment.whenIdle();
    answers.push('body' in answer ? JSON.parse(answer.body.toString()) : answer);
  }
  return { result, answers, lines };
};

describe('a built function', () => {
  for (const name of Object.keys(ROLES) as FunctionName[]) {
    test(`${name} starts with what the stack gives it, the layer in /opt`, async () => {
      const { result, lines } = await start(name);

      expect(result.outcome, lines.join('\n')).toBe('ready');
    });

    test(`${name} fails at init, not per request, and says in one line which variable is missing and what to do`, async () => {
      const [missing = ''] = FUNCTION_VARIABLES[ROLES[name]];

      const { result, lines } = await start(name, { without: missing });

      expect(result.outcome).toBe('init_failed');
      const said = lines.filter((line) => line.includes('function.not_started')).map((line) => JSON.parse(line));
      expect(said).toMatchObject([
        {
          level: 'error',
          code: 'configuration_invalid',
          message: `the function has no ${missing} in its environment: deploy the stack, which sets them`,
        },
      ]);
    });

    test(`${name} starts without any of the SDK: it is in the layer alone, and loaded by who needs it`, async () => {
      const { result, lines } = await start(name, { layer: null });

      expect(result.outcome, lines.join('\n')).toBe('ready');
      expect(readFileSync(join(built.functions[name], 'index.mjs'), 'utf8')).toContain('payhook-shared-dependencies');
    });

    test(`${name} stays below its budget of ${FUNCTIONS[name].bundleKbMax} KB`, () => {
      expect(built.bundleBytes[name]).toBeLessThan(FUNCTIONS[name].bundleKbMax * 1024);
    });
  }

  test('lives on when an error escapes from the code of handlers, and says so without its message', async () => {
    const config = join(directory, 'escaping.config.mjs');
    writeFileSync(config, "export default { handlers: './escaping-handlers.mjs' };");
    writeFileSync(
      join(directory, 'escaping-handlers.mjs'),
      `setTimeout(() => { throw new RangeError('canary 4242424242424242'); }, 0);
       setTimeout(() => { Promise.reject(new TypeError('canary 4242424242424242')); }, 0);
       export const handle = () => undefined;`,
    );
    const outDirectory = join(directory, 'escaping');
    const result = await buildFunctions({ env: { PAYHOOK_CONFIG: config }, cwd: directory, outDirectory });
    if (result.outcome === 'invalid') throw new Error(JSON.stringify(result.problems));

    const { answers, lines } = await start('payment-processor', {
      of: result.built,
      payloads: ['{"Records":[]}', '{"Records":[]}'],
    });

    expect(answers).toEqual(Array(2).fill({ batchItemFailures: [] }));
    const escaped = lines.filter((line) => line.includes('handler.error_escaped')).map((line) => JSON.parse(line));
    expect(escaped.map(({ reason, kind }) => `${reason} ${kind}`).sort()).toEqual([
      'exception RangeError',
      'rejection TypeError',
    ]);
    expect(lines.join()).not.toContain('canary');
  });

  test('is built to the same bytes again: nothing is deployed that has not changed', async () => {
    const again = await buildFunctions({ env: {}, cwd: directory, outDirectory: join(directory, 'again') });

    expect(again).toMatchObject({
      outcome: 'built',
      built: { bundleBytes: built.bundleBytes, layerBytes: built.layerBytes },
    });
  });

  test('is built for live payments without any secret in the environment: they are in Secrets Manager', async () => {
    const path = join(directory, 'live.config.mjs');
    writeFileSync(path, "export default { mode: 'live', providers: { stripe: {}, paypal: {}, square: {} } };");

    const result = await buildFunctions({
      env: { PAYHOOK_CONFIG: path },
      cwd: directory,
      outDirectory: join(directory, 'live'),
    });

    expect(result.outcome).toBe('built');
  });

  test('is not built out of a configuration that AWS cannot keep, and every problem is told', async () => {
    const path = join(directory, 'wrong.config.mjs');
    writeFileSync(
      path,
      'export default { processing: { handlerMsMax: 300000 }, aws: { silenceAlarmHours: { acme: 2 } } };',
    );

    const result = await buildFunctions({
      env: { PAYHOOK_CONFIG: path },
      cwd: directory,
      outDirectory: join(directory, 'never'),
    });

    const problems = result.outcome === 'invalid' ? result.problems : [];
    expect(problems.map(({ expected }) => expected)).toEqual([
      'at most 270000 on AWS: the processor is stopped after 5 minutes',
      'one of stripe, paypal, square, adyen, standard-webhooks',
    ]);
  });
});
