/** What operators do with a job that is there: pause, resume, cancel. */
import type { AuditAppend } from '../audit/audit-log.ts';
import { PayhookError } from '../core/errors.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { Actor } from '../core/webhook.ts';
import { type Job, type JobState, type ShownJobState, shownStateOf } from './job.ts';
import { entryForJob, type JobChange } from './job-entry.ts';
import type { JobStore } from './job-store.ts';

export interface ChangeJobDeps {
  readonly jobs: Pick<JobStore, 'get' | 'change'>;
  readonly auditLog: AuditAppend;
  readonly clock: Pick<Clock, 'now'>;
}

export type JobAction = 'pause' | 'resume' | 'cancel';

/** From which states an action leads where. */
const ACTIONS: Readonly<Record<JobAction, { readonly from: readonly JobState[]; readonly to: JobState }>> = {
  pause: { from: ['running'], to: 'paused' },
  resume: { from: ['paused', 'stopped'], to: 'running' },
  cancel: { from: ['waiting_for_approval', 'running', 'paused', 'stopped'], to: 'cancelled' },
};

export type ChangeJobOutcome =
  | { readonly outcome: 'changed'; readonly job: Job }
  | { readonly outcome: 'not_possible'; readonly state: ShownJobState }
  | { readonly outcome: 'missing' };

/** What has been put back already goes on by itself, whatever becomes of the job. */
export const createChangeJob =
  (deps: ChangeJobDeps) =>
  async (id: string, action: JobAction, actor: Actor, reason: string | null): Promise<ChangeJobOutcome> => {
    const { from, to } = ACTIONS[action];
    // Whoever carries it on writes it each second: read again when somebody came between.
    for (let tries = 0; tries < TRIES_MAX; tries += 1) {
      const job = await deps.jobs.get(id);
      if (job === undefined) return { outcome: 'missing' };
      if (!from.includes(job.state)) return { outcome: 'not_possible', state: shownStateOf(job, deps.clock.now()) };
      const at = deps.clock.now();
      const since = to === 'running' ? { runningSince: at } : {};
      const changed = { ...job, ...since, state: to, stateReason: null, changedAt: at };
      const change = { event: 'JOB_CHANGED', from: job.state, to, actor, at, reason } as const;
      if (await writeJob(deps, changed, change)) return { outcome: 'changed', job: changed };
    }
    throw new PayhookError('store_busy', `job ${id} was changed by others each time: try again`);
  };

const TRIES_MAX = 10;

/**
 * Writes the entry, then the change; false when somebody else was faster and the job is as they left it. An entry of what
 * was tried and did not come about is better than a change that nobody is known to have made.
 */
export const writeJob = async (
  { jobs, auditLog }: Pick<ChangeJobDeps, 'auditLog'> & { readonly jobs: Pick<JobStore, 'change'> },
  job: Job,
  change: JobChange,
): Promise<boolean> => {
  await auditLog.append([entryForJob(job, change)]);
  return (await jobs.change(job)) === 'changed';
};
