/** `audit-logger`: table stream, rejected deliveries and the clock → audit trail. Composes and nothing else. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KMSClient } from '@aws-sdk/client-kms';
import { S3Client } from '@aws-sdk/client-s3';
import { SNSClient } from '@aws-sdk/client-sns';
import { APPEND_DRAFTS_MAX, createDynamodbAuditLog } from '../../adapters/aws/audit/audit-log.ts';
import { createKmsDigestSigner } from '../../adapters/aws/audit/kms-digest-signer.ts';
import { createS3DigestAnchor } from '../../adapters/aws/audit/s3-digest-anchor.ts';
import { readDrafts } from '../../adapters/aws/audit/sqs-audit-drafts.ts';
import { AWS_CLIENT_OPTIONS } from '../../adapters/aws/clients.ts';
import { createEmfMetrics } from '../../adapters/aws/telemetry/emf-metrics.ts';
import { createSnsAlerts } from '../../adapters/aws/telemetry/sns-alerts.ts';
import { createStdoutLogger } from '../../adapters/aws/telemetry/stdout-logger.ts';
import { systemClock } from '../../adapters/system/system-clock.ts';
import { createSystemRandomness } from '../../adapters/system/system-randomness.ts';
import { createCloseDigests } from '../../audit/digests.ts';
import { awsNames } from '../../config/aws-names.ts';
import { readFunctionEnvironment } from '../../config/function-environment.ts';
import { createAuditEvent } from './audit-event.ts';
import { type StartInput, startFunction } from './start-function.ts';

// The composition root of this function: the one place in it that reads the environment.
const { env } = process;

export const start = (_: StartInput) => {
  const clock = systemClock;
  const logger = createStdoutLogger({ clock });
  return startFunction(logger, async () => {
    const environment = readFunctionEnvironment('auditLogger', env);
    const names = awsNames(environment.PAYHOOK_ENVIRONMENT_SUFFIX);
    const auditLog = createDynamodbAuditLog({
      client: new DynamoDBClient(AWS_CLIENT_OPTIONS),
      auditTable: environment.PAYHOOK_AUDIT_TABLE,
      // Only the command line looks for webhooks: this function may not read their table.
      webhookTable: names.webhookTable,
      clock,
      randomness: createSystemRandomness(clock),
    });
    const alerts = createSnsAlerts({
      client: new SNSClient(AWS_CLIENT_OPTIONS),
      topicArn: environment.PAYHOOK_ALERT_TOPIC_ARN,
      clock,
      logger,
      metrics: createEmfMetrics({ clock, environmentSuffix: environment.PAYHOOK_ENVIRONMENT_SUFFIX }),
    });
    return createAuditEvent({
      readDrafts,
      draftsMax: APPEND_DRAFTS_MAX,
      auditLog,
      closeDigests: createCloseDigests({
        auditLog,
        signer: await createKmsDigestSigner({
          client: new KMSClient(AWS_CLIENT_OPTIONS),
          keyId: environment.PAYHOOK_DIGEST_KEY_ARN,
        }),
        anchor: createS3DigestAnchor({
          client: new S3Client(AWS_CLIENT_OPTIONS),
          bucket: environment.PAYHOOK_ARCHIVE_BUCKET,
        }),
        clock,
        logger,
      }),
      alerts,
      drainAlerts: alerts.drain,
      logger,
    });
  });
};
