/**
 * Stage 2 on AWS: one batch of queue messages. Each is processed on its own and settled on its own; a message that could
 * not be settled is reported back, so that SQS hands it out again and no other one with it. Those that came back from an
 * execution that died run afterwards, one by one.
 */
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import type { SqsBatch, SqsBatchItem } from '../../adapters/aws/work-queue/batch-queue.ts';
import { asPayhookError } from '../../core/errors.ts';
import { LIMITS } from '../../core/limits.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Claim, SettleClaims } from '../../core/ports/queue.ts';
import type { Randomness } from '../../core/ports/randomness.ts';
import type { WebhookStore } from '../../core/ports/webhook-store.ts';
import type { Actor, Webhook } from '../../core/webhook.ts';
import type { AloneLane } from '../../process/alone.ts';
import { createAttemptClaim, createWithClaim } from '../../process/attempt-claim.ts';
import type { ProcessOutcome } from '../../process/process.ts';
import type { ReplayOutcome } from '../../process/replay.ts';
import type { ReportAttemptDeps } from '../../process/report-attempt.ts';
import { createBatchLane } from './batch-lane.ts';
import type { Invocation } from './receive-event.ts';
import { setAsideUnreadable } from './set-aside.ts';

export interface ProcessBatchDeps extends ReportAttemptDeps {
  readonly openBatch: (event: SQSEvent) => SqsBatch;
  /** `process` over the queue of one batch, and among its messages. */
  readonly processOn: (queue: SettleClaims, alone: AloneLane) => (claim: Claim) => Promise<ProcessOutcome>;
  /** How long all handlers of a webhook may take together. */
  readonly handlerMsMax: number;
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
  async (event: SQSEvent, invocation: Pick<Invocation, 'getRemainingTimeInMillis'>): Promise<SQSBatchResponse> => {
    const batch = deps.openBatch(event);
    const holdAll = (): Promise<void> => hold(deps, batch);
    const lane = createBatchLane({
      hasTimeLeft: () => invocation.getRemainingTimeInMillis() >= deps.handlerMsMax + LIMITS.aloneReserveMs,
      beforeEach: holdAll,
      randomness: deps.randomness,
    });
    const process = deps.processOn(batch.queue, lane);
    const attemptClaim = createAttemptClaim({ ...deps, queue: batch.queue, process });
    const withClaim = createWithClaim({ ...deps, queue: batch.queue });
    await holdAll();
    await Promise.all([
      ...batch.items.map((item) => {
        const { claim, deadLetteredRevision, restMsLeft } = item;
        if (restMsLeft > 0) return restOn(deps, batch, item);
        if (deadLetteredRevision === null) return lane.run(() => attemptClaim(claim));
        return withClaim(claim, () => redriveMoved(deps, batch, claim, deadLetteredRevision));
      }),
      ...batch.unreadable.map((message) => setAsideUnreadable(deps.logger, batch, message)),
    ]);
    await deps.drainAlerts();
    return { batchItemFailures: [...batch.failures()] };
  };

/**
 * The queue hides messages for half an hour, as AWS asks: too long when this execution dies with them. Without it they are
 * worked on all the same, and come back late.
 */
const hold = async ({ handlerMsMax, logger }: ProcessBatchDeps, batch: SqsBatch): Promise<void> => {
  try {
    await batch.hold(handlerMsMax + LIMITS.holdReserveMs);
  } catch (thrown) {
    const { code, message } = asPayhookError(thrown);
    logger.warn('batch.not_held', { code, message });
  }
};

/** Nothing of it is read before it is due. What cannot be sent again comes back by itself, and is not due then either. */
const restOn = async (
  { logger }: ProcessBatchDeps,
  batch: SqsBatch,
  { claim, restMsLeft }: SqsBatchItem,
): Promise<void> => {
  try {
    await batch.queue.retryIn(claim, restMsLeft);
  } catch (thrown) {
    const { code, message } = asPayhookError(thrown);
    const { webhookId, provider, traceId } = claim.entry;
    logger.error('message.not_rested', { webhook_id: webhookId, provider, code, message, trace_id: traceId });
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
