/**
 * Opens the local home: the data directory, its keys and its database, as the ports of the core. The server runs it with
 * the database on a thread of its own, commands in their own thread; both may be open at once.
 */
import { createFileDigestAnchor } from '../../adapters/file/file-digest-anchor.ts';
import { createFileDigestSigner } from '../../adapters/file/file-digest-signer.ts';
import { createSqliteAuditLog } from '../../adapters/sqlite/sqlite-audit-log.ts';
import { createSqliteDataKeySource } from '../../adapters/sqlite/sqlite-data-key-source.ts';
import { createSqliteDestinationQueue } from '../../adapters/sqlite/sqlite-destination-queue.ts';
import type { SqliteExecutor } from '../../adapters/sqlite/sqlite-executor.ts';
import { createSqliteHandOver, type HandOver } from '../../adapters/sqlite/sqlite-hand-over.ts';
import { createSqliteJobStore } from '../../adapters/sqlite/sqlite-job-store.ts';
import { createSqliteAuditedWebhooks, createSqliteKeptState } from '../../adapters/sqlite/sqlite-kept-state.ts';
import { createSqliteLegalHolds } from '../../adapters/sqlite/sqlite-legal-holds.ts';
import { createSqlitePaymentStore } from '../../adapters/sqlite/sqlite-payment-store.ts';
import { createSqliteQueue } from '../../adapters/sqlite/sqlite-queue.ts';
import { createSqliteReconcileCheckpoints } from '../../adapters/sqlite/sqlite-reconcile-checkpoints.ts';
import { createSqliteRejectedBox } from '../../adapters/sqlite/sqlite-rejected-box.ts';
import { createSqliteSilenceRecords } from '../../adapters/sqlite/sqlite-silence-records.ts';
import { createSqliteWebhookStore } from '../../adapters/sqlite/sqlite-webhook-store.ts';
import { systemClock } from '../../adapters/system/system-clock.ts';
import { createSystemRandomness } from '../../adapters/system/system-randomness.ts';
import type { AuditLog } from '../../audit/audit-log.ts';
import type { AuditedWebhooks, KeptState } from '../../audit/audited-webhooks.ts';
import type { DigestAnchor } from '../../audit/digest-anchor.ts';
import type { DigestSigner } from '../../audit/digest-signer.ts';
import { LIMITS } from '../../core/limits.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { LegalHolds } from '../../core/ports/legal-holds.ts';
import type { Queue } from '../../core/ports/queue.ts';
import type { Randomness } from '../../core/ports/randomness.ts';
import type { CheckProgress, Checkpoints, ReconcileCheckpoints } from '../../core/ports/reconcile-checkpoints.ts';
import type { RejectedBox } from '../../core/ports/rejected-box.ts';
import type { SilenceRecords } from '../../core/ports/silence-records.ts';
import type { WebhookStore } from '../../core/ports/webhook-store.ts';
import { createEncryptPayload, createSeal, type Seal } from '../../core/seal.ts';
import type { DestinationQueues } from '../../destinations/destination-queue.ts';
import type { JobStore } from '../../jobs/job-store.ts';
import type { PaymentStore } from '../../payments/payment-store.ts';
import type { InsertAndEnd, RecordAndChange } from '../../payments/record-and-change.ts';
import type { DataDirectory } from './data-directory.ts';
import { type HomeKeys, openKeys } from './open-keys.ts';

export interface LocalHome {
  readonly store: WebhookStore;
  readonly payments: PaymentStore;
  /** Where it is the server: commands only look at payments. */
  readonly recordAndChange?: RecordAndChange;
  readonly insertAndEnd?: InsertAndEnd;
  readonly destinations: DestinationQueues;
  readonly queue: Queue;
  readonly rejected: RejectedBox;
  readonly jobs: JobStore;
  readonly checkpoints: ReconcileCheckpoints;
  /** How far checks of what providers hold have come. */
  readonly checkProgress: Checkpoints<CheckProgress>;
  readonly legalHolds: LegalHolds;
  readonly silence: SilenceRecords;
  readonly auditLog: AuditLog;
  readonly webhooks: AuditedWebhooks;
  readonly keptState: KeptState;
  readonly seal: Seal;
  readonly signer: DigestSigner;
  readonly anchor: DigestAnchor;
  readonly keys: HomeKeys;
  readonly clock: Clock;
  readonly randomness: Randomness;
  /** Another number whenever another connection has written. */
  readonly version: () => Promise<number>;
  readonly executor: SqliteExecutor;
  /** Leaves to others what this process holds in memory and has not begun to process: before it stops. */
  readonly release: () => Promise<void>;
}

export interface HomeOptions {
  /** @default the system's clock */
  readonly clock?: Clock;
  /**
   * For the one process that both receives and processes: payloads are sealed on the database thread, and what was just
   * stored is handed over in memory. @default false
   */
  readonly isServer?: boolean;
  /** Whether keys are made when the database is empty and there are none. @default false */
  readonly areKeysMade?: boolean;
}

const openWork = (executor: SqliteExecutor, clock: Clock): Omit<HandOver, 'recordAndChange' | 'insertAndEnd'> => ({
  store: createSqliteWebhookStore(executor),
  queue: createSqliteQueue(executor, clock),
  release: async () => undefined,
});

/** Throws what `openKeys` throws. */
export const createLocalHome = async (
  directory: DataDirectory,
  executor: SqliteExecutor,
  options: HomeOptions = {},
): Promise<LocalHome> => {
  const { clock = systemClock, areKeysMade = false, isServer = false } = options;
  const randomness = createSystemRandomness(clock);
  const keys = await openKeys({ directory, executor, clock, areKeysMade });
  const dataKeys = createSqliteDataKeySource({
    executor,
    payloadKey: keys.payload.current,
    olderPayloadKeys: keys.payload.older,
    clock,
    randomness,
  });
  const work = isServer ? createSqliteHandOver(executor, clock) : openWork(executor, clock);
  return {
    ...work,
    payments: createSqlitePaymentStore(executor),
    destinations: createSqliteDestinationQueue(executor, clock),
    rejected: createSqliteRejectedBox(executor, clock),
    jobs: createSqliteJobStore(executor, clock),
    checkpoints: createSqliteReconcileCheckpoints(executor),
    checkProgress: createSqliteReconcileCheckpoints(executor),
    legalHolds: createSqliteLegalHolds(executor),
    silence: createSqliteSilenceRecords(executor),
    auditLog: createSqliteAuditLog(executor),
    webhooks: createSqliteAuditedWebhooks(executor),
    keptState: createSqliteKeptState(executor, clock),
    seal: createSeal({
      dataKeys,
      clock,
      encrypt: createEncryptPayload(randomness, { compressedBytesMin: LIMITS.compressedBytesMin }),
      isLater: isServer,
    }),
    signer: createFileDigestSigner(keys.audit.current, keys.audit.older),
    anchor: createFileDigestAnchor(directory.auditAnchorFile),
    keys,
    clock,
    randomness,
    version: () => executor.run('dataVersion', {}),
    executor,
  };
};
