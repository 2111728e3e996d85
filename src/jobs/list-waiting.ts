/** What waits for a second person. */
import type { Clock } from '../core/ports/clock.ts';
import { isExpired, type Job } from './job.ts';
import type { JobStore } from './job-store.ts';

/** Requests end after a day: there are never many. */
const WAITING_MAX = 1000;

/** Newest first; those whose time is over are not in it. */
export const listWaiting = async ({
  jobs,
  clock,
}: {
  readonly jobs: Pick<JobStore, 'list'>;
  readonly clock: Pick<Clock, 'now'>;
}): Promise<readonly Job[]> => {
  const { items: asked } = await jobs.list({ states: ['waiting_for_approval'], limit: WAITING_MAX });
  return asked.filter((job) => !isExpired(job, clock.now()));
};
