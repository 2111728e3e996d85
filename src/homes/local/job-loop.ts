/**
 * Carries on the jobs of the local home, the oldest first, for as long as the server runs. One that cannot be carried on now
 * holds up no other.
 */
import { asPayhookError } from '../../core/errors.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Logger } from '../../core/ports/logger.ts';
import { SECOND_MS } from '../../core/time.ts';
import { type CarryOutcome, createCarryJob } from '../../jobs/carry-job.ts';
import type { Job } from '../../jobs/job.ts';
import type { DamagedJob } from '../../jobs/job-store.ts';
import { createBell } from './bell.ts';
import type { LocalHome } from './home.ts';

export interface JobLoopDeps {
  readonly home: LocalHome;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface JobLoop {
  /** Resolves when the step that is under way is done. */
  stop(): Promise<void>;
}

/** How often somebody looks whether there is a job. A person has asked for it, and waits. */
const IDLE_MS = 1000;
/** After a step failed, of this job alone: the next one does what is left of it. */
const FAILURE_PAUSE_MS = 5000;
/** Running at a time: others wait for their turn. */
const JOBS_MAX = 100;

export const startJobLoop = ({ home, clock, logger }: JobLoopDeps): JobLoop => {
  const bell = createBell();
  // This process holds the directory's lock: whoever carried a job on under this name is gone.
  const carry = createCarryJob({ ...home, clock, carrierId: 'server' });
  let isStopping = false;

  /** Jobs whose step failed, or that somebody else was at, and for how long they have been left alone. */
  const aside = new Map<string, () => number>();
  const nextOf = (running: readonly Job[]): Job | undefined => {
    for (const [id, seconds] of aside) if (seconds() * SECOND_MS >= FAILURE_PAUSE_MS) aside.delete(id);
    return running.findLast(({ id }) => !aside.has(id));
  };

  const carryOn = async ({ id }: Job): Promise<CarryOutcome> => {
    try {
      return await carry(id);
    } catch (thrown) {
      const { code, message } = asPayhookError(thrown);
      if (!isStopping) logger.error('job.step_failed', { job_id: id, code, message });
      return { outcome: 'busy' };
    }
  };

  /** Once each: it is there at every turn. */
  const told = new Set<string>();
  const tellOf = (damaged: readonly DamagedJob[]): void => {
    for (const { id, why } of damaged) {
      if (told.has(id) || told.size >= JOBS_MAX) continue;
      told.add(id);
      logger.error('job.unreadable', { job_id: id, code: 'store_damaged', message: why });
    }
  };

  /** Returns how long to wait. */
  const turn = async (): Promise<number> => {
    const { items: running, damaged } = await home.jobs.list({ states: ['running'], limit: JOBS_MAX });
    tellOf(damaged);
    const next = nextOf(running);
    if (next === undefined) return IDLE_MS;
    const carried = await carryOn(next);
    if (carried.outcome === 'busy') aside.set(next.id, clock.stopwatch());
    if (carried.outcome === 'rests') {
      const { id, state, stateReason } = carried.job;
      logger.info('job.ended', {
        job_id: id,
        outcome: state,
        ...(stateReason === null ? {} : { reason: stateReason }),
      });
      return 0;
    }
    return carried.outcome === 'goes_on' ? carried.waitMs : 0;
  };

  const run = async (): Promise<void> => {
    while (!isStopping) {
      try {
        await bell.heard(await turn());
      } catch (thrown) {
        const { code, message } = asPayhookError(thrown);
        if (!isStopping) logger.error('job.step_failed', { code, message });
        await bell.heard(FAILURE_PAUSE_MS);
      }
    }
  };

  const finished = run();
  return {
    async stop() {
      isStopping = true;
      bell.ring();
      await finished;
    },
  };
};
