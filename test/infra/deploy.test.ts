/** What `npm run deploy` and `npm run destroy` find out before anything begins, and how they say it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AccountLimits } from '../../infra/deploy/account-limits.ts';
import type { AwsAccount, Concurrency, StackState } from '../../infra/deploy/aws-account.ts';
import {
  missingRecords,
  otherLogRoleOf,
  problemOfAccount,
  problemOfConcurrency,
  problemOfLimits,
  problemOfRemoval,
} from '../../infra/deploy/check-account.ts';
import type { RecordedEvents } from '../../infra/deploy/trails-of-account.ts';
import { writeStandIn } from '../../infra/ground/stand-in.ts';
import { configSchemaOf } from '../../src/config/schema.ts';
import { CONFIGURABLE_PROVIDERS } from '../../src/providers/settings.ts';
import { assets } from './synthesised.ts';

const ROOT = join(import.meta.dirname, '../..');

const accountWith = (facts: {
  readonly isBootstrapped?: boolean;
  readonly concurrency?: Concurrency;
  readonly reserved?: Readonly<Record<string, number>>;
  readonly state?: StackState;
  readonly stacks?: readonly string[];
  readonly logRole?: string;
  readonly limits?: Partial<AccountLimits>;
  readonly recorded?: Partial<RecordedEvents>;
}): AwsAccount => ({
  region: 'us-east-1',
  accountId: async () => '111122223333',
  isBootstrapped: async () => facts.isBootstrapped ?? true,
  concurrency: async () => facts.concurrency ?? { total: 1000, unreserved: 1000 },
  reservedBy: async (name) => facts.reserved?.[name] ?? 0,
  stateOf: async () => facts.state ?? 'present',
  outputOf: async () => undefined,
  payhookStacks: async () => facts.stacks ?? [],
  apiGateway: async () => ({ logRole: facts.logRole ?? null, limits: facts.limits ?? {} }),
  tableLimits: async () => facts.limits ?? {},
  warmTables: async () => ({}),
  recordedEvents: async () => ({ changes: true, items: true, objects: true, ...facts.recorded }),
});

const awsConfig = (aws: object = {}, destinations: object = {}) =>
  configSchemaOf(CONFIGURABLE_PROVIDERS).parse({ aws, destinations });

describe('before a deployment', () => {
  test('an account in order is no problem', async () => {
    expect(await problemOfAccount(accountWith({}))).toBeNull();
  });

  test('a limit of API Gateway or DynamoDB that is too low is named', async () => {
    const config = { ...awsConfig(), edge: { ...awsConfig().edge, requestsPerSecond: 3000 } };
    const problemWith = (limits: Partial<AccountLimits>) =>
      problemOfLimits(accountWith({ limits }), { environmentSuffix: 'dev', assets, config });

    expect(await problemWith({ requestsPerSecond: 10_000, requestsBurst: 5000, writeUnits: 40_000 })).toBeNull();
    expect(await problemWith({ requestsPerSecond: 2500 })).toBe(
      'the stack asks for 3,000 requests a second, and this account has 2,500: ask for more (Service Quotas, API Gateway, Throttle rate, L-8A5B8E43)',
    );
    expect(await problemWith({ requestsBurst: 1250 })).toMatch(
      /asks for 2,000 requests at once, and this account has 1,250/,
    );
  });

  test('what CloudTrail does not record is said, and who read what only where it is asked for', async () => {
    const said = (recorded: Partial<RecordedEvents>, isRegulated = true) =>
      missingRecords(accountWith({ recorded }), isRegulated);

    expect(await said({})).toEqual([]);
    expect(await said({ changes: false }, false)).toEqual([
      expect.stringMatching(/^no trail of CloudTrail records who changes something/),
    ]);
    expect(await said({ items: false, objects: false }, false)).toEqual([]);
    expect(await said({ items: false, objects: false })).toEqual([
      expect.stringMatching(
        /does not record who reads or writes items of tables and objects of buckets.*PCI DSS 10\.2\.1/,
      ),
    ]);
  });

  test('an account that was never bootstrapped is told how', async () => {
    expect(await problemOfAccount(accountWith({ isBootstrapped: false }))).toBe(
      'CDK has not been set up in account 111122223333 and us-east-1: run npx cdk bootstrap aws://111122223333/us-east-1 once',
    );
  });

  test.each([
    [276, null],
    [275, /set 176 concurrent executions aside .* 275 of 275 to give.*L-B99A9384.*aws\.reservedConcurrency/],
    [10, /10 of 10 to give/],
  ])(
    '176 executions set aside and 100 left over fit into a quota of %i, or it says what to do',
    async (total, problem) => {
      const account = accountWith({ concurrency: { total, unreserved: total } });
      const found = await problemOfConcurrency(account, 'dev', awsConfig());

      if (problem === null) expect(found).toBeNull();
      else expect(found).toMatch(problem);
    },
  );

  test('what an earlier deployment has set aside is not counted twice', async () => {
    const account = accountWith({
      concurrency: { total: 300, unreserved: 124 },
      reserved: {
        'lambda-webhook-receiver-dev': 100,
        'lambda-payment-processor-dev': 50,
        'lambda-audit-logger-dev': 25,
        'lambda-reconciler-dev': 1,
      },
    });

    expect(await problemOfConcurrency(account, 'dev', awsConfig())).toBeNull();
    expect(await problemOfConcurrency(account, 'other', awsConfig())).toMatch(/124 of 300/);
  });

  test('a stack with destinations also sets their ten aside', async () => {
    const account = accountWith({ concurrency: { total: 260, unreserved: 260 } });
    const config = awsConfig({}, { bus: { kind: 'eventbridge' } });

    expect(await problemOfConcurrency(account, 'dev', config)).toMatch(/set 186 concurrent executions aside/);
  });

  test('a small quota is no problem when nothing is set aside', async () => {
    const account = accountWith({ concurrency: { total: 10, unreserved: 10 } });

    expect(await problemOfConcurrency(account, 'dev', awsConfig({ reservedConcurrency: false }))).toBeNull();
  });
});

describe('two stacks in one account', () => {
  const stacks = ['stack-payhook-dev', 'stack-payhook-prod'];
  const logRole = 'role-api-gateway-logs-dev';

  test('the second one leaves the role by which API Gateway logs to the first, and to whatever else has set one', async () => {
    expect(await otherLogRoleOf(accountWith({ logRole }), 'prod')).toBe(logRole);
    expect(await otherLogRoleOf(accountWith({ logRole: 'logs-of-somebody' }), 'prod')).toBe('logs-of-somebody');
    expect(await otherLogRoleOf(accountWith({ logRole }), 'dev')).toBeNull();
    expect(await otherLogRoleOf(accountWith({}), 'dev')).toBeNull();
  });

  test('the one that has the role is not removed while another one logs by it', async () => {
    expect(await problemOfRemoval(accountWith({ stacks, logRole }), 'dev')).toMatch(
      /^stack-payhook-dev holds the role by which API Gateway writes the logs of stack-payhook-prod too: deploy/,
    );
    expect(await problemOfRemoval(accountWith({ stacks: ['stack-payhook-dev'], logRole }), 'dev')).toBeNull();
  });

  test('the one that does not have it is removed without a word', async () => {
    expect(await problemOfRemoval(accountWith({ stacks, logRole }), 'prod')).toBeNull();
  });
});

describe('before a removal', () => {
  test('a stack that is there may be removed', async () => {
    expect(await problemOfRemoval(accountWith({}), 'dev')).toBeNull();
  });

  test('a stack that is not there is said not to be there', async () => {
    expect(await problemOfRemoval(accountWith({ state: 'absent' }), 'dev')).toBe(
      'there is no stack-payhook-dev in account 111122223333 and us-east-1: nothing to remove; check suffix, account and region',
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

    writeStandIn(directory, 'dev', 'eu-west-1');

    const { artifacts } = JSON.parse(readFileSync(join(directory, 'manifest.json'), 'utf8'));
    expect(artifacts['stack-payhook-dev']).toMatchObject({
      type: 'aws:cloudformation:stack',
      environment: 'aws://unknown-account/eu-west-1',
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
  if (url === '/account') {
    return [200, JSON.stringify({ cloudwatchRoleArn: 'arn:aws:iam::111122223333:role/role-api-gateway-logs-dev' })];
  }
  if (body.includes('Action=GetRole')) {
    const role =
      '<Path>/</Path><RoleName>role-api-gateway-logs-dev</RoleName><RoleId>A</RoleId><Arn>a</Arn><CreateDate>2026-01-01T00:00:00Z</CreateDate>';
    return [200, xml('GetRole', `<Role>${role}</Role>`)];
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
