/** Carries on the jobs of the local home, the oldest first, for as long as the server runs. */
import { asPayhookError } from '../../core/errors.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Logger } from '../../core/ports/logger.ts';
import { createCarryJob } from '../../jobs/carry-job.ts';
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
/** After a step failed: the next one does what is left of it. */
const FAILURE_PAUSE_MS = 5000;
/** Running at a time: others wait for their turn. */
const JOBS_MAX = 100;

export const startJobLoop = ({ home, clock, logger }: JobLoopDeps): JobLoop => {
  const bell = createBell();
  // This process holds the directory's lock: whoever carried a job on under this name is gone.
  const carry = createCarryJob({ ...home, clock, carrierId: 'server' });
  let isStopping = false;

  /** Returns how long to wait. */
  const turn = async (): Promise<number> => {
    const { items: running } = await home.jobs.list({ states: ['running'], limit: JOBS_MAX });
    const oldest = running.at(-1);
    if (oldest === undefined) return IDLE_MS;
    const carried = await carry(oldest.id);
    if (carried.outcome === 'rests') {
      const { id, state, stateReason } = carried.job;
      logger.info('job.ended', {
        job_id: id,
        outcome: state,
        ...(stateReason === null ? {} : { reason: stateReason }),
      });
      return 0;
    }
    return carried.outcome === 'goes_on' ? carried.waitMs : IDLE_MS;
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
