/**
 * Stage 2 on AWS: one batch of queue messages. Each is processed on its own and settled on its own; a message that could
 * not be settled is reported back, so that SQS hands it out again and no other one with it.
 */
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import type { SqsBatch } from '../../adapters/aws/work-queue/batch-queue.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Claim, SettleClaims } from '../../core/ports/queue.ts';
import type { Randomness } from '../../core/ports/randomness.ts';
import type { WebhookStore } from '../../core/ports/webhook-store.ts';
import type { Actor, Webhook } from '../../core/webhook.ts';
import { createAttemptClaim, createWithClaim } from '../../process/attempt-claim.ts';
import type { ProcessOutcome } from '../../process/process.ts';
import type { ReplayOutcome } from '../../process/replay.ts';
import type { ReportAttemptDeps } from '../../process/report-attempt.ts';
import { setAsideUnreadable } from './set-aside.ts';

export interface ProcessBatchDeps extends ReportAttemptDeps {
  readonly openBatch: (event: SQSEvent) => SqsBatch;
  /** `process` over the queue of one batch. */
  readonly processOn: (queue: SettleClaims) => (claim: Claim) => Promise<ProcessOutcome>;
  readonly store: Pick<WebhookStore, 'get'>;
  readonly redrive: (webhook: Webhook, actor: Actor, reason: string | null) => Promise<ReplayOutcome>;
  readonly randomness: Pick<Randomness, 'fraction'>;
  readonly clock: Clock;
  readonly drainAlerts: () => Promise<void>;
}

/** Who moves messages out of a dead-letter queue is known to CloudTrail, not to us. */
const QUEUE_OPERATOR: Actor = { type: 'operator', id: 'sqs-redrive' };

export const createProcessBatch =
  (deps: ProcessBatchDeps) =>
  async (event: SQSEvent): Promise<SQSBatchResponse> => {
    const batch = deps.openBatch(event);
    const attemptClaim = createAttemptClaim({ ...deps, queue: batch.queue, process: deps.processOn(batch.queue) });
    const withClaim = createWithClaim({ ...deps, queue: batch.queue });
    await Promise.all([
      ...batch.items.map(({ claim, deadLetteredRevision }) =>
        deadLetteredRevision === null
          ? attemptClaim(claim)
          : withClaim(claim, () => redriveMoved(deps, batch, claim, deadLetteredRevision)),
      ),
      ...batch.unreadable.map((message) => setAsideUnreadable(deps.logger, batch, message)),
    ]);
    await deps.drainAlerts();
    return { batchItemFailures: [...batch.failures()] };
  };

/** A dead letter that somebody moved back with SQS's own redrive: the same as `dead-letters redrive`, audited. */
const redriveMoved = async (
  deps: ProcessBatchDeps,
  batch: SqsBatch,
  claim: Claim,
  deadLetteredRevision: number,
): Promise<void> => {
  const webhook = await deps.store.get(claim.entry);
  const isStillDead = webhook?.status === 'dead_lettered' && webhook.revision === deadLetteredRevision;
  if (isStillDead) await deps.redrive(webhook, QUEUE_OPERATOR, 'moved_back_by_sqs_redrive');
  // Put back before, by the command line: the message says nothing new.
  await batch.queue.complete(claim);
};
