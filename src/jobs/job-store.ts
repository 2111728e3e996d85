/** Where jobs are kept: so that one goes on after whoever carried it on is gone. */
import { PayhookError } from '../core/errors.ts';
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

/** One whose record cannot be read: somebody else wrote it, or a newer release. */
export interface DamagedJob {
  readonly id: string;
  readonly why: string;
}

/** `items` and `cursors` have those that can be read. */
export interface PageOfJobs extends Page<Job> {
  /** Those of this page that cannot: they hide no other. Of the states that are asked for, as those are kept beside the records. */
  readonly damaged: readonly DamagedJob[];
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
  list(query: JobsQuery): Promise<PageOfJobs>;

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

/** A job, or that it cannot be. */
export type ReadJob = Job | DamagedJob;

export const isDamaged = (one: ReadJob): one is DamagedJob => 'why' in one;

export const readJob = (id: string, read: () => Job): ReadJob => {
  try {
    return read();
  } catch (thrown) {
    if (thrown instanceof PayhookError && thrown.code === 'store_damaged') return { id, why: thrown.message };
    throw thrown;
  }
};

export const pageOfJobs = ({ items, cursors, ...page }: Page<ReadJob>): PageOfJobs => ({
  ...page,
  items: items.filter((one): one is Job => !isDamaged(one)),
  cursors: cursors.filter((_, index) => !isDamaged(items[index] as ReadJob)),
  damaged: items.filter(isDamaged),
});

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
