/** Where jobs are kept: so that one goes on after whoever carried it on is gone. */
import { cursorOf, type Page, type PageRequest, readCursor } from '../core/page.ts';
import type { EpochMs } from '../core/webhook.ts';
import { type Job, type JobPart, type ShownJobState, shownStateOf } from './job.ts';

export interface JobsQuery extends PageRequest {
  /** In one of these, as of now. */
  readonly states?: readonly ShownJobState[] | undefined;
  /** Asked for at or after, and before. */
  readonly since?: EpochMs | undefined;
  readonly until?: EpochMs | undefined;
}

export interface JobStore {
  /**
   * Stores a job and its parts, durable once this resolves; nobody finds it before all of it is there. Takes jobs away
   * whose `expiresAt` is over. Throws store codes.
   */
  create(job: Job, parts: readonly JobPart[]): Promise<void>;

  /** The job as of the last change that was told to anybody; undefined when there is none, or its time is over. */
  get(id: string): Promise<Job | undefined>;

  /** Newest `requestedAt` first, for ids that sort by time; not those whose time is over. */
  list(query: JobsQuery): Promise<Page<Job>>;

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

const LIST = 'jobs';

export const jobCursor = ({ requestedAt, id }: Pick<Job, 'requestedAt' | 'id'>): string =>
  cursorOf(LIST, requestedAt, id);

/** What a page begins behind. */
export const placeAfterJob = (after: string | undefined): Pick<Job, 'requestedAt' | 'id'> | undefined => {
  if (after === undefined) return undefined;
  const [requestedAt, id] = readCursor(LIST, after, ['number', 'string'] as const);
  return { requestedAt, id };
};

/** All that a query says but for the cursor. */
export const matchesJobs =
  ({ states, since = -Infinity, until = Infinity }: JobsQuery, now: EpochMs) =>
  (job: Pick<Job, 'state' | 'approval' | 'requestedAt'>): boolean =>
    states?.includes(shownStateOf(job, now)) !== false && job.requestedAt >= since && job.requestedAt < until;

/** Of two jobs the newer first; what lists are ordered by. */
export const newestFirst = (
  a: { readonly requestedAt: EpochMs; readonly id: string },
  b: { readonly requestedAt: EpochMs; readonly id: string },
): number => b.requestedAt - a.requestedAt || (a.id < b.id ? 1 : -1);
