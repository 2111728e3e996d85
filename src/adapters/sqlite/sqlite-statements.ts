/** Every operation on the database, by name: what the ports of this folder ask for and the database thread runs. */
import type { DatabaseSync } from 'node:sqlite';
import type { EpochMs } from '../../core/webhook.ts';
import { createAppendAfter, createAuditOperations } from './sqlite-audit-operations.ts';
import { createCheckOperations } from './sqlite-check-operations.ts';
import { createDataKeyOperations } from './sqlite-data-key-operations.ts';
import { createDestinationOperations } from './sqlite-destination-operations.ts';
import { createGrowthOperations } from './sqlite-growth-operations.ts';
import { createJobOperations } from './sqlite-job-operations.ts';
import { createKeyFileOperations } from './sqlite-key-file-operations.ts';
import { createLegalHoldOperations } from './sqlite-legal-hold-operations.ts';
import { createNextPositions } from './sqlite-next-positions.ts';
import { createPaymentOperations } from './sqlite-payment-operations.ts';
import { createQueueOperations, createQueueRows } from './sqlite-queue-operations.ts';
import { createReconcileOperations } from './sqlite-reconcile-operations.ts';
import { createRecordAndChange } from './sqlite-record-and-change.ts';
import { createRejectedOperations } from './sqlite-rejected-operations.ts';
import { createRetentionOperations } from './sqlite-retention-operations.ts';
import { createRowMacs } from './sqlite-row-macs.ts';
import { createSilenceOperations } from './sqlite-silence-operations.ts';
import { createSubjectOperations } from './sqlite-subject-operations.ts';
import { createTrailOperations } from './sqlite-trail-operations.ts';
import { createWebhookOperations } from './sqlite-webhook-operations.ts';

const createProbeOperations = (db: DatabaseSync) => {
  const dataVersion = db.prepare('PRAGMA data_version');
  const probe = db.prepare(`INSERT INTO write_probe (id, probed_at) VALUES (1, ?)
    ON CONFLICT (id) DO UPDATE SET probed_at = excluded.probed_at`);
  return {
    /** A small durable write: throws what any other write would throw. */
    probeWrite: (input: { now: EpochMs }): void => void probe.run(input.now),
    /** Another number whenever another connection has written: https://www.sqlite.org/pragma.html#pragma_data_version */
    dataVersion: (_input: Readonly<Record<never, never>>): number => Number(dataVersion.get()?.data_version),
  };
};

/** `positions` is told by whoever begins transactions. */
export const createOperations = (db: DatabaseSync, positions = createNextPositions(db)) => {
  const macs = createRowMacs(db);
  const appendAfter = createAppendAfter(db, macs, positions);
  const queueRows = createQueueRows(db);
  const auditOperations = createAuditOperations(db, macs, appendAfter);
  const webhooks = createWebhookOperations(db, appendAfter, queueRows);
  const payments = createPaymentOperations(db, macs, positions);
  const subjects = createSubjectOperations(db);
  return {
    ...webhooks,
    ...createQueueOperations(db, queueRows),
    ...auditOperations,
    ...payments,
    ...subjects,
    ...createRecordAndChange({ ...webhooks, ...payments, ...subjects }),
    ...createDestinationOperations(db),
    ...createDataKeyOperations(db),
    ...createKeyFileOperations(db, auditOperations.auditAppend),
    ...createRejectedOperations(db),
    ...createJobOperations(db),
    ...createReconcileOperations(db),
    ...createSilenceOperations(db),
    ...createRetentionOperations(db, macs, auditOperations.auditAppend),
    ...createTrailOperations(db, auditOperations.auditAppend),
    ...createLegalHoldOperations(db, auditOperations.auditAppend),
    ...createGrowthOperations(db),
    ...createProbeOperations(db),
    ...createCheckOperations(db, macs),
  };
};

export type Operations = ReturnType<typeof createOperations>;
export type OperationName = keyof Operations;
export type OperationInput<Name extends OperationName> = Parameters<Operations[Name]>[0];
export type OperationOutput<Name extends OperationName> = ReturnType<Operations[Name]>;

/**
 * Writes that a power cut may undo without harm: a claim is given out again, and what is not known to be delivered is
 * delivered again under the same id; a rejected delivery is nobody's loss. Each fsync that is not needed is time for others. Payments that a handler is told of,
 * and the entries of destinations, are not among them: what a handler was told must still be so.
 */
export const DURABLE_LATER: ReadonlySet<OperationName> = new Set([
  'queueClaim',
  'paymentApplyLater',
  'destinationClaim',
  'destinationSettle',
  'destinationHasten',
  'rejectedKeep',
  // Undone, a few minutes are not learnt of.
  'silencePut',
  // Undone, it is done again.
  'retentionWebhooks',
  'retentionPayments',
  'retentionSubjects',
  'trailCut',
  'trailTrim',
]);

/** Operations that only read: they need no transaction of their own and no write lock. */
export const READS: ReadonlySet<OperationName> = new Set([
  'webhookGet',
  'webhookFind',
  'webhookList',
  'webhookListBrief',
  'queueDepth',
  'auditRead',
  'auditRun',
  'auditChain',
  'auditLatest',
  'auditDigests',
  'auditLastDigest',
  'auditHeads',
  'checkWebhooks',
  'checkKept',
  'paymentFind',
  'paymentAmounts',
  'paymentList',
  'destinationOfWebhook',
  'destinationDepth',
  'dataKeyGet',
  'dataKeyList',
  'rejectedGet',
  'rejectedList',
  'jobGet',
  'jobList',
  'jobPart',
  'reconcileCheckpointGet',
  'silenceGet',
  'trailStart',
  'trailRemovable',
  'legalHoldList',
  'databaseGrowth',
  'checkRemoved',
  'keyFileList',
  'keyFileSigned',
  'keyFileDataIsThere',
  'dataVersion',
]);
