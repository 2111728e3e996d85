/** The command line pointed at AWS, where AWS says no: one sentence each, and an exit code. */
import { spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getPriority } from 'node:os';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { beginConsoleSession, CONSOLE_LINK } from '../support/console-session.ts';
import { cleanEnvironment, createTestFolder, MAIN, waitUntil, writeSetup } from '../support/running-server.ts';
import { runHere } from './run-here.ts';

/** What AWS answers: by the action that a query names, or the operation of a JSON protocol. */
const answers = new Map<string, { readonly status: number; readonly body: string }>();
let server: Server;

const CALLER = `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>
  <Arn>arn:aws:iam::123456789012:user/ada</Arn><UserId>ada</UserId><Account>123456789012</Account>
</GetCallerIdentityResult></GetCallerIdentityResponse>`;

const stsError = (code: string): string =>
  `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>${code}</Code><Message>a message that is not shown</Message></Error></ErrorResponse>`;

beforeAll(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const target = request.headers['x-amz-target'];
      const action = new URLSearchParams(Buffer.concat(chunks).toString('utf8')).get('Action');
      const name = typeof target === 'string' ? (target.split('.').at(-1) ?? '') : (action ?? '');
      const { status, body } = answers.get(name) ?? { status: 500, body: '' };
      response.writeHead(status, { 'content-type': target === undefined ? 'text/xml' : 'application/x-amz-json-1.0' });
      response.end(body);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  vi.stubEnv('AWS_ENDPOINT_URL', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
});
afterEach(() => answers.clear());
afterAll(() => {
  vi.unstubAllEnvs();
  server.closeAllConnections();
  server.close();
});

const AWS = ['--home', 'aws', '--environment-suffix', 'dev'];

describe('payhook --home aws', () => {
  const WRONG_USAGE: readonly [string, string[], string][] = [
    ['no environment suffix', ['webhooks', 'list', '--home', 'aws'], '--home aws needs --environment-suffix'],
    [
      'a suffix that no AWS name can carry',
      ['webhooks', 'list', '--home', 'aws', '--environment-suffix', 'Prod_1'],
      'environment suffix "Prod_1" cannot be part of AWS names: use 1 to 16 lower-case letters',
    ],
    ['a suffix without the home', ['webhooks', 'list', '--environment-suffix', 'dev'], 'add --home aws'],
    ['a home that there is not', ['webhooks', 'list', '--home', 'moon'], 'Allowed choices are local, aws'],
    ['a server on AWS', ['serve', ...AWS], 'serve runs the local home'],
    [
      'events sent to a home',
      ['send', 'stripe', 'charge.succeeded', ...AWS],
      'give the address of the stack with --url',
    ],
    ['secrets of the local home', ['secrets', 'show'], 'the local home takes its secrets from the environment'],
  ];
  for (const [what, args, sentence] of WRONG_USAGE) {
    test(`refuses ${what} with exit code 2 and says what to do`, async () => {
      const { code, stderr, stdout } = await runHere(args, {});

      expect(code).toBe(2);
      expect(stderr).toContain(sentence);
      expect(stdout).toBe('');
    });
  }

  test('says in one sentence that the credentials have expired', async () => {
    answers.set('GetCallerIdentity', { status: 403, body: stsError('ExpiredToken') });

    const { code, stderr } = await runHere(['webhooks', 'list', ...AWS], {});

    expect(code).toBe(1);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).toContain('cannot be used with these AWS credentials (ExpiredToken)');
    expect(stderr).toContain('sign in again');
  });

  test('says that the stack is not there, by the name that was looked for', async () => {
    answers.set('GetCallerIdentity', { status: 200, body: CALLER });
    answers.set('GetQueueUrl', {
      status: 400,
      body: JSON.stringify({ __type: 'com.amazonaws.sqs#QueueDoesNotExist', message: 'not shown' }),
    });

    const { code, stderr } = await runHere(['dead-letters', 'list', ...AWS], {});

    expect(code).toBe(1);
    expect(stderr).toMatch(/queue queue-(?:work|dead-letters)-dev is not there .*deploy the stack first/);
  });

  test('says that a permission is missing, and for what', async () => {
    answers.set('GetCallerIdentity', { status: 200, body: CALLER });
    const denied = { status: 400, body: JSON.stringify({ __type: 'AccessDeniedException', message: 'not shown' }) };
    for (const operation of ['DescribeSecret', 'GetSecretValue']) answers.set(operation, denied);

    const { code, stderr } = await runHere(['secrets', 'show', ...AWS], {});

    expect(code).toBe(1);
    expect(stderr).toMatch(/secret-[a-z-]+-signing-secrets-dev may not be used by this principal/);
    expect(stderr).not.toContain('not shown');
  });

  test('says that there is nothing to recover, and that one machine never has anything', async () => {
    answers.set('GetCallerIdentity', { status: 200, body: CALLER });
    // S3 names no operation: the first and only call is the list of the bucket.
    const list =
      '<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><KeyCount>0</KeyCount></ListBucketResult>';
    answers.set('', { status: 200, body: list });

    const stack = await runHere(['audit', 'recover', ...AWS], {});
    const machine = await runHere(['audit', 'recover'], {});

    expect([stack.code, stack.stdout]).toEqual([0, 'nothing to recover: the change feed has given up on nothing\n']);
    expect([machine.code, machine.stderr]).toEqual([2, expect.stringContaining('one machine has no change feed')]);
  });
});

describe('payhook console --home aws', () => {
  const ADA = 'arn:aws:iam::123456789012:user/ada';
  const message = `User: ${ADA} is not authorized to perform: dynamodb:Query on resource: not shown`;
  const DENIED = { status: 400, body: JSON.stringify({ __type: 'AccessDeniedException', message }) };

  const openOver = async (folder: { readonly path: string; readonly data: string }, awsRoles = {}) => {
    const env = writeSetup(folder as never, { config: { console: { awsRoles } }, env: { PAYHOOK_CONSOLE_PORT: '0' } });
    const child = spawn(process.execPath, [MAIN, 'console', ...AWS], {
      cwd: folder.path,
      env: cleanEnvironment(env),
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString('utf8');
    });
    await waitUntil('the console says its link', () => CONSOLE_LINK.test(said) || child.exitCode !== null);
    if (child.exitCode !== null) throw new Error(said);
    return {
      pid: child.pid ?? 0,
      session: await beginConsoleSession(said),
      async [Symbol.asyncDispose]() {
        child.kill('SIGTERM');
        if (child.exitCode === null) await once(child, 'close');
      },
    };
  };

  test('is over the stack of the suffix, under the ARN of the credentials, and only looks unless a role is configured', async () => {
    using folder = createTestFolder();
    answers.set('GetCallerIdentity', { status: 200, body: CALLER });
    answers.set('GetQueueUrl', {
      status: 200,
      body: JSON.stringify({ QueueUrl: 'http://127.0.0.1/123456789012/queue' }),
    });
    const publicKey = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({
      type: 'spki',
      format: 'der',
    });
    const key = { KeyId: 'arn:aws:kms:eu-central-1:123456789012:key/1', PublicKey: publicKey.toString('base64') };
    answers.set('GetPublicKey', { status: 200, body: JSON.stringify(key) });
    for (const operation of ['Query', 'Scan', 'GetItem', 'BatchGetItem']) answers.set(operation, DENIED);
    {
      await using console = await openOver(folder);
      expect(JSON.parse(await console.session.get('/api/session'))).toMatchObject({
        home: { kind: 'aws', environmentSuffix: 'dev' },
        operator: ADA,
        role: 'viewer',
      });
      // No server is beside it that needs the cores more.
      expect(getPriority(console.pid)).toBe(getPriority());
      await expect(console.session.post('/api/jobs/preview', { filter: { since: '1h' } })).rejects.toThrow(
        'not_allowed',
      );
      await expect(console.session.get('/api/webhooks')).rejects.toThrow(
        /answered 503.*table-PaymentWebhooks-dev may not be used by this principal.*give its role dynamodb:Query/s,
      );
    }
    await using console = await openOver(folder, { [ADA]: 'auditor' });
    expect(JSON.parse(await console.session.get('/api/session'))).toMatchObject({ role: 'auditor', mayPutBack: false });
  });
});
