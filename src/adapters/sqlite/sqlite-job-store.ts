/** Jobs on SQLite. Time comes in here, so that the SQL has no clock. */
import type { Clock } from '../../core/ports/clock.ts';
import { type Job, type JobPart, jobFromText, jobToText, partFromText, partToText } from '../../jobs/job.ts';
import { type JobStore, pageOfJobs, readJob } from '../../jobs/job-store.ts';
import type { SqliteExecutor } from './sqlite-executor.ts';

const rowOf = (job: Job) => {
  const { id, requestedAt, state, expiresAt, revision } = job;
  return { id, requestedAt, state, expiresAt, revision, text: jobToText(job) };
};

const partRowOf = (part: JobPart) => ({ number: part.number, revision: part.revision, text: partToText(part) });

const next = <Kept extends { readonly revision: number }>(kept: Kept): Kept => ({
  ...kept,
  revision: kept.revision + 1,
});

export const createSqliteJobStore = (executor: SqliteExecutor, clock: Clock): JobStore => ({
  create: (job, parts) => executor.run('jobCreate', { job: rowOf(job), parts: parts.map(partRowOf), now: clock.now() }),
  async get(id) {
    const text = await executor.run('jobGet', { id, now: clock.now() });
    return text === undefined ? undefined : jobFromText(text);
  },
  async list(query) {
    const page = await executor.run('jobList', { query, now: clock.now() });
    return pageOfJobs({ ...page, items: page.items.map(({ id, text }) => readJob(id, () => jobFromText(text))) });
  },
  async part(jobId, number) {
    const text = await executor.run('jobPart', { jobId, number });
    return text === undefined ? undefined : partFromText(text);
  },
  change: async (job) => ((await executor.run('jobChange', rowOf(next(job)))) ? 'changed' : 'stale'),
  changePart: async ({ id: jobId }, part) =>
    (await executor.run('jobChangePart', { jobId, part: partRowOf(next(part)) })) ? 'changed' : 'stale',
});
