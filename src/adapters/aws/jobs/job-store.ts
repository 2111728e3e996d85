/**
 * Jobs on DynamoDB: a table of its own. All jobs stand under one key, by their ids, which sort by time; the parts of a job
 * under its id. They are put before the job, so that nobody finds one that is not whole; parts without one end by their time.
 */
import { LIMITS } from '../../../core/limits.ts';
import { type Looked, pageOf } from '../../../core/page.ts';
import type { Clock } from '../../../core/ports/clock.ts';
import { SECOND_MS } from '../../../core/time.ts';
import type { EpochMs } from '../../../core/webhook.ts';
import { type Job, type JobPart, jobFromText, jobToText, partFromText, partToText } from '../../../jobs/job.ts';
import {
  isDamaged,
  type JobStore,
  jobCursor,
  matchesJobs,
  pageOfJobs,
  placeAfterJob,
  type ReadJob,
  readJob,
} from '../../../jobs/job-store.ts';
import { storeError, unreadableItem } from '../dynamodb/errors.ts';
import { type Item, number, requiredText, text, textOf } from '../dynamodb/values.ts';
import { isAwsError } from '../errors.ts';
import type { DynamodbCalls } from '../service-calls.ts';

export interface DynamodbJobStoreDeps {
  readonly client: Pick<DynamodbCalls, 'putItem' | 'getItem' | 'query'>;
  readonly tableName: string;
  readonly clock: Pick<Clock, 'now'>;
}

const JOBS = 'jobs';
const PARTS_AT_ONCE_MAX = 10;
/** Jobs that one read brings at least: of some states there are few among many. */
const READ_MIN = 100;
/** Digits that sort as numbers do: a job has a few hundred parts. */
const PART_DIGITS = 6;

const jobKey = (id: string): Item => ({ id: text(JOBS), sort: text(id) });
const partKey = (jobId: string, part: number): Item => ({
  id: text(jobId),
  sort: text(String(part).padStart(PART_DIGITS, '0')),
});

/** Seconds, as the table's time to live wants them. */
const expiry = (at: EpochMs): Item => ({ expiresAt: number(Math.ceil(at / SECOND_MS)) });

const jobItem = (job: Job): Item => ({
  ...jobKey(job.id),
  ...expiry(job.expiresAt),
  state: text(job.state),
  revision: number(job.revision),
  text: text(jobToText(job)),
});

/** `expiresAt`: of the item as it is stored; absent where only what changes is written. */
const partItem = (jobId: string, part: JobPart, expiresAt: EpochMs): Item => ({
  ...partKey(jobId, part.number),
  ...expiry(expiresAt),
  revision: number(part.revision),
  text: text(partToText(part)),
});

export const createDynamodbJobStore = (deps: DynamodbJobStoreDeps): JobStore => {
  const { client, tableName, clock } = deps;

  const get = async (key: Item): Promise<Item | undefined> =>
    (await client.getItem({ TableName: tableName, Key: key, ConsistentRead: true }).catch(storeError(tableName))).Item;

  const isPresent = ({ expiresAt }: Job): boolean => expiresAt > clock.now();

  const read = <Read>(item: Item, fromText: (text: string) => Read): Read => {
    try {
      return fromText(requiredText(item, 'text'));
    } catch (cause) {
      throw unreadableItem(tableName, textOf(item, 'sort'), cause, 'remove it, and ask for the job again');
    }
  };

  const replace = async (item: Item, revision: number): Promise<'changed' | 'stale'> => {
    try {
      await client.putItem({
        TableName: tableName,
        Item: item,
        ConditionExpression: 'revision = :revision',
        ExpressionAttributeValues: { ':revision': number(revision) },
      });
      return 'changed';
    } catch (error) {
      if (isAwsError(error, 'ConditionalCheckFailedException')) return 'stale';
      return storeError(tableName)(error);
    }
  };

  const getJob = async (id: string): Promise<Job | undefined> => {
    const item = await get(jobKey(id));
    const job = item === undefined ? undefined : read(item, jobFromText);
    return job !== undefined && isPresent(job) ? job : undefined;
  };

  return {
    async create(job, parts) {
      const put = (item: Item) => client.putItem({ TableName: tableName, Item: item }).catch(storeError(tableName));
      for (let at = 0; at < parts.length; at += PARTS_AT_ONCE_MAX) {
        const some = parts.slice(at, at + PARTS_AT_ONCE_MAX);
        await Promise.all(some.map((part) => put(partItem(job.id, part, job.expiresAt))));
      }
      await put(jobItem(job));
    },
    get: getJob,
    async list(query) {
      const { after, limit, states, lookAtMax = LIMITS.listLookedAtMax } = query;
      const isWanted = matchesJobs(query, clock.now());
      const isOfStates = (item: Item): boolean => states?.some((state) => state === textOf(item, 'state')) !== false;
      const place = placeAfterJob(after);
      const found: Looked<ReadJob>[] = [];
      let at = place?.requestedAt ?? clock.now();
      let from = place === undefined ? undefined : jobKey(place.id);
      for (let lookedAt = 0; ; ) {
        const page = await client
          .query({
            TableName: tableName,
            KeyConditionExpression: 'id = :jobs',
            ExpressionAttributeValues: { ':jobs': text(JOBS) },
            ScanIndexForward: false,
            ConsistentRead: true,
            Limit: Math.min(Math.max(limit + 1, READ_MIN), lookAtMax - lookedAt),
            ...(from === undefined ? {} : { ExclusiveStartKey: from }),
          })
          .catch(storeError(tableName));
        const looked = (page.Items ?? []).map((item): Looked<ReadJob> & { readonly isMeant: boolean } => {
          const id = requiredText(item, 'sort');
          const job = readJob(id, () => read(item, jobFromText));
          // Of one that cannot be read the time is that of the one before: ids alone tell where it stands.
          at = isDamaged(job) ? at : job.requestedAt;
          const isMeant = isDamaged(job) ? isOfStates(item) : isPresent(job) && isWanted(job);
          return { item: job, at, cursor: jobCursor({ requestedAt: at, id }), isMeant };
        });
        found.push(...looked.filter(({ isMeant }) => isMeant));
        lookedAt += looked.length;
        from = page.LastEvaluatedKey;
        const last = looked.at(-1);
        if (found.length > limit || from === undefined || last === undefined)
          return pageOfJobs(pageOf(found, limit, null));
        if (lookedAt >= lookAtMax) return pageOfJobs(pageOf(found, limit, last));
      }
    },
    async part(jobId, partNumber) {
      const item = await get(partKey(jobId, partNumber));
      return item === undefined ? undefined : read(item, partFromText);
    },
    change: (job) => replace(jobItem({ ...job, revision: job.revision + 1 }), job.revision),
    async changePart(job, part) {
      const changed = { ...part, revision: part.revision + 1 };
      return replace(partItem(job.id, changed, job.expiresAt), part.revision);
    },
  };
};
