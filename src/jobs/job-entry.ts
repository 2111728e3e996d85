/** Which audit entries a job leaves behind itself; those of its webhooks are their own. */
import { type AuditDraft, JOBS_CHAIN } from '../audit/audit.ts';
import { screenText } from '../core/screen-text.ts';
import type { Actor, EpochMs } from '../core/webhook.ts';
import type { Job, JobState } from './job.ts';

export interface JobChange {
  readonly event: 'JOB_REQUESTED' | 'JOB_APPROVED' | 'JOB_REFUSED' | 'JOB_CHANGED';
  readonly from: JobState | null;
  readonly to: JobState;
  readonly actor: Actor;
  readonly at: EpochMs;
  /** In an operator's words, or a code. */
  readonly reason: string | null;
}

export const entryForJob = (
  { id, preview, previewHash, work }: Pick<Job, 'id' | 'preview' | 'previewHash' | 'work'>,
  { event, from, to, actor, at, reason }: JobChange,
): AuditDraft => ({
  chainId: JOBS_CHAIN,
  at,
  actor,
  event,
  outcome: to === 'stopped' ? 'failure' : 'success',
  // What was asked for is bound to its entry, which nobody can take back.
  reason: [`${work.kind}, preview ${previewHash}`, reason === null ? null : screenText(reason)]
    .filter((part) => part !== null)
    .join(': '),
  origin: { sourceAddress: null, requestId: null, traceId: null },
  resource: { type: 'job', id },
  change: { from, to },
  count: preview.webhooks,
});
