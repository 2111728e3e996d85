/** What a deployment has to know about the AWS account before it begins, asked with the operator's credentials. */
import {
  CloudFormationClient,
  DescribeStackResourcesCommand,
  DescribeStacksCommand,
  paginateDescribeStacks,
} from '@aws-sdk/client-cloudformation';
import { GetAccountSettingsCommand, GetFunctionConcurrencyCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { awsError, isAwsError } from '../../src/adapters/aws/errors.ts';
import { AWS_REGION } from '../../src/config/aws-names.ts';

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

export interface PayhookStackFacts {
  readonly name: string;
  readonly setsLogRole: boolean;
}

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
  /** Stacks of Payhook in this account and region, by name, and whether each sets the role by which API Gateway logs. */
  payhookStacks(): Promise<readonly PayhookStackFacts[]>;
  /** Region of the environment or the profile; undefined when none is set. */
  configuredRegion(): Promise<string | undefined>;
}

/** How the names of our stacks begin, whatever their suffix. */
const STACK_PREFIX = 'stack-payhook-';

/** Written by `cdk bootstrap` with its default qualifier. */
const BOOTSTRAP_PARAMETER = '/cdk-bootstrap/hnb659fds/version';

export const openAwsAccount = (): AwsAccount => {
  const options = { region: AWS_REGION, maxAttempts: 3 };
  const lambda = new LambdaClient(options);
  const cloudFormation = new CloudFormationClient(options);

  const setsLogRole = async (name: string): Promise<boolean> => {
    const { StackResources: resources = [] } = await cloudFormation.send(
      new DescribeStackResourcesCommand({ StackName: name }),
    );
    return resources.some(({ ResourceType }) => ResourceType === 'AWS::ApiGateway::Account');
  };

  /** Answers with `otherwise` when the service has an error of this name. */
  const ask = async <Answer, Otherwise>(
    what: string,
    call: () => Promise<Answer>,
    absent?: { readonly isAbsent: (error: unknown) => boolean; readonly otherwise: Otherwise },
  ): Promise<Answer | Otherwise> => {
    try {
      return await call();
    } catch (error) {
      if (absent?.isAbsent(error) === true) return absent.otherwise;
      throw awsError(error, 'server_unreachable', what);
    }
  };

  return {
    accountId: () =>
      ask('the AWS account', async () => {
        const { Account: account = '' } = await new STSClient(options).send(new GetCallerIdentityCommand({}));
        return account;
      }),
    isBootstrapped: () =>
      ask(
        `parameter ${BOOTSTRAP_PARAMETER}`,
        async () => {
          await new SSMClient(options).send(new GetParameterCommand({ Name: BOOTSTRAP_PARAMETER }));
          return true;
        },
        { isAbsent: (error) => isAwsError(error, 'ParameterNotFound'), otherwise: false },
      ),
    concurrency: () =>
      ask('the concurrency quota of Lambda', async () => {
        const { AccountLimit: limit } = await lambda.send(new GetAccountSettingsCommand({}));
        return {
          total: limit?.ConcurrentExecutions ?? 0,
          unreserved: limit?.UnreservedConcurrentExecutions ?? 0,
        };
      }),
    reservedBy: (name) =>
      ask(
        `function ${name}`,
        async () => {
          const { ReservedConcurrentExecutions: reserved = 0 } = await lambda.send(
            new GetFunctionConcurrencyCommand({ FunctionName: name }),
          );
          return reserved;
        },
        { isAbsent: (error) => isAwsError(error, 'ResourceNotFoundException'), otherwise: 0 },
      ),
    stateOf: (name) =>
      ask(
        `stack ${name}`,
        async (): Promise<StackState> => {
          const { Stacks: stacks = [] } = await cloudFormation.send(new DescribeStacksCommand({ StackName: name }));
          if (UNFINISHED.includes(stacks[0]?.StackStatus)) return 'unfinished';
          return stacks[0]?.EnableTerminationProtection === true ? 'protected' : 'present';
        },
        // CloudFormation has no error of its own for a stack that is not there.
        { isAbsent: (error) => isAwsError(error, 'ValidationError'), otherwise: 'absent' as const },
      ),
    outputOf: (name, key) =>
      ask(
        `stack ${name}`,
        async () => {
          const { Stacks: stacks = [] } = await cloudFormation.send(new DescribeStacksCommand({ StackName: name }));
          return stacks[0]?.Outputs?.find(({ OutputKey }) => OutputKey === key)?.OutputValue;
        },
        { isAbsent: (error) => isAwsError(error, 'ValidationError'), otherwise: undefined },
      ),
    payhookStacks: () =>
      ask('the stacks of the account', async () => {
        const names: string[] = [];
        for await (const { Stacks: stacks = [] } of paginateDescribeStacks({ client: cloudFormation }, {})) {
          names.push(...stacks.flatMap(({ StackName: name = '' }) => (name.startsWith(STACK_PREFIX) ? [name] : [])));
        }
        return Promise.all(names.map(async (name) => ({ name, setsLogRole: await setsLogRole(name) })));
      }),
    configuredRegion: async () => {
      try {
        return await new STSClient({}).config.region();
      } catch {
        // The SDK throws where neither the environment nor the profile names a region.
        return undefined;
      }
    },
  };
};
