/**
 * Numbers of the AWS home that CloudWatch counts from log lines which are written anyway, by a metric filter each. A line for
 * the number itself was two fifths of what a delivery logged.
 */
import type { AttemptEnd, DeliveryOutcome } from '../core/ports/metrics.ts';
import type { FunctionRole } from './function-environment.ts';

/** Each line with this `event` and this `outcome` counts one, for the provider that it names as `provider`. */
export interface CountedLine {
  readonly metric: string;
  readonly event: string;
  readonly outcome: string;
}

/** Of deliveries only these: of those that are turned away, too many have no line. */
export const COUNTED_DELIVERIES = {
  accepted: 'DeliveriesAccepted',
  duplicate: 'DeliveriesDuplicate',
} as const satisfies Partial<Record<DeliveryOutcome, string>>;

export const COUNTED_ATTEMPTS = {
  processed: 'AttemptsProcessed',
  ignored: 'AttemptsIgnored',
  retrying: 'AttemptsRetrying',
  dead_lettered: 'AttemptsDeadLettered',
  skipped: 'AttemptsSkipped',
} as const satisfies Record<AttemptEnd, string>;

const linesOf = (event: string, counted: Readonly<Record<string, string>>): readonly CountedLine[] =>
  Object.entries(counted).map(([outcome, metric]) => ({ metric, event, outcome }));

/** By the function that writes them. */
export const COUNTED_LINES: Readonly<Partial<Record<FunctionRole, readonly CountedLine[]>>> = {
  receiver: linesOf('delivery.received', COUNTED_DELIVERIES),
  processor: linesOf('attempt.finished', COUNTED_ATTEMPTS),
};
