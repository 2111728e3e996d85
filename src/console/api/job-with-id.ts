/** One job, by the id in an address; and several as they are shown. */
import { PayhookError } from '../../core/errors.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { OperatorHome } from '../../homes/operator-home.ts';
import type { Job } from '../../jobs/job.ts';
import { jobJson } from '../../jobs/job-json.ts';
import type { PageOfJobs } from '../../jobs/job-store.ts';
import type { JobsJson } from '../api-types.ts';

/** Throws `not_found`. */
export const jobWithId = async ({ jobs }: Pick<OperatorHome, 'jobs'>, id: string): Promise<Job> => {
  const job = await jobs.get(id);
  if (job === undefined) throw new PayhookError('not_found', `there is no job ${id}: payhook jobs list shows them`);
  return job;
};

export const jobsJson = ({ items, damaged }: PageOfJobs, clock: Pick<Clock, 'now'>): JobsJson => ({
  items: items.map((job) => jobJson(job, clock)),
  damaged,
});
