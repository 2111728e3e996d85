/**
 * CDK empties the buckets of an ephemeral stack with a function of its own. It is made from raw resources that take no
 * settings, so they are overridden here: what holds for our functions holds for this one.
 */
import { type CfnResource, Stack } from 'aws-cdk-lib';
import { ManagedPolicy } from 'aws-cdk-lib/aws-iam';
import { Architecture, CfnEventInvokeConfig, LoggingFormat, SystemLogLevel, Tracing } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { createLogGroup } from '../watch/log-group.ts';
import { ASYNC_INVOCATIONS, allowToRun, type FunctionCommon } from './payhook-function.ts';

const PROVIDER_ID = 'Custom::S3AutoDeleteObjectsCustomResourceProvider';
const PURPOSE = 'bucket-cleaner';
/** CDK gives it 128 MB; a bucket with many versions is listed page by page. */
const MEMORY_MB = 256;

/** The buckets' own policies let it list and remove objects; its role lets it write its log and nothing else. */
export class BucketCleaner extends Construct {
  constructor(scope: Construct, id: string, common: FunctionCommon) {
    super(scope, id);
    const { names, key, failureQueue, retention } = common;
    const provider = Stack.of(this).node.findChild(PROVIDER_ID);
    const role = provider.node.findChild('Role') as CfnResource;
    const handler = provider.node.findChild('Handler') as CfnResource;

    const logGroup = createLogGroup(this, 'Logs', { name: names.logGroup(PURPOSE), key, retention });
    const policy = new ManagedPolicy(this, 'Policy', {
      managedPolicyName: names.policy(PURPOSE),
      description: `What ${names.bucketCleaner} may do`,
      statements: [...allowToRun(common, logGroup)],
    });
    role.addPropertyOverride('RoleName', names.role(PURPOSE));
    role.addPropertyOverride('ManagedPolicyArns', [policy.managedPolicyArn]);

    const overrides: Readonly<Record<string, unknown>> = {
      FunctionName: names.bucketCleaner,
      Description: 'Payhook: empties the buckets of an ephemeral stack before they are removed',
      Architectures: [Architecture.ARM_64.name],
      MemorySize: MEMORY_MB,
      KmsKeyArn: key.keyArn,
      TracingConfig: { Mode: Tracing.ACTIVE },
      LoggingConfig: {
        LogFormat: LoggingFormat.JSON,
        SystemLogLevel: SystemLogLevel.WARN,
        LogGroup: logGroup.logGroupName,
      },
    };
    for (const [property, value] of Object.entries(overrides)) handler.addPropertyOverride(property, value);

    // CloudFormation calls it asynchronously.
    new CfnEventInvokeConfig(this, 'Failures', {
      functionName: handler.ref,
      qualifier: '$LATEST',
      maximumEventAgeInSeconds: ASYNC_INVOCATIONS.maxEventAge.toSeconds(),
      maximumRetryAttempts: ASYNC_INVOCATIONS.retryAttempts,
      destinationConfig: { onFailure: { destination: failureQueue.queueArn } },
    });
  }
}
