/** Opens a deployed stack for one command, with the operator's own AWS credentials. */
import { DynamoDB } from '@aws-sdk/client-dynamodb';
import { KMS } from '@aws-sdk/client-kms';
import { S3 } from '@aws-sdk/client-s3';
import { GetQueueUrlCommand, SQS } from '@aws-sdk/client-sqs';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { createDynamodbAuditLog } from '../../adapters/aws/audit/audit-log.ts';
import { createDynamodbAuditedWebhooks } from '../../adapters/aws/audit/audited-webhooks.ts';
import { createKmsDigestSigner } from '../../adapters/aws/audit/kms-digest-signer.ts';
import { createS3DigestAnchor } from '../../adapters/aws/audit/s3-digest-anchor.ts';
import { createDynamodbSilenceRecords } from '../../adapters/aws/audit/silence-records.ts';
import { AWS_CLIENT_OPTIONS } from '../../adapters/aws/clients.ts';
import { createSqsDestinationOutbox } from '../../adapters/aws/destinations/sqs-destination-outbox.ts';
import { createDynamodbDestinationStates } from '../../adapters/aws/destinations/states.ts';
import { awsError } from '../../adapters/aws/errors.ts';
import { createDynamodbJobStore } from '../../adapters/aws/jobs/job-store.ts';
import { createDynamodbPaymentStore } from '../../adapters/aws/payments/payment-store.ts';
import { createDynamodbRejectedBox } from '../../adapters/aws/rejected/rejected-box.ts';
import { createDynamodbLegalHolds } from '../../adapters/aws/webhooks/legal-holds.ts';
import { createDynamodbReconcileCheckpoints } from '../../adapters/aws/webhooks/reconcile-checkpoints.ts';
import { createSqsDeadLetters } from '../../adapters/aws/work-queue/dead-letters.ts';
import { createSqsQueue } from '../../adapters/aws/work-queue/queue.ts';
import { createSystemRandomness } from '../../adapters/system/system-randomness.ts';
import { type AwsNames, awsNames } from '../../config/aws-names.ts';
import type { Settings } from '../../config/load-config.ts';
import type { Clock } from '../../core/ports/clock.ts';
import { createOperators } from '../../operators/operators.ts';
import type { OperatorHome } from '../operator-home.ts';
import { openSealedStore } from './open-sealed-store.ts';

/** A person waits, from anywhere in the world, and not a provider inside the region. */
export const operatorClientOptions = (region: string) => ({
  ...AWS_CLIENT_OPTIONS,
  region,
  requestHandler: { ...AWS_CLIENT_OPTIONS.requestHandler, connectionTimeout: 5_000, requestTimeout: 15_000 },
});

type OperatorClientOptions = ReturnType<typeof operatorClientOptions>;

export interface Caller {
  readonly account: string;
  readonly arn: string;
}

/** Who runs the command, as AWS knows them; one clear sentence when there are no usable credentials. */
export const callerOf = async (options: OperatorClientOptions): Promise<Caller> => {
  const client = new STSClient(options);
  try {
    const { Account: account = '', Arn: arn = '' } = await client.send(new GetCallerIdentityCommand({}));
    return { account, arn };
  } catch (error) {
    throw awsError(error, 'store_unavailable', `the AWS account`);
  } finally {
    client.destroy();
  }
};

export const openAwsHome = async <Result>(
  { settings, clock }: { readonly settings: Settings; readonly clock: Clock },
  environmentSuffix: string,
  work: (home: OperatorHome) => Promise<Result>,
): Promise<Result> => {
  const names = awsNames(environmentSuffix);
  const options = operatorClientOptions(settings.config.aws.region);
  const { account, arn } = await callerOf(options);
  const dynamodb = new DynamoDB(options);
  const sqs = new SQS({ ...options, useQueueUrlAsEndpoint: false });
  const kms = new KMS(options);
  const s3 = new S3(options);
  try {
    const [workQueueUrl, deadLetterQueueUrl] = await Promise.all([
      queueUrlOf(sqs, names.workQueue),
      queueUrlOf(sqs, names.deadLetterQueue),
    ]);
    const randomness = createSystemRandomness(clock);
    const environment = { PAYHOOK_WEBHOOK_TABLE: names.webhookTable, PAYHOOK_DATA_KEY_ARN: names.dataKeyAlias };
    const { store, seal } = openSealedStore({ dynamodb, kms, environment, clock, randomness });
    const queueUrls = await destinationQueueUrls(settings, sqs, names);
    const deadLetters = createSqsDeadLetters({ client: sqs, deadLetterQueueUrl });
    const auditLog = createDynamodbAuditLog({
      client: dynamodb,
      auditTable: names.auditTable,
      webhookTable: names.webhookTable,
      clock,
      randomness,
    });
    const payments = createDynamodbPaymentStore({ client: dynamodb, tableName: names.paymentTable, randomness });
    return await work({
      store,
      queue: createSqsQueue({ client: sqs, workQueueUrl }),
      payments,
      destinations: createSqsDestinationOutbox({
        client: sqs,
        queueUrlOf: queueUrls,
        states: createDynamodbDestinationStates({
          client: dynamodb,
          tableName: names.paymentTable,
          retentionMs: settings.retentionMs,
          randomness,
        }),
      }),
      rejected: createDynamodbRejectedBox({ client: dynamodb, tableName: names.rejectedTable, clock }),
      jobs: createDynamodbJobStore({ client: dynamodb, tableName: names.jobTable, clock }),
      jobsAreCarriedBy: 'command',
      checkpoints: createDynamodbReconcileCheckpoints({ client: dynamodb, tableName: names.webhookTable }),
      checkProgress: createDynamodbReconcileCheckpoints({ client: dynamodb, tableName: names.webhookTable }),
      legalHolds: createDynamodbLegalHolds({
        client: dynamodb,
        tableName: names.webhookTable,
        store,
        payments,
        auditLog,
        clock,
        randomness,
      }),
      silence: createDynamodbSilenceRecords({ client: dynamodb, auditTable: names.auditTable }),
      auditLog,
      webhooks: createDynamodbAuditedWebhooks({ client: dynamodb, tableName: names.webhookTable, clock }),
      seal,
      signer: await createKmsDigestSigner({ client: kms, keyId: names.digestKeyAlias }),
      anchor: createS3DigestAnchor({ client: s3, bucket: names.archiveBucket(account) }),
      clock,
      randomness,
      operators: createOperators({
        // IAM says who may do what.
        store: { all: () => [] },
        user: { type: 'operator', id: arn },
        auditLog,
        clock,
      }),
      forgetDeadLetters: (webhookIds) => deadLetters.forget(webhookIds),
    });
  } finally {
    for (const client of [dynamodb, sqs, kms, s3]) client.destroy();
  }
};

/** Of the destinations in this checkout's configuration: the stack was deployed from the same one. */
const destinationQueueUrls = async (
  { destinations }: Settings,
  sqs: SQS,
  names: AwsNames,
): Promise<ReadonlyMap<string, string>> => {
  const urls = destinations.map(
    async ({ name }) => [name, await queueUrlOf(sqs, names.destinationQueue(name))] as const,
  );
  return new Map(await Promise.all(urls));
};

const queueUrlOf = async (client: SQS, name: string): Promise<string> => {
  try {
    const { QueueUrl: url = '' } = await client.send(new GetQueueUrlCommand({ QueueName: name }));
    return url;
  } catch (error) {
    throw awsError(error, 'queue_unavailable', `queue ${name}`);
  }
};
