/** What is written about an attempt, in both homes alike: one log line and one count. */

import type { Logger } from '../core/ports/logger.ts';
import type { Metrics } from '../core/ports/metrics.ts';
import type { QueueEntry } from '../core/ports/queue.ts';
import { milliseconds } from '../core/time.ts';
import type { ProcessOutcome } from './process.ts';

export interface ReportAttemptDeps {
  readonly logger: Logger;
  readonly metrics: Pick<Metrics, 'attempt'>;
}

/** The one line and the one count of an attempt that came to an outcome. */
export const reportAttempt = (
  deps: ReportAttemptDeps,
  entry: QueueEntry,
  outcome: ProcessOutcome,
  seconds: number,
): void => {
  deps.metrics.attempt(entry.provider, outcome.outcome, seconds);
  const fields = {
    webhook_id: entry.webhookId,
    provider: entry.provider,
    outcome: outcome.outcome,
    duration_ms: milliseconds(seconds),
    trace_id: entry.traceId,
  };
  if (outcome.outcome === 'skipped') {
    deps.logger.info('attempt.finished', { ...fields, reason: outcome.reason });
    return;
  }
  const attempted = { ...fields, event_type: outcome.webhook.eventType, attempt: outcome.attempt };
  switch (outcome.outcome) {
    case 'processed':
    case 'ignored':
      deps.logger.info('attempt.finished', attempted);
      break;
    case 'retrying':
      deps.logger.warn('attempt.finished', {
        ...attempted,
        reason: outcome.reason ?? '',
        retry_in_ms: outcome.retryInMs,
      });
      break;
    case 'dead_lettered':
      deps.logger.error('attempt.finished', { ...attempted, reason: outcome.reason ?? '' });
      break;
    default:
      outcome satisfies never;
  }
};
