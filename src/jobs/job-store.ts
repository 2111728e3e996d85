/** Where jobs are kept: so that one goes on after whoever carried it on is gone. */
import type { EpochMs } from '../core/webhook.ts';
import type { Job, JobPart, JobState } from './job.ts';

export interface JobStore {
  /**
   * Stores a job and its parts, durable once this resolves; nobody finds it before all of it is there. Takes jobs away
   * whose `expiresAt` is over. Throws store codes.
   */
  create(job: Job, parts: readonly JobPart[]): Promise<void>;

  /** The job as of the last change that was told to anybody; undefined when there is none, or its time is over. */
  get(id: string): Promise<Job | undefined>;

  /** Newest `requestedAt` first, for ids that sort by time; those in one of `states`, or all; not those whose time is over. At most `limit`. */
  list(filter: { readonly states?: readonly JobState[]; readonly limit: number }): Promise<readonly Job[]>;

  /** Undefined when the job has no such part. */
  part(jobId: string, number: number): Promise<JobPart | undefined>;

  /**
   * Writes the job in the place of the stored one if that still has `job.revision`, and adds 1 to it; `stale` when
   * somebody else has changed it: nothing is written then.
   */
  change(job: Job): Promise<'changed' | 'stale'>;

  /** The same for a part. */
  changePart(job: Pick<Job, 'id' | 'expiresAt'>, part: JobPart): Promise<'changed' | 'stale'>;
}

/** Of two jobs the newer first; what lists are ordered by. */
export const newestFirst = (
  a: { readonly requestedAt: EpochMs; readonly id: string },
  b: { readonly requestedAt: EpochMs; readonly id: string },
): number => b.requestedAt - a.requestedAt || (a.id < b.id ? 1 : -1);
