/**
 * Stacks of one account, and a creation that fails, as far as an emulator goes: it makes and takes back what CloudFormation
 * would, names clash there, and deletion policies hold. The functions are empty: nothing is called.
 */
import { CloudFormationClient, DeleteStackCommand, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { DynamoDB } from '@aws-sdk/client-dynamodb';
import { IAMClient, paginateListRoles } from '@aws-sdk/client-iam';
import { LambdaClient, paginateListFunctions } from '@aws-sdk/client-lambda';
import { ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { SQS } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openAwsAccount } from '../../../infra/deploy/aws-account.ts';
import { otherLogRoleOf, problemOfRemoval } from '../../../infra/deploy/check-account.ts';
import { awsNames, DEFAULT_REGION } from '../../../src/config/aws-names.ts';
import { DESTINATIONS, type SynthesiseOptions, synthesise } from '../../infra/synthesised.ts';
import { type Ministack, startMinistack } from '../servers/ministack.ts';
import { emulatorClientOptions } from '../tools/emulator-clients.ts';
import { type DeployInput, deployStack } from './deploy-stack.ts';

const ASSETS = /^cdk-/;
const POLL_MS = 100;
const DELETE_MS_MAX = 60_000;
const saved = { ...process.env };

let emulator: Ministack;
let options: ReturnType<typeof emulatorClientOptions>;
beforeAll(async () => {
  emulator = await startMinistack();
  options = emulatorClientOptions(emulator.url);
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: emulator.url,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
  });
});
beforeEach(() => emulator.reset());
afterAll(async () => {
  process.env = saved;
  await emulator[Symbol.asyncDispose]();
});

const account = () => openAwsAccount(DEFAULT_REGION);

const deploy = (input: SynthesiseOptions & Pick<DeployInput, 'planted'> & { readonly suffix: string }) => {
  const { planted, ...given } = input;
  return deployStack({
    assemblyDirectory: synthesise(given).outDirectory,
    stackName: awsNames(given.suffix).stack,
    emulatorUrl: emulator.url,
    environment: {},
    ...(planted === undefined ? {} : { planted }),
  });
};

/** Waits until it is gone, or says as what it stays. */
const remove = async (suffix: string): Promise<void> => {
  const client = new CloudFormationClient(options);
  const { stack } = awsNames(suffix);
  await client.send(new DeleteStackCommand({ StackName: stack }));
  const until = Date.now() + DELETE_MS_MAX;
  while ((await account().stateOf(stack)) !== 'absent') {
    const { Stacks: [found] = [] } = await client.send(new DescribeStacksCommand({ StackName: stack }));
    if (found?.StackStatus === 'DELETE_FAILED' || Date.now() > until) throw new Error(`it is ${found?.StackStatus}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
};

/** Names of tables, queues, buckets, functions and roles in the account. */
const everything = async (): Promise<readonly string[]> => {
  const { TableNames: tables = [] } = await new DynamoDB(options).listTables({});
  const { QueueUrls: queues = [] } = await new SQS(options).listQueues({ MaxResults: 1000 });
  const s3 = new S3Client({ ...options, forcePathStyle: true });
  const { Buckets: buckets = [] } = await s3.send(new ListBucketsCommand({}));
  const found = [
    ...tables,
    ...queues.map((url) => url.split('/').at(-1) ?? ''),
    ...buckets.map(({ Name }) => Name ?? ''),
  ];
  for await (const { Functions = [] } of paginateListFunctions({ client: new LambdaClient(options) }, {})) {
    found.push(...Functions.map(({ FunctionName }) => FunctionName ?? ''));
  }
  for await (const { Roles = [] } of paginateListRoles({ client: new IAMClient(options) }, {})) {
    found.push(...Roles.map(({ RoleName }) => RoleName ?? ''));
  }
  return found.filter((name) => !ASSETS.test(name)).sort();
};

describe('two stacks in one account', () => {
  test('have nothing in common, and one is removed without a trace and without touching the other', async () => {
    const config = { destinations: DESTINATIONS };
    await deploy({ suffix: 'one', config });
    const alone = await everything();
    const logRole = await otherLogRoleOf(account(), 'two');

    await deploy({ suffix: 'two', config: { ...config, aws: { isApiGatewayAccountManaged: logRole === null } } });
    const both = await everything();

    expect(logRole).toBe('role-api-gateway-logs-one');
    expect(both.filter((name) => name.endsWith('-one'))).toEqual(alone);
    expect(both.filter((name) => !name.endsWith('-one')).map((name) => name.replace(/-two$/, '-one'))).toEqual(
      alone.filter((name) => name !== logRole),
    );
    expect(await problemOfRemoval(account(), 'one')).toMatch(/writes the logs of stack-payhook-two too/);
    expect(await problemOfRemoval(account(), 'two')).toBeNull();

    await remove('two');

    expect(await everything()).toEqual(alone);
    expect(await account().apiGateway()).toMatchObject({ logRole });
    expect(await problemOfRemoval(account(), 'one')).toBeNull();

    await remove('one');

    expect(await everything()).toEqual([]);
  });
});

/** Comes last, and cannot be made: an address of a function that is not there. */
const fails: DeployInput['planted'] = (logicalIds) => ({
  Planted: {
    Type: 'AWS::Lambda::Url',
    Properties: { TargetFunctionArn: 'lambda-nowhere', AuthType: 'AWS_IAM' },
    DependsOn: logicalIds,
  },
});

describe('a first regulated deployment', () => {
  const regulated = {
    suffix: 'prod',
    config: { aws: { retention: 'regulated' }, destinations: DESTINATIONS },
  } as const;

  test('that fails leaves nothing in the way of the next one', async () => {
    await expect(deploy({ ...regulated, isFirstDeployment: true, planted: fails })).rejects.toThrow('ROLLBACK_');

    expect(await account().stateOf('stack-payhook-prod')).toBe('unfinished');
    expect(await everything()).toEqual([]);

    // As the CDK does.
    await remove('prod');
    await deploy({ ...regulated, isFirstDeployment: true });

    expect(await everything()).toContain('table-PaymentWebhooks-prod');
  });
});
