/** What waits for a second person. */
import type { Job } from './job.ts';
import type { JobStore } from './job-store.ts';

/** Requests end after a day: there are never many. */
const WAITING_MAX = 1000;

/** Newest first; those whose time is over are not in it. */
export const listWaiting = async ({ jobs }: { readonly jobs: Pick<JobStore, 'list'> }): Promise<readonly Job[]> =>
  (await jobs.list({ states: ['waiting_for_approval'], limit: WAITING_MAX })).items;
