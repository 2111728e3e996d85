/**
 * What a person goes through once a day (PCI DSS 10.4.1): what operators did, which payloads were opened, what was turned
 * away and why, where card data was found, and what nothing explains; and that somebody did go through it.
 */
import { PayhookError } from '../core/errors.ts';
import { LIMITS } from '../core/limits.ts';
import type { Clock } from '../core/ports/clock.ts';
import { screenText } from '../core/screen-text.ts';
import { DAY_MS, HOUR_MS } from '../core/time.ts';
import type { Actor, EpochMs } from '../core/webhook.ts';
import { type AuditEvent, type AuditRecord, REVIEWS_CHAIN, readRecord } from './audit.ts';
import type { AuditAppend, AuditReader } from './audit-log.ts';

/** In the order in which a reviewer looks. */
export const REVIEW_SUBJECTS = ['unexplained', 'payloads', 'operators', 'card_data', 'turned_away', 'home'] as const;
export type ReviewSubject = (typeof REVIEW_SUBJECTS)[number];

/** What webhooks come and go by is not gone through: there is too much of it, and it says nothing by itself. */
const SUBJECTS: Readonly<Record<AuditEvent, ReviewSubject | null>> = {
  WEBHOOK_ACCEPTED: null,
  RECOVERED: null,
  STATUS_CHANGED: null,
  DELETED: null,
  UNEXPLAINED_CHANGE: 'unexplained',
  PAYLOAD_READ: 'payloads',
  PAN_REDACTED: 'card_data',
  REJECTED_SIGNATURE: 'turned_away',
  REJECTED_REPLAY: 'turned_away',
  REFUSED_AT_EDGE: 'turned_away',
  REJECTED_AT_EDGE: 'turned_away',
  RETENTION_APPLIED: 'home',
  HOME_STARTED: 'home',
  HOME_STOPPED: 'home',
  REPLAYED: 'operators',
  REDRIVEN: 'operators',
  KEY_ROTATED: 'operators',
  BACKED_UP: 'operators',
  RESTORED: 'operators',
  REANCHORED: 'operators',
  LEGAL_HOLD_ADDED: 'operators',
  LEGAL_HOLD_REMOVED: 'operators',
  CHANGES_RECOVERED: 'operators',
  REJECTED_ACCEPTED: 'operators',
  JOB_REQUESTED: 'operators',
  JOB_APPROVED: 'operators',
  JOB_REFUSED: 'operators',
  JOB_CHANGED: 'operators',
  OPERATOR_ADDED: 'operators',
  OPERATOR_REMOVED: 'operators',
  OPERATOR_SIGNED_IN: 'operators',
  OPERATOR_REFUSED: 'operators',
  AUDIT_EXPORTED: 'operators',
  ENDPOINT_CREATED: 'operators',
  ENDPOINT_UPDATED: 'operators',
  DAY_REVIEWED: 'operators',
};

/** Entries of one kind by one actor. */
export interface ReviewLine {
  readonly subject: ReviewSubject;
  readonly event: AuditEvent;
  readonly outcome: AuditRecord['outcome'];
  readonly actor: Actor;
  /** Of what was turned away; what people wrote is in the entries. */
  readonly reason: string | null;
  /** Entries; of what was turned away, masked or removed, what they stand for. An action on many webhooks is one. */
  readonly count: number;
  readonly firstAt: EpochMs;
  readonly lastAt: EpochMs;
}

export interface Reviewed {
  readonly day: string;
  readonly by: Actor;
  readonly at: EpochMs;
  readonly note: string | null;
}

export interface DayInReview {
  /** `2026-11-28`, in UTC. */
  readonly day: string;
  readonly since: EpochMs;
  readonly until: EpochMs;
  /** By subject, then the most first. */
  readonly lines: readonly ReviewLine[];
  /** All entries of the day that were looked at. */
  readonly entries: number;
  /** Nothing of the day before this was looked at: it has more than `LIMITS.reviewEntriesMax`. Null when it is all. */
  readonly lookedBackTo: EpochMs | null;
  /** Of this day, the newest first. */
  readonly reviews: readonly Reviewed[];
}

/** What came late into the trail stands behind entries that are younger than it. */
const LATE_MS_MAX = HOUR_MS;
const READ_MAX = 500;
const REVIEWS_MAX = 1000;

const isoDay = (at: EpochMs): string => new Date(at).toISOString().slice(0, 10);

/** The day before, in UTC: the one that is to be gone through. */
export const yesterday = (now: EpochMs): string => isoDay(now - DAY_MS);

/** Throws `usage_wrong` for what is no day. */
const startOf = (day: string): EpochMs => {
  const at = Date.parse(`${day}T00:00:00.000Z`);
  if (/^\d{4}-\d\d-\d\d$/.test(day) && !Number.isNaN(at) && isoDay(at) === day) return at;
  throw new PayhookError('usage_wrong', `${day} is no day: give one such as 2026-11-28, in UTC`);
};

/** Whether more may happen in it. Throws `usage_wrong` for what is no day. */
export const hasEnded = (day: string, now: EpochMs): boolean => startOf(day) + DAY_MS <= now;

type Log = Pick<AuditReader, 'latest' | 'read' | 'start' | 'chain'>;

export interface ReviewDayDeps {
  readonly auditLog: Log;
  /** @default LIMITS.reviewEntriesMax */
  readonly lookAtMax?: number;
}

export const createReviewDay =
  ({ auditLog, lookAtMax = LIMITS.reviewEntriesMax }: ReviewDayDeps) =>
  async (day: string): Promise<DayInReview> => {
    const since = startOf(day);
    const until = since + DAY_MS;
    const lines = new Map<string, ReviewLine>();
    let entries = 0;
    let lookedAt = 0;
    let before = await positionAt(auditLog, until + LATE_MS_MAX);
    for (;;) {
      const limit = Math.min(READ_MAX, lookAtMax - lookedAt);
      const page = (await auditLog.latest(limit, before)).map((entry) => ({ entry, record: readRecord(entry) }));
      const ofDay = page.filter(({ record }) => isIn(record, since, until));
      for (const { record } of ofDay) addTo(lines, record);
      entries += ofDay.length;
      lookedAt += page.length;
      const last = page.at(-1);
      const isOver = page.length < limit || page.every(({ record }) => Date.parse(record.ts) < since);
      if (last === undefined || isOver || lookedAt >= lookAtMax) {
        const lookedBackTo = isOver || last === undefined ? null : Date.parse(last.record.ts);
        const reviews = (await reviewsOf(auditLog)).filter((one) => one.day === day);
        return { day, since, until, lines: inOrder([...lines.values()]), entries, lookedBackTo, reviews };
      }
      before = last.entry.position;
    }
  };

const isIn = ({ ts }: AuditRecord, since: EpochMs, until: EpochMs): boolean => {
  const at = Date.parse(ts);
  return at >= since && at < until;
};

const addTo = (lines: Map<string, ReviewLine>, record: AuditRecord): void => {
  const { event, outcome, actor, count } = record;
  // An event of a later release is what a person has to look at, too.
  const subject = Object.hasOwn(SUBJECTS, event) ? SUBJECTS[event] : 'unexplained';
  if (subject === null) return;
  const reason = subject === 'turned_away' ? record.reason : null;
  const key = JSON.stringify([event, outcome, actor.type, actor.id, reason]);
  const at = Date.parse(record.ts);
  const known = lines.get(key) ?? { subject, event, outcome, actor, reason, count: 0, firstAt: at, lastAt: at };
  lines.set(key, {
    ...known,
    count: known.count + (subject === 'operators' ? 1 : count),
    firstAt: Math.min(known.firstAt, at),
    lastAt: Math.max(known.lastAt, at),
  });
};

const inOrder = (lines: readonly ReviewLine[]): readonly ReviewLine[] =>
  lines.toSorted(
    (a, b) => REVIEW_SUBJECTS.indexOf(a.subject) - REVIEW_SUBJECTS.indexOf(b.subject) || b.count - a.count,
  );

/** The position before which all entries of before this moment stand; undefined for the end. Halves what there is. */
const positionAt = async (log: Log, at: EpochMs): Promise<number | undefined> => {
  const [[newest], start] = await Promise.all([log.latest(1), log.start()]);
  if (newest === undefined || Date.parse(readRecord(newest).ts) < at) return undefined;
  let [low, high] = [start?.lastPosition ?? 0, newest.position];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    const [entry] = await log.read(middle - 1, 1);
    if (entry !== undefined && Date.parse(readRecord(entry).ts) < at) low = middle;
    else high = middle;
  }
  return high;
};

/** All that are told of, the newest first. */
export const reviewsOf = async (log: Pick<AuditReader, 'chain'>): Promise<readonly Reviewed[]> =>
  (await log.chain(REVIEWS_CHAIN, REVIEWS_MAX))
    .map(readRecord)
    .map(({ resource, actor, ts, reason }) => ({ day: resource.id, by: actor, at: Date.parse(ts), note: reason }))
    .reverse();

export interface SayReviewedDeps {
  readonly auditLog: AuditAppend;
  readonly clock: Pick<Clock, 'now'>;
}

/** Somebody went through a day. Throws `usage_wrong` for one that has not ended: more may happen in it. */
export const createSayReviewed =
  ({ auditLog, clock }: SayReviewedDeps) =>
  async (day: string, by: Actor, note: string | null): Promise<Reviewed> => {
    const at = clock.now();
    if (!hasEnded(day, at)) {
      throw new PayhookError('usage_wrong', `${day} has not ended yet, in UTC: review it when it has`);
    }
    const reason = note === null ? null : screenText(note);
    await auditLog.append([
      {
        chainId: REVIEWS_CHAIN,
        at,
        actor: by,
        event: 'DAY_REVIEWED',
        outcome: 'success',
        reason,
        origin: { sourceAddress: null, requestId: null, traceId: null },
        resource: { type: 'day', id: day },
        change: null,
        count: 1,
      },
    ]);
    return { day, by, at, note: reason };
  };
