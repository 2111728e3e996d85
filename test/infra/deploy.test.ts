/** What `npm run deploy` and `npm run destroy` find out before anything begins, and how they say it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AwsAccount, Concurrency, PayhookStackFacts, StackState } from '../../infra/deploy/aws-account.ts';
import {
  otherLogRoleOf,
  problemOfAccount,
  problemOfConcurrency,
  problemOfRemoval,
} from '../../infra/deploy/check-account.ts';
import { writeStandIn } from '../../infra/ground/stand-in.ts';
import { configSchemaOf } from '../../src/config/schema.ts';
import { CONFIGURABLE_PROVIDERS } from '../../src/providers/settings.ts';

const ROOT = join(import.meta.dirname, '../..');

const accountWith = (facts: {
  readonly region?: string;
  readonly isBootstrapped?: boolean;
  readonly concurrency?: Concurrency;
  readonly reserved?: Readonly<Record<string, number>>;
  readonly state?: StackState;
  readonly stacks?: readonly PayhookStackFacts[];
}): AwsAccount => ({
  accountId: async () => '111122223333',
  isBootstrapped: async () => facts.isBootstrapped ?? true,
  concurrency: async () => facts.concurrency ?? { total: 1000, unreserved: 1000 },
  reservedBy: async (name) => facts.reserved?.[name] ?? 0,
  stateOf: async () => facts.state ?? 'present',
  outputOf: async () => undefined,
  payhookStacks: async () => facts.stacks ?? [],
  configuredRegion: async () => facts.region,
});

const awsConfig = (aws: object = {}, destinations: object = {}) =>
  configSchemaOf(CONFIGURABLE_PROVIDERS).parse({ aws, destinations });

describe('before a deployment', () => {
  test('an account in order is no problem', async () => {
    expect(await problemOfAccount(accountWith({}))).toBeNull();
    expect(await problemOfAccount(accountWith({ region: 'us-east-1' }))).toBeNull();
  });

  test('a wrong region is named', async () => {
    expect(await problemOfAccount(accountWith({ region: 'eu-central-1' }))).toMatch(
      /your AWS configuration says eu-central-1: set AWS_REGION=us-east-1/,
    );
  });

  test('an account that was never bootstrapped is told how', async () => {
    expect(await problemOfAccount(accountWith({ isBootstrapped: false }))).toBe(
      'CDK has not been set up in account 111122223333 and us-east-1: run npx cdk bootstrap aws://111122223333/us-east-1 once',
    );
  });

  test.each([
    [275, null],
    [274, /set 175 concurrent executions aside .* 274 of 274 to give.*L-B99A9384.*aws\.reservedConcurrency/],
    [10, /10 of 10 to give/],
  ])(
    '175 executions set aside and 100 left over fit into a quota of %i, or it says what to do',
    async (total, problem) => {
      const account = accountWith({ concurrency: { total, unreserved: total } });
      const found = await problemOfConcurrency(account, 'dev', awsConfig());

      if (problem === null) expect(found).toBeNull();
      else expect(found).toMatch(problem);
    },
  );

  test('what an earlier deployment has set aside is not counted twice', async () => {
    const account = accountWith({
      concurrency: { total: 300, unreserved: 125 },
      reserved: {
        'lambda-webhook-receiver-dev': 100,
        'lambda-payment-processor-dev': 50,
        'lambda-audit-logger-dev': 25,
      },
    });

    expect(await problemOfConcurrency(account, 'dev', awsConfig())).toBeNull();
    expect(await problemOfConcurrency(account, 'other', awsConfig())).toMatch(/125 of 300/);
  });

  test('a stack with destinations also sets their ten aside', async () => {
    const account = accountWith({ concurrency: { total: 260, unreserved: 260 } });
    const config = awsConfig({}, { bus: { kind: 'eventbridge' } });

    expect(await problemOfConcurrency(account, 'dev', config)).toMatch(/set 185 concurrent executions aside/);
  });

  test('a small quota is no problem when nothing is set aside', async () => {
    const account = accountWith({ concurrency: { total: 10, unreserved: 10 } });

    expect(await problemOfConcurrency(account, 'dev', awsConfig({ reservedConcurrency: false }))).toBeNull();
  });
});

describe('two stacks in one account', () => {
  const dev = { name: 'stack-payhook-dev', setsLogRole: true };
  const prod = { name: 'stack-payhook-prod', setsLogRole: false };

  test('the second one leaves the role by which API Gateway logs to the first', async () => {
    const account = accountWith({ stacks: [dev, prod] });

    expect(await otherLogRoleOf(account, 'prod')).toBe('stack-payhook-dev');
    expect(await otherLogRoleOf(account, 'dev')).toBeNull();
    expect(await otherLogRoleOf(accountWith({}), 'dev')).toBeNull();
  });

  test('the one that has the role is not removed while another one logs by it', async () => {
    expect(await problemOfRemoval(accountWith({ stacks: [dev, prod] }), 'dev')).toMatch(
      /^stack-payhook-dev holds the role by which API Gateway writes the logs of stack-payhook-prod too: deploy/,
    );
    expect(await problemOfRemoval(accountWith({ stacks: [dev] }), 'dev')).toBeNull();
  });

  test('the one that does not have it is removed without a word', async () => {
    expect(await problemOfRemoval(accountWith({ stacks: [dev, prod] }), 'prod')).toBeNull();
  });
});

describe('before a removal', () => {
  test('a stack that is there may be removed', async () => {
    expect(await problemOfRemoval(accountWith({}), 'dev')).toBeNull();
  });

  test('a stack that is not there is said not to be there', async () => {
    expect(await problemOfRemoval(accountWith({ state: 'absent' }), 'dev')).toBe(
      'there is no stack-payhook-dev in account 111122223333 and us-east-1: nothing to remove; check suffix and account',
    );
  });

  test('a stack whose creation failed may be removed, protected or not', async () => {
    expect(await problemOfRemoval(accountWith({ state: 'unfinished' }), 'prod')).toBeNull();
  });

  test('a regulated stack is not removed', async () => {
    expect(await problemOfRemoval(accountWith({ state: 'protected' }), 'prod')).toMatch(
      /^stack-payhook-prod is protected, because it was deployed with retention: 'regulated'/,
    );
  });
});

describe('what stands in for a stack that is removed', () => {
  test('is an assembly with a stack of that name, in the right region, which CDK finds nothing wrong with', () => {
    const directory = mkdtempSync(join(tmpdir(), 'payhook-stand-in-'));

    writeStandIn(directory, 'dev');

    const { artifacts } = JSON.parse(readFileSync(join(directory, 'manifest.json'), 'utf8'));
    expect(artifacts['stack-payhook-dev']).toMatchObject({
      type: 'aws:cloudformation:stack',
      environment: 'aws://unknown-account/us-east-1',
      properties: { templateFile: 'stack-payhook-dev.template.json' },
    });
    rmSync(directory, { recursive: true });
  });
});

/** Speaks as much of STS, SSM, Lambda and CloudFormation as is asked here; every account fact can be set. */
const aws = { error: '', isBootstrapped: true, total: 1000, stack: 'absent' as StackState };
let server: Server;
let endpoint = '';

const xml = (action: string, inner: string): string =>
  `<${action}Response><${action}Result>${inner}</${action}Result></${action}Response>`;
const xmlError = (code: string): string =>
  `<ErrorResponse><Error><Code>${code}</Code><Message>no</Message></Error></ErrorResponse>`;

const answerTo = (target: string, url: string, body: string): readonly [status: number, body: string] => {
  if (aws.error !== '') {
    const isXml = body.startsWith('Action=');
    return [403, isXml ? xmlError(aws.error) : JSON.stringify({ __type: aws.error })];
  }
  if (body.includes('Action=GetCallerIdentity'))
    return [200, xml('GetCallerIdentity', '<Account>111122223333</Account>')];
  if (target === 'AmazonSSM.GetParameter') {
    return aws.isBootstrapped ? [200, '{"Parameter":{"Value":"30"}}'] : [400, '{"__type":"ParameterNotFound"}'];
  }
  if (url.includes('account-settings')) {
    const limit = { ConcurrentExecutions: aws.total, UnreservedConcurrentExecutions: aws.total };
    return [200, JSON.stringify({ AccountLimit: limit })];
  }
  if (body.includes('Action=DescribeStacks')) {
    if (aws.stack === 'absent') return [400, xmlError('ValidationError')];
    // Asked without a name: all of the account.
    if (!body.includes('StackName=')) {
      const names = ['stack-payhook-dev', 'stack-payhook-prod', 'stack-of-somebody'];
      const members = names.map((name) => `<member><StackName>${name}</StackName></member>`).join('');
      return [200, xml('DescribeStacks', `<Stacks>${members}</Stacks>`)];
    }
    const isProtected = `<EnableTerminationProtection>${aws.stack === 'protected'}</EnableTerminationProtection>`;
    return [200, xml('DescribeStacks', `<Stacks><member>${isProtected}</member></Stacks>`)];
  }
  if (body.includes('Action=DescribeStackResources')) {
    const type = body.includes('stack-payhook-dev') ? 'AWS::ApiGateway::Account' : 'AWS::SQS::Queue';
    const members = `<member><ResourceType>${type}</ResourceType></member>`;
    return [200, xml('DescribeStackResources', `<StackResources>${members}</StackResources>`)];
  }
  return [404, '{"__type":"ResourceNotFoundException"}'];
};

beforeAll(async () => {
  server = createServer(async (request, response) => {
    const [status, body] = answerTo(String(request.headers['x-amz-target']), request.url ?? '', await text(request));
    response.writeHead(status, { 'content-type': body.startsWith('<') ? 'text/xml' : 'application/json' }).end(body);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (typeof address === 'object' && address !== null) endpoint = `http://127.0.0.1:${address.port}`;
});
afterAll(() => server.close());

const runDeploy = async (
  args: readonly string[],
  facts: Partial<typeof aws> = {},
  env: Record<string, string> = {},
) => {
  Object.assign(aws, { error: '', isBootstrapped: true, total: 1000, stack: 'absent' }, facts);
  const child = spawn(process.execPath, [join(ROOT, 'infra/deploy.ts'), ...args], {
    env: {
      PATH: process.env.PATH ?? '',
      HOME: '/nonexistent',
      AWS_ENDPOINT_URL: endpoint,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_EC2_METADATA_DISABLED: 'true',
      ...env,
    },
  });
  const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
  return { code, stderr };
};

describe('the commands', () => {
  test.each(['absent', 'present'] as const)(
    'verify ends with 1 and one sentence over a stack that is %s and says no address',
    async (stack) => {
      const { code, stderr } = await runDeploy(['verify', 'dev'], { stack });

      expect(stderr).toBe(
        'payhook: there is no stack-payhook-dev, or it has no address: npm run deploy -- dev makes it\n',
      );
      expect(code).toBe(1);
    },
  );

  test.each([
    [[], /there is no such command: npm run synth\|deploy\|destroy -- <environment suffix>/],
    [['deploy'], /the environment suffix is missing: npm run/],
    [['destroy', '--force'], /the environment suffix is missing/],
    [['synth', 'Prod'], /environment suffix "Prod" cannot be part of AWS names/],
  ])('wrong usage ends with 2 and one sentence: %j', async (args, sentence) => {
    const { code, stderr } = await runDeploy(args);

    expect(stderr).toMatch(sentence);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(code).toBe(2);
  });

  test.each([
    [
      'expired credentials',
      { error: 'ExpiredToken' },
      {},
      /the AWS account cannot be used with these AWS credentials \(ExpiredToken\).*sign in again/,
    ],
    [
      'missing credentials',
      {},
      { AWS_ACCESS_KEY_ID: '' },
      /the AWS account cannot be used with these AWS credentials \(CredentialsProviderError\)/,
    ],
    [
      'access denied',
      { error: 'AccessDenied' },
      {},
      /the AWS account may not be used by this principal \(AccessDenied\)/,
    ],
    [
      'an account without bootstrap',
      { isBootstrapped: false },
      {},
      /run npx cdk bootstrap aws:\/\/111122223333\/us-east-1 once/,
    ],
    ['another region', {}, { AWS_REGION: 'eu-west-1' }, /your AWS configuration says eu-west-1/],
  ])('deploy ends with 1 and one sentence over %s', async (_, facts, env, sentence) => {
    const { code, stderr } = await runDeploy(['deploy', 'dev'], facts, env);

    expect(stderr).toMatch(sentence);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(code).toBe(1);
  });

  test.each([
    ['absent', /there is no stack-payhook-dev in account 111122223333/],
    ['protected', /stack-payhook-dev is protected/],
    ['present', /stack-payhook-dev holds the role by which API Gateway writes the logs of stack-payhook-prod too/],
  ] as const)(
    'destroy ends with 1 and one sentence when the stack is %s, or has what others need',
    async (stack, sentence) => {
      const { code, stderr } = await runDeploy(['destroy', 'dev', '--force'], { stack });

      expect(stderr).toMatch(sentence);
      expect(code).toBe(1);
    },
  );
});
