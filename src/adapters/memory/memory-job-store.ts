/** Jobs in memory. */
import { pageOfAll } from '../../core/page.ts';
import type { Clock } from '../../core/ports/clock.ts';
import { type Job, type JobPart, jobFromText, jobToText } from '../../jobs/job.ts';
import {
  type JobStore,
  jobCursor,
  matchesJobs,
  newestFirst,
  pageOfJobs,
  placeAfterJob,
  readJob,
} from '../../jobs/job-store.ts';

export const createMemoryJobStore = (clock: Pick<Clock, 'now'>): JobStore => {
  const jobs = new Map<string, { job: Job; readonly parts: JobPart[] }>();
  const present = (id: string) => {
    const kept = jobs.get(id);
    return kept === undefined || kept.job.expiresAt <= clock.now() ? undefined : kept;
  };
  return {
    async create(job, parts) {
      for (const [id, kept] of jobs) if (kept.job.expiresAt <= clock.now()) jobs.delete(id);
      jobs.set(job.id, structuredClone({ job, parts: [...parts] }));
    },
    get: async (id) => structuredClone(present(id)?.job),
    async list(query) {
      const place = placeAfterJob(query.after);
      const isWanted = matchesJobs(query, clock.now());
      const newest = [...jobs.keys()]
        .flatMap((id) => present(id)?.job ?? [])
        .filter((job) => place === undefined || newestFirst(job, place) > 0)
        .toSorted(newestFirst)
        .map((job) => ({
          item: job,
          at: job.requestedAt,
          cursor: jobCursor(job),
        }));
      const page = pageOfAll(newest, isWanted, query);
      return pageOfJobs({
        ...page,
        items: page.items.map((job) => readJob(job.id, () => jobFromText(jobToText(job)))),
      });
    },
    part: async (jobId, number) => structuredClone(present(jobId)?.parts[number]),
    async change(job) {
      const kept = present(job.id);
      if (kept?.job.revision !== job.revision) return 'stale';
      kept.job = structuredClone({ ...job, revision: job.revision + 1 });
      return 'changed';
    },
    async changePart({ id }, part) {
      const kept = present(id);
      if (kept?.parts[part.number]?.revision !== part.revision) return 'stale';
      kept.parts[part.number] = structuredClone({ ...part, revision: part.revision + 1 });
      return 'changed';
    },
  };
};
