/**
 * Storing a webhook that is processed already: where nobody is told of it and nothing is put into a queue, what it means is
 * known before it is stored, and both are one write. Anything that does not simply end well is stored as it came, and
 * processed when it is its turn.
 */
import type { Clock } from '../core/ports/clock.ts';
import type { Insertion, InsertOutcome, WebhookStore } from '../core/ports/webhook-store.ts';
import { stateWhenInserted } from '../core/ports/webhook-store.ts';
import type { Webhook } from '../core/webhook.ts';
import type { InsertAndEnd, Recording } from '../payments/record-and-change.ts';
import type { ActedOn } from './act.ts';
import { type AttemptOutcome, attemptOnce, changeOf, outcomeOf, type ProcessDeps } from './process.ts';
import { type ReportAttemptDeps, reportAttempt } from './report-attempt.ts';

export interface InsertProcessedDeps extends ReportAttemptDeps {
  /** `act` does nothing but say what is to be recorded, for the webhook may turn out to be a duplicate. */
  readonly process: Omit<ProcessDeps, 'queue' | 'alone' | 'alerts'>;
  readonly insertAndEnd: InsertAndEnd;
  readonly clock: Clock;
  /** Whether deliveries wait for their answer for too long: what is received is processed later then. */
  readonly isReceivingLate: () => boolean;
}

const NOTHING: Recording = { events: [], changes: { payments: [], subjects: [] } };

/** Returns `insert(insertion)` with the contract of `WebhookStore.insert`. */
export const createInsertProcessed =
  (deps: InsertProcessedDeps): WebhookStore['insert'] =>
  async (insertion) => {
    const { process, isReceivingLate } = deps;
    const isLater = insertion.status !== 'received' || isReceivingLate();
    const attempted = isLater ? undefined : await attempt(deps, insertion);
    return attempted === undefined ? process.store.insert(insertion) : insertEnded(deps, insertion, attempted);
  };

interface Attempted {
  readonly outcome: AttemptOutcome;
  readonly acted: ActedOn;
  readonly seconds: number;
}

/** Undefined when it is not over with that. */
const attempt = async (deps: InsertProcessedDeps, insertion: Insertion): Promise<Attempted | undefined> => {
  const webhook: Webhook = { ...insertion.webhook, ...stateWhenInserted(insertion) };
  const seconds = deps.clock.stopwatch();
  let acted: ActedOn;
  try {
    acted = await attemptOnce(deps.process, webhook, false);
  } catch {
    // Whoever processes it in its turn meets the same, and says so.
    return undefined;
  }
  const outcome = outcomeOf(deps.process, webhook, 1, acted);
  return isOver(outcome) ? { outcome, acted, seconds: seconds() } : undefined;
};

/** A type that nobody knows is counted and alarmed once it is stored. */
const isOver = ({ outcome, reason }: AttemptOutcome): boolean =>
  outcome === 'processed' || (outcome === 'ignored' && reason !== 'unknown_type');

const insertEnded = async (
  deps: InsertProcessedDeps,
  insertion: Insertion,
  { outcome, acted, seconds }: Attempted,
): Promise<InsertOutcome> => {
  const change = changeOf(deps, outcome, seconds);
  const { inserted, isEnded } = await deps.insertAndEnd(insertion, acted.recording ?? NOTHING, change);
  if (isEnded) reportAttempt(deps, insertion.webhook, outcome, seconds);
  return inserted;
};
