/** The execution environment does what Lambda does: what the end-to-end tests and the cold-start numbers rest on. */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { createEnvironment, type Environment, type InvokeResult, type OutputLine } from './lambda-host-environment.ts';
import { whyNoMounts } from './lambda-host-mounts.ts';

const directory = mkdtempSync(join(tmpdir(), 'payhook-environment-'));
const task = join(directory, 'task');
const layer = join(directory, 'layer');
mkdirSync(task);
mkdirSync(join(layer, 'nodejs', 'node_modules', 'in-layer'), { recursive: true });
writeFileSync(join(layer, 'nodejs', 'node_modules', 'in-layer', 'index.js'), "module.exports = 'from the layer';\n");
writeFileSync(
  join(task, 'index.mjs'),
  `
import { createRequire } from 'node:module';
import { readdirSync, writeFileSync } from 'node:fs';
const inLayer = createRequire(import.meta.url)('in-layer');
let invocations = 0;
let leftRunning = 0;
const attempt = (path) => { try { writeFileSync(path, ''); return 'written'; } catch (error) { return error.code; } };
const DO = {
  look: () => ({ inLayer, cwd: process.cwd(), opt: readdirSync('/opt'), variables: Object.keys(process.env) }),
  write: () => [attempt('/tmp/x'), attempt('/var/task/x'), attempt('/opt/x'), attempt('/x')],
  context: (context) => ({ ...context, left: context.getRemainingTimeInMillis(), trace: process.env._X_AMZN_TRACE_ID }),
  throw: () => { throw new RangeError('broken by the test'); },
  exit: () => process.exit(3),
  hang: () => new Promise(() => setInterval(() => {}, 1000)),
  leave: () => { setInterval(() => { leftRunning += 1; }, 1); },
  left: () => leftRunning,
};
export const handler = async ({ what }, context) => {
  invocations += 1;
  console.log('asked to', what);
  return { invocations, result: await DO[what](context) };
};
`,
);
writeFileSync(join(task, 'broken.mjs'), "throw new SyntaxError('it cannot start');\n");
afterAll(() => rm(directory, { recursive: true, force: true }));

const start = (handler: string, onLine: (line: OutputLine) => void = () => {}, isFrozenWhenIdle = true) =>
  createEnvironment({
    functionName: 'lambda-probe',
    handler,
    environment: { OWN: 'variable' },
    memoryMb: 512,
    taskDirectory: task,
    layerDirectory: layer,
    isFrozenWhenIdle,
    onLine,
  });

const startReady = async (onLine?: (line: OutputLine) => void, isFrozenWhenIdle = true): Promise<Environment> => {
  const created = await start('index.handler', onLine, isFrozenWhenIdle);
  if (created.outcome !== 'ready') throw new Error(created.message);
  return created.environment;
};

const FUNCTION_ARN = 'arn:aws:lambda:us-east-1:000000000000:function:lambda-probe';
let requests = 0;
const ask = async (environment: Environment, what: string, msMax = 60_000): Promise<InvokeResult> => {
  requests += 1;
  const result = await environment.invoke({
    requestId: `request-${requests}`,
    deadlineAt: Date.now() + msMax,
    functionArn: FUNCTION_ARN,
    traceHeader: 'Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0',
    payload: Buffer.from(JSON.stringify({ what })),
  });
  await environment.whenIdle();
  return result;
};
const answerOf = (result: InvokeResult) => {
  if (result.outcome !== 'answered') throw new Error(JSON.stringify(result));
  return JSON.parse(result.body.toString());
};

describe('an execution environment', () => {
  test('has code, layer and variables where Lambda has them, and nothing of the process that tests', async (context) => {
    const reason = whyNoMounts();
    if (reason !== null) context.skip(reason);
    await using environment = await startReady();

    const { result } = answerOf(await ask(environment, 'look'));

    expect(result).toMatchObject({ inLayer: 'from the layer', cwd: '/var/task', opt: ['nodejs'] });
    expect(result.variables).toContain('OWN');
    const foreign = result.variables.filter(
      (name: string) => !/^(AWS_|LAMBDA_|_|OWN$|PATH$|PWD$|TZ$|LANG$)/.test(name),
    );
    expect(foreign.sort()).toEqual(['LD_LIBRARY_PATH', 'NODE_PATH']);
    expect(answerOf(await ask(environment, 'write')).result).toEqual(['written', 'EROFS', 'EROFS', 'EROFS']);
  });

  test('gives the handler the context of its own invocation', async () => {
    await using environment = await startReady();

    const { result } = answerOf(await ask(environment, 'context', 30_000));

    expect(result).toMatchObject({
      functionName: 'lambda-probe',
      memoryLimitInMB: '512',
      awsRequestId: `request-${requests}`,
      invokedFunctionArn: FUNCTION_ARN,
      trace: expect.stringContaining('Root=1-5759e988'),
    });
    expect(result.left).toBeGreaterThan(1_000);
    expect(result.left).toBeLessThanOrEqual(30_000);
  });

  test('is used again after an error of the handler, and keeps what it printed', async () => {
    const lines: OutputLine[] = [];
    await using environment = await startReady((line) => lines.push(line));

    const failed = await ask(environment, 'throw');
    const next = answerOf(await ask(environment, 'left'));

    expect(failed).toMatchObject({ outcome: 'failed' });
    expect('body' in failed && JSON.parse(failed.body.toString())).toMatchObject({
      errorType: 'RangeError',
      errorMessage: 'broken by the test',
    });
    expect(next.invocations).toBe(2);
    expect(lines.filter(({ text }) => text.includes('asked to throw'))).toHaveLength(1);
  });

  test('stands still between invocations, as on Lambda: what was left running does not go on', async () => {
    await using frozen = await startReady();
    await using running = await startReady(() => {}, false);

    const ticksOf = async (environment: Environment): Promise<number> =>
      answerOf(await ask(environment, 'left')).result;
    await ask(frozen, 'leave');
    await ask(running, 'leave');
    const ticksBefore = await ticksOf(frozen);

    while ((await ticksOf(running)) < 500);

    // Only while it was asked did it run as well.
    expect((await ticksOf(frozen)) - ticksBefore).toBeLessThan(250);
  });

  test('is killed at its deadline, and gone then', async () => {
    await using environment = await startReady();

    const result = await ask(environment, 'hang', 200);

    expect(result).toEqual({ outcome: 'timed_out' });
    expect(environment.isAlive()).toBe(false);
  });

  test('says that the process ended in the middle of an invocation', async () => {
    await using environment = await startReady();

    expect(await ask(environment, 'exit')).toEqual({ outcome: 'exited', status: 'exit status 3' });
  });

  test('says why the function could not start', async () => {
    expect(await start('broken.handler')).toEqual({
      outcome: 'init_failed',
      errorType: 'Runtime.UserCodeSyntaxError',
      message: 'SyntaxError: it cannot start',
    });
    expect(await start('missing.handler')).toMatchObject({ outcome: 'init_failed' });
  });
});
