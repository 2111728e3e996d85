/** `audit-logger`: table stream, deliveries that were turned away and the clock → audit trail. Composes and nothing else. */
import { APPEND_DRAFTS_MAX, createDynamodbAuditLog } from '../../adapters/aws/audit/audit-log.ts';
import { createKmsDigestSigner } from '../../adapters/aws/audit/kms-digest-signer.ts';
import { createS3DigestAnchor } from '../../adapters/aws/audit/s3-digest-anchor.ts';
import { createDynamodbSilenceRecords } from '../../adapters/aws/audit/silence-records.ts';
import { readDrafts } from '../../adapters/aws/audit/sqs-audit-drafts.ts';
import { traceCalls } from '../../adapters/aws/tracing/trace-calls.ts';
import { createCloseDigests } from '../../audit/digests.ts';
import { awsNames } from '../../config/aws-names.ts';
import { createSilenceWatch } from '../../operate/watch-silence.ts';
import { createAuditEvent } from './audit-event.ts';
import { openFunction, type StartInput } from './open-function.ts';
import { s3Later } from './sdk-calls.ts';
import { traceAudit } from './trace-work.ts';

// The composition root of this function: the one place in it that reads the environment.
const { env } = process;

export const start = (_: StartInput) =>
  openFunction('auditLogger', env, async (opened) => {
    const { environment, clock, randomness, logger, alerts, dynamodb, tracer } = opened;
    const auditLog = createDynamodbAuditLog({
      client: dynamodb,
      auditTable: environment.PAYHOOK_AUDIT_TABLE,
      // Only the command line looks for webhooks: this function may not read their table.
      webhookTable: awsNames(environment.PAYHOOK_ENVIRONMENT_SUFFIX).webhookTable,
      clock,
      randomness,
    });
    const auditEvent = createAuditEvent({
      readDrafts,
      draftsMax: APPEND_DRAFTS_MAX,
      auditLog,
      closeDigests: createCloseDigests({
        auditLog,
        signer: await createKmsDigestSigner({
          client: opened.kms,
          keyId: environment.PAYHOOK_DIGEST_KEY_ARN,
        }),
        anchor: createS3DigestAnchor({
          client: traceCalls(tracer, 'S3', s3Later),
          bucket: environment.PAYHOOK_ARCHIVE_BUCKET,
        }),
        clock,
        logger,
      }),
      silence: createSilenceWatch({
        records: createDynamodbSilenceRecords({ client: dynamodb, auditTable: environment.PAYHOOK_AUDIT_TABLE }),
        clock,
        alerts,
        logger,
      }),
      alerts,
      drainAlerts: alerts.drain,
      logger,
    });
    return traceAudit(tracer, auditEvent);
  });
