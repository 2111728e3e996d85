/**
 * Every stateful port in memory, sharing one state: for tests and for trying an idea. Says and refuses the same as the
 * SQLite adapters; nothing survives the process.
 */
import type { AuditLog } from '../../audit/audit-log.ts';
import type { AuditedWebhooks } from '../../audit/audited-webhooks.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Queue } from '../../core/ports/queue.ts';
import type { CheckProgress, Checkpoints, ReconcileCheckpoints } from '../../core/ports/reconcile-checkpoints.ts';
import type { RejectedBox } from '../../core/ports/rejected-box.ts';
import type { SilenceRecords } from '../../core/ports/silence-records.ts';
import type { WebhookStore } from '../../core/ports/webhook-store.ts';
import type { DestinationQueues } from '../../destinations/destination-queue.ts';
import type { JobStore } from '../../jobs/job-store.ts';
import type { PaymentStore } from '../../payments/payment-store.ts';
import { createMemoryAuditedWebhooks, createMemoryAuditLog } from './memory-audit-log.ts';
import { createMemoryDestinationQueue } from './memory-destination-queue.ts';
import { createMemoryJobStore } from './memory-job-store.ts';
import { createMemoryPaymentStore } from './memory-payment-store.ts';
import { createMemoryQueue } from './memory-queue.ts';
import { createMemoryReconcileCheckpoints } from './memory-reconcile-checkpoints.ts';
import { createMemoryRejectedBox } from './memory-rejected-box.ts';
import { createMemorySilenceRecords } from './memory-silence-records.ts';
import { createMemoryState } from './memory-state.ts';
import { createMemoryWebhookStore } from './memory-webhook-store.ts';

export interface MemoryHome {
  readonly store: WebhookStore;
  readonly queue: Queue;
  readonly auditLog: AuditLog;
  readonly webhooks: AuditedWebhooks;
  readonly payments: PaymentStore;
  readonly destinations: DestinationQueues;
  readonly rejected: RejectedBox;
  readonly jobs: JobStore;
  readonly checkpoints: ReconcileCheckpoints;
  /** How far checks of what providers hold have come. */
  readonly checkProgress: Checkpoints<CheckProgress>;
  readonly silence: SilenceRecords;
}

/** A fresh, empty home. Calls take effect at once, in order; results are copies that callers cannot change. */
export const createMemoryHome = (clock: Clock): MemoryHome => {
  const state = createMemoryState();
  return {
    store: createMemoryWebhookStore(state),
    queue: createMemoryQueue(state, clock),
    auditLog: createMemoryAuditLog(state),
    webhooks: createMemoryAuditedWebhooks(state),
    payments: createMemoryPaymentStore(),
    destinations: createMemoryDestinationQueue(clock),
    rejected: createMemoryRejectedBox(clock),
    jobs: createMemoryJobStore(clock),
    checkpoints: createMemoryReconcileCheckpoints(),
    checkProgress: createMemoryReconcileCheckpoints(),
    silence: createMemorySilenceRecords(),
  };
};
