/** SQL of jobs: a row for each, and one for each of its parts. Their text is what `jobs/job.ts` writes. */
import type { DatabaseSync } from 'node:sqlite';
import { LIMITS } from '../../core/limits.ts';
import { type Page, pageOf } from '../../core/page.ts';
import type { EpochMs } from '../../core/webhook.ts';
import { APPROVAL_ENDS_WITHIN_MS, type JobState, type ShownJobState } from '../../jobs/job.ts';
import { type JobsQuery, jobCursor, placeAfterJob } from '../../jobs/job-store.ts';
import { createBuiltStatements } from './sqlite-built-statements.ts';
import { and, noConditions, type Sql, type WalkSql, walkSql, where } from './sqlite-conditions.ts';

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

type ListedJob = Pick<JobRow, 'id' | 'text'>;

export interface JobOperations {
  jobCreate(input: { job: JobRow; parts: readonly PartRow[]; now: EpochMs }): void;
  jobGet(input: { id: string; now: EpochMs }): string | undefined;
  jobList(input: { query: JobsQuery; now: EpochMs }): Page<ListedJob>;
  jobPart(input: { jobId: string; number: number }): string | undefined;
  /** False when the stored one does not have the revision before this one. */
  jobChange(job: JobRow): boolean;
  jobChangePart(input: { jobId: string; part: PartRow }): boolean;
}

/** What each new job takes away of those whose time is over: they go faster than they came. */
const EXPIRED_AT_ONCE = 8;

/** Of these it depends on the instant in the text of a job which one it is. */
const BY_TIME: ReadonlySet<ShownJobState> = new Set(['waiting_for_approval', 'expired']);
/** As `shownStateOf`: of the instants from which on, and up to which, a request waits. */
const SHOWN_STATE = `CASE WHEN state <> 'waiting_for_approval' OR NOT json_valid(text) THEN state WHEN json_extract(text, '$.approval.expiresAt') NOT BETWEEN ? AND ? THEN 'expired' ELSE state END`;

/** In the order of the index over times; states are looked for in what that gives. */
export const jobListSql = (query: JobsQuery, now: EpochMs): WalkSql => {
  const { states, since, until, after, limit, lookAtMax = LIMITS.listLookedAtMax } = query;
  const range = noConditions();
  if (since !== undefined) and(range, 'requested_at >= ?', since);
  if (until !== undefined) and(range, 'requested_at < ?', until);
  const place = placeAfterJob(after);
  if (place !== undefined) {
    const { requestedAt, id } = place;
    and(range, 'requested_at <= ? AND (requested_at < ? OR id < ?)', requestedAt, requestedAt, id);
  }
  const rest = noConditions();
  and(rest, 'expires_at > ?', now);
  const isByTime = states?.some((state) => BY_TIME.has(state)) === true;
  if (states !== undefined) {
    const [state, values] = isByTime ? [SHOWN_STATE, [now + 1, now + APPROVAL_ENDS_WITHIN_MS]] : ['state', []];
    and(rest, `${state} IN (${states.map(() => '?').join(', ')})`, ...values, ...states);
  }
  return walkSql({
    rows: (columns): Sql => ({ text: `SELECT ${columns} FROM jobs${where(range.texts)}`, values: range.values }),
    columns: `requested_at, id, state, expires_at${isByTime ? ', text' : ''}`,
    place: 'requested_at, id',
    order: 'ORDER BY requested_at DESC, id DESC',
    rest,
    limit,
    lookAtMax,
  });
};

const createJobList = (db: DatabaseSync) => {
  const get = db.prepare('SELECT text FROM jobs WHERE id = ?');
  const statement = createBuiltStatements(db);
  const rows = ({ text, values }: Sql) =>
    statement(text)
      .all(...values)
      .map(({ requested_at: requestedAt, id }) => {
        const place = { requestedAt: Number(requestedAt), id: String(id) };
        return { item: place.id, at: place.requestedAt, cursor: jobCursor(place) };
      });
  return (query: JobsQuery, now: EpochMs): Page<ListedJob> => {
    const sql = jobListSql(query, now);
    const found = rows(sql.page);
    const isFull = found.length > query.limit;
    const page = pageOf(found, query.limit, isFull || sql.last === null ? null : (rows(sql.last)[0] ?? null));
    return { ...page, items: page.items.map((id) => ({ id, text: String(get.get(id)?.text) })) };
  };
};

export const createJobOperations = (db: DatabaseSync): JobOperations => {
  const expired = db.prepare(`SELECT id FROM jobs WHERE expires_at <= ? LIMIT ${EXPIRED_AT_ONCE}`);
  const remove = db.prepare('DELETE FROM jobs WHERE id = ?');
  const removeParts = db.prepare('DELETE FROM job_parts WHERE job_id = ?');
  const insert = db.prepare(
    'INSERT INTO jobs (id, requested_at, state, expires_at, revision, text) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const insertPart = db.prepare('INSERT INTO job_parts (job_id, number, revision, text) VALUES (?, ?, ?, ?)');
  const get = db.prepare('SELECT text FROM jobs WHERE id = ? AND expires_at > ?');
  const list = createJobList(db);
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
    jobList: ({ query, now }) => list(query, now),
    jobPart: ({ jobId, number }) => textOf(part.get(jobId, number)),
    jobChange: ({ id, state, expiresAt, revision, text }) =>
      change.run(state, expiresAt, text, revision, id).changes === 1,
    jobChangePart: ({ jobId, part: { number, revision, text } }) =>
      changePart.run(text, revision, jobId, number).changes === 1,
  };
};
