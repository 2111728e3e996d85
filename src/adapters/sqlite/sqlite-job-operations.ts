/** SQL of jobs: a row for each, and one for each of its parts. Their text is what `jobs/job.ts` writes. */
import type { DatabaseSync } from 'node:sqlite';
import type { EpochMs } from '../../core/webhook.ts';
import type { JobState } from '../../jobs/job.ts';

interface JobRow {
  readonly id: string;
  readonly requestedAt: EpochMs;
  readonly state: JobState;
  readonly expiresAt: EpochMs;
  readonly revision: number;
  readonly text: string;
}

interface PartRow {
  readonly number: number;
  readonly revision: number;
  readonly text: string;
}

export interface JobOperations {
  jobCreate(input: { job: JobRow; parts: readonly PartRow[]; now: EpochMs }): void;
  jobGet(input: { id: string; now: EpochMs }): string | undefined;
  jobList(input: { states: readonly JobState[] | null; limit: number; now: EpochMs }): readonly string[];
  jobPart(input: { jobId: string; number: number }): string | undefined;
  /** False when the stored one does not have the revision before this one. */
  jobChange(job: JobRow): boolean;
  jobChangePart(input: { jobId: string; part: PartRow }): boolean;
}

/** What each new job takes away of those whose time is over: they go faster than they came. */
const EXPIRED_AT_ONCE = 8;

export const createJobOperations = (db: DatabaseSync): JobOperations => {
  const expired = db.prepare(`SELECT id FROM jobs WHERE expires_at <= ? LIMIT ${EXPIRED_AT_ONCE}`);
  const remove = db.prepare('DELETE FROM jobs WHERE id = ?');
  const removeParts = db.prepare('DELETE FROM job_parts WHERE job_id = ?');
  const insert = db.prepare(
    'INSERT INTO jobs (id, requested_at, state, expires_at, revision, text) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const insertPart = db.prepare('INSERT INTO job_parts (job_id, number, revision, text) VALUES (?, ?, ?, ?)');
  const get = db.prepare('SELECT text FROM jobs WHERE id = ? AND expires_at > ?');
  const list = db.prepare(`SELECT text FROM jobs WHERE expires_at > ?
    AND (?2 IS NULL OR state IN (SELECT value FROM json_each(?2))) ORDER BY requested_at DESC, id DESC LIMIT ?3`);
  const part = db.prepare('SELECT text FROM job_parts WHERE job_id = ? AND number = ?');
  const change = db.prepare(
    'UPDATE jobs SET state = ?, expires_at = ?, revision = ?4, text = ?3 WHERE id = ?5 AND revision = ?4 - 1',
  );
  const changePart = db.prepare(
    'UPDATE job_parts SET revision = ?2, text = ?1 WHERE job_id = ?3 AND number = ?4 AND revision = ?2 - 1',
  );
  const textOf = (row: Readonly<Record<string, unknown>> | undefined): string | undefined =>
    row === undefined ? undefined : String(row.text);
  return {
    jobCreate({ job, parts, now }) {
      for (const { id } of expired.all(now)) {
        removeParts.run(String(id));
        remove.run(String(id));
      }
      insert.run(job.id, job.requestedAt, job.state, job.expiresAt, job.revision, job.text);
      for (const { number, revision, text } of parts) insertPart.run(job.id, number, revision, text);
    },
    jobGet: ({ id, now }) => textOf(get.get(id, now)),
    jobList: ({ states, limit, now }) =>
      list.all(now, states === null ? null : JSON.stringify(states), limit).map(({ text }) => String(text)),
    jobPart: ({ jobId, number }) => textOf(part.get(jobId, number)),
    jobChange: ({ id, state, expiresAt, revision, text }) =>
      change.run(state, expiresAt, text, revision, id).changes === 1,
    jobChangePart: ({ jobId, part: { number, revision, text } }) =>
      changePart.run(text, revision, jobId, number).changes === 1,
  };
};
