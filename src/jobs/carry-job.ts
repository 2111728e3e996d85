/**
 * Carries a job on, a step at a time, out of what is stored: any process can take the next one. A step looks at what became
 * of what was put back, stops when that keeps failing, and puts back as many as one second has. One goes first.
 */
import type { AuditAppend } from '../audit/audit-log.ts';
import { LIMITS } from '../core/limits.ts';
import type { Clock } from '../core/ports/clock.ts';
import { SECOND_MS } from '../core/time.ts';
import type { Actor, EpochMs } from '../core/webhook.ts';
import {
  type ActDeps,
  createActOnJobWebhook,
  createLookAtJobWebhook,
  type StartedWebhook,
} from './act-on-job-webhook.ts';
import { writeJob } from './change-job.ts';
import { countOutcomes, hasEnded, type Job, type JobPart, type JobWebhook } from './job.ts';
import type { JobStore } from './job-store.ts';

export interface CarryDeps extends ActDeps {
  readonly jobs: JobStore;
  readonly auditLog: AuditAppend;
  readonly clock: Clock;
  /** This process: nobody else carries a job on meanwhile. */
  readonly carrierId: string;
}

export type CarryOutcome =
  /** The next step has something to do after so long. */
  | { readonly outcome: 'goes_on'; readonly job: Job; readonly waitMs: number }
  /** It does not run: paused, stopped, or at its end. */
  | { readonly outcome: 'rests'; readonly job: Job }
  /** Somebody else carries it on, or has just changed it. */
  | { readonly outcome: 'busy' }
  | { readonly outcome: 'missing' };

/** Webhooks of a part that are looked at or put back at a time. */
const AT_ONCE_MAX = 5;

const CARRIER: Actor = { type: 'component', id: 'jobs' };

/** Returns a function that does the next step. Throws what its ports throw; calling it again then is safe. */
export const createCarryJob =
  (deps: CarryDeps) =>
  async (id: string): Promise<CarryOutcome> => {
    const job = await deps.jobs.get(id);
    if (job === undefined) return { outcome: 'missing' };
    if (job.state !== 'running') return { outcome: 'rests', job };
    const now = deps.clock.now();
    if (isCarriedByAnother(job, deps.carrierId, now)) return { outcome: 'busy' };
    const taken: Job = { ...job, carrier: { id: deps.carrierId, until: now + LIMITS.jobCarrierMsMax } };
    if ((await deps.jobs.change(taken)) === 'stale') return { outcome: 'busy' };
    return step(deps, { ...taken, revision: taken.revision + 1 });
  };

/** One whose time ends later than it could was written by a clock that was ahead, and would hold the job until then. */
const isCarriedByAnother = ({ carrier }: Job, carrierId: string, now: EpochMs): boolean =>
  carrier !== null &&
  carrier.id !== carrierId &&
  carrier.until > now &&
  carrier.until <= now + 2 * LIMITS.jobCarrierMsMax;

const step = async (deps: CarryDeps, job: Job): Promise<CarryOutcome> => {
  const parts = await openParts(deps, job);
  if (parts === 'busy') return { outcome: 'busy' };
  const looked = await lookAt(deps, job, parts);
  if (looked === 'busy') return { outcome: 'busy' };
  const failure = whyStop(job, looked);
  if (failure !== null) return end(deps, { ...withProgress(job, looked), stateReason: failure }, 'stopped');
  const put = await putNext(deps, job, looked);
  if (put === 'busy') return { outcome: 'busy' };
  const progressed = withProgress(job, put.parts);
  if (progressed.firstOpenPart === job.parts) return end(deps, progressed, 'done');
  const written = { ...progressed, changedAt: deps.clock.now() };
  if ((await deps.jobs.change(written)) === 'stale') return { outcome: 'busy' };
  return { outcome: 'goes_on', job: written, waitMs: put.count === 0 ? SECOND_MS : waitAfter(job, put.count) };
};

const waitAfter = ({ webhooksPerSecond }: Job, count: number): number =>
  Math.ceil((count * SECOND_MS) / webhooksPerSecond);

/** What is open, and the part before it: the last ones that ended may stand there. */
const openParts = async ({ jobs }: CarryDeps, job: Job): Promise<readonly JobPart[] | 'busy'> => {
  const first = Math.max(0, job.firstOpenPart - 1);
  const last = Math.min(job.parts, job.firstOpenPart + LIMITS.jobPartsOpenMax);
  const parts: JobPart[] = [];
  for (let number = first; number < last; number += 1) {
    const part = await jobs.part(job.id, number);
    // Its time was over while it ran.
    if (part === undefined) return 'busy';
    parts.push(part);
    if (part.webhooks.every(({ startedAt }) => startedAt === undefined)) break;
  }
  return parts;
};

const isStarted = (one: JobWebhook): one is StartedWebhook => one.startedAt !== undefined;

/** Replaces those that `isMeant` by what `act` makes of them, and writes the part when something has changed. */
const changeSome = async (
  deps: CarryDeps,
  job: Job,
  part: JobPart,
  act: (one: JobWebhook) => Promise<Partial<JobWebhook>> | null,
): Promise<JobPart | 'busy'> => {
  const webhooks = [...part.webhooks];
  let hasChanged = false;
  for (let at = 0; at < webhooks.length; at += AT_ONCE_MAX) {
    const changes = await Promise.all(webhooks.slice(at, at + AT_ONCE_MAX).map(act));
    for (const [index, change] of changes.entries()) {
      const one = webhooks[at + index];
      if (change === null || one === undefined || change.outcome === one.outcome) continue;
      const changed = { ...one, ...change };
      webhooks[at + index] = hasEnded(changed) ? { ...changed, endedAt: deps.clock.now() } : changed;
      hasChanged = true;
    }
  }
  return hasChanged ? writePart(deps, job, { ...part, webhooks }) : part;
};

const writePart = async ({ jobs }: CarryDeps, job: Job, part: JobPart): Promise<JobPart | 'busy'> =>
  (await jobs.changePart(job, part)) === 'stale' ? 'busy' : { ...part, revision: part.revision + 1 };

/** What became of those that were put back; those whose fate nobody wrote down are taken up again. */
const lookAt = async (deps: CarryDeps, job: Job, parts: readonly JobPart[]): Promise<readonly JobPart[] | 'busy'> => {
  const look = createLookAtJobWebhook(deps);
  const act = createActOnJobWebhook(deps);
  const looked: JobPart[] = [];
  for (const part of parts) {
    const changed = await changeSome(deps, job, part, (one) => {
      if (!isStarted(one) || hasEnded(one)) return null;
      return one.outcome === 'to_do' ? act(job, one) : look(job, one);
    });
    if (changed === 'busy') return 'busy';
    looked.push(changed);
  }
  return looked;
};

/** Of those that ended since it runs, the last first. */
const lastEnded = (job: Job, parts: readonly JobPart[]): readonly JobWebhook[] =>
  parts
    .flatMap(({ webhooks }) => webhooks)
    .filter((one) => hasEnded(one) && one.outcome !== 'not_done' && (one.startedAt ?? 0) >= job.runningSince)
    .sort((a, b) => (b.endedAt ?? 0) - (a.endedAt ?? 0))
    .slice(0, LIMITS.jobFailuresLookedAtMax);

const whyStop = (job: Job, parts: readonly JobPart[]): string | null => {
  const last = lastEnded(job, parts);
  const failed = last.filter(({ outcome }) => outcome === 'failed_again').length;
  if (last.length === 1 && failed === 1) return 'first_failed_again';
  return failed >= LIMITS.jobFailuresMax ? 'keeps_failing' : null;
};

const withProgress = (job: Job, parts: readonly JobPart[]): Job => {
  let { firstOpenPart, endedCounts } = job;
  const open = parts.filter(({ number }) => number >= firstOpenPart);
  for (const { webhooks } of open) {
    if (!webhooks.every(hasEnded)) break;
    firstOpenPart += 1;
    endedCounts = countOutcomes(webhooks, endedCounts);
  }
  const rest = open.filter(({ number }) => number >= firstOpenPart);
  const counts = rest.reduce((sum, { webhooks }) => countOutcomes(webhooks, sum), endedCounts);
  const counted = Object.values(counts).reduce((sum, count) => sum + count, 0);
  return {
    ...job,
    firstOpenPart,
    endedCounts,
    counts: { ...counts, to_do: counts.to_do + job.preview.webhooks - counted },
  };
};

interface Put {
  readonly parts: readonly JobPart[];
  readonly count: number;
}

/** Writes down which ones are next and when, and only then does it. */
const putNext = async (deps: CarryDeps, job: Job, parts: readonly JobPart[]): Promise<Put | 'busy'> => {
  const part = parts.find(({ webhooks }) => webhooks.some((one) => !isStarted(one)));
  const room = roomOf(job, parts);
  if (part === undefined || room === 0) return { parts, count: 0 };
  const startedAt = deps.clock.now();
  let left = room;
  const chosen = part.webhooks.map((one) => {
    if (isStarted(one) || left === 0) return one;
    left -= 1;
    return { ...one, startedAt };
  });
  const written = await writePart(deps, job, { ...part, webhooks: chosen });
  if (written === 'busy') return 'busy';
  const act = createActOnJobWebhook(deps);
  const done = await changeSome(deps, job, written, (one) =>
    isStarted(one) && one.outcome === 'to_do' ? act(job, one) : null,
  );
  if (done === 'busy') return 'busy';
  return { parts: parts.map((one) => (one.number === part.number ? done : one)), count: room - left };
};

/** How many are next: one, until that has ended; then as many as a second has. */
const roomOf = (job: Job, parts: readonly JobPart[]): number => {
  if (lastEnded(job, parts).length > 0) return job.webhooksPerSecond;
  const isFirstUnderway = parts.some(({ webhooks }) => webhooks.some(({ outcome }) => outcome === 'queued'));
  return isFirstUnderway ? 0 : 1;
};

const end = async (deps: CarryDeps, job: Job, state: 'stopped' | 'done'): Promise<CarryOutcome> => {
  const at = deps.clock.now();
  const ended: Job = { ...job, state, carrier: null, changedAt: at };
  const change = {
    event: 'JOB_CHANGED',
    from: job.state,
    to: state,
    actor: CARRIER,
    at,
    reason: job.stateReason,
  } as const;
  return (await writeJob(deps, ended, change)) ? { outcome: 'rests', job: ended } : { outcome: 'busy' };
};
