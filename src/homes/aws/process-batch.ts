/**
 * Stage 2 on AWS: one batch of queue messages. Each is processed on its own and settled on its own; a message that could
 * not be settled is reported back, so that SQS hands it out again and no other one with it.
 */
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import type { SqsBatch, SqsBatchItem } from '../../adapters/aws/work-queue/batch-queue.ts';
import { asPayhookError } from '../../core/errors.ts';
import type { Claim, Queue } from '../../core/ports/queue.ts';
import type { Randomness } from '../../core/ports/randomness.ts';
import type { WebhookStore } from '../../core/ports/webhook-store.ts';
import { backoffMs } from '../../core/retry-policy.ts';
import type { Actor, Webhook } from '../../core/webhook.ts';
import type { ProcessOutcome } from '../../process/process.ts';
import type { ReplayOutcome } from '../../process/replay.ts';
import { type ReportAttemptDeps, reportAttempt } from '../../process/report-attempt.ts';
import { setAsideUnreadable } from './set-aside.ts';

export interface ProcessBatchDeps extends ReportAttemptDeps {
  readonly openBatch: (event: SQSEvent) => SqsBatch;
  /** `process` over the queue of one batch. */
  readonly processOn: (queue: Queue) => (claim: Claim) => Promise<ProcessOutcome>;
  readonly store: Pick<WebhookStore, 'get'>;
  readonly redrive: (webhook: Webhook, actor: Actor, reason: string | null) => Promise<ReplayOutcome>;
  readonly randomness: Pick<Randomness, 'fraction'>;
  readonly stopwatchSeconds: () => number;
  readonly drainAlerts: () => Promise<void>;
}

/** How long a message rests after store, queue or key service broke: grows with each time, to a quarter of an hour. */
const BROKEN_RETRY_POLICY = { attemptsMax: 100, backoffBaseMs: 5_000, backoffCapMs: 900_000 };

/** Who moves messages out of a dead-letter queue is known to CloudTrail, not to us. */
const QUEUE_OPERATOR: Actor = { type: 'operator', id: 'sqs-redrive' };

export const createProcessBatch =
  (deps: ProcessBatchDeps) =>
  async (event: SQSEvent): Promise<SQSBatchResponse> => {
    const batch = deps.openBatch(event);
    const process = deps.processOn(batch.queue);
    await Promise.all([
      ...batch.items.map((item) => processOne(deps, batch, process, item)),
      ...batch.unreadable.map((message) => setAsideUnreadable(deps.logger, batch, message)),
    ]);
    await deps.drainAlerts();
    return { batchItemFailures: [...batch.failures()] };
  };

const processOne = async (
  deps: ProcessBatchDeps,
  batch: SqsBatch,
  process: (claim: Claim) => Promise<ProcessOutcome>,
  item: SqsBatchItem,
): Promise<void> => {
  const { claim } = item;
  const startedAt = deps.stopwatchSeconds();
  try {
    if (item.deadLetteredRevision !== null) return await redriveMoved(deps, batch, claim, item.deadLetteredRevision);
    const outcome = await process(claim);
    reportAttempt(deps, claim.entry, outcome, deps.stopwatchSeconds() - startedAt);
  } catch (thrown) {
    const { code, message } = asPayhookError(thrown);
    const { webhookId, provider, traceId } = claim.entry;
    deps.logger.error('attempt.broken', { webhook_id: webhookId, provider, code, message, trace_id: traceId });
    const waitMs = backoffMs(BROKEN_RETRY_POLICY, claim.claimedTimes ?? 1, deps.randomness);
    // When this fails too the same machine is broken, which has just been said: the visibility time-out brings it back.
    await batch.queue.retryIn(claim, waitMs).catch(() => 'lost');
  }
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
