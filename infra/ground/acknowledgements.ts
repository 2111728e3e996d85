/**
 * Findings of cdk-nag that are meant to be as they are, each as narrow as can be, with the reason. A test fails on a finding
 * that is not here, and on a line here that no longer answers a finding.
 */
import { Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

export interface Acknowledgement {
  /** Rule of the pack; in brackets the one thing that was found, where a rule finds several. */
  readonly id: string;
  /** Construct under Payhook, by its path; everything below it is included. */
  readonly path: string;
  readonly reason: string;
}

const each = (paths: readonly string[], id: string, reason: string): Acknowledgement[] =>
  paths.map((path) => ({ id, path, reason }));

const FUNCTIONS = [
  'Receive/Receiver/Function',
  'Process/Processor/Function',
  'Audit/Logger/Function',
  'Destinations/Sender/Function',
  'Reconcile/Reconciler/Function',
];
const POLICIES = [
  'Receive/Receiver/Policy',
  'Process/Processor/Policy',
  'Audit/Logger/Policy',
  'Destinations/Sender/Policy',
  'Reconcile/Reconciler/Policy',
  // Not there in a regulated stack, whose buckets nobody empties.
  'BucketCleaner/Policy',
];
const BUCKETS = ['Audit/Archive/Anchors', 'Audit/Archive/StreamFailures'];

export const ACKNOWLEDGEMENTS: readonly Acknowledgement[] = [
  ...each(
    POLICIES,
    'AwsSolutions-IAM5[Resource::*]',
    'actions that know no resources: PutTraceSegments, PutTelemetryRecords, and BatchGetSecretValue, which reads nothing that GetSecretValue may not',
  ),
  {
    id: 'AwsSolutions-IAM5[Resource::*]',
    path: 'Updates/Policy',
    reason: 'DescribeAlarms knows no resources; CodeDeploy looks at those of the update that it shifts',
  },
  {
    id: 'AwsSolutions-IAM5[Resource::<StoreWebhooks637158B4.Arn>/stream/*]',
    path: 'Audit/Logger/Policy',
    reason: 'ListStreams is checked against all streams of the one table; Lambda refuses the event source without it',
  },
  {
    id: 'AwsSolutions-IAM5[Resource::<AuditArchiveAnchors60BD05F7.Arn>/anchor/*]',
    path: 'Audit/Logger/Policy',
    reason: 'objects under the one prefix for anchors in the one bucket for anchors',
  },
  {
    id: 'AwsSolutions-IAM5[Resource::<AuditArchiveStreamFailures5A24CF89.Arn>/aws/lambda/*]',
    path: 'Audit/Logger/Policy',
    reason: 'Lambda chooses the names of the records that failed; the prefix is the only one that it uses',
  },
  {
    id: 'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs]',
    path: 'Edge/LogRole',
    reason: 'API Gateway refuses a log role that does not hold all of this policy',
  },
  ...each(
    ['Edge/Api/Default/webhook'],
    'AwsSolutions-APIG4',
    'providers cannot sign in: the signature over the body is what authenticates, checked by the receiver before anything else',
  ),
  ...each(
    ['Edge/Api/Default/webhook'],
    'AwsSolutions-COG4',
    'providers are not users of a Cognito pool: see AwsSolutions-APIG4',
  ),
  {
    id: 'AwsSolutions-APIG2',
    path: 'Edge/Api',
    reason: 'a body model would parse what has to stay the exact bytes that were signed; the receiver checks the path',
  },
  {
    id: 'PCI.DSS.321-APIGWCacheEnabledAndEncrypted',
    path: 'Edge/Api/DeploymentStage.dev',
    reason: 'answers to POST must not be cached, so there is nothing to encrypt',
  },
  {
    id: 'PCI.DSS.321-APIGWSSLEnabled',
    path: 'Edge/Api/DeploymentStage.dev',
    reason: 'there is no HTTP backend that a client certificate could be shown to: Lambda is called through its API',
  },
  ...each(
    ['AlertTopic/DeadLetters', 'InvocationFailures'],
    'AwsSolutions-SQS3',
    'it is a dead-letter queue: of subscriptions and of asynchronous invocations, which the rule does not look at',
  ),
  ...each(
    [
      'AlertTopic/DeadLetters',
      'InvocationFailures',
      'ProcessQueues/DeadLetters',
      'AuditQueues/DeadLetters',
      'DestinationQueues/DeadLetters',
    ],
    'Serverless-SQSRedrivePolicy',
    'it is a dead-letter queue itself: an alarm rings at the first message',
  ),
  ...each(
    ['Process/Processor/Live', 'Audit/Logger/Live', 'Destinations/Sender/Live'],
    'Serverless-LambdaEventSourceMappingDestination',
    'SQS event sources know no destination: the queue has a redrive policy, and the stream has its bucket',
  ),
  ...each(
    FUNCTIONS,
    'Serverless-LambdaDLQ',
    'asynchronous invocations that fail go to the failure destination, which gets the error too and not only the event',
  ),
  ...each(
    FUNCTIONS,
    'PCI.DSS.321-LambdaInsideVPC',
    'the functions reach AWS services over TLS with IAM, and providers for certificates; there is nothing in a network to reach',
  ),
  {
    id: 'AwsSolutions-SMG4',
    path: 'Secrets',
    reason: 'providers issue these secrets: an operator rotates them with two valid at once, as docs/deploy.md says',
  },
  {
    id: 'AwsSolutions-SMG4',
    path: 'Reconcile/Credentials',
    reason: 'providers issue these credentials: an operator replaces one, as docs/reconcile.md says',
  },
  {
    id: 'AwsSolutions-SMG4',
    path: 'Destinations/Secrets',
    reason: 'whoever receives the events has them too: an operator rotates them with two valid at once',
  },
  ...each(
    BUCKETS,
    'AwsSolutions-S1',
    'S3 cannot write access logs into a bucket under a customer-managed key; CloudTrail data events record the access',
  ),
  ...each(
    BUCKETS,
    'PCI.DSS.321-S3BucketLoggingEnabled',
    'S3 cannot write access logs into a bucket under a customer-managed key; CloudTrail data events record the access',
  ),
  ...each(
    BUCKETS,
    'PCI.DSS.321-S3BucketReplicationEnabled',
    'the stack lives in one region; the trail itself is in a table with point-in-time recovery',
  ),
];

/** Paths that are named after the stage carry the environment suffix; in the list above it is `dev`. */
const pathIn = (stageName: string, path: string): string =>
  path.replace(/DeploymentStage\.dev$/, `DeploymentStage.${stageName}`);

export const acknowledgeFindings = (payhook: IConstruct, stageName: string): void => {
  for (const { id, path, reason } of ACKNOWLEDGEMENTS) {
    const construct = findByPath(payhook, pathIn(stageName, path));
    if (construct !== undefined) Validations.of(construct).acknowledge({ id, reason });
  }
};

const findByPath = (payhook: IConstruct, path: string): IConstruct | undefined =>
  path.split('/').reduce<IConstruct | undefined>((found, id) => found?.node.tryFindChild(id), payhook);
