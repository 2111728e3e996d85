/**
 * How every function of the stack is made: Node.js 24 on ARM64, one role with nothing but what is written down for it, its
 * own log group, environment under the key, traces, and a place for asynchronous invocations that fail.
 */
import { Duration } from 'aws-cdk-lib';
import { ManagedPolicy, type PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import {
  ApplicationLogLevel,
  Architecture,
  Code,
  Function as LambdaFunction,
  LayerVersion,
  LoggingFormat,
  Runtime,
  SystemLogLevel,
  Tracing,
} from 'aws-cdk-lib/aws-lambda';
import { SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations';
import type { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { FunctionRole, FunctionVariable } from '../../src/config/function-environment.ts';
import { createLogGroup } from '../watch/log-group.ts';
import { allow, allowUseOfKey } from './permissions.ts';
import type { Retention } from './retention.ts';
import type { StackNames } from './stack-names.ts';

const RUNTIME = Runtime.NODEJS_24_X;
const ARCHITECTURE = Architecture.ARM_64;

/** How long Lambda itself tries an asynchronous invocation again before the failure queue gets it. */
export const ASYNC_INVOCATIONS = { maxEventAge: Duration.hours(1), retryAttempts: 2 } as const;

export interface SharedLayerProps {
  readonly names: StackNames;
  /** Folder that becomes `/opt`. */
  readonly assetDirectory: string;
}

/** The AWS clients and what else all functions need: one copy, so that each bundle stays small. */
export const createSharedLayer = (scope: Construct, id: string, props: SharedLayerProps): LayerVersion =>
  new LayerVersion(scope, id, {
    layerVersionName: props.names.layer,
    description: 'Payhook: AWS SDK clients and observability shared by all functions',
    code: Code.fromAsset(props.assetDirectory),
    compatibleRuntimes: [RUNTIME],
    compatibleArchitectures: [ARCHITECTURE],
  });

/** What all functions share. */
export interface FunctionCommon {
  readonly names: StackNames;
  readonly key: IKey;
  readonly layer: LayerVersion;
  /** Gets asynchronous invocations that failed for good, with the event and the error. */
  readonly failureQueue: IQueue;
  readonly retention: Retention;
}

export interface PayhookFunctionProps<FunctionName extends FunctionRole> {
  readonly common: FunctionCommon;
  readonly functionName: string;
  /** Names role, policy and log group. */
  readonly purpose: string;
  readonly description: string;
  /** Folder with `index.mjs`, which exports `handler`. */
  readonly assetDirectory: string;
  readonly memoryMb: number;
  readonly timeout: Duration;
  /**
   * Executions set aside for this function, which is also the most that run at once. It warms nothing.
   * @default none set aside
   */
  readonly reservedConcurrency?: number | undefined;
  readonly environment: Readonly<Record<FunctionVariable<FunctionName>, string>>;
  /** Everything the function may do besides using the key, writing its own log and traces, and reporting failures. */
  readonly permissions: readonly PolicyStatement[];
}

export class PayhookFunction<FunctionName extends FunctionRole> extends Construct {
  readonly function: LambdaFunction;
  readonly logGroup: LogGroup;
  readonly policy: ManagedPolicy;

  constructor(scope: Construct, id: string, props: PayhookFunctionProps<FunctionName>) {
    super(scope, id);
    const { names, key, layer, failureQueue, retention } = props.common;
    this.logGroup = createLogGroup(this, 'Logs', { name: names.logGroup(props.purpose), key, retention });
    this.policy = new ManagedPolicy(this, 'Policy', {
      managedPolicyName: names.policy(props.purpose),
      description: `What ${props.functionName} may do`,
      statements: [
        // Not CreateLogGroup: a late invocation must not bring the log group back after the stack is gone.
        allow(['logs:CreateLogStream', 'logs:PutLogEvents'], [this.logGroup.logGroupArn]),
        // X-Ray knows no resources.
        allow(['xray:PutTraceSegments', 'xray:PutTelemetryRecords'], ['*']),
        allow(['sqs:SendMessage'], [failureQueue.queueArn]),
        allowUseOfKey(key),
        ...props.permissions,
      ],
    });
    const role = new Role(this, 'Role', {
      roleName: names.role(props.purpose),
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      managedPolicies: [this.policy],
    });
    this.function = new LambdaFunction(this, 'Function', {
      functionName: props.functionName,
      description: props.description,
      runtime: RUNTIME,
      architecture: ARCHITECTURE,
      code: Code.fromAsset(props.assetDirectory),
      handler: 'index.handler',
      layers: [layer],
      memorySize: props.memoryMb,
      timeout: props.timeout,
      ...(props.reservedConcurrency === undefined ? {} : { reservedConcurrentExecutions: props.reservedConcurrency }),
      // The policy above is all there is: CDK's own grants are wider, and would go into a second, inline policy.
      role: role.withoutPolicyUpdates(),
      environment: { ...props.environment },
      environmentEncryption: key,
      tracing: Tracing.ACTIVE,
      logGroup: this.logGroup,
      loggingFormat: LoggingFormat.JSON,
      applicationLogLevelV2: ApplicationLogLevel.INFO,
      // Lambda's own START and REPORT lines would be half of the log; the same numbers are free as metrics.
      systemLogLevelV2: SystemLogLevel.WARN,
      onFailure: new SqsDestination(failureQueue),
      ...ASYNC_INVOCATIONS,
    });
  }
}
