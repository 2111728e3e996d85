/**
 * One claim to one attempt, the same in both homes: claim → process → report. What a home adds is where claims come from
 * and how many are worked on at a time.
 */
import { asPayhookError } from '../core/errors.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { Claim, SettleClaims } from '../core/ports/queue.ts';
import type { Randomness } from '../core/ports/randomness.ts';
import { brokenWaitMs } from '../core/retry-policy.ts';
import type { ProcessOutcome } from './process.ts';
import { type ReportAttemptDeps, reportAttempt } from './report-attempt.ts';

export interface AttemptClaimDeps extends ReportAttemptDeps {
  readonly process: (claim: Claim) => Promise<ProcessOutcome>;
  readonly queue: Pick<SettleClaims, 'retryIn' | 'putBack'>;
  readonly clock: Clock;
  readonly randomness: Pick<Randomness, 'fraction'>;
}

/** Returns `attemptClaim(claim)`: processes it and reports the attempt, one line and one count. Never throws. */
export const createAttemptClaim = (deps: AttemptClaimDeps) => {
  const withClaim = createWithClaim(deps);
  return (claim: Claim): Promise<void> =>
    withClaim(claim, async () => {
      const seconds = deps.clock.stopwatch();
      const outcome = await deps.process(claim);
      // It comes again in a moment, and nothing was attempted.
      if (outcome.outcome === 'skipped' && outcome.reason === 'runs_alone_later') return;
      reportAttempt(deps, claim.entry, outcome, seconds());
    });
};

/**
 * Returns `withClaim(claim, work)` for work that settles the claim itself. When a machine of ours breaks meanwhile there
 * is one line, and the claim rests: the longer the longer it has waited. When what the handlers run in went down, it
 * comes back at once, as a suspect. Never throws.
 */
export const createWithClaim =
  ({ queue, logger, clock, randomness }: Pick<AttemptClaimDeps, 'queue' | 'logger' | 'clock' | 'randomness'>) =>
  async (claim: Claim, work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (thrown) {
      const { code, message } = asPayhookError(thrown);
      const { webhookId, provider, traceId } = claim.entry;
      const retryInMs = code === 'handlers_ended' ? 0 : brokenWaitMs(clock.now() - claim.enqueuedAt, randomness);
      const fields = { webhook_id: webhookId, provider, code, message, trace_id: traceId, retry_in_ms: retryInMs };
      logger.error('attempt.broken', fields);
      const giveBack = code === 'handlers_ended' ? queue.putBack : queue.retryIn;
      // When this fails too the same machine is broken, which has just been said: the lease brings the claim back.
      await giveBack(claim, retryInMs).catch(() => 'lost');
    }
  };
