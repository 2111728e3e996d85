/** What a deployment has to know about the AWS account before it begins, asked with the operator's credentials. */
import { CloudFormationClient, DescribeStacksCommand, paginateDescribeStacks } from '@aws-sdk/client-cloudformation';
import { GetAccountSettingsCommand, GetFunctionConcurrencyCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { AwsNames } from '../../src/config/aws-names.ts';
import type { WarmTables } from '../peak/size-peak.ts';
import type { AccountLimits } from './account-limits.ts';
import { type ApiGatewayAccount, apiGatewayAccount } from './api-gateway-account.ts';
import { askAws } from './ask-aws.ts';
import { tableLimits, warmTablesOf } from './tables-of-account.ts';
import { type RecordedEvents, recordedEvents } from './trails-of-account.ts';

export interface Concurrency {
  /** The account's quota. */
  readonly total: number;
  /** What no function has set aside yet. */
  readonly unreserved: number;
}

/** `unfinished`: its creation failed, and it holds nothing that was ever used. */
export type StackState = 'absent' | 'unfinished' | 'protected' | 'present';

/** CDK removes such a stack before it makes it anew. */
const UNFINISHED: readonly (string | undefined)[] = [
  'REVIEW_IN_PROGRESS',
  'CREATE_FAILED',
  'ROLLBACK_COMPLETE',
  'ROLLBACK_FAILED',
];

/** Every method throws one sentence that says what to do: credentials missing or expired, access denied. */
export interface AwsAccount {
  accountId(): Promise<string>;
  /** Whether `cdk bootstrap` was run for this account and region. */
  isBootstrapped(): Promise<boolean>;
  concurrency(): Promise<Concurrency>;
  /** What this function has set aside already; 0 when it is not there. */
  reservedBy(functionName: string): Promise<number>;
  stateOf(stackName: string): Promise<StackState>;
  /** What the stack says of itself under this name; undefined when it is not there, or does not say. */
  outputOf(stackName: string, key: string): Promise<string | undefined>;
  /** Stacks of Payhook in this account and region, by name. */
  payhookStacks(): Promise<readonly string[]>;
  apiGateway(): Promise<ApiGatewayAccount>;
  tableLimits(): Promise<Partial<AccountLimits>>;
  /** What the tables of a stack take at once; empty when it is not there. */
  warmTables(names: AwsNames): Promise<Partial<WarmTables>>;
  recordedEvents(): Promise<RecordedEvents>;
  readonly region: string;
}

/** How the names of our stacks begin, whatever their suffix. */
const STACK_PREFIX = 'stack-payhook-';

/** Written by `cdk bootstrap` with its default qualifier. */
const BOOTSTRAP_PARAMETER = '/cdk-bootstrap/hnb659fds/version';

export const openAwsAccount = (region: string): AwsAccount => {
  const options = { region, maxAttempts: 3 };
  const lambda = new LambdaClient(options);
  const cloudFormation = new CloudFormationClient(options);

  return {
    region,
    accountId: () =>
      askAws('the AWS account', async () => {
        const { Account: account = '' } = await new STSClient(options).send(new GetCallerIdentityCommand({}));
        return account;
      }),
    isBootstrapped: () =>
      askAws(
        `parameter ${BOOTSTRAP_PARAMETER}`,
        async () => {
          await new SSMClient(options).send(new GetParameterCommand({ Name: BOOTSTRAP_PARAMETER }));
          return true;
        },
        { errors: ['ParameterNotFound'], otherwise: false },
      ),
    concurrency: () =>
      askAws('the concurrency quota of Lambda', async () => {
        const { AccountLimit: limit } = await lambda.send(new GetAccountSettingsCommand({}));
        return {
          total: limit?.ConcurrentExecutions ?? 0,
          unreserved: limit?.UnreservedConcurrentExecutions ?? 0,
        };
      }),
    reservedBy: (name) =>
      askAws(
        `function ${name}`,
        async () => {
          const { ReservedConcurrentExecutions: reserved = 0 } = await lambda.send(
            new GetFunctionConcurrencyCommand({ FunctionName: name }),
          );
          return reserved;
        },
        { errors: ['ResourceNotFoundException'], otherwise: 0 },
      ),
    stateOf: (name) =>
      askAws(
        `stack ${name}`,
        async (): Promise<StackState> => {
          const { Stacks: stacks = [] } = await cloudFormation.send(new DescribeStacksCommand({ StackName: name }));
          if (UNFINISHED.includes(stacks[0]?.StackStatus)) return 'unfinished';
          return stacks[0]?.EnableTerminationProtection === true ? 'protected' : 'present';
        },
        // CloudFormation has no error of its own for a stack that is not there.
        { errors: ['ValidationError'], otherwise: 'absent' as const },
      ),
    outputOf: (name, key) =>
      askAws(
        `stack ${name}`,
        async () => {
          const { Stacks: stacks = [] } = await cloudFormation.send(new DescribeStacksCommand({ StackName: name }));
          return stacks[0]?.Outputs?.find(({ OutputKey }) => OutputKey === key)?.OutputValue;
        },
        { errors: ['ValidationError'], otherwise: undefined },
      ),
    payhookStacks: () =>
      askAws('the stacks of the account', async () => {
        const names: string[] = [];
        for await (const { Stacks: stacks = [] } of paginateDescribeStacks({ client: cloudFormation }, {})) {
          names.push(...stacks.flatMap(({ StackName: name = '' }) => (name.startsWith(STACK_PREFIX) ? [name] : [])));
        }
        return names;
      }),
    apiGateway: () => apiGatewayAccount(options),
    tableLimits: () => tableLimits(options),
    warmTables: (names) => warmTablesOf(options, names),
    recordedEvents: () => recordedEvents(options),
  };
};

/** Of the environment or the profile; undefined when none is set. */
export const configuredRegion = async (): Promise<string | undefined> => {
  try {
    return await new STSClient({}).config.region();
  } catch {
    // The SDK throws where neither names one.
    return undefined;
  }
};
