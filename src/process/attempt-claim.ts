/**
 * One claim to one attempt, the same in both homes: claim → process → report. What a home adds is where claims come from
 * and how many are worked on at a time.
 */
import { asPayhookError } from '../core/errors.ts';
import { LIMITS } from '../core/limits.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { Claim, SettleClaims } from '../core/ports/queue.ts';
import type { Randomness } from '../core/ports/randomness.ts';
import { backoffMs } from '../core/retry-policy.ts';
import type { ProcessOutcome } from './process.ts';
import { type ReportAttemptDeps, reportAttempt } from './report-attempt.ts';

export interface AttemptClaimDeps extends ReportAttemptDeps {
  readonly process: (claim: Claim) => Promise<ProcessOutcome>;
  readonly queue: Pick<SettleClaims, 'retryIn'>;
  readonly clock: Clock;
  readonly randomness: Pick<Randomness, 'fraction'>;
}

const BROKEN_BACKOFF = { backoffBaseMs: LIMITS.brokenBackoffBaseMs, backoffCapMs: LIMITS.brokenBackoffCapMs };

/** Returns `attemptClaim(claim)`: processes it and reports the attempt, one line and one count. Never throws. */
export const createAttemptClaim = (deps: AttemptClaimDeps) => {
  const withClaim = createWithClaim(deps);
  return (claim: Claim): Promise<void> =>
    withClaim(claim, async () => {
      const seconds = deps.clock.stopwatch();
      reportAttempt(deps, claim.entry, await deps.process(claim), seconds());
    });
};

/**
 * Returns `withClaim(claim, work)` for work that settles the claim itself. When a machine of ours breaks meanwhile there
 * is one line, and the claim rests: longer with each time that it was claimed. Never throws.
 */
export const createWithClaim =
  ({ queue, logger, randomness }: Pick<AttemptClaimDeps, 'queue' | 'logger' | 'randomness'>) =>
  async (claim: Claim, work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (thrown) {
      const { code, message } = asPayhookError(thrown);
      const { webhookId, provider, traceId } = claim.entry;
      const retryInMs = backoffMs(BROKEN_BACKOFF, claim.claimedTimes, randomness);
      const fields = { webhook_id: webhookId, provider, code, message, trace_id: traceId, retry_in_ms: retryInMs };
      logger.error('attempt.broken', fields);
      // When this fails too the same machine is broken, which has just been said: the lease brings the claim back.
      await queue.retryIn(claim, retryInMs).catch(() => 'lost');
    }
  };
