/**
 * Everything that calls the processor: batches of its queue, and once a minute the clock, to look for what no longer moves and
 * for what came since of payments that are held.
 */
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { asPayhookError } from '../../core/errors.ts';
import type { Logger } from '../../core/ports/logger.ts';
import type { SweepOutcome } from '../../process/sweep.ts';
import type { ScheduledEvent } from './audit-event.ts';
import type { Invocation } from './receive-event.ts';

type Remaining = Pick<Invocation, 'getRemainingTimeInMillis'>;

export interface ProcessorEventDeps {
  readonly processBatch: (event: SQSEvent, invocation: Remaining) => Promise<SQSBatchResponse>;
  readonly sweep: () => Promise<SweepOutcome>;
  /** Resolves to how many webhooks it has held. */
  readonly renewHolds: () => Promise<number>;
  readonly logger: Logger;
}

/** Throws what a sweep, or renewing holds, throws: Lambda then tries it again, and the failure queue tells when that does not help. */
export const createProcessorEvent =
  ({ processBatch, sweep, renewHolds, logger }: ProcessorEventDeps) =>
  async (event: SQSEvent | ScheduledEvent, invocation: Remaining): Promise<SQSBatchResponse | undefined> => {
    if (event.Records !== undefined) return processBatch(event, invocation);
    try {
      report(logger, await sweep());
      const count = await renewHolds();
      if (count > 0) logger.info('legal_holds.renewed', { count });
      return undefined;
    } catch (thrown) {
      const { code, message } = asPayhookError(thrown);
      logger.error('sweep.broken', { code, message });
      throw thrown;
    }
  };

/** A line only when there is something to say: this runs every minute of the year. */
const report = (logger: Logger, outcome: SweepOutcome): void => {
  switch (outcome.outcome) {
    case 'backlog':
      logger.info('sweep.left_out', { reason: 'backlog', count: outcome.ready });
      return;
    case 'swept':
      if (!outcome.isComplete) logger.info('sweep.goes_on', { count: outcome.queuedAgain });
      return;
    default:
      outcome satisfies never;
  }
};
