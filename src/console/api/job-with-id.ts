/** One job, by the id in an address. */
import { PayhookError } from '../../core/errors.ts';
import type { OperatorHome } from '../../homes/operator-home.ts';
import type { Job } from '../../jobs/job.ts';

/** Throws `not_found`. */
export const jobWithId = async ({ jobs }: Pick<OperatorHome, 'jobs'>, id: string): Promise<Job> => {
  const job = await jobs.get(id);
  if (job === undefined) throw new PayhookError('not_found', `there is no job ${id}: payhook jobs list shows them`);
  return job;
};
