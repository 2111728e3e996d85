/** What became of each webhook of a job, also of what nobody has looked at since it was put back. Writes nothing. */
import { createLookAtJobWebhook, type LookDeps, type StartedWebhook } from './act-on-job-webhook.ts';
import { countOutcomes, hasEnded, type Job, type JobCounts, type JobWebhook } from './job.ts';
import type { JobStore } from './job-store.ts';

export interface ReportDeps extends LookDeps {
  readonly jobs: Pick<JobStore, 'part'>;
}

export interface JobReport {
  readonly counts: JobCounts;
  readonly webhooks: readonly JobWebhook[];
}

/** Also one that was put back by whoever died before they could say so. */
const isUnderway = (one: JobWebhook): one is StartedWebhook => one.startedAt !== undefined && !hasEnded(one);

export const createReportJob =
  (deps: ReportDeps) =>
  async (job: Job): Promise<JobReport> => {
    const look = createLookAtJobWebhook(deps);
    const webhooks: JobWebhook[] = [];
    for (let number = 0; number < job.parts; number += 1) {
      const part = await deps.jobs.part(job.id, number);
      for (const one of part?.webhooks ?? [])
        webhooks.push(isUnderway(one) ? { ...one, ...(await look(job, one)) } : one);
    }
    return { counts: countOutcomes(webhooks), webhooks };
  };
