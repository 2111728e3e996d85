/**
 * How every function of the stack is made: Node.js 24 on ARM64, one role with nothing but what is written down for it, its
 * own log group, environment under the key, traces, and a place for asynchronous invocations that fail.
 */
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { LambdaFunction as LambdaTarget } from 'aws-cdk-lib/aws-events-targets';
import { ManagedPolicy, type PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import {
  Alias,
  ApplicationLogLevel,
  Architecture,
  Code,
  type IFunction,
  type IVersion,
  Function as LambdaFunction,
  LayerVersion,
  LoggingFormat,
  RecursiveLoop,
  Runtime,
  SystemLogLevel,
  Tracing,
} from 'aws-cdk-lib/aws-lambda';
import { SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations';
import { FilterPattern, type LogGroup } from 'aws-cdk-lib/aws-logs';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { LIVE_ALIAS, metricsNamespace } from '../../src/config/aws-names.ts';
import { COUNTED_LINES } from '../../src/config/counted-lines.ts';
import type { CommonVariable, FunctionRole, OwnVariable } from '../../src/config/function-environment.ts';
import { createLogGroup } from '../watch/log-group.ts';
import { allow, allowUseOf } from './permissions.ts';
import type { StackCommon } from './stack-common.ts';
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
export interface FunctionCommon extends StackCommon {
  readonly layer: LayerVersion;
  /** Gets asynchronous invocations that failed for good, with the event and the error. */
  readonly failureQueue: IQueue;
  readonly alertTopic: ITopic;
  /** Of the alert topic and the failure queue. */
  readonly alertKey: IKey;
  /** Of each function the folder with `index.mjs`, which exports `handler`. */
  readonly assets: Readonly<Record<FunctionRole, string>>;
  /**
   * Executions set aside for each function, which are also the most of it that run at once. They warm nothing.
   * @default none set aside, and no cap of its own
   */
  readonly reservedConcurrency: Readonly<Partial<Record<FunctionRole, number>>>;
}

/** What every function does: it writes its log and traces, reports failures, and uses what is under the keys. */
export const allowToRun = (
  { key, alertKey, failureQueue }: FunctionCommon,
  { logGroupArn }: LogGroup,
): readonly PolicyStatement[] => [
  // Not CreateLogGroup: a late invocation must not bring the log group back after the stack is gone.
  allow(['logs:CreateLogStream', 'logs:PutLogEvents'], [logGroupArn]),
  // X-Ray knows no resources.
  allow(['xray:PutTraceSegments', 'xray:PutTelemetryRecords'], ['*']),
  allow(['sqs:SendMessage'], [failureQueue.queueArn]),
  allowUseOf(key, alertKey),
];

/** As the target of a rule that calls it again and again. */
export const byTheClock = (lambda: IFunction, { failureQueue }: FunctionCommon): LambdaTarget =>
  new LambdaTarget(lambda, {
    deadLetterQueue: failureQueue,
    // The next one comes soon.
    maxEventAge: Duration.minutes(5),
    retryAttempts: 2,
  });

export interface PayhookFunctionProps<FunctionName extends FunctionRole> {
  readonly common: FunctionCommon;
  readonly role: FunctionName;
  /** Names role, policy and log group. */
  readonly purpose: string;
  readonly description: string;
  readonly memoryMb: number;
  readonly timeout: Duration;
  /**
   * Whether what it sends comes back to it, as webhooks do that rest. Lambda takes that for a loop, and after 16 rounds no
   * longer delivers it: https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html
   * @default false: Lambda ends loops
   */
  readonly sendsToItself?: boolean;
  readonly environment: Readonly<Record<OwnVariable<FunctionName>, string>>;
  /** What the function may do besides using the key, writing its own log and traces, reporting failures and alerting. */
  readonly permissions: readonly PolicyStatement[];
  /** The part of it that grows with the configuration: IAM takes 6,144 characters a policy. @default none */
  readonly permissionsApart?: readonly PolicyStatement[];
  /** Executions kept warm; at most those that are set aside. @default 0 */
  readonly provisionedConcurrency?: number;
}

/** The same names and dimension as metrics that the functions write themselves. */
const countLines = (logGroup: LogGroup, role: FunctionRole, names: StackNames): void => {
  for (const { metric, event, outcome } of COUNTED_LINES[role] ?? []) {
    logGroup.addMetricFilter(metric, {
      filterName: names.metricFilter(metric),
      metricNamespace: metricsNamespace(names.environmentSuffix),
      metricName: metric,
      filterPattern: FilterPattern.all(
        FilterPattern.stringValue('$.event', '=', event),
        FilterPattern.stringValue('$.outcome', '=', outcome),
      ),
      metricValue: '1',
      dimensions: { Provider: '$.provider' },
    });
  }
};

/** Class and interface differ in whether an optional property may be undefined, which TypeScript counts here. */
export type LiveAlias = Alias & IFunction;

export class PayhookFunction<FunctionName extends FunctionRole> extends Construct {
  readonly function: LambdaFunction;
  /** What is called: a version that an update moves on, so that it can also move back. */
  readonly alias: LiveAlias;

  constructor(scope: Construct, id: string, props: PayhookFunctionProps<FunctionName>) {
    super(scope, id);
    const { names, key, layer, failureQueue, alertTopic, retention, assets } = props.common;
    const { provisionedConcurrency = 0 } = props;
    const reserved = props.common.reservedConcurrency[props.role];
    const logGroup = createLogGroup(this, 'Logs', { name: names.logGroup(props.purpose), key, retention });
    countLines(logGroup, props.role, names);
    const policy = new ManagedPolicy(this, 'Policy', {
      managedPolicyName: names.policy(props.purpose),
      description: `What ${names[props.role]} may do`,
      statements: [
        ...allowToRun(props.common, logGroup),
        ...props.permissions,
        allow(['sns:Publish'], [alertTopic.topicArn]),
      ],
    });
    const apart = this.policyApart(props);
    const role = new Role(this, 'Role', {
      roleName: names.role(props.purpose),
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      managedPolicies: [policy, ...(apart === undefined ? [] : [apart])],
    });
    this.function = new LambdaFunction(this, 'Function', {
      functionName: names[props.role],
      description: props.description,
      runtime: RUNTIME,
      architecture: ARCHITECTURE,
      // Lambda's own copy of the package; the layer is a copy that CloudFormation cannot say a key of.
      code: Code.fromAsset(assets[props.role], { sourceKMSKey: key }),
      handler: 'index.handler',
      layers: [layer],
      memorySize: props.memoryMb,
      timeout: props.timeout,
      recursiveLoop: props.sendsToItself === true ? RecursiveLoop.ALLOW : RecursiveLoop.TERMINATE,
      ...(reserved === undefined ? {} : { reservedConcurrentExecutions: reserved }),
      // The policy above is all there is: CDK's own grants are wider, and would go into a second, inline policy.
      role: role.withoutPolicyUpdates(),
      environment: {
        PAYHOOK_ENVIRONMENT_SUFFIX: names.environmentSuffix,
        ...props.environment,
        PAYHOOK_ALERT_TOPIC_ARN: alertTopic.topicArn,
      } satisfies Record<CommonVariable, string>,
      environmentEncryption: key,
      tracing: Tracing.ACTIVE,
      logGroup,
      loggingFormat: LoggingFormat.JSON,
      applicationLogLevelV2: ApplicationLogLevel.INFO,
      // Lambda's own START and REPORT lines would be half of the log. Durations are free as metrics; what memory was used
      // and how long a cold start took are not, and stand in traces (`init`) and in `npm run bench -- aws` only.
      systemLogLevelV2: SystemLogLevel.WARN,
      // The version before goes when the update has come to its end: until then it is what there is to go back to.
      currentVersionOptions: { removalPolicy: RemovalPolicy.DESTROY },
      onFailure: new SqsDestination(failureQueue),
      ...ASYNC_INVOCATIONS,
    });
    this.alias = new Alias(this, 'Live', {
      aliasName: LIVE_ALIAS,
      version: this.function.currentVersion as IVersion,
      ...(provisionedConcurrency === 0 ? {} : { provisionedConcurrentExecutions: provisionedConcurrency }),
      onFailure: new SqsDestination(failureQueue),
      ...ASYNC_INVOCATIONS,
    }) as LiveAlias;
  }

  private policyApart(props: PayhookFunctionProps<FunctionName>): ManagedPolicy | undefined {
    const { purpose, role, permissionsApart: statements = [] } = props;
    if (statements.length === 0) return undefined;
    const { names } = props.common;
    return new ManagedPolicy(this, 'PolicyApart', {
      managedPolicyName: names.policy(`${purpose}-apart`),
      description: `What ${names[role]} may do besides`,
      statements: [...statements],
    });
  }
}
