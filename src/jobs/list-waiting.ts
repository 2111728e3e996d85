/** What waits for a second person. */
import type { JobStore, PageOfJobs } from './job-store.ts';

/** Requests end after a day: there are never many. */
const WAITING_MAX = 1000;

/** Newest first; those whose time is over are not in it. */
export const listWaiting = ({ jobs }: { readonly jobs: Pick<JobStore, 'list'> }): Promise<PageOfJobs> =>
  jobs.list({ states: ['waiting_for_approval'], limit: WAITING_MAX });
