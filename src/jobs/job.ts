/** A job: one action on many webhooks, carried on step by step out of what is stored. This is what is kept of it, as JSON. */
import { hash } from 'node:crypto';
import { newerThanKnown, PayhookError } from '../core/errors.ts';
import { LIMITS } from '../core/limits.ts';
import { HOUR_MS } from '../core/time.ts';
import type { Actor, EpochMs, Mode, WebhookKey } from '../core/webhook.ts';
import type { WebhookQuery } from '../operate/list-webhooks.ts';
import type { Money } from '../payments/money.ts';

/** What is done with each webhook. */
export type JobWork =
  /** Dead letters go back on the queue; what has succeeded is not done again. */
  | { readonly kind: 'redrive' }
  /** Processed again; `only` one handler, or all when it is null. */
  | { readonly kind: 'replay'; readonly only: string | null }
  /** What a destination gave up waits for it again. */
  | { readonly kind: 'resend'; readonly destination: string };

/** How fast a job goes where nobody says so. */
export const USUAL_WEBHOOKS_PER_SECOND = 10;

/** Which webhooks were meant. `until` is fixed, so that nothing that came later is among them. */
export type JobFilter = Omit<WebhookQuery, 'limit' | 'after' | 'lookAtMax'> & {
  readonly until: EpochMs;
  /** Picked one by one, `LIMITS.jobIdsMax` at most; what else the filter says holds for them too. */
  readonly ids?: readonly string[] | undefined;
};

export const JOB_STATES = [
  'waiting_for_approval',
  'running',
  'paused',
  'stopped',
  'done',
  'cancelled',
  'refused',
] as const;
/** `stopped`: by itself, because too much failed again. The last three are ends. */
export type JobState = (typeof JOB_STATES)[number];

/** As people are told of them. `expired`: nobody has decided in time, and nobody can any more; nothing is written when it happens. */
export const SHOWN_JOB_STATES = [...JOB_STATES, 'expired'] as const;
export type ShownJobState = (typeof SHOWN_JOB_STATES)[number];

/** A sum of money as JSON can hold it. */
export type SavedMoney = Omit<Money, 'minor'> & { readonly minor: string };

export interface HandlerCalls {
  readonly handler: string;
  /** Webhooks that it is called with, and those that it is not called with again because it was done with them. */
  readonly called: number;
  readonly notCalled: number;
}

export interface Impossible {
  readonly why: 'unparsable' | 'waits_already' | 'not_given_to_handler' | 'none_given_up' | 'not_there' | 'not_meant';
  readonly webhooks: number;
  /** The first few. */
  readonly examples: readonly string[];
}

/** What would happen. Of the webhooks that something can be done with, but for `impossible`. */
export interface JobPreview {
  readonly webhooks: number;
  readonly payments: number;
  readonly money: readonly SavedMoney[];
  readonly withoutAmount: number;
  /** Webhooks that nothing was done with so far: nobody knows what money they mean. Absent where there are none. */
  readonly unread?: number;
  readonly handlers: readonly HandlerCalls[];
  /** Webhooks that no handler was called with so far: those that want them are. */
  readonly notReached: number;
  readonly destinations: readonly { readonly destination: string; readonly events: number }[];
  readonly impossible: readonly Impossible[];
  /** Nothing older was looked at, or taken because a job has so many webhooks at most; null when all were. */
  readonly scannedUntil: EpochMs | null;
}

/**
 * What became of one webhook of a job. `queued` until its first attempt has ended, or its events have been sent;
 * `failed_again` then goes on by itself as every webhook does; `not_done` says why in `detail`.
 */
export const JOB_OUTCOMES = [
  'to_do',
  'queued',
  'processed',
  'ignored',
  'delivered',
  'failed_again',
  'not_done',
] as const;
export type JobOutcome = (typeof JOB_OUTCOMES)[number];

export interface JobWebhook extends WebhookKey {
  /** As it was found: one that was changed since by anybody else is left alone. */
  readonly revision: number;
  /** Of a resend: the events that were given up. */
  readonly eventIds?: readonly string[];
  readonly outcome: JobOutcome;
  readonly detail?: string;
  /** Written before it is acted on, and the time of the change itself: so it is known afterwards whose change it was. */
  readonly startedAt?: EpochMs;
  readonly endedAt?: EpochMs;
}

/** Some webhooks of a job: `LIMITS.jobPartWebhooksMax`, or as many as `LIMITS.jobPartBytesMax` hold. */
export interface JobPart {
  readonly number: number;
  readonly revision: number;
  readonly webhooks: readonly JobWebhook[];
}

export interface JobApproval {
  /** What it was too much of. */
  readonly why: string;
  readonly expiresAt: EpochMs;
  readonly decision: {
    readonly outcome: 'approved' | 'refused';
    readonly by: Actor;
    readonly at: EpochMs;
    readonly reason: string;
  } | null;
}

export type JobCounts = Readonly<Record<JobOutcome, number>>;

export interface Job {
  readonly id: string;
  readonly requestedAt: EpochMs;
  readonly requestedBy: Actor;
  readonly reason: string;
  readonly work: JobWork;
  readonly filter: JobFilter;
  /** Of the payments whose money counts. Absent in records of older releases. */
  readonly mode?: Mode;
  readonly preview: JobPreview;
  /** Over all of the above and each webhook: what was seen is what is approved, and what is done. */
  readonly previewHash: string;
  readonly webhooksPerSecond: number;
  readonly parts: number;
  readonly state: JobState;
  /** Why it stopped; null otherwise. */
  readonly stateReason: string | null;
  /** Null where none was needed. */
  readonly approval: JobApproval | null;
  /** Since when it runs: one goes first, and what failed before does not count. */
  readonly runningSince: EpochMs;
  /** Everything in parts before this one has ended; `endedCounts` counts it. */
  readonly firstOpenPart: number;
  readonly endedCounts: JobCounts;
  readonly counts: JobCounts;
  /** Who carries it on, until when nobody else does. */
  readonly carrier: { readonly id: string; readonly until: EpochMs } | null;
  readonly changedAt: EpochMs;
  readonly expiresAt: EpochMs;
  /** Counts writes, from 1. */
  readonly revision: number;
}

export const NO_COUNTS = Object.fromEntries(JOB_OUTCOMES.map((outcome) => [outcome, 0])) as JobCounts;

export const countOutcomes = (webhooks: readonly JobWebhook[], before: JobCounts = NO_COUNTS): JobCounts => {
  const counts: Record<JobOutcome, number> = { ...before };
  for (const { outcome } of webhooks) counts[outcome] += 1;
  return counts;
};

export const hasEnded = ({ outcome }: JobWebhook): boolean => outcome !== 'to_do' && outcome !== 'queued';

type Requested = Pick<Job, 'id' | 'requestedAt' | 'requestedBy' | 'reason' | 'work' | 'filter' | 'preview'> &
  Pick<Job, 'webhooksPerSecond'>;

/** Binds what was shown to what is done. The order of the fields is part of it. */
export const hashOfJob = (job: Requested, webhooks: readonly JobWebhook[]): string => {
  const { id, requestedAt, requestedBy, reason, work, filter, preview, webhooksPerSecond } = job;
  const keys = webhooks.map(({ webhookId, timestamp, revision, eventIds = [] }) => [
    webhookId,
    timestamp,
    revision,
    ...eventIds,
  ]);
  return hash(
    'sha256',
    JSON.stringify([id, requestedAt, requestedBy, reason, work, filter, preview, webhooksPerSecond, keys]),
  );
};

/** How far away the end of a request can be, where the clocks of two machines differ by less than an hour. */
export const APPROVAL_ENDS_WITHIN_MS = LIMITS.jobApprovalMsMax + HOUR_MS;

/**
 * A request that nobody has decided on in time can no longer be approved. Nor one whose time ends later than that of any: it was
 * asked for by a clock that was ahead, and would wait until then.
 */
export const isExpired = ({ state, approval }: Pick<Job, 'state' | 'approval'>, now: EpochMs): boolean =>
  state === 'waiting_for_approval' &&
  approval !== null &&
  (approval.expiresAt <= now || approval.expiresAt > now + APPROVAL_ENDS_WITHIN_MS);

export const shownStateOf = (job: Pick<Job, 'state' | 'approval'>, now: EpochMs): ShownJobState =>
  isExpired(job, now) ? 'expired' : job.state;

const VERSION = 1;

export const jobToText = (job: Job): string => JSON.stringify({ v: VERSION, ...job });
export const partToText = (part: JobPart): string => JSON.stringify({ v: VERSION, ...part });

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

const notOurs = (what: string, cause?: unknown): PayhookError =>
  new PayhookError('store_damaged', `${what} cannot be read: something else than Payhook wrote it`, { cause });

const parse = (what: string, text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw notOurs(what, error);
  }
};

const read = (what: string, text: string): unknown => {
  const parsed = parse(what, text);
  if (!isRecord(parsed)) throw notOurs(what);
  const { v, ...rest } = parsed;
  if (v !== VERSION) throw newerThanKnown(what, v, VERSION);
  return rest;
};

/** What `jobToText` wrote. Throws `store_damaged` for a newer version, and for what it cannot have written. */
export const jobFromText = (text: string): Job => {
  const job = read('the record of a job', text) as Partial<Job>;
  if (!isJob(job)) throw notOurs('the record of a job');
  return job;
};

/** What a date can be made of. */
const isTime = (value: unknown): boolean =>
  Number.isSafeInteger(value) && !Number.isNaN(new Date(value as number).getTime());

const isApproval = (approval: Partial<JobApproval> | undefined): boolean =>
  isTime(approval?.expiresAt) &&
  (approval?.decision === null || (isRecord(approval?.decision?.by) && isTime(approval.decision.at)));

/** What lists show of each. */
const isJob = (job: Partial<Job>): job is Job => {
  const { filter, preview, approval } = job;
  return (
    typeof job.id === 'string' &&
    [job.requestedAt, job.changedAt, filter?.until].every(isTime) &&
    JOB_STATES.some((state) => state === job.state) &&
    [job.requestedBy, job.work, filter, preview, job.counts].every(isRecord) &&
    (filter?.since === undefined || isTime(filter.since)) &&
    Array.isArray(preview?.money) &&
    (preview.scannedUntil === null || isTime(preview.scannedUntil)) &&
    (approval === null || isApproval(approval))
  );
};

export const partFromText = (text: string): JobPart => read('the record of a part of a job', text) as JobPart;
