/** A second person decides on a job that waits for approval: on what was previewed, as it still is, and on nothing else. */
import type { AuditAppend } from '../audit/audit-log.ts';
import type { Clock } from '../core/ports/clock.ts';
import { screenText } from '../core/screen-text.ts';
import type { Actor } from '../core/webhook.ts';
import type { Operators } from '../operators/operators.ts';
import { whyNot as mayNot } from '../operators/roles.ts';
import { writeJob } from './change-job.ts';
import { isExpired, type Job, type JobState } from './job.ts';
import type { JobStore } from './job-store.ts';
import { type CountChangedDeps, createCountChanged } from './look-again.ts';

export interface DecideDeps extends CountChangedDeps {
  readonly jobs: Pick<JobStore, 'get' | 'part' | 'change'>;
  readonly auditLog: AuditAppend;
  /** Who may act here now. */
  readonly operators: Pick<Operators, 'areDefined' | 'roleOf'>;
  readonly clock: Pick<Clock, 'now'>;
}

export interface Decision {
  readonly outcome: 'approved' | 'refused';
  readonly by: Actor;
  readonly reason: string;
}

export type DecideOutcome =
  | { readonly outcome: 'decided'; readonly job: Job }
  /** Somebody else has to. */
  | { readonly outcome: 'own_request' }
  /** Is no operator any more, or has not the role to decide, by now. */
  | { readonly outcome: 'not_approver' }
  /** Who asked for it is no operator any more: nobody knows who else they may be. */
  | { readonly outcome: 'requester_gone' }
  | { readonly outcome: 'not_waiting'; readonly state: JobState }
  | { readonly outcome: 'expired' }
  /** So many webhooks are not any more as they were when it was asked for: it has to be asked for again. */
  | { readonly outcome: 'differs'; readonly changed: number }
  | { readonly outcome: 'missing' };

/** What stands against a decision. */
export type Hindrance = Exclude<DecideOutcome, { readonly outcome: 'decided' | 'missing' }>;

/**
 * Whether somebody may decide on a job as it is now: null when nothing is in the way. `counted`: how many of it changed, just
 * now. Throws as deciding does.
 */
export const createMayDecide =
  (deps: Omit<DecideDeps, 'auditLog'>) =>
  async (job: Job, decision: Pick<Decision, 'by' | 'outcome'>, counted?: number): Promise<Hindrance | null> => {
    if (job.state !== 'waiting_for_approval' || job.approval === null)
      return { outcome: 'not_waiting', state: job.state };
    const hindrance = whyNotThem(deps, job, decision);
    if (hindrance !== null || decision.outcome === 'refused') return hindrance;
    const changed = counted ?? (await createCountChanged(deps)(job));
    return changed > 0 ? { outcome: 'differs', changed } : null;
  };

/** Throws `store_damaged` for a job that is not the one that was asked for. */
export const createDecideOnJob =
  (deps: DecideDeps) =>
  async (id: string, decision: Decision): Promise<DecideOutcome> => {
    const job = await deps.jobs.get(id);
    if (job === undefined) return { outcome: 'missing' };
    const { approval, state } = job;
    if (approval === null) return { outcome: 'not_waiting', state };
    const hindrance = await createMayDecide(deps)(job, decision);
    if (hindrance !== null) return hindrance;
    const { by, outcome } = decision;
    const at = deps.clock.now();
    const reason = screenText(decision.reason);
    const decided: Job = {
      ...job,
      state: outcome === 'approved' ? 'running' : 'refused',
      approval: { ...approval, decision: { outcome, by, at, reason } },
      runningSince: at,
      changedAt: at,
    };
    const event = outcome === 'approved' ? 'JOB_APPROVED' : 'JOB_REFUSED';
    const isWritten = await writeJob(deps, decided, { event, from: state, to: decided.state, actor: by, at, reason });
    if (isWritten) return { outcome: 'decided', job: decided };
    // Somebody else has just decided, or cancelled it.
    return { outcome: 'not_waiting', state: (await deps.jobs.get(id))?.state ?? 'cancelled' };
  };

const whyNotThem = (
  { clock, operators }: Pick<DecideDeps, 'clock' | 'operators'>,
  job: Job,
  decision: Pick<Decision, 'by' | 'outcome'>,
): Hindrance | null => {
  if (isExpired(job, clock.now())) return { outcome: 'expired' };
  const { by } = decision;
  if (by.type === job.requestedBy.type && by.id === job.requestedBy.id) return { outcome: 'own_request' };
  return whyNotByRole(operators, job, decision);
};

/** Where operators are defined, both are looked up again: one may have been removed while they read what it is about. */
const whyNotByRole = (
  operators: DecideDeps['operators'],
  { requestedBy }: Job,
  { by, outcome }: Pick<Decision, 'by' | 'outcome'>,
): Hindrance | null => {
  if (!operators.areDefined()) return null;
  const role = operators.roleOf(by);
  if (role === null || mayNot(role, 'approve') !== null) return { outcome: 'not_approver' };
  return outcome === 'approved' && operators.roleOf(requestedBy) === null ? { outcome: 'requester_gone' } : null;
};
