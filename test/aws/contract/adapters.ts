/** Ports that AWS keeps with a service of its own, and the adapters that the tests beside this file run their suites against. */
import { DYNAMODB_HOME } from './dynamodb-homes.ts';
import { DYNAMODB_JOB_STORE } from './dynamodb-job-stores.ts';
import { DYNAMODB_LEGAL_HOLDS } from './dynamodb-legal-holds.ts';
import { DYNAMODB_PAYMENT_STORE } from './dynamodb-payment-stores.ts';
import { DYNAMODB_RECONCILE_CHECKPOINTS } from './dynamodb-reconcile-checkpoints.ts';
import { DYNAMODB_REJECTED_BOX } from './dynamodb-rejected-boxes.ts';
import { DYNAMODB_SILENCE_RECORDS } from './dynamodb-silence-records.ts';
import { DYNAMODB_WAITING_WEBHOOKS } from './dynamodb-waiting-webhooks.ts';
import type { EmulatedAdapter } from './emulated-adapter.ts';
import { KMS_DATA_KEY_SOURCE } from './kms-data-keys.ts';
import { KMS_DIGEST_SIGNER } from './kms-digest-signers.ts';
import { S3_DIGEST_ANCHOR } from './s3-digest-anchors.ts';
import { SECRETS_MANAGER_SOURCE } from './secrets-manager-sources.ts';
import { SQS_QUEUE } from './sqs-queues.ts';

/** By the name of the port's file. */
export const AWS_ADAPTERS: Readonly<Record<string, EmulatedAdapter>> = {
  'audit-log': DYNAMODB_HOME,
  'data-key-source': KMS_DATA_KEY_SOURCE,
  'digest-anchor': S3_DIGEST_ANCHOR,
  'digest-signer': KMS_DIGEST_SIGNER,
  'job-store': DYNAMODB_JOB_STORE,
  'legal-holds': DYNAMODB_LEGAL_HOLDS,
  'payment-store': DYNAMODB_PAYMENT_STORE,
  queue: SQS_QUEUE,
  'rejected-box': DYNAMODB_REJECTED_BOX,
  'reconcile-checkpoints': DYNAMODB_RECONCILE_CHECKPOINTS,
  'secret-source': SECRETS_MANAGER_SOURCE,
  'silence-records': DYNAMODB_SILENCE_RECORDS,
  'waiting-webhooks': DYNAMODB_WAITING_WEBHOOKS,
  'webhook-store': DYNAMODB_HOME,
};
