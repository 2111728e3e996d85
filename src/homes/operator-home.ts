/** What an operator's command needs of a home, whichever it is. */
import type { AuditLog } from '../audit/audit-log.ts';
import type { AuditedWebhooks, KeptState } from '../audit/audited-webhooks.ts';
import type { DigestAnchor } from '../audit/digest-anchor.ts';
import type { DigestSigner } from '../audit/digest-signer.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { LegalHolds } from '../core/ports/legal-holds.ts';
import type { Enqueue, QueueDepth } from '../core/ports/queue.ts';
import type { Randomness } from '../core/ports/randomness.ts';
import type { CheckProgress, Checkpoints, ReconcileCheckpoints } from '../core/ports/reconcile-checkpoints.ts';
import type { RejectedBox } from '../core/ports/rejected-box.ts';
import type { SilenceRecords } from '../core/ports/silence-records.ts';
import type { WebhookStore } from '../core/ports/webhook-store.ts';
import type { Seal } from '../core/seal.ts';
import type { Actor } from '../core/webhook.ts';
import type { DestinationOutbox, DestinationReader } from '../destinations/destination-queue.ts';
import type { JobStore } from '../jobs/job-store.ts';
import type { Operators } from '../operators/operators.ts';
import type { PaymentStore } from '../payments/payment-store.ts';

/** Which home a command works on. */
export type HomeChoice = { readonly kind: 'local' } | { readonly kind: 'aws'; readonly environmentSuffix: string };

export interface OperatorHome {
  readonly store: WebhookStore;
  readonly queue: Enqueue;
  /** What waits, and since when. Absent where the queue does not tell the latter (SQS). */
  readonly queueDepth?: QueueDepth['depth'];
  readonly payments: PaymentStore;
  readonly destinations: DestinationOutbox & DestinationReader;
  readonly rejected: RejectedBox;
  readonly jobs: JobStore;
  /** Whether a process that is always there carries jobs on, or the command that asked for one, for as long as it runs. */
  readonly jobsAreCarriedBy: 'server' | 'command';
  /** How far each list of events was reconciled. */
  readonly checkpoints: ReconcileCheckpoints;
  /** How far checks of what providers hold have come. */
  readonly checkProgress: Checkpoints<CheckProgress>;
  readonly legalHolds: LegalHolds;
  /** What was learnt of how long providers are silent. */
  readonly silence: SilenceRecords;
  readonly auditLog: AuditLog;
  readonly webhooks: AuditedWebhooks;
  /** Where the home can check what it keeps beside webhooks and trail. */
  readonly keptState?: KeptState;
  readonly seal: Seal;
  readonly signer: DigestSigner;
  readonly anchor: DigestAnchor;
  /** A number that is another one when others have written. Absent where nothing says so without reading what there is. */
  readonly version?: () => Promise<number>;
  readonly clock: Clock;
  readonly randomness: Randomness;
  /** Who may act here. What is done is done by an `ActingHome`. */
  readonly operators: Operators;
  /**
   * Takes webhooks that were put back off the place where the queue keeps dead letters, so that its alarm ends. Does
   * nothing where the queue has no such place. One that is left behind does no harm: it is not processed again.
   */
  readonly forgetDeadLetters: (webhookIds: ReadonlySet<string>) => Promise<void>;
}

/** A home in the hands of somebody who may do what is about to be done. */
export interface ActingHome extends OperatorHome {
  /** For the audit trail. */
  readonly operator: Actor;
}
