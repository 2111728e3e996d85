/** How each list is read for a file, part after part: with its filters, of which nothing else is taken for one. */
import { createReviewDay, yesterday } from '../../audit/review-day.ts';
import { LIMITS } from '../../core/limits.ts';
import { checkTimes } from '../../core/match-webhook.ts';
import type { Page } from '../../core/page.ts';
import { listDestinationRows } from '../../homes/list-destinations.ts';
import { jobJson, jobWebhookJson } from '../../jobs/job-json.ts';
import type { DamagedJob } from '../../jobs/job-store.ts';
import { listWaiting } from '../../jobs/list-waiting.ts';
import { createReportJob } from '../../jobs/report-job.ts';
import { activityJson, createCountActivity } from '../../operate/count-activity.ts';
import { createListAuditEntries } from '../../operate/list-audit-entries.ts';
import { createListDestinationEntries, entryJson } from '../../operate/list-destination-entries.ts';
import { createListPayments } from '../../operate/list-payments.ts';
import { createListTurnedAway } from '../../operate/list-turned-away.ts';
import { createListWebhooks } from '../../operate/list-webhooks.ts';
import { paymentJson } from '../../operate/payment-json.ts';
import { rejectedJson } from '../../operate/rejected-json.ts';
import { dayInReviewJson } from '../../operate/review-json.ts';
import { auditJson } from '../../operate/webhook-json.ts';
import { webhookRows } from '../../operate/webhook-rows.ts';
import { askCauses } from './cause-routes.ts';
import type { ConsoleDeps } from './console-deps.ts';
import { turnedAwayJson } from './delivery-routes.ts';
import { jobWithId } from './job-with-id.ts';
import {
  activityQuery,
  auditQuery,
  causesQuery,
  deliveriesQuery,
  exportEntriesQuery,
  exportJobQuery,
  noQuery,
  paymentsQuery,
  read,
  reviewQuery,
  turnedAwayQuery,
  webhooksQuery,
} from './queries.ts';

export type Fields = Readonly<Record<string, unknown>>;

export interface Part {
  readonly rows: readonly Fields[];
  /** Where to go on; null at the end. */
  readonly next: string | null;
}

/** The rows behind `after`, newest first; undefined is the beginning. */
export type ReadPart = (after: string | undefined) => Promise<Part>;

/** Throws `usage_wrong` for what is no filter of the list, before anything is read. */
export type Reader = (asked: Fields) => ReadPart;

const ROWS_A_PART = LIMITS.consoleRowsMax;

const partOf = <Item>({ items, cursors, next }: Page<Item>, json: (item: Item) => Fields): Part => ({
  rows: items.map((item, index) => ({ ...json(item), cursor: cursors[index] ?? '' })),
  next,
});

/** A file without it would be taken for all of them. */
const damagedJson = ({ id, why }: DamagedJob) => ({ jobId: id, stateReason: why });

const whole = (rows: readonly object[]): Part => ({ rows: rows.map((row) => ({ ...row })), next: null });

/** Lists that go on, page after page. */
const pagedReaders = ({ home }: ConsoleDeps) => ({
  webhooks: (asked: Fields): ReadPart => {
    const list = createListWebhooks(home);
    const { after: from, ...query } = read(webhooksQuery(home.clock.now()), asked);
    return async (after = from) => {
      const page = await list({ ...query, limit: ROWS_A_PART, after });
      return partOf({ ...page, items: await webhookRows(home, page.items) }, (row) => row);
    };
  },
  payments: (asked: Fields): ReadPart => {
    const list = createListPayments(home);
    const { after: from, ...query } = read(paymentsQuery(home.clock.now()), asked);
    checkTimes(query);
    return async (after = from) => partOf(await list({ ...query, limit: ROWS_A_PART, after }), paymentJson);
  },
  deliveries: (asked: Fields): ReadPart => {
    const { after: from, ...query } = read(deliveriesQuery(home.clock.now()), asked);
    checkTimes(query);
    return async (after = from) =>
      partOf(await home.rejected.list({ ...query, limit: ROWS_A_PART, after }), rejectedJson);
  },
  'turned-away': (asked: Fields): ReadPart => {
    const list = createListTurnedAway(home);
    const { after: from, ...query } = read(turnedAwayQuery(home.clock.now()), asked);
    checkTimes(query);
    return async (after = from) => partOf(await list({ ...query, limit: ROWS_A_PART, after }), turnedAwayJson);
  },
  entries: (asked: Fields): ReadPart => {
    const list = createListDestinationEntries(home);
    const { after: from, ...query } = read(exportEntriesQuery(home.clock.now()), asked);
    return async (after = from) => partOf(await list({ ...query, limit: ROWS_A_PART, after }), entryJson);
  },
  jobs: (asked: Fields): ReadPart => {
    read(noQuery, asked);
    return async (after) => {
      const { damaged, ...page } = await home.jobs.list({ limit: ROWS_A_PART, after });
      const { rows, next } = partOf(page, (job) => jobJson(job, home.clock));
      return { rows: [...rows, ...damaged.map(damagedJson)], next };
    };
  },
  /** Oldest first, as the trail is linked; what a filter picks out of it newest first, as it is listed. */
  audit: (asked: Fields): ReadPart => {
    const { limit: _, after: from, ...query } = read(auditQuery(home.clock.now()), asked);
    if (Object.values(query).some((value) => value !== undefined)) {
      const list = createListAuditEntries(home);
      return async (after = from) => partOf(await list({ ...query, limit: ROWS_A_PART, after }), auditJson);
    }
    return async (after = '0') => {
      const entries = await home.auditLog.read(Number(after), ROWS_A_PART);
      const last = entries.at(-1);
      return {
        rows: entries.map(auditJson),
        next: entries.length < ROWS_A_PART || last === undefined ? null : String(last.position),
      };
    };
  },
});

/** Lists that are bounded, and one part. */
const wholeReaders = (deps: ConsoleDeps) => {
  const { home, config, choice } = deps;
  return {
    causes: (asked: Fields): ReadPart => {
      const query = read(causesQuery(home.clock.now()), asked);
      return async () => whole((await askCauses(deps, query)).causes);
    },
    activity: (asked: Fields): ReadPart => {
      const { window, mode = config.mode } = read(activityQuery, asked);
      return async () => whole(activityJson(await createCountActivity(home)(window, mode ?? undefined)).buckets);
    },
    destinations: (asked: Fields): ReadPart => {
      read(noQuery, asked);
      return async () =>
        whole(await listDestinationRows(config, choice.kind, (names) => home.destinations.depth(names)));
    },
    approvals: (asked: Fields): ReadPart => {
      read(noQuery, asked);
      return async () => {
        const { items, damaged } = await listWaiting(home);
        return whole([...items.map((job) => jobJson(job, home.clock)), ...damaged.map(damagedJson)]);
      };
    },
    /** The report of one: what became of each of its webhooks. */
    job: (asked: Fields): ReadPart => {
      const { job: id } = read(exportJobQuery, asked);
      return async () => {
        const { webhooks } = await createReportJob(home)(await jobWithId(home, id));
        return whole(webhooks.map(jobWebhookJson));
      };
    },
    review: (asked: Fields): ReadPart => {
      const { day = yesterday(home.clock.now()) } = read(reviewQuery, asked);
      return async () => whole(dayInReviewJson(await createReviewDay(home)(day)).lines);
    },
  };
};

/** By the name of the list in the address. */
export const exportReaders = (deps: ConsoleDeps): Readonly<Record<ExportedList, Reader>> => ({
  ...pagedReaders(deps),
  ...wholeReaders(deps),
});

export type ExportedList = keyof ReturnType<typeof pagedReaders> | keyof ReturnType<typeof wholeReaders>;

/** Those that have something of the trail. */
export const OF_THE_TRAIL = ['audit', 'review'] as const satisfies readonly ExportedList[];
